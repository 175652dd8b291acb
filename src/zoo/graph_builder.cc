#include "src/zoo/graph_builder.h"

#include <onnx/onnx_pb.h>

#include <array>
#include <cmath>
#include <cstring>
#include <iterator>
#include <utility>

#include "src/base/check.h"
#include "src/base/random.h"
#include "src/zoo/dealt_biases.h"
#include "src/zoo/onnx_fields.h"
#include "src/zoo/weights.h"

namespace sightline::zoo {
namespace {

constexpr int64_t kIrVersion = 7;
constexpr int64_t kOpset = 10;  // OpenCV 4.6 can't read Clip of opset 11

// Statistics and parameters of batch normalization scatter about (0, 1) as those of trained networks do: mean
// and beta by this part of the incoming deviation, gamma and variance within these bounds.
constexpr double kShiftDeviation = 0.1;
constexpr double kSpreadLow = 0.8;
constexpr double kSpreadHigh = 1.25;

constexpr double kLeakySlope = 0.1;

// Sets kernel_shape, strides and pads, and returns the output's extents.
std::pair<Extent, Extent> ApplyWindow(onnx::NodeProto* node, const Value& x, const Window& window) {
  const int taps_high = DilatedKernel(window.height, window.dilation);
  const int taps_wide = DilatedKernel(window.width, window.dilation);
  const Extent rows = Slide(x.height, taps_high, window.stride, window.padding);
  const Extent columns = Slide(x.width, taps_wide, window.stride, window.padding);
  AddAttribute(node, "kernel_shape", {window.height, window.width});
  AddAttribute(node, "strides", {window.stride, window.stride});
  AddAttribute(node, "pads", {rows.before, columns.before, rows.after, columns.after});
  return {rows, columns};
}

// A value of the same shape.
Value Like(const Value& x, const std::string& name, const Moments& moments) {
  return {name, x.channels, x.height, x.width, moments};
}

double MeanSquareOfUniform(double low, double high) {
  return (low * low + low * high + high * high) / 3;
}

constexpr char kInputName[] = "input";

// What each filter answers to an input of `level` everywhere.
std::vector<double> LevelOfFilters(const std::string& bytes, size_t filter_size, double level) {
  std::vector<double> means(bytes.size() / sizeof(float) / filter_size);
  for (size_t i = 0; i < means.size() * filter_size; ++i) {
    float weight = 0;
    std::memcpy(&weight, bytes.data() + i * sizeof(float), sizeof(float));
    means[i / filter_size] += level * weight;
  }
  return means;
}

std::vector<float> FloatsOf(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

// Multiplies each filter by its channel's wanted deviation and returns the moments over all channels.
Moments AimFilters(std::string& bytes, size_t filter_size, std::span<const ChannelAim> aims) {
  std::vector<float> weights = FloatsOf(bytes);
  for (size_t i = 0; i < weights.size(); ++i)
    weights[i] *= static_cast<float>(aims[i / filter_size].deviation);
  std::memcpy(bytes.data(), weights.data(), bytes.size());
  std::vector<Moments> moments;
  for (const ChannelAim& aim : aims)
    moments.push_back({aim.mean, aim.deviation * aim.deviation + aim.bias_deviation * aim.bias_deviation});
  return MixMoments(moments, std::vector<int>(aims.size(), 1));
}

// A filter this small (a depthwise one, or the first layer's three colours) is not centred: taking away the
// mean of so few inputs would take away most of the picture.
bool IsCentered(int channels_per_group) {
  return channels_per_group >= 8;
}

}  // namespace

GraphBuilder::GraphBuilder(std::string name, std::optional<uint64_t> weight_seed, const Style& style)
    : name_(std::move(name)),
      weight_seed_(weight_seed),
      style_(style),
      model_(std::make_unique<onnx::ModelProto>()) {
  model_->set_ir_version(kIrVersion);
  model_->set_producer_name("sightline");
  model_->add_opset_import()->set_version(kOpset);
  model_->mutable_graph()->set_name(name_);
}

GraphBuilder::~GraphBuilder() = default;

onnx::NodeProto* GraphBuilder::AddNode(const std::string& op, const std::string& name,
                                       std::span<const std::string> inputs) {
  onnx::NodeProto* node = model_->mutable_graph()->add_node();
  node->set_op_type(op);
  node->set_name(name);
  for (const std::string& input : inputs) node->add_input(input);
  node->add_output(name);
  return node;
}

std::optional<uint64_t> GraphBuilder::SeedOf(const std::string& tensor) const {
  if (!weight_seed_) return std::nullopt;
  return SeedFor(*weight_seed_, name_ + "/" + tensor);
}

std::string GraphBuilder::AddWeights(const std::string& name, std::span<const int64_t> dims,
                                     std::string bytes) {
  onnx::TensorProto* tensor = model_->mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  for (const int64_t dim : dims) tensor->add_dims(dim);
  *tensor->mutable_raw_data() = std::move(bytes);
  return name;
}

std::string GraphBuilder::AddShape(const std::string& name, std::span<const int64_t> dims) {
  onnx::TensorProto* tensor = model_->mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::INT64);
  tensor->add_dims(static_cast<int64_t>(dims.size()));
  tensor->mutable_raw_data()->resize(dims.size_bytes());
  std::memcpy(tensor->mutable_raw_data()->data(), dims.data(), dims.size_bytes());
  return name;
}

std::string GraphBuilder::AddConstants(const std::string& name, std::span<const float> values) {
  const std::array<int64_t, 1> dims{static_cast<int64_t>(values.size())};
  std::string bytes(values.size_bytes(), '\0');
  std::memcpy(bytes.data(), values.data(), values.size_bytes());
  return AddWeights(name, dims, std::move(bytes));
}

std::string GraphBuilder::AddGaussian(const std::string& name, int count, double mean, double deviation) {
  const std::array<int64_t, 1> dims{count};
  return AddWeights(name, dims,
                    WeightStream(SeedOf(name)).Gaussian(static_cast<size_t>(count), mean, deviation));
}

std::string GraphBuilder::AddUniform(const std::string& name, int count, double low, double high) {
  const std::array<int64_t, 1> dims{count};
  return AddWeights(name, dims, WeightStream(SeedOf(name)).Uniform(static_cast<size_t>(count), low, high));
}

std::string GraphBuilder::AddMeans(const std::string& name, const Value& x, double scatter) {
  if (x.channel_means.empty()) return AddGaussian(name, x.channels, x.moments.mean, scatter);
  const std::vector<float> means(x.channel_means.begin(), x.channel_means.end());
  return AddConstants(name, means);
}

std::string GraphBuilder::AddBias(const std::string& layer, int channels, double deviation) {
  return AddGaussian(layer + "/bias", channels, 0, deviation * kShiftDeviation);
}

std::string GraphBuilder::AddBias(const std::string& layer, std::span<const ChannelAim> aims, size_t block) {
  const std::string name = layer + "/bias";
  std::string bytes = WeightStream(SeedOf(name)).Gaussian(aims.size(), 0, kShiftDeviation);
  if (const auto seed = SeedOf(name + "/deal")) {
    const std::vector<float> scatter = FloatsOf(bytes);
    std::vector<float> biases = DealtBiases(aims, block, *seed);
    for (size_t c = 0; c < biases.size(); ++c)
      if (aims[c].bias_deviation == 0) biases[c] += scatter[c] * static_cast<float>(aims[c].deviation);
    std::memcpy(bytes.data(), biases.data(), bytes.size());
  }
  const std::array<int64_t, 1> dims{static_cast<int64_t>(aims.size())};
  return AddWeights(name, dims, std::move(bytes));
}

Value GraphBuilder::Input(const PreprocessSpec& spec) {
  const std::array<int64_t, 3> dims{3, spec.height, spec.width};
  SetType(model_->mutable_graph()->add_input(), kInputName, dims);
  return {kInputName, 3, spec.height, spec.width, PhotographMoments(spec)};
}

Value GraphBuilder::Conv(const std::string& name, const Value& x, int channels, const Window& window,
                         const ConvOptions& options) {
  SIGHTLINE_CHECK(x.channels % options.groups == 0 && channels % options.groups == 0);
  SIGHTLINE_CHECK(options.aims.empty() || std::ssize(options.aims) == channels);
  const int channels_per_group = x.channels / options.groups;
  const size_t filter_size = static_cast<size_t>(channels_per_group) * window.height * window.width;
  const std::array<int64_t, 4> dims{channels, channels_per_group, window.height, window.width};
  // The level of the first layer's input depends on the picture: it is part of what is to be seen.
  const double seen = x.name == kInputName ? x.moments.second() : x.moments.variance;
  const double deviation = options.deviation / std::sqrt(static_cast<double>(filter_size) * seen);
  WeightStream stream(SeedOf(name + "/weight"));
  std::string bytes = IsCentered(channels_per_group)
                          ? stream.CenteredFilters(channels, filter_size, deviation)
                          : stream.Gaussian(static_cast<size_t>(channels) * filter_size, 0, deviation);
  Value y{.name = name, .channels = channels, .moments = {0, options.deviation * options.deviation}};
  if (!IsCentered(channels_per_group) && x.name != kInputName)
    y.channel_means = LevelOfFilters(bytes, filter_size, x.moments.mean);
  if (!options.aims.empty()) y.moments = AimFilters(bytes, filter_size, options.aims);
  std::vector<std::string> inputs{x.name, AddWeights(name + "/weight", dims, std::move(bytes))};
  if (!options.aims.empty()) {
    inputs.push_back(AddBias(name, options.aims, static_cast<size_t>(options.aims_block)));
  } else if (options.bias) {
    inputs.push_back(AddBias(name, channels, options.deviation));
  }
  onnx::NodeProto* node = AddNode("Conv", name, inputs);
  const auto [rows, columns] = ApplyWindow(node, x, window);
  AddAttribute(node, "dilations", {window.dilation, window.dilation});
  AddAttribute(node, "group", static_cast<int64_t>(options.groups));
  y.height = rows.positions;
  y.width = columns.positions;
  return y;
}

Value GraphBuilder::BatchNorm(const std::string& name, const Value& x) {
  const double variance = x.moments.variance;
  const double shift = kShiftDeviation * std::sqrt(variance);
  std::vector<std::string> inputs{x.name};
  if (style_.batch_norm_scale) {
    inputs.push_back(AddUniform(name + "/gamma", x.channels, kSpreadLow, kSpreadHigh));
  } else {
    inputs.push_back(
        AddConstants(name + "/gamma", std::vector<float>(static_cast<size_t>(x.channels), 1.0F)));
  }
  inputs.push_back(AddGaussian(name + "/beta", x.channels, 0, kShiftDeviation));
  inputs.push_back(AddMeans(name + "/mean", x, shift));
  inputs.push_back(AddUniform(name + "/variance", x.channels, kSpreadLow * variance, kSpreadHigh * variance));
  AddAttribute(AddNode("BatchNormalization", name, inputs), "epsilon",
               static_cast<float>(style_.batch_norm_epsilon));
  const double gain = style_.batch_norm_scale ? MeanSquareOfUniform(kSpreadLow, kSpreadHigh) : 1;
  constexpr double kShift = kShiftDeviation * kShiftDeviation;
  return Like(x, name, {0, gain * (1 + kShift) + kShift});  // the mean of 1 / (variance's spread) is 1 to 1 %
}

Value GraphBuilder::Gemm(const std::string& name, const Value& x, int outputs, double deviation) {
  const Value flat = x.height == 0 ? x : Flatten(name + "/flatten", x);
  const std::array<int64_t, 2> dims{outputs, flat.channels};
  const double spread = std::sqrt(flat.channels * flat.moments.variance);
  WeightStream stream(SeedOf(name + "/weight"));
  const std::array<std::string, 3> inputs{
      flat.name,
      AddWeights(name + "/weight", dims,
                 stream.CenteredFilters(outputs, static_cast<size_t>(flat.channels), deviation / spread)),
      AddBias(name, outputs, deviation)};
  onnx::NodeProto* node = AddNode("Gemm", name, inputs);
  AddAttribute(node, "transB", int64_t{1});
  return {name, outputs, 0, 0, {0, deviation * deviation}};
}

Value GraphBuilder::ConvBn(const std::string& name, const Value& x, int channels, const Window& window,
                           int groups) {
  const ConvOptions options{.groups = groups, .bias = style_.bias_before_batch_norm};
  return BatchNorm(name + "/bn", Conv(name, x, channels, window, options));
}

Value GraphBuilder::ConvBnAct(const std::string& name, const Value& x, int channels, const Window& window,
                              int groups) {
  return Act(name + "/act", ConvBn(name, x, channels, window, groups));
}

Value GraphBuilder::DepthwiseBn(const std::string& name, const Value& x, const Window& window) {
  return ConvBn(name, x, x.channels, window, x.channels);
}

Value GraphBuilder::DepthwiseBnAct(const std::string& name, const Value& x, const Window& window) {
  return Act(name + "/act", DepthwiseBn(name, x, window));
}

Value GraphBuilder::Act(const std::string& name, const Value& x) {
  return Act(name, x, style_.activation);
}

Value GraphBuilder::Act(const std::string& name, const Value& x, Activation activation) {
  const std::array<std::string, 1> inputs{x.name};
  switch (activation) {
    case Activation::kRelu:
      AddNode("Relu", name, inputs);
      break;
    case Activation::kRelu6: {
      onnx::NodeProto* node = AddNode("Clip", name, inputs);
      AddAttribute(node, "min", 0.0F);
      AddAttribute(node, "max", 6.0F);  // six deviations up: it doesn't show in the moments
      break;
    }
    case Activation::kLeakyRelu:
      AddAttribute(AddNode("LeakyRelu", name, inputs), "alpha", static_cast<float>(kLeakySlope));
      return Like(x, name, LeakyReluMoments(x.moments, kLeakySlope));
    case Activation::kHardSwish: {
      HardSigmoid(name + "/gate", x);
      const std::array<std::string, 2> factors{x.name, name + "/gate"};
      AddNode("Mul", name, factors);
      return Like(x, name, HardSwishMoments(x.moments));
    }
  }
  return Like(x, name, ReluMoments(x.moments));
}

Value GraphBuilder::Pool(const std::string& op, const std::string& name, const Value& x,
                         const Window& window) {
  const std::array<std::string, 1> inputs{x.name};
  const auto [rows, columns] = ApplyWindow(AddNode(op, name, inputs), x, window);
  return {name, x.channels, rows.positions, columns.positions, x.moments};
}

Value GraphBuilder::MaxPool(const std::string& name, const Value& x, const Window& window) {
  Value y = Pool("MaxPool", name, x, window);
  y.moments = MaxPoolMoments(x.moments, window.height * window.width);
  return y;
}

Value GraphBuilder::AveragePool(const std::string& name, const Value& x, const Window& window,
                                PaddingInMean padding) {
  Value y = Pool("AveragePool", name, x, window);
  if (padding == PaddingInMean::kCounted) {
    AddAttribute(&*model_->mutable_graph()->mutable_node()->rbegin(), "count_include_pad", int64_t{1});
  }
  y.moments = AveragePoolMoments(x.moments, window.height * window.width);
  return y;
}

Value GraphBuilder::GlobalAveragePool(const std::string& name, const Value& x) {
  const std::array<std::string, 1> inputs{x.name};
  AddNode("GlobalAveragePool", name, inputs);
  return {name, x.channels, 1, 1, AveragePoolMoments(x.moments, x.height * x.width)};
}

Value GraphBuilder::LocalResponseNorm(const std::string& name, const Value& x) {
  const std::array<std::string, 1> inputs{x.name};
  onnx::NodeProto* node = AddNode("LRN", name, inputs);
  AddAttribute(node, "size", int64_t{5});
  AddAttribute(node, "alpha", 1e-4F);
  AddAttribute(node, "beta", 0.75F);
  AddAttribute(node, "bias", 1.0F);
  return Like(x, name, x.moments);  // values near 1 change by 1e-4
}

Value GraphBuilder::Concat(const std::string& name, std::span<const Value> parts) {
  SIGHTLINE_CHECK(!parts.empty());
  std::vector<std::string> inputs;
  std::vector<Moments> moments;
  std::vector<int> channels;
  int total = 0;
  for (const Value& part : parts) {
    SIGHTLINE_CHECK(part.height == parts[0].height && part.width == parts[0].width);
    inputs.push_back(part.name);
    moments.push_back(part.moments);
    channels.push_back(part.channels);
    total += part.channels;
  }
  AddAttribute(AddNode("Concat", name, inputs), "axis", int64_t{1});
  return {name, total, parts[0].height, parts[0].width, MixMoments(moments, channels)};
}

Value GraphBuilder::Add(const std::string& name, const Value& a, const Value& b) {
  SIGHTLINE_CHECK(a.channels == b.channels && a.height == b.height && a.width == b.width);
  const std::array<std::string, 2> inputs{a.name, b.name};
  AddNode("Add", name, inputs);
  return Like(a, name, AddMoments(a.moments, b.moments));
}

Value GraphBuilder::Scale(const std::string& name, const Value& x, double factor) {
  const std::array<float, 1> values{static_cast<float>(factor)};
  const std::array<std::string, 2> inputs{x.name, AddConstants(name + "/factor", values)};
  AddNode("Mul", name, inputs);
  return Like(x, name, {x.moments.mean * factor, x.moments.variance * factor * factor});
}

std::pair<Value, Value> GraphBuilder::SplitChannels(const std::string& name, const Value& x) {
  SIGHTLINE_CHECK(x.channels % 2 == 0);
  const std::array<std::string, 1> inputs{x.name};
  onnx::NodeProto* node = AddNode("Split", name, inputs);
  AddAttribute(node, "axis", int64_t{1});
  AddAttribute(node, "split", {x.channels / 2, x.channels / 2});
  const Value first{name + "/first", x.channels / 2, x.height, x.width, x.moments};
  const Value second = Like(first, name + "/second", x.moments);
  node->set_output(0, first.name);
  node->add_output(second.name);
  return {first, second};
}

Value GraphBuilder::ShuffleChannels(const std::string& name, const Value& x, int groups) {
  SIGHTLINE_CHECK(x.channels % groups == 0);
  const std::array<int64_t, 5> split{0, groups, x.channels / groups, x.height, x.width};
  const std::array<int64_t, 4> joined{0, x.channels, x.height, x.width};
  const std::array<std::string, 2> to_groups{x.name, AddShape(name + "/groups/shape", split)};
  AddNode("Reshape", name + "/groups", to_groups);
  const std::array<std::string, 1> swapped{name + "/groups"};
  AddAttribute(AddNode("Transpose", name + "/swap", swapped), "perm", {0, 2, 1, 3, 4});
  const std::array<std::string, 2> to_channels{name + "/swap", AddShape(name + "/shape", joined)};
  AddNode("Reshape", name, to_channels);
  return Like(x, name, x.moments);
}

Value GraphBuilder::Flatten(const std::string& name, const Value& x) {
  const std::array<std::string, 1> inputs{x.name};
  AddAttribute(AddNode("Flatten", name, inputs), "axis", int64_t{1});
  return {name, x.channels * x.height * x.width, 0, 0, x.moments};
}

Value GraphBuilder::Classifier(const Value& x, int classes, double pooled_share) {
  Value pooled = GlobalAveragePool("pool", x);
  pooled.moments = {x.moments.mean, x.moments.variance * pooled_share};
  return Gemm("logits", pooled, classes, kLogitDeviation);
}

void GraphBuilder::Rename(const std::string& value, const std::string& name) {
  for (onnx::NodeProto& node : *model_->mutable_graph()->mutable_node()) {
    if (node.output(0) == value) node.set_output(0, name);
    for (std::string& input : *node.mutable_input())
      if (input == value) input = name;
  }
}

std::unique_ptr<onnx::ModelProto> GraphBuilder::Finish(std::span<const GraphOutput> outputs) {
  for (const GraphOutput& output : outputs) {
    Rename(output.value.name, output.name);
    SetType(model_->mutable_graph()->add_output(), output.name, output.dims);
  }
  return std::move(model_);
}

std::unique_ptr<onnx::ModelProto> GraphBuilder::Finish(const Value& logits) {
  Rename(logits.name, "logits");
  const std::array<std::string, 1> inputs{"logits"};
  AddAttribute(AddNode("Softmax", "output", inputs), "axis", int64_t{1});
  const std::array<int64_t, 1> dims{logits.channels};
  SetType(model_->mutable_graph()->add_output(), "output", dims);
  return std::move(model_);
}

}  // namespace sightline::zoo
