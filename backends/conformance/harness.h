// What the suite's tests share: the backends to test, tensors between guard bytes, and runs compared with the
// reference.
#pragma once

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/conformance/quirks.h"
#include "backends/conformance/reference.h"
#include "backends/conformance/test_tools.h"
#include "src/backend/backend.h"
#include "src/flow/tensor.h"
#include "src/network/network.h"

namespace sightline::conformance {

// Every backend found, as SIGHTLINE_BACKEND_PATH says.
std::vector<backend::BackendEntry> FoundBackends();
// Those of them that can be tested here: all but the ones whose quirks name a device this machine lacks.
std::vector<backend::BackendEntry> BuiltBackends();
// `options` on the device that `quirks` name, where they do and no other was asked for.
backend::EngineOptions OnItsDevice(const Quirks& quirks, backend::EngineOptions options);
std::string TestName(const testing::TestParamInfo<backend::BackendEntry>& info);

// A tensor with a pattern in front of and behind it.
class GuardedTensor {
 public:
  // Shape of `info` with an open first dimension set to `batch`. Filled with NaN.
  GuardedTensor(const TensorInfo& info, int64_t batch);

  const TensorView& view() const { return view_; }
  // In the tensor's layout, from an array in NCHW.
  void Fill(const Array& from);
  // Nobody wrote beside it.
  bool GuardsIntact() const;
  std::vector<float> Values() const;

 private:
  Tensor memory_;
  TensorView view_;
};

// Deterministic inputs for `model`, by name, in NCHW; `seed` tells runs apart.
std::map<std::string, Array> RandomInputs(const onnx::ModelProto& model, int64_t batch, uint64_t seed);

// A network of the suite, kept beside the model it was made of for the reference.
struct TestNetwork {
  explicit TestNetwork(std::unique_ptr<onnx::ModelProto> from);

  onnx::ModelProto model;  // as built, before normalization
  network::Network network;
};
const TestNetwork& Mixed();
const TestNetwork& TwoInputs();

// One inference on tensors, however it is made.
using Runner = std::function<Status(std::span<const TensorView>, std::span<const TensorView>)>;
// Calls `run` on random inputs and holds everything to the contract: right values (to the quirks), guards
// intact, inputs untouched.
void RunAndCheck(const Runner& run, const backend::EngineInfo& info, const TestNetwork& network,
                 const Quirks& quirks, int64_t batch, uint64_t seed);
// The same with Instance::Run.
void RunAndCheck(backend::Instance& instance, const backend::EngineInfo& info, const TestNetwork& network,
                 const Quirks& quirks, int64_t batch, uint64_t seed);

// The fixture of all parameterized suites.
class ConformanceTest : public testing::TestWithParam<backend::BackendEntry> {
 protected:
  void SetUp() override;
  // These work, or the test ends there.
  std::shared_ptr<backend::Engine> MakeEngine(const network::Network& network,
                                              const backend::EngineOptions& options = {});
  std::unique_ptr<backend::Instance> MakeInstance(backend::Engine& engine);
  bool Has(SlFeature feature) const { return (backend_->info().features & feature) != 0; }

  std::shared_ptr<backend::Backend> backend_;
  const Quirks* quirks_ = nullptr;
};

}  // namespace sightline::conformance
