// What quantization costs, held against what it must cost by theory: a value rounded to steps of d is off by
// noise of variance d^2 / 12 (Bennett, "Spectra of quantized signals", Bell System Technical Journal 1948). 8
// bits over the range of a few thousand values of a normal distribution, about 7.5 of its deviations, are
// 10 log10(12 * (255 / 7.5)^2) = 41 dB. More noise is a fault: of a scale, a zero point, an axis.
#include <algorithm>
#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/quantize.h"
#include "src/network/reference_evaluator.h"
#include "src/network/test_models.h"
#include "src/network/value_ranges.h"

namespace sightline::network {
namespace {

Network Must(Result<Network> network) {
  if (!network.ok()) throw std::runtime_error(network.error().message());
  return *std::move(network);
}

FloatTensor NormalTensor(const std::vector<int64_t>& dims, double deviation, unsigned seed) {
  return {dims, Normal(ElementCount(dims).value(), deviation, seed)};
}

// A 1x1 convolution's filters, whose results are as large as their inputs, and biases.
void AddFilters(onnx::ModelProto& model, const std::string& name, int64_t filters, int64_t channels,
                unsigned seed) {
  const std::vector<int64_t> dims = {filters, channels, 1, 1};
  const double deviation = 1 / std::sqrt(static_cast<double>(channels));
  *model.mutable_graph()->add_initializer() =
      MakeFloatTensor("w" + name, dims, Normal(filters * channels, deviation, seed));
  *model.mutable_graph()->add_initializer() =
      MakeFloatTensor("b" + name, std::vector<int64_t>{filters}, Normal(filters, 0.1, seed + 1));
}

double MeanSquare(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += double{value} * value;
  return sum / static_cast<double>(values.size());
}

double NoiseOf(const FloatTensor& reference, const FloatTensor& other) {
  std::vector<float> difference;
  for (size_t i = 0; i < reference.values.size(); ++i)
    difference.push_back(reference.values[i] - other.values[i]);
  return MeanSquare(difference);
}

double Decibels(double ratio) {
  return 10 * std::log10(ratio);
}

// By running the network with its tensors as outputs, one after the other.
ValueRanges RangesOf(const Network& network, const FloatTensor& input) {
  RangeCollector collector;
  for (const std::string& tensor : TensorsToCalibrate(network)) {
    if (tensor == "x") {
      collector.Add(tensor, input.values);
      continue;
    }
    auto model = std::make_unique<onnx::ModelProto>(Must(WithOutputs(network, {tensor})).model());
    model->mutable_graph()->mutable_output()->SwapElements(0, 1);
    collector.Add(tensor, ReferenceEvaluator(Load(std::move(model))).Run({input}).values);
  }
  return collector.Ranges();
}

struct OneConvolution {
  Network network;
  FloatTensor input;
  ValueRanges ranges;
  FloatTensor wanted;  // its output in fp32
};

OneConvolution MakeOneConvolution() {
  auto model = ParseModel("g (float[N,64,8,8] x) => (float[N,32,8,8] y) { y = Conv(x, w1, b1) }");
  AddFilters(*model, "1", 32, 64, 1);
  Network network = Load(std::move(model));
  FloatTensor input = NormalTensor({2, 64, 8, 8}, 1, 7);
  ValueRanges ranges = RangesOf(network, input);
  FloatTensor wanted = ReferenceEvaluator(network).Run({input});
  return {std::move(network), std::move(input), std::move(ranges), std::move(wanted)};
}

TEST(QuantizationNoise, OfOneConvolutionIsWhatTheoryWantsOfItsSteps) {
  const auto [network, input, ranges, wanted] = MakeOneConvolution();
  const FloatTensor got = ReferenceEvaluator(Must(Quantize(network, ranges))).Run({input});

  const double input_step = (ranges.at("x").high - ranges.at("x").low) / 255.0;
  const onnx::TensorProto& weights = *FindConstant(network, "w1");
  const auto* w = reinterpret_cast<const float*>(weights.raw_data().data());
  double noise = 0;
  for (int filter = 0; filter < 32; ++filter) {
    double energy = 0;
    double largest = 0;
    for (int c = 0; c < 64; ++c) {
      const double weight = w[filter * 64 + c];
      energy += weight * weight;
      largest = std::max(largest, std::abs(weight));
    }
    const double weight_step = largest / 127;
    noise +=
        (energy * input_step * input_step + 64 * MeanSquare(input.values) * weight_step * weight_step) / 12;
  }
  noise /= 32;
  EXPECT_NEAR(Decibels(NoiseOf(wanted, got) / noise), 0, 0.5);
  EXPECT_GT(Decibels(MeanSquare(wanted.values) / NoiseOf(wanted, got)), 38);
}

// Seven tensors are quantized on the way, weights and activations; each adds noise of 38 dB or less, so that
// all together are 10 log10(7) = 8.5 dB worse.
TEST(QuantizationNoise, OfAResidualBlockAddsUp) {
  auto model = ParseModel(R"(g (float[N,32,6,6] x) => (float[N,32,6,6] y) {
      a = Conv(x, w1, b1)  r = Relu(a)  c = Conv(r, w2, b2)  s = Add(c, x)  y = Conv(s, w3, b3) })");
  for (const char* name : {"1", "2", "3"}) AddFilters(*model, name, 32, 32, static_cast<unsigned>(name[0]));
  const Network network = Load(std::move(model));
  const FloatTensor input = NormalTensor({2, 32, 6, 6}, 1, 3);
  const ValueRanges ranges = RangesOf(network, input);
  const FloatTensor wanted = ReferenceEvaluator(network).Run({input});
  for (const bool symmetric : {false, true}) {
    const Network quantized = Must(Quantize(network, ranges, {.symmetric_activations = symmetric}));
    const FloatTensor got = ReferenceEvaluator(quantized).Run({input});
    EXPECT_GT(Decibels(MeanSquare(wanted.values) / NoiseOf(wanted, got)), 38 - 8.5) << symmetric;
  }
}

// A bit less is 6 dB more noise of the weights, and only of them.
TEST(QuantizationNoise, ABitLessOfTheWeightsCostsNoMoreThanSixDecibels) {
  const auto [network, input, ranges, wanted] = MakeOneConvolution();
  const auto noise = [&](int limit) {
    return NoiseOf(wanted,
                   ReferenceEvaluator(Must(Quantize(network, ranges, {.weight_limit = limit}))).Run({input}));
  };
  const double loss = Decibels(noise(64) / noise(127));
  EXPECT_GT(loss, 1);
  EXPECT_LT(loss, 6.1);
}

}  // namespace
}  // namespace sightline::network
