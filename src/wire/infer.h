// Inference requests and responses of the Open Inference Protocol (KServe v2), whatever carries them: HTTP
// (infer_json.h) or gRPC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "src/base/result.h"
#include "src/wire/data_type.h"

namespace sightline::wire {

using Parameter = std::variant<bool, int64_t, double, std::string>;
using Parameters = std::map<std::string, Parameter, std::less<>>;

// A piece of a shared memory region that the client has registered.
struct SharedMemoryPiece {
  std::string region;
  uint64_t bytes = 0;
  uint64_t offset = 0;
};

// An input as it is sent, or an output as it comes back.
struct InferTensor {
  std::string name;
  WireType type = WireType::kFp32;
  std::vector<int64_t> shape;  // none negative
  Parameters parameters;       // without those that say where the data is
  // Row-major, little-endian, not aligned; kBytes as WireType says. Exactly as many as shape and type need
  // (kBytes: as many elements). Somebody else's: of a parsed message they lie in its body or its `storage`.
  // Empty where `shared_memory` is set.
  std::span<const std::byte> data;
  bool binary = false;                             // HTTP: behind the JSON and not in it
  std::optional<SharedMemoryPiece> shared_memory;  // where the data is, or went

  int64_t elements() const;  // product of the shape: 1 of a scalar, 0 where a dimension is
};
using InferInput = InferTensor;
using InferOutput = InferTensor;

struct RequestedOutput {
  std::string name;
  Parameters parameters;
  bool binary = false;                             // HTTP: behind the JSON and not in it
  std::optional<SharedMemoryPiece> shared_memory;  // to be written there
};

// Only moved: the inputs' spans point into `storage`.
struct InferRequest {
  InferRequest() = default;
  InferRequest(InferRequest&&) noexcept = default;
  InferRequest& operator=(InferRequest&&) noexcept = default;

  std::string model_name;     // of the URL or the message
  std::string model_version;  // empty: whichever
  std::string id;             // empty: none
  Parameters parameters;
  std::vector<InferInput> inputs;
  std::vector<RequestedOutput> outputs;  // empty: all
  bool binary_outputs = false;           // of outputs not asked for one by one
  // Elements that did not lie in the body as they are needed, of one tensor each.
  std::vector<std::vector<std::byte>> storage;
};

struct InferResponse {
  std::string model_name;
  std::string model_version;
  std::string id;
  Parameters parameters;
  std::vector<InferOutput> outputs;
};

// How many elements a shape has. Fails where a dimension is negative, or where they need more than
// `most_bytes` (of kBytes: their lengths alone).
Result<int64_t> CheckedElements(WireType type, std::span<const int64_t> shape, size_t most_bytes);

// Whether `data` is `elements` elements of `type` and nothing else: its size, the lengths inside of kBytes,
// and that kBool is 0 or 1. Of a faulty element the error begins with its index: "[3]: ...".
Status CheckData(WireType type, int64_t elements, std::span<const std::byte> data);

}  // namespace sightline::wire
