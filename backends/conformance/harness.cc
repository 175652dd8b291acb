#include "backends/conformance/harness.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "backends/conformance/test_network.h"
#include "src/base/random.h"

namespace sightline::conformance {
namespace {

constexpr int64_t kGuardFloats = 16;  // a cache line
constexpr float kGuard = -7.25e18F;   // no network of the suite computes it

int64_t GuardedElements(const TensorInfo& info, int64_t batch, Shape& shape) {
  shape = info.shape;
  if (shape.rank > 0 && shape[0] < 0) shape[0] = batch;
  return shape.elements() + 2 * kGuardFloats;
}

network::Network MustBuild(const onnx::ModelProto& model) {
  return Must(network::Network::FromModel(std::make_unique<onnx::ModelProto>(model), "conformance"));
}

// Position in memory of element `i` of an NCHW array of shape `dims`.
size_t MemoryIndex(Layout layout, const std::vector<int64_t>& dims, size_t i) {
  if (layout != SL_LAYOUT_NHWC) return i;
  const auto channels = static_cast<size_t>(dims[1]);
  const auto area = static_cast<size_t>(dims[2] * dims[3]);
  const size_t n = i / (channels * area);
  const size_t c = i / area % channels;
  return (n * area + i % area) * channels + c;
}

// fp32 sums of a few hundred terms in another order: 1e-5 of the largest value leaves a factor of ten.
void ExpectNear(const std::vector<float>& got, const Array& want, const std::string& name) {
  ASSERT_EQ(got.size(), want.values.size()) << name;
  double range = 1;
  for (const double value : want.values) range = std::max(range, std::abs(value));
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double difference = std::abs(static_cast<double>(got[i]) - want.values[i]);
    worst = std::isfinite(difference) ? std::max(worst, difference) : std::numeric_limits<double>::infinity();
  }
  EXPECT_LE(worst, 1e-5 * range) << name;
}

void ExpectUntouched(const std::vector<float>& got, const std::string& name) {
  EXPECT_TRUE(std::all_of(got.begin(), got.end(), [](float value) { return std::isnan(value); })) << name;
}

std::vector<TensorView> Views(const std::vector<GuardedTensor>& tensors) {
  std::vector<TensorView> views;
  for (const GuardedTensor& tensor : tensors) views.push_back(tensor.view());
  return views;
}

std::vector<GuardedTensor> MakeTensors(const std::vector<TensorInfo>& infos, int64_t batch) {
  std::vector<GuardedTensor> tensors;
  for (const TensorInfo& info : infos) tensors.emplace_back(info, batch);
  return tensors;
}

}  // namespace

std::vector<backend::BackendEntry> FoundBackends() {
  std::vector<backend::BackendEntry> entries = backend::FindBackends();
  std::erase_if(entries, [](const backend::BackendEntry& entry) { return entry.library.empty(); });
  return entries;
}

std::vector<backend::BackendEntry> BuiltBackends() {
  std::vector<backend::BackendEntry> entries = FoundBackends();
  std::erase_if(entries, [](const backend::BackendEntry& entry) {
    return !QuirksOf(entry.name).device.empty() && !backend::Backend::LoadLibrary(entry.library).ok();
  });
  return entries;
}

backend::EngineOptions OnItsDevice(const Quirks& quirks, backend::EngineOptions options) {
  if (!quirks.device.empty() && options.device == "cpu") options.device = quirks.device;
  return options;
}

std::string TestName(const testing::TestParamInfo<backend::BackendEntry>& info) {
  return info.param.name;
}

GuardedTensor::GuardedTensor(const TensorInfo& info, int64_t batch) {
  Shape shape;
  const int64_t elements = GuardedElements(info, batch, shape);
  memory_ = Tensor(SL_F32, SL_LAYOUT_PLAIN, {elements});
  float* const all = memory_.view().f32();
  std::fill_n(all, elements, kGuard);
  view_ = {all + kGuardFloats, info.type, info.layout, shape};
  std::fill_n(view_.f32(), shape.elements(), std::numeric_limits<float>::quiet_NaN());
}

