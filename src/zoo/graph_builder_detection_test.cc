// The layers that only detectors have, as OpenCV computes them.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/zoo/graph_builder.h"

namespace sightline::zoo {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;

using Layer = std::function<Value(GraphBuilder&, const Value&)>;

// Values from -3 to 3, all different, none of them 0.
std::vector<float> Ramp(int count) {
  std::vector<float> values(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i)
    values[static_cast<size_t>(i)] =
        (6.0F * static_cast<float>((i * 37) % count) + 1) / static_cast<float>(count) - 3;
  return values;
}

// `layer` of Ramp() as [1, channels, size, size]; `dims` are the output's.
std::vector<float> ResultOf(int channels, int size, const Layer& layer, std::vector<int64_t> dims) {
  GraphBuilder b("test", 1, {});
  const Value y = layer(b, b.CropsInput(channels, size, {0, 1}));
  const std::vector<GraphOutput> outputs{{"y", y, std::move(dims)}};
  const std::string bytes = b.Finish(outputs)->SerializeAsString();
  cv::dnn::Net net = cv::dnn::readNetFromONNX(bytes.data(), bytes.size());
  std::vector<float> values = Ramp(channels * size * size);
  const int shape[] = {1, channels, size, size};
  net.setInput(cv::Mat(4, shape, CV_32F, values.data()));
  const cv::Mat out = net.forward();
  return {out.ptr<float>(), out.ptr<float>() + out.total()};
}

TEST(GraphBuilderDetectionTest, HardSwishAndLeakyReluAreThoseOfThePapers) {
  std::vector<float> swish = Ramp(32);
  std::vector<float> leaky = swish;
  for (float& x : swish) x *= std::clamp(x + 3, 0.0F, 6.0F) / 6;
  for (float& x : leaky) x = std::max(x, 0.1F * x);
  const auto act = [](Activation a) {
    return [a](GraphBuilder& b, const Value& x) { return b.Act("act", x, a); };
  };
  EXPECT_THAT(ResultOf(8, 2, act(Activation::kHardSwish), {8, 2, 2}), Pointwise(FloatNear(1e-5F), swish));
  EXPECT_THAT(ResultOf(8, 2, act(Activation::kLeakyRelu), {8, 2, 2}), Pointwise(FloatNear(1e-5F), leaky));
}

// OpenCV 4.6 would make a hard swish of it were the factors the other way round.
TEST(GraphBuilderDetectionTest, SqueezeExciteScalesEachChannelByItsGate) {
  const std::vector<float> x = Ramp(8 * 16);
  const std::vector<float> y =
      ResultOf(8, 4, [](GraphBuilder& b, const Value& v) { return b.SqueezeExcite("se", v, 4); }, {8, 4, 4});
  ASSERT_EQ(y.size(), x.size());
  for (size_t c = 0; c < 8; ++c) {
    const float gate = y[16 * c] / x[16 * c];
    EXPECT_GE(gate, 0);
    EXPECT_LE(gate, 1);
    for (size_t i = 0; i < 16; ++i) EXPECT_NEAR(y[16 * c + i], gate * x[16 * c + i], 1e-5);
  }
}

TEST(GraphBuilderDetectionTest, UpsamplingRepeatsPixels) {
  const std::vector<float> x = Ramp(4);
  EXPECT_THAT(ResultOf(1, 2, [](GraphBuilder& b, const Value& v) { return b.Upsample2("up", v); }, {1, 4, 4}),
              ElementsAre(x[0], x[0], x[1], x[1], x[0], x[0], x[1], x[1],  //
                          x[2], x[2], x[3], x[3], x[2], x[2], x[3], x[3]));
}

TEST(GraphBuilderDetectionTest, ReorgReadsTheMemoryAsDarknetDoes) {
  constexpr size_t kChannels = 8;
  constexpr size_t kSize = 4;
  constexpr size_t kFine = 2 * kSize;  // of the reinterpreted memory, which has kChannels / 4 channels
  const std::vector<float> x = Ramp(kChannels * kSize * kSize);
  std::vector<float> expected;
  for (size_t k = 0; k < kChannels; ++k)
    for (size_t row = 0; row < kSize; ++row)
      for (size_t column = 0; column < kSize; ++column) {
        const size_t channel = k % (kChannels / 4);
        const size_t offset = k / (kChannels / 4);
        expected.push_back(x[(channel * kFine + 2 * row + offset / 2) * kFine + 2 * column + offset % 2]);
      }
  EXPECT_EQ(
      ResultOf(kChannels, kSize, [](GraphBuilder& b, const Value& v) { return b.DarknetReorg2("r", v); },
               {4 * kChannels, 2, 2}),
      expected);
}

TEST(GraphBuilderDetectionTest, L2NormalizeScalesUnitVectorsByAFactorPerChannel) {
  const std::vector<float> y =
      ResultOf(8, 2, [](GraphBuilder& b, const Value& v) { return b.L2Normalize("norm", v, 20); }, {8, 2, 2});
  const std::vector<float> x = Ramp(32);
  for (size_t c = 0; c < 8; ++c) {
    std::vector<double> factors;  // of the channel, at each position
    for (size_t position = 0; position < 4; ++position) {
      double square = 0;
      for (size_t k = 0; k < 8; ++k) square += x[4 * k + position] * x[4 * k + position];
      factors.push_back(y[4 * c + position] / (x[4 * c + position] / std::sqrt(square)));
    }
    EXPECT_GE(factors[0], 16 - 1e-3);  // the seed's bounds
    EXPECT_LE(factors[0], 25 + 1e-3);
    for (const double factor : factors) EXPECT_NEAR(factor, factors[0], 1e-3);
  }
}

TEST(GraphBuilderDetectionTest, RowsGoByCellThenAnchor) {
  // Two anchors of two numbers on 2x2 cells: channel = anchor * 2 + number.
  const std::vector<float> x = Ramp(16);
  std::vector<float> expected;
  for (size_t cell = 0; cell < 4; ++cell)
    for (size_t channel = 0; channel < 4; ++channel) expected.push_back(x[4 * channel + cell]);
  EXPECT_EQ(
      ResultOf(4, 2, [](GraphBuilder& b, const Value& v) { return b.RowPerAnchor("rows", v, 2); }, {8, 2}),
      expected);
}

TEST(GraphBuilderDetectionTest, ChannelsGetTheMeanAndDeviationTheyAimAt) {
  ConvOptions options{.aims = {{.mean = 5, .deviation = 0}, {.mean = -1, .deviation = 2}}, .aims_block = 2};
  const std::vector<float> y = ResultOf(
      8, 8, [&](GraphBuilder& b, const Value& v) { return b.Conv("head", v, 2, {}, options); }, {2, 8, 8});
  EXPECT_THAT(std::vector<float>(y.begin(), y.begin() + 64), Each(5));
  const cv::Mat second(1, 64, CV_32F, const_cast<float*>(y.data()) + 64);
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(second, mean, deviation);
  EXPECT_NEAR(mean[0], -1, 1.5);
  EXPECT_GT(deviation[0], 0.5);
}

}  // namespace
}  // namespace sightline::zoo
