// Inference over HTTP: JSON, and tensors behind it where the binary extension is used
// (https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md).
//
//     body = JSON (Inference-Header-Content-Length bytes) + the tensors of inputs with `binary_data_size`, in
//     order
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/wire/infer.h"

namespace sightline::wire {

struct InferLimits {
  size_t inputs = 16;
  size_t outputs = 64;              // asked for
  size_t dimensions = 16;           // of a shape
  size_t parameters = 64;           // in one object, those of extensions included
  size_t name_bytes = 256;          // of any name, id or parameter's text
  size_t tensor_bytes = 256 << 20;  // of the elements of one tensor, however they are sent
};

// `json_bytes`: what Inference-Header-Content-Length says; nullopt: the whole body is JSON. The request's
// spans point into `body`, which has to outlive it. Of a faulty one the error names the field and what was
// expected: "inputs[0].shape[1]: -3 is negative". Fields the protocol does not know are ignored.
Result<InferRequest> ParseInferRequest(std::span<const std::byte> body, std::optional<size_t> json_bytes,
                                       const InferLimits& limits);

struct InferResponseBody {
  std::string body;
  std::optional<size_t> json_bytes;  // for Inference-Header-Content-Length; nullopt: no output is binary
};
// FP16 and BF16 have no JSON: tensors of theirs go binary, asked or not. Fails, naming the element, where
// JSON can't say a value: an infinity or NaN, or BYTES that are no UTF-8; and where data and shape disagree.
Result<InferResponseBody> FormatInferResponse(const InferResponse& response);

// The other end, for clients: a request as it is sent, and a response as it came. Model name and version of a
// request belong to the URL and are not in its body.
Result<InferResponseBody> FormatInferRequest(const InferRequest& request);

// Only moved: the outputs' spans point into `storage`.
struct ParsedInferResponse {
  ParsedInferResponse() = default;
  ParsedInferResponse(ParsedInferResponse&&) noexcept = default;
  ParsedInferResponse& operator=(ParsedInferResponse&&) noexcept = default;

  InferResponse response;
  std::vector<std::vector<std::byte>> storage;  // as InferRequest::storage
};
// As ParseInferRequest. Where the body is an error object, the error is what it says.
Result<ParsedInferResponse> ParseInferResponse(std::span<const std::byte> body,
                                               std::optional<size_t> json_bytes, const InferLimits& limits);

// {"error": "..."}: the error object of the protocol. Bytes of `message` that are no UTF-8 are replaced.
std::string FormatError(std::string_view message);

}  // namespace sightline::wire