void GuardedTensor::Fill(const Array& from) {
  for (size_t i = 0; i < from.values.size(); ++i) {
    view_.f32()[MemoryIndex(view_.layout, from.dims, i)] = static_cast<float>(from.values[i]);
  }
}

bool GuardedTensor::GuardsIntact() const {
  const float* const front = memory_.view().f32();
  const float* const back = view_.f32() + view_.shape.elements();
  const auto intact = [](float value) { return value == kGuard; };
  return std::all_of(front, front + kGuardFloats, intact) && std::all_of(back, back + kGuardFloats, intact);
}

std::vector<float> GuardedTensor::Values() const {
  return {view_.f32(), view_.f32() + view_.shape.elements()};
}

std::map<std::string, Array> RandomInputs(const onnx::ModelProto& model, int64_t batch, uint64_t seed) {
  SplitMix64 random(seed);
  std::map<std::string, Array> inputs;
  for (const auto& input : model.graph().input()) {
    Array array;
    int64_t elements = 1;
    for (const auto& dim : input.type().tensor_type().shape().dim()) {
      array.dims.push_back(dim.has_dim_value() ? dim.dim_value() : batch);
      elements *= array.dims.back();
    }
    for (int64_t i = 0; i < elements; ++i)
      array.values.push_back(static_cast<float>(2 * random.NextUniform() - 1));
    inputs[input.name()] = std::move(array);
  }
  return inputs;
}

TestNetwork::TestNetwork(std::unique_ptr<onnx::ModelProto> from) : model(*from), network(MustBuild(model)) {}

const TestNetwork& Mixed() {
  static const auto* const network = new TestNetwork(MixedModel());
  return *network;
}

const TestNetwork& TwoInputs() {
  static const auto* const network = new TestNetwork(TwoInputModel());
  return *network;
}

void RunAndCheck(backend::Instance& instance, const backend::EngineInfo& info, const TestNetwork& network,
                 const Quirks& quirks, int64_t batch, uint64_t seed) {
  const Runner run = [&](auto inputs, auto outputs) { return instance.Run(inputs, outputs); };
  RunAndCheck(run, info, network, quirks, batch, seed);
}

void RunAndCheck(const Runner& run, const backend::EngineInfo& info, const TestNetwork& network,
                 const Quirks& quirks, int64_t batch, uint64_t seed) {
  const auto arrays = RandomInputs(network.model, batch, seed);
  std::vector<GuardedTensor> inputs = MakeTensors(info.inputs, batch);
  for (size_t i = 0; i < inputs.size(); ++i) inputs[i].Fill(arrays.at(info.inputs[i].name));
  const std::vector<GuardedTensor> outputs = MakeTensors(info.outputs, batch);
  std::vector<std::vector<float>> given;
  for (const GuardedTensor& input : inputs) given.push_back(input.Values());

  const Status status = run(Views(inputs), Views(outputs));
  ASSERT_TRUE(status.ok()) << status.error().message();

  for (size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_EQ(inputs[i].Values(), given[i]) << "input " << info.inputs[i].name << " was changed";
    EXPECT_TRUE(inputs[i].GuardsIntact());
  }
  const auto want = Evaluate(network.model, arrays);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string& name = info.outputs[i].name;
    EXPECT_TRUE(outputs[i].GuardsIntact()) << "written beside output " << name;
    if (quirks.computes) {
      ExpectNear(outputs[i].Values(), want.at(name), name);
    } else {
      ExpectUntouched(outputs[i].Values(), name);
    }
  }
}

void ConformanceTest::SetUp() {
  auto loaded = backend::Backend::LoadLibrary(GetParam().library);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  backend_ = std::move(loaded).value();
  quirks_ = &QuirksOf(backend_->info().name);
}

std::shared_ptr<backend::Engine> ConformanceTest::MakeEngine(const network::Network& network,
                                                             const backend::EngineOptions& options) {
  return Must(backend_->CreateEngine({network.name(), &network, {}}, OnItsDevice(*quirks_, options)));
}

std::unique_ptr<backend::Instance> ConformanceTest::MakeInstance(backend::Engine& engine) {
  return Must(engine.CreateInstance());
}

}  // namespace sightline::conformance
