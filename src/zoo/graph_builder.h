// Writes a network's ONNX graph layer by layer: opset 10, ir_version 7, batch open ("N"), explicit pads,
// weights as raw_data initializers, batch normalization as its own node. Every layer's weights are scaled by
// what its input is foreseen to look like on a photograph (moments.h), so that activations keep their size
// through any depth.
//
// Filters over several channels sum to zero. After a ReLU all channels share a positive level; were it passed
// on, two pictures' activations would grow alike with every layer until the answer no longer depended on the
// picture. With the level removed, pictures that differ a little at one layer differ more at the next. A
// depthwise filter keeps its level (nine taps without it would see edges only); the batch normalization after
// it takes the level away, as a trained one would.
//
// A broken use (channels that don't match, a window larger than its input) is a fault of the program and ends
// in a CHECK: no user input reaches this class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "src/flow/task.h"
#include "src/zoo/moments.h"
#include "src/zoo/window.h"

namespace onnx {
class GraphProto;
class ModelProto;
class NodeProto;
}  // namespace onnx

namespace sightline::zoo {

enum class Activation {
  kRelu,
  kRelu6,
  kLeakyRelu,  // slope 0.1: darknet's
  kHardSwish,  // x * relu6(x + 3) / 6, written as HardSigmoid and Mul: opset 10 has no HardSwish
};

// Whether the zeros around a picture enter the mean: they do not in TensorFlow, they do in Caffe and by
// PyTorch's default.
enum class PaddingInMean : uint8_t { kLeftOut, kCounted };

// What a family's layers have in common.
struct Style {
  Activation activation = Activation::kRelu;
  double batch_norm_epsilon = 1e-3;
  bool batch_norm_scale = true;         // false: gamma is 1, as TF-slim trains its Inception networks
  bool bias_before_batch_norm = false;  // redundant, but some trained networks have it
};

// A value of the graph. `height` and `width` are 0 for a flat value [N, channels].
struct Value {
  std::string name;
  int channels = 0;
  int height = 0;
  int width = 0;
  Moments moments{};
  // What each channel is foreseen to have as its mean, where that is known better than `moments.mean`; else
  // empty.
  std::vector<double> channel_means{};
};

// What a channel of a convolution's output is to look like on a photograph.
struct ChannelAim {
  double mean = 0;
  double deviation = 1;  // from position to position and picture to picture
  // Of the biases of an anchor's channels that have one here: quantiles of a normal distribution, dealt out
  // by the seed. Where 0, the bias scatters by a tenth of `deviation`.
  double bias_deviation = 0;
};

struct ConvOptions {
  int groups = 1;
  bool bias = false;
  double deviation = 1;  // wanted of the output
  // One per channel, instead of `deviation`; there is a bias then. For the heads of detectors, whose channels
  // mean different things. `aims_block`: channels of one anchor.
  std::vector<ChannelAim> aims{};
  int aims_block = 1;
};

// An output of the graph; `dims` without the batch.
struct GraphOutput {
  std::string name;
  Value value;
  std::vector<int64_t> dims;
};

class GraphBuilder {
 public:
  // No seed: the weights are left at 0, for counting.
  GraphBuilder(std::string name, std::optional<uint64_t> weight_seed, const Style& style);
  ~GraphBuilder();
  GraphBuilder(const GraphBuilder&) = delete;
  GraphBuilder& operator=(const GraphBuilder&) = delete;

  // "input" [N, 3, height, width]. Called once, first.
  Value Input(const PreprocessSpec& spec);
  // Instead of a picture: "crops" [N, channels, size, size] of a map like `moments`.
  Value CropsInput(int channels, int size, const Moments& moments);

  // Layers with weights. `name` is unique in the network; it names the node and, with the seed, determines
  // the weights.
  Value Conv(const std::string& name, const Value& x, int channels, const Window& window,
             const ConvOptions& options = {});
  Value BatchNorm(const std::string& name, const Value& x);
  // x is flattened if it is a picture.
  Value Gemm(const std::string& name, const Value& x, int outputs, double deviation = 1);

  // Conv (without bias, but for a style that has one), batch normalization ("<name>/bn"), and the style's
  // activation ("<name>/act").
  Value ConvBn(const std::string& name, const Value& x, int channels, const Window& window, int groups = 1);
  Value ConvBnAct(const std::string& name, const Value& x, int channels, const Window& window,
                  int groups = 1);
  Value DepthwiseBn(const std::string& name, const Value& x, const Window& window);
  Value DepthwiseBnAct(const std::string& name, const Value& x, const Window& window);

