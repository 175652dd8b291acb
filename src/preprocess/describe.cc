#include <algorithm>
#include <cmath>
#include <cstdio>

#include "src/preprocess/preprocess.h"

namespace sightline::preprocess {
namespace {

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string SizeText(const PreprocessSpec& spec) {
  return std::to_string(spec.width) + "x" + std::to_string(spec.height);
}

std::string ResizeText(const PreprocessSpec& spec) {
  const std::string percent = Number(spec.crop_fraction * 100) + " %";
  switch (spec.resize) {
    case ResizeMode::kStretch:
      break;
    case ResizeMode::kCropThenStretch:
      return "crop " + percent + " of each side, stretch to " + SizeText(spec);
    case ResizeMode::kShorterThenCrop:
      return "shorter side to " + std::to_string(spec.shorter_side) + ", crop " + SizeText(spec);
    case ResizeMode::kCropKeepAspect:
      return "crop a square of " + percent + " of the shorter side, resize to " + SizeText(spec);
    case ResizeMode::kLetterbox:
      return "fit into " + SizeText(spec) + ", pad with " + Number(static_cast<double>(spec.pad_value));
  }
  return "stretch to " + SizeText(spec);
}

const char* KernelText(ResizeKernel kernel) {
  switch (kernel) {
    case ResizeKernel::kBilinear:
      break;
    case ResizeKernel::kBilinearTf1:
      return "bilinear as TensorFlow 1";
    case ResizeKernel::kBilinearAntialias:
      return "bilinear with antialias";
  }
  return "bilinear";
}

// "127.5", or "104, 117, 123" where the channels differ.
std::string ChannelsText(const std::array<float, 3>& values) {
  const auto text = [&](size_t c) { return Number(static_cast<double>(values[c])); };
  if (values[0] == values[1] && values[1] == values[2]) return text(0);
  return "(" + text(0) + ", " + text(1) + ", " + text(2) + ")";
}

// The side of the smallest picture whose cropped part is `needed` pixels or more.
int BeforeCrop(int needed, double fraction) {
  return static_cast<int>(std::ceil((needed + 1) / fraction));
}

}  // namespace

std::string Describe(const PreprocessSpec& spec) {
  std::string text = ResizeText(spec) + " (" + KernelText(spec.kernel) + "), ";
  text += spec.order == PixelOrder::kRgb ? "RGB" : "BGR";
  if (spec.mean != std::array<float, 3>{0, 0, 0}) text += ", minus " + ChannelsText(spec.mean);
  if (spec.scale != std::array<float, 3>{1, 1, 1}) text += ", times " + ChannelsText(spec.scale);
  return text;
}

PictureSize SmallestUsefulPicture(const PreprocessSpec& spec) {
  const int larger = std::max(spec.width, spec.height);
  switch (spec.resize) {
    case ResizeMode::kStretch:
    case ResizeMode::kLetterbox:
      break;
    case ResizeMode::kCropThenStretch:
      return {BeforeCrop(spec.width, spec.crop_fraction), BeforeCrop(spec.height, spec.crop_fraction)};
    case ResizeMode::kShorterThenCrop:
      return {spec.shorter_side, spec.shorter_side};
    case ResizeMode::kCropKeepAspect:
      return {BeforeCrop(larger, spec.crop_fraction), BeforeCrop(larger, spec.crop_fraction)};
  }
  return {spec.width, spec.height};
}

}  // namespace sightline::preprocess
