// EfficientNet-Lite0 (tensorflow/tpu models/official/efficientnet/lite): EfficientNet-B0 (Tan, Le, 2019,
// table 1) without squeeze-and-excitation and with ReLU6.
#include <string>

#include "src/zoo/families.h"

namespace sightline::zoo {
namespace {

struct Stage {
  int kernel;
  int expansion;
  int channels;
  int repeats;
  int stride;  // of the first unit
};

constexpr Stage kStages[] = {{3, 1, 16, 1, 1},  {3, 6, 24, 2, 2},  {5, 6, 40, 2, 2}, {3, 6, 80, 3, 2},
                             {5, 6, 112, 3, 1}, {5, 6, 192, 4, 2}, {3, 6, 320, 1, 1}};

constexpr double kPooledShare = 0.18;

Value Unit(GraphBuilder& b, const std::string& name, const Value& x, const Stage& stage, int stride) {
  Value y = x;
  if (stage.expansion != 1)
    y = b.ConvBnAct(name + "/expand", y, x.channels * stage.expansion, Square(1, 1, Padding::kSame));
  y = b.DepthwiseBnAct(name + "/depthwise", y, Square(stage.kernel, stride, Padding::kSame));
  y = b.ConvBn(name + "/project", y, stage.channels, Square(1, 1, Padding::kSame));
  return stride == 1 && x.channels == stage.channels ? b.Add(name + "/add", x, y) : y;
}

Value Body(GraphBuilder& b, const Value& input) {
  Value x = b.ConvBnAct("stem", input, 32, Square(3, 2, Padding::kSame));
  int index = 0;
  for (const Stage& stage : kStages)
    for (int repeat = 0; repeat < stage.repeats; ++repeat)
      x = Unit(b, "block" + std::to_string(index++), x, stage, repeat == 0 ? stage.stride : 1);
  x = b.ConvBnAct("head", x, 1280, Square(1, 1, Padding::kSame));
  return b.Classifier(x, kImageNetClasses, kPooledShare);
}

PreprocessSpec Preprocess() {
  PreprocessSpec spec;
  spec.width = 224;
  spec.height = 224;
  spec.resize = ResizeMode::kCropKeepAspect;
  spec.kernel = ResizeKernel::kBilinearTf1;  // tf.compat.v1.image.resize
  spec.crop_fraction = 0.875;
  spec.mean = {127, 127, 127};
  spec.scale = {1 / 128.0F, 1 / 128.0F, 1 / 128.0F};
  return spec;
}

}  // namespace

std::vector<Definition> EfficientNetLite() {
  const PublishedFigures published{
      4.7e6, 407e6, 75.1,
      "tensorflow/tpu models/official/efficientnet/lite/README.md; preprocessing: "
      "models/official/efficientnet/preprocessing.py"};
  return {{.entry = {"efficientnet_lite0", "EfficientNet-Lite",
                     "EfficientNet-B0 for phones: no squeeze-and-excitation",
                     ClassificationTask(Preprocess(), kImageNetClasses, published)},
           .style = {.activation = Activation::kRelu6},
           .body = Body}};
}

}  // namespace sightline::zoo