  Value Act(const std::string& name, const Value& x);  // the style's
  Value Act(const std::string& name, const Value& x, Activation activation);
  // x times a gate per channel: global average, 1x1 convolution to `squeezed` channels, ReLU, 1x1
  // convolution, hard sigmoid (MobileNetV3).
  Value SqueezeExcite(const std::string& name, const Value& x, int squeezed);
  // Every pixel becomes 2x2: Resize, nearest.
  Value Upsample2(const std::string& name, const Value& x);
  // Darknet's `reorg` with stride 2, as darknet computes it: see the definition.
  Value DarknetReorg2(const std::string& name, const Value& x);
  // Each position divided by its length over the channels and multiplied by a trained factor per channel,
  // about `scale` (Liu et al., "ParseNet", 2015).
  Value L2Normalize(const std::string& name, const Value& x, double scale);
  Value MaxPool(const std::string& name, const Value& x, const Window& window);
  Value AveragePool(const std::string& name, const Value& x, const Window& window,
                    PaddingInMean padding = PaddingInMean::kLeftOut);
  Value GlobalAveragePool(const std::string& name, const Value& x);
  // Across channels, over 5 of them, alpha 1e-4, beta 0.75: AlexNet's.
  Value LocalResponseNorm(const std::string& name, const Value& x);
  Value Concat(const std::string& name, std::span<const Value> parts);
  Value Add(const std::string& name, const Value& a, const Value& b);
  // Times a constant.
  Value Scale(const std::string& name, const Value& x, double factor);
  // Channels in halves.
  std::pair<Value, Value> SplitChannels(const std::string& name, const Value& x);
  // Channel c = group * (channels / groups) + i moves to i * groups + group (ShuffleNet).
  Value ShuffleChannels(const std::string& name, const Value& x, int groups);
  Value Flatten(const std::string& name, const Value& x);

  // Global average pooling and the layer that gives the logits. `pooled_share`: the part of the variance that
  // the pooling leaves, a property of the family found by measuring (zoo_scale_test.cc says when it is off).
  Value Classifier(const Value& x, int classes, double pooled_share);

  // What the anchors of a map say, `values` numbers each: [N, anchors * values, rows, columns] becomes
  // [N, rows * columns * anchors, values]. The result has `height` anchors and `channels` values, `width` 1.
  Value RowPerAnchor(const std::string& name, const Value& map, int values);
  // Of RowPerAnchor's results, one after the other.
  Value ConcatAnchors(const std::string& name, std::span<const Value> parts);

  // Ends the graph with these outputs.
  std::unique_ptr<onnx::ModelProto> Finish(std::span<const GraphOutput> outputs);
  // Ends the graph: `logits` becomes the value "logits", its Softmax the output "output" [N, channels].
  std::unique_ptr<onnx::ModelProto> Finish(const Value& logits);

 private:
  onnx::NodeProto* AddNode(const std::string& op, const std::string& name,
                           std::span<const std::string> inputs);
  // Adds the initializer and returns its name.
  std::string AddWeights(const std::string& name, std::span<const int64_t> dims, std::string bytes);
  std::string AddShape(const std::string& name, std::span<const int64_t> dims);
  std::string AddConstants(const std::string& name, std::span<const float> values);
  std::string AddGaussian(const std::string& name, int count, double mean, double deviation);
  std::string AddUniform(const std::string& name, int count, double low, double high);
  // The running means of a batch normalization of `x`.
  std::string AddMeans(const std::string& name, const Value& x, double scatter);
  std::string AddBias(const std::string& layer, int channels, double deviation);
  std::string AddBias(const std::string& layer, std::span<const ChannelAim> aims, size_t block);
  void Rename(const std::string& value, const std::string& name);
  std::optional<uint64_t> SeedOf(const std::string& tensor) const;
  Value HardSigmoid(const std::string& name, const Value& x);  // max(0, min(1, x / 6 + 1 / 2))
  Value Pool(const std::string& op, const std::string& name, const Value& x, const Window& window);

  std::string name_;
  std::optional<uint64_t> weight_seed_;
  Style style_;
  std::unique_ptr<onnx::ModelProto> model_;
};

// Standard deviation over classes that the zoo's logits aim at: about that of a trained classifier, and far
// from a uniform softmax, which would hide differences between frameworks.
constexpr double kLogitDeviation = 2.5;

}  // namespace sightline::zoo
