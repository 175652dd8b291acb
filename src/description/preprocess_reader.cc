#include "src/description/preprocess_reader.h"

#include <map>
#include <string>

#include "src/flow/preprocess_styles.h"

namespace sightline::description {
namespace {

using document::Document;
using document::Json;

PreprocessSpec Raw() {
  return {};
}

// The keys are those of the schema.
const std::map<std::string, PreprocessSpec (*)(), std::less<>> kLike = {
    {"torchvision", TorchvisionStyle},
    {"slim_inception", SlimInceptionStyle},
    {"slim_vgg", SlimVggStyle},
    {"caffe", CaffeStyle},
    {"darknet", DarknetStyle},
    {"tf_detection", TfDetectionStyle},
    {"raw", Raw}};

const std::map<std::string, ResizeMode, std::less<>> kResizeModes = {
    {"stretch", ResizeMode::kStretch},
    {"crop_then_stretch", ResizeMode::kCropThenStretch},
    {"shorter_then_crop", ResizeMode::kShorterThenCrop},
    {"crop_keep_aspect", ResizeMode::kCropKeepAspect},
    {"letterbox", ResizeMode::kLetterbox}};

const std::map<std::string, ResizeKernel, std::less<>> kKernels = {
    {"bilinear", ResizeKernel::kBilinear},
    {"bilinear_tf1", ResizeKernel::kBilinearTf1},
    {"bilinear_antialias", ResizeKernel::kBilinearAntialias}};

const std::map<std::string, PixelOrder, std::less<>> kColours = {{"rgb", PixelOrder::kRgb},
                                                                 {"bgr", PixelOrder::kBgr}};

template <typename Value>
void ReadWord(const Document& document, const char* key,
              const std::map<std::string, Value, std::less<>>& words, Value& value) {
  const auto found = words.find(document.TextOf({"input", key}));
  if (found != words.end()) value = found->second;
}

template <typename Value>
void ReadNumber(const Document& document, const char* key, Value& value) {
  if (const Json* number = document.Find({"input", key})) value = number->get<Value>();
}

void ReadChannels(const Document& document, const char* key, std::array<float, 3>& channels) {
  const Json* value = document.Find({"input", key});
  if (value == nullptr) return;
  for (size_t c = 0; c < channels.size(); ++c) {
    channels[c] = (value->is_array() ? (*value)[c] : *value).get<float>();
  }
}

}  // namespace

void ReadPreprocess(const Document& document, PreprocessSpec& spec) {
  const auto like = kLike.find(document.TextOf({"input", "like"}));
  if (like != kLike.end()) spec = like->second();
  if (const Json* size = document.Find({"input", "size"})) {
    spec.width = (*size)[0].get<int>();
    spec.height = (*size)[1].get<int>();
  }
  ReadWord(document, "resize", kResizeModes, spec.resize);
  ReadWord(document, "kernel", kKernels, spec.kernel);
  ReadWord(document, "colour", kColours, spec.order);
  ReadNumber(document, "crop_fraction", spec.crop_fraction);
  ReadNumber(document, "shorter_side", spec.shorter_side);
  ReadNumber(document, "pad", spec.pad_value);
  ReadChannels(document, "mean", spec.mean);
  ReadChannels(document, "scale", spec.scale);
}

}  // namespace sightline::description
