// AlexNet (Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012), as
// Caffe's bvlc_alexnet: grouped convolutions, normalization before pooling, 227 x 227.
#include "src/zoo/families.h"

namespace sightline::zoo {
namespace {

constexpr int kSize = 227;
constexpr int kHidden = 4096;

Value ConvAct(GraphBuilder& b, const char* name, const Value& x, int channels, const Window& window,
              int groups) {
  return b.Act(std::string(name) + "/act",
               b.Conv(name, x, channels, window, {.groups = groups, .bias = true}));
}

Value Body(GraphBuilder& b, const Value& input) {
  const Window pool = Square(3, 2, Padding::kCeil);
  Value x = ConvAct(b, "conv1", input, 96, Square(11, 4, Padding::kValid), 1);
  x = b.MaxPool("pool1", b.LocalResponseNorm("norm1", x), pool);
  x = ConvAct(b, "conv2", x, 256, Square(5, 1, Padding::kSymmetric), 2);
  x = b.MaxPool("pool2", b.LocalResponseNorm("norm2", x), pool);
  x = ConvAct(b, "conv3", x, 384, Square(3, 1, Padding::kSymmetric), 1);
  x = ConvAct(b, "conv4", x, 384, Square(3, 1, Padding::kSymmetric), 2);
  x = ConvAct(b, "conv5", x, 256, Square(3, 1, Padding::kSymmetric), 2);
  x = b.MaxPool("pool5", x, pool);
  x = b.Act("fc6/act", b.Gemm("fc6", x, kHidden));
  x = b.Act("fc7/act", b.Gemm("fc7", x, kHidden));
  return b.Gemm("logits", x, kImageNetClasses, kLogitDeviation);
}

// Caffe's ImageNet pictures are stretched to 256 x 256 and cropped to the centre: the same as cropping first.
PreprocessSpec Preprocess() {
  PreprocessSpec spec = CaffePreprocess(kSize);
  spec.resize = ResizeMode::kCropThenStretch;
  spec.crop_fraction = kSize / 256.0;
  spec.shorter_side = 0;
  return spec;
}

}  // namespace

std::vector<Definition> AlexNet() {
  const PublishedFigures published{60965224, 727e6, 57.1,
                                   "parameters: summed over bvlc_alexnet's layers; MACs: "
                                   "albanie/convnet-burden (727 M at 227 x 227); top-1: "
                                   "BVLC/caffe models/bvlc_alexnet/readme.md"};
  return {{.entry = {"alexnet", "AlexNet", "Caffe's bvlc_alexnet, grouped convolutions",
                     ClassificationTask(Preprocess(), kImageNetClasses, published)},
           .style = {},
           .body = Body}};
}

}  // namespace sightline::zoo
