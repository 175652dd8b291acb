// The zoo's smaller detectors give the same numbers in every framework: their graphs use operators that the
// recognition networks have not (LeakyRelu, HardSigmoid, Resize, outputs that are reshaped and joined).
#include <algorithm>
#include <cmath>
#include <iterator>

#include "backends/conformance/harness.h"
#include "src/zoo/zoo.h"

namespace sightline::conformance {
namespace {

constexpr int64_t kBatch = 1;  // OpenCV 4.6 multiplies by a gate per channel (squeeze-excite) at batch 1 only
constexpr int64_t kMostMacs = 6'000'000'000;
constexpr double kTolerance = 1e-3;  // of an output's range

std::vector<std::string> SmallDetectors() {
  std::vector<std::string> names;
  for (const zoo::Entry& entry : zoo::Entries()) {
    if (entry.task.task == Task::kDetection && Must(zoo::Count(entry.name)).macs < kMostMacs)
      names.push_back(entry.name);
  }
  return names;
}

// Waves of all lengths from a few pixels to the whole picture, about as bright as a photograph.
Array Waves(const Shape& nchw) {
  Array array;
  for (int axis = 0; axis < 4; ++axis) array.dims.push_back(axis == 0 ? kBatch : nchw[axis]);
  for (int64_t n = 0; n < kBatch; ++n)
    for (int64_t c = 0; c < array.dims[1]; ++c)
      for (int64_t y = 0; y < array.dims[2]; ++y)
        for (int64_t x = 0; x < array.dims[3]; ++x) {
          double value = 0;
          for (double length = 5; length < 600; length *= 2.3)
            value += std::sin((static_cast<double>(x) +
                               2.0 * static_cast<double>(n + c) * static_cast<double>(y)) /
                              length) /
                     3;
          array.values.push_back(value);
        }
  return array;
}

// In NCHW.
std::vector<float> Values(const TensorView& output) {
  const float* from = output.f32();
  if (output.layout != SL_LAYOUT_NHWC || output.shape.rank != 4)
    return {from, from + output.shape.elements()};
  std::vector<float> values;
  for (int64_t n = 0; n < output.shape[0]; ++n)
    for (int64_t c = 0; c < output.shape[3]; ++c)
      for (int64_t cell = 0; cell < output.shape[1] * output.shape[2]; ++cell)
        values.push_back(from[(n * output.shape[1] * output.shape[2] + cell) * output.shape[3] + c]);
  return values;
}

using Outputs = std::vector<std::vector<float>>;

Outputs Compute(const std::string& backend_name, const std::string& name) {
  const network::Network network = Must(zoo::Build(name));
  const auto backend = Must(backend::Backend::Load(backend_name));
  backend::EngineOptions options;
  options.max_batch = kBatch;
  const auto engine = Must(backend->CreateEngine({.name = name, .network = &network, .file = {}}, options));
  const auto instance = Must(engine->CreateInstance());
  const PreprocessSpec& picture = Must(zoo::Find(name))->task.preprocess;
  GuardedTensor input(engine->info().inputs[0], kBatch);
  Shape shape;
  shape.rank = 4;
  shape.dims = {kBatch, 3, picture.height, picture.width};
  input.Fill(Waves(shape));
  std::vector<GuardedTensor> outputs;
  for (const TensorInfo& info : engine->info().outputs) outputs.emplace_back(info, kBatch);
  std::vector<TensorView> views;
  for (const GuardedTensor& output : outputs) views.push_back(output.view());
  const Status status = instance->Run({&input.view(), 1}, views);
  EXPECT_TRUE(status.ok()) << backend_name << ": " << (status.ok() ? "" : status.error().message());
  Outputs values;
  for (const GuardedTensor& output : outputs) {
    EXPECT_TRUE(output.GuardsIntact()) << backend_name;
    values.push_back(Values(output.view()));
  }
  return values;
}

double LargestDifference(const std::vector<float>& a, const std::vector<float>& b) {
  const auto [low, high] = std::minmax_element(a.begin(), a.end());
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - b[i]);
    if (!(difference <= largest)) largest = difference;  // a NaN stays
  }
  return largest / (static_cast<double>(*high) - *low);
}

class ZooDetectorsTest : public testing::TestWithParam<std::string> {};

TEST_P(ZooDetectorsTest, GiveTheSameNumbersEverywhere) {
  std::string reference_name;
  Outputs reference;
  for (const backend::BackendEntry& entry : BuiltBackends()) {
    if (entry.name == "null") continue;
    const Outputs outputs = Compute(entry.name, GetParam());
    if (reference.empty()) {
      reference = outputs;
      reference_name = entry.name;
      continue;
    }
    ASSERT_EQ(outputs.size(), reference.size());
    for (size_t i = 0; i < outputs.size(); ++i) {
      ASSERT_EQ(outputs[i].size(), reference[i].size());
      const double difference = LargestDifference(reference[i], outputs[i]);
      RecordProperty(entry.name + "_" + std::to_string(i), std::to_string(difference));
      EXPECT_LT(difference, kTolerance)
          << "output " << i << " in " << reference_name << " and " << entry.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooDetectorsTest, testing::ValuesIn(SmallDetectors()),
                         [](const testing::TestParamInfo<std::string>& named) { return named.param; });

}  // namespace
}  // namespace sightline::conformance
