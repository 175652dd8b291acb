// Runs models of single operators through one backend, as the host does. Which one is for the test program to
// say, by defining SIGHTLINE_TESTED_BACKEND.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backends/conformance/operators/model_maker.h"
#include "backends/conformance/reference.h"
#include "src/backend/backend.h"

namespace sightline::conformance {

// A dense tensor as bytes, dims in ONNX order.
struct Blob {
  SlDataType type = SL_F32;
  Dims dims;
  std::vector<std::byte> bytes;
};

// The backend under test.
std::shared_ptr<backend::Backend> Plugin();

// An engine and one instance of it.
struct Loaded {
  std::shared_ptr<backend::Engine> engine;
  std::unique_ptr<backend::Instance> instance;
};
Result<Loaded> Load(const network::Network& network, const backend::EngineOptions& options = {});
Result<Loaded> LoadFile(const std::string& path, const backend::EngineOptions& options = {});

// One run; the first input only, pictures turned into the layout the engine asks for.
Result<std::vector<Blob>> Infer(const Loaded& loaded, const Blob& input);

// Floats of about unit size.
Array RandomArray(const Dims& dims, uint64_t seed);
Blob ToBlob(const Array& array);
std::vector<float> Floats(const Blob& blob);

// Builds the model's network, runs it on random values for its one input and holds every output to
// `expected`, or, where that is empty, to the conformance suite's evaluator. The model's batch, where open,
// becomes `batch`.
void ExpectSame(const onnx::ModelProto& model, int64_t batch = 2,
                const std::map<std::string, Array>& expected = {});
// The input ExpectSame feeds.
Array InputOf(const onnx::ModelProto& model, int64_t batch);
// The types of the operations that one run of the model executes, by profile.
std::vector<std::string> ExecutedTypes(const onnx::ModelProto& model, int64_t batch = 1);
// The error of making an engine of the model, "" when there is none.
std::string LoadError(const onnx::ModelProto& model);

}  // namespace sightline::conformance
