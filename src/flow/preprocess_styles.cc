#include "src/flow/preprocess_styles.h"

namespace sightline {
namespace {

constexpr float kHalf = 127.5F;
constexpr int kCaffeShorterSide = 256;

PreprocessSpec MinusOneToOne() {
  PreprocessSpec spec;
  spec.kernel = ResizeKernel::kBilinearTf1;
  spec.mean = {kHalf, kHalf, kHalf};
  spec.scale = {1 / kHalf, 1 / kHalf, 1 / kHalf};
  return spec;
}

}  // namespace

PreprocessSpec TorchvisionStyle() {
  PreprocessSpec spec;
  spec.resize = ResizeMode::kShorterThenCrop;
  spec.kernel = ResizeKernel::kBilinearAntialias;
  spec.mean = {0.485F * 255, 0.456F * 255, 0.406F * 255};
  spec.scale = {1 / (0.229F * 255), 1 / (0.224F * 255), 1 / (0.225F * 255)};
  return spec;
}

PreprocessSpec SlimInceptionStyle() {
  PreprocessSpec spec = MinusOneToOne();
  spec.resize = ResizeMode::kCropThenStretch;
  spec.crop_fraction = 0.875;
  return spec;
}

PreprocessSpec SlimVggStyle() {
  PreprocessSpec spec;
  spec.resize = ResizeMode::kShorterThenCrop;
  spec.kernel = ResizeKernel::kBilinearTf1;
  spec.shorter_side = kCaffeShorterSide;
  spec.crop_rounding = CropRounding::kDown;
  spec.mean = {123.68F, 116.78F, 103.94F};
  return spec;
}

PreprocessSpec CaffeStyle() {
  PreprocessSpec spec;
  spec.resize = ResizeMode::kShorterThenCrop;
  spec.kernel = ResizeKernel::kBilinear;
  spec.shorter_side = kCaffeShorterSide;
  spec.crop_rounding = CropRounding::kDown;
  spec.order = PixelOrder::kBgr;
  spec.mean = {104, 117, 123};
  return spec;
}

PreprocessSpec TfDetectionStyle() {
  return MinusOneToOne();
}

PreprocessSpec DarknetStyle() {
  PreprocessSpec spec;
  spec.resize = ResizeMode::kLetterbox;
  spec.pad_value = kHalf;
  spec.scale = {1 / 255.0F, 1 / 255.0F, 1 / 255.0F};
  return spec;
}

}  // namespace sightline
