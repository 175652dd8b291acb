#include "backends/conformance/operators/runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>

#include "src/base/random.h"

namespace sightline::conformance {
namespace {

Shape ToShape(const Dims& dims) {
  Shape shape;
  shape.rank = static_cast<int>(dims.size());
  std::copy(dims.begin(), dims.end(), shape.dims.begin());
  return shape;
}

Dims ToDims(const Shape& shape) {
  return {shape.dims.begin(), shape.dims.begin() + shape.rank};
}

// [N, C, H, W] bytes into [N, H, W, C].
void CopyChannelsLast(const Blob& from, std::byte* to) {
  const size_t size = DataTypeBytes(from.type);
  const Dims& d = from.dims;
  for (int64_t n = 0; n < d[0]; ++n) {
    for (int64_t c = 0; c < d[1]; ++c) {
      for (int64_t y = 0; y < d[2]; ++y) {
        for (int64_t x = 0; x < d[3]; ++x) {
          const auto source = static_cast<size_t>(((n * d[1] + c) * d[2] + y) * d[3] + x);
          const auto target = static_cast<size_t>(((n * d[2] + y) * d[3] + x) * d[1] + c);
          std::memcpy(to + target * size, from.bytes.data() + source * size, size);
        }
      }
    }
  }
}

Tensor Bound(const TensorInfo& info, const Blob& input) {
  const Dims& d = input.dims;
  const bool channels_last = info.layout == SL_LAYOUT_NHWC;
  Tensor tensor(input.type, info.layout, ToShape(channels_last ? Dims{d[0], d[2], d[3], d[1]} : d));
  auto* to = static_cast<std::byte*>(tensor.view().data);
  if (channels_last) {
    CopyChannelsLast(input, to);
  } else {
    std::copy(input.bytes.begin(), input.bytes.end(), to);
  }
  return tensor;
}

std::vector<Tensor> OutputsFor(const backend::EngineInfo& info, int64_t batch) {
  std::vector<Tensor> outputs;
  for (const TensorInfo& output : info.outputs) {
    Shape shape = output.shape;
    if (shape.rank > 0 && shape[0] < 0) shape[0] = batch;
    outputs.emplace_back(output.type, output.layout, shape);
  }
  return outputs;
}

std::vector<TensorView> Views(const std::vector<Tensor>& tensors) {
  std::vector<TensorView> views;
  views.reserve(tensors.size());
  for (const Tensor& tensor : tensors) views.push_back(tensor.view());
  return views;
}

network::Network ToNetwork(const onnx::ModelProto& model) {
  auto network = network::Network::FromModel(std::make_unique<onnx::ModelProto>(model), "test");
  if (!network.ok()) ADD_FAILURE() << network.error().message();
  return std::move(network).value();
}

}  // namespace

std::shared_ptr<backend::Backend> Plugin() {
  auto plugin = backend::Backend::Load(SIGHTLINE_TESTED_BACKEND);
  if (!plugin.ok()) ADD_FAILURE() << plugin.error().message();
  return std::move(plugin).value();
}

Result<Loaded> Load(const network::Network& network, const backend::EngineOptions& options) {
  Loaded loaded;
  SIGHTLINE_ASSIGN_OR_RETURN(
      loaded.engine, Plugin()->CreateEngine({.name = "test", .network = &network, .file = {}}, options));
  SIGHTLINE_ASSIGN_OR_RETURN(loaded.instance, loaded.engine->CreateInstance());
  return loaded;
}

Result<Loaded> LoadFile(const std::string& path, const backend::EngineOptions& options) {
  Loaded loaded;
  SIGHTLINE_ASSIGN_OR_RETURN(
      loaded.engine, Plugin()->CreateEngine({.name = path, .network = nullptr, .file = path}, options));
  SIGHTLINE_ASSIGN_OR_RETURN(loaded.instance, loaded.engine->CreateInstance());
  return loaded;
}

Result<std::vector<Blob>> Infer(const Loaded& loaded, const Blob& input) {
  const backend::EngineInfo& info = loaded.engine->info();
  const Tensor bound = Bound(info.inputs[0], input);
  const std::vector<Tensor> outputs = OutputsFor(info, input.dims.empty() ? 1 : input.dims[0]);
  SIGHTLINE_RETURN_IF_ERROR(loaded.instance->Run({&bound.view(), 1}, Views(outputs)));
  std::vector<Blob> blobs;
  for (const Tensor& output : outputs) {
    const auto* bytes = static_cast<const std::byte*>(output.view().data);
    blobs.push_back(
        {output.view().type, ToDims(output.view().shape), {bytes, bytes + output.view().bytes()}});
  }
  return blobs;
}

Array RandomArray(const Dims& dims, uint64_t seed) {
  Array array{dims, {}};
  const int64_t count = std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
  SplitMix64 random(seed);
  for (int64_t i = 0; i < count; ++i) {
    array.values.push_back(static_cast<double>(static_cast<float>(2 * random.NextUniform() - 1)));
  }
  return array;
}

Blob ToBlob(const Array& array) {
  const std::vector<float> values(array.values.begin(), array.values.end());
  Blob blob{SL_F32, array.dims, std::vector<std::byte>(values.size() * sizeof(float))};
  std::memcpy(blob.bytes.data(), values.data(), blob.bytes.size());
  return blob;
}

std::vector<float> Floats(const Blob& blob) {
  std::vector<float> values(blob.bytes.size() / sizeof(float));
  std::memcpy(values.data(), blob.bytes.data(), blob.bytes.size());
  return values;
}

Array InputOf(const onnx::ModelProto& model, int64_t batch) {
  Dims dims;
  for (const auto& dim : model.graph().input(0).type().tensor_type().shape().dim()) {
    dims.push_back(dim.has_dim_value() ? dim.dim_value() : batch);
  }
  return RandomArray(dims, 7);
}

void ExpectSame(const onnx::ModelProto& model, int64_t batch, const std::map<std::string, Array>& expected) {
  const Array input = InputOf(model, batch);
  const network::Network network = ToNetwork(model);
  const Result<Loaded> loaded = Load(network, {.max_batch = static_cast<int>(batch)});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  const Result<std::vector<Blob>> outputs = Infer(*loaded, ToBlob(input));
  ASSERT_TRUE(outputs.ok()) << outputs.error().message();
  const auto wanted = expected.empty() ? Evaluate(model, {{model.graph().input(0).name(), input}}) : expected;
  for (int i = 0; i < model.graph().output_size(); ++i) {
    const std::string& name = model.graph().output(i).name();
    const Blob& made = outputs->at(static_cast<size_t>(i));
    ASSERT_EQ(made.dims, wanted.at(name).dims) << name;
    const std::vector<float> values = Floats(made);
    for (size_t k = 0; k < values.size(); ++k) {
      const double right = wanted.at(name).values[k];
      ASSERT_NEAR(values[k], right, 2e-5 * std::max(1.0, std::abs(right))) << name << '[' << k << ']';
    }
  }
}

std::vector<std::string> ExecutedTypes(const onnx::ModelProto& model, int64_t batch) {
  const network::Network network = ToNetwork(model);
  const Result<Loaded> loaded = Load(network, {.max_batch = static_cast<int>(batch), .profile = true});
  if (!loaded.ok()) {
    ADD_FAILURE() << loaded.error().message();
    return {};
  }
  const backend::EngineInfo& info = loaded->engine->info();
  const Tensor input = Bound(info.inputs[0], ToBlob(InputOf(model, batch)));
  const std::vector<Tensor> outputs = OutputsFor(info, batch);
  std::set<std::string> types;
  const Status status =
      loaded->instance->Profile({&input.view(), 1}, Views(outputs),
                                [&](const backend::LayerTime& layer) { types.emplace(layer.type); });
  EXPECT_TRUE(status.ok()) << status.error().message();
  return {types.begin(), types.end()};
}

std::string LoadError(const onnx::ModelProto& model) {
  const network::Network network = ToNetwork(model);
  const Result<Loaded> loaded = Load(network);
  return loaded.ok() ? "" : loaded.error().message();
}

}  // namespace sightline::conformance
