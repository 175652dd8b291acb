// Networks quantized by Sightline on the backends that take them: what their integer kernels compute is held
// to fp32 on the same backend, with the noise that theory allows (src/network/quantize_noise_test.cc).
#include <gtest/gtest.h>

#include <cmath>

#include "backends/conformance/harness.h"
#include "src/network/quantize.h"
#include "src/network/quantize_options.h"
#include "src/network/test_models.h"
#include "src/network/value_ranges.h"
#include "src/probe/probe.h"

namespace sightline::conformance {
namespace {

constexpr int kFirstOpset = 13;
constexpr int64_t kPictures = 4;
constexpr int kLogits = 10;

void AddLayer(onnx::ModelProto& model, const std::string& name, const std::vector<int64_t>& dims,
              bool grows = false) {
  int64_t filter = 1;
  for (size_t i = 1; i < dims.size(); ++i) filter *= dims[i];
  std::vector<float> weights = network::Normal(dims[0] * filter, std::sqrt(2.0 / static_cast<double>(filter)),
                                               static_cast<unsigned>(name[0]));
  for (size_t i = 0; grows && i < weights.size(); ++i)
    weights[i] *= 1 + static_cast<float>(i / static_cast<size_t>(filter));
  *model.mutable_graph()->add_initializer() = network::MakeFloatTensor("w" + name, dims, weights);
  *model.mutable_graph()->add_initializer() =
      network::MakeFloatTensor("b" + name, std::vector<int64_t>{dims[0]}, network::Normal(dims[0], 0.1, 5));
}

// Every kind of layer that is quantized; the filters of "map" grow from 1 to 10, which one scale for all
// would not bear.
network::Network Unquantized() {
  auto model = network::ParseModel(R"(g (float[N,8,12,12] x) => (float[N,10,6,6] map, float[N,10] logits) {
      a = Conv<pads = [1, 1, 1, 1]>(x, w1, b1)
      r = Relu(a)
      d = Conv<group = 16, pads = [1, 1, 1, 1]>(r, w2, b2)
      e = Relu(d)
      f = Conv(e, w3, b3)
      s = Add(f, r)
      p = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(s)
      q = Conv<pads = [1, 1, 1, 1], strides = [2, 2]>(s, w4, b4)
      t = Relu(q)
      c = Concat<axis = 1>(p, t)
      map = Conv(c, w5, b5)
      g = GlobalAveragePool(c)
      h = Flatten(g)
      logits = Gemm<transB = 1>(h, w6, b6) })");
  AddLayer(*model, "1", {16, 8, 3, 3});
  AddLayer(*model, "2", {16, 1, 3, 3});
  AddLayer(*model, "3", {16, 16, 1, 1});
  AddLayer(*model, "4", {16, 16, 3, 3});
  AddLayer(*model, "5", {kLogits, 32, 1, 1}, /*grows=*/true);
  AddLayer(*model, "6", {kLogits, 32});
  return network::Load(std::move(model));
}

struct Energies {
  double signal = 0;
  double noise = 0;
  double sqnr_db() const { return 10 * std::log10(signal / noise); }
};

// Of each channel of NCHW values, or of all together.
std::vector<Energies> EnergiesOf(const std::vector<float>& wanted, const std::vector<float>& got,
                                 size_t channels, size_t area) {
  std::vector<Energies> energies(channels);
  for (size_t i = 0; i < wanted.size(); ++i) {
    Energies& channel = energies[i / area % channels];
    const double difference = double{wanted[i]} - double{got[i]};
    channel.signal += double{wanted[i]} * wanted[i];
    channel.noise += difference * difference;
  }
  return energies;
}

class Quantized : public ConformanceTest {
 protected:
  bool TakesThem() const {
    return quirks_->computes && (backend_->info().model_kinds & SL_MODEL_ONNX) != 0 &&
           backend_->info().max_onnx_opset >= kFirstOpset;
  }
  // The outputs of all pictures, by name.
  std::map<std::string, std::vector<float>> Run(backend::Engine& engine) {
    GuardedTensor input(engine.info().inputs[0], kPictures);
    input.Fill({{kPictures, 8, 12, 12}, Pictures()});
    std::vector<GuardedTensor> outputs;
    std::vector<TensorView> views;
    for (const TensorInfo& info : engine.info().outputs) outputs.emplace_back(info, kPictures);
    for (const GuardedTensor& output : outputs) views.push_back(output.view());
    const Status status = MakeInstance(engine)->Run({&input.view(), 1}, views);
    EXPECT_TRUE(status.ok()) << status.error().message();
    std::map<std::string, std::vector<float>> values;
    for (size_t i = 0; i < outputs.size(); ++i) values[engine.info().outputs[i].name] = outputs[i].Values();
    return values;
  }
  static std::vector<double> Pictures() {
    const std::vector<float> values = network::Normal(kPictures * 8 * 12 * 12, 1, 11);
    return {values.begin(), values.end()};
  }
  network::ValueRanges RangesOf(const network::Network& ready) {
    network::RangeCollector collector;
    const std::vector<std::string> tensors = network::TensorsToCalibrate(ready);
    const network::Network open = Must(network::WithOutputs(ready, tensors));
    auto values = Run(*MakeEngine(open, Options()));
    values["x"] = network::Normal(kPictures * 8 * 12 * 12, 1, 11);
    for (const std::string& tensor : tensors) collector.Add(tensor, values.at(tensor));
    return collector.Ranges();
  }
  static backend::EngineOptions Options() {
    backend::EngineOptions options;
    options.max_batch = kPictures;
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, Quantized, testing::ValuesIn(BuiltBackends()), TestName);

// Twelve tensors on the way to "map", each at 36 dB where weights have a bit less, would be 25 dB; not all
// are that bad.
TEST_P(Quantized, IntegerKernelsComputeWhatFp32DoesToTheNoiseOf8Bits) {
  if (!TakesThem()) return;
  const network::Network ready = Must(network::ReadyToQuantize(Unquantized()));
  const std::string device = OnItsDevice(*quirks_, {}).device;
  const network::Network quantized = Must(network::Quantize(
      ready, RangesOf(ready), network::QuantizeOptionsFor(GetParam().name, device, probe::ProbeMachine())));
  const auto engine = MakeEngine(quantized, Options());
  EXPECT_EQ(engine->info().precision_run, SL_I8);
  const auto wanted = Run(*MakeEngine(ready, Options()));
  const auto got = Run(*engine);
  const std::vector<Energies> map = EnergiesOf(wanted.at("map"), got.at("map"), kLogits, 36);
  for (size_t channel = 0; channel < map.size(); ++channel) {
    RecordProperty("map_sqnr_db_" + std::to_string(channel), std::to_string(map[channel].sqnr_db()));
    EXPECT_GT(map[channel].sqnr_db(), 25) << "channel " << channel;
    EXPECT_LT(map[channel].sqnr_db(), 60) << "channel " << channel << ": as if nothing was quantized";
  }
  EXPECT_GT(EnergiesOf(wanted.at("logits"), got.at("logits"), 1, 1)[0].sqnr_db(), 25);
}

}  // namespace
}  // namespace sightline::conformance
