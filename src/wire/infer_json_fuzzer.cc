// Reads any bytes as a request and as a response, for libFuzzer (cmake/fuzzers.cmake) and for the test that
// runs its corpus (infer_json_corpus_test.cc).
//
// A first line of digits alone is the Inference-Header-Content-Length; the rest is the body.
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include "src/base/check.h"
#include "src/wire/infer_json.h"

namespace sightline::wire {
namespace {

// Small, so that a fuzzer reaches them.
constexpr InferLimits kLimits{
    .inputs = 4, .outputs = 4, .dimensions = 4, .parameters = 4, .name_bytes = 64, .tensor_bytes = 4096};

struct Case {
  std::span<const std::byte> body;
  std::optional<size_t> json_bytes;
};

Case CaseOf(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const size_t line = text.find('\n');
  if (line == std::string_view::npos || line == 0) return {.body = bytes, .json_bytes = std::nullopt};
  const char* const line_end = text.begin() + line;
  size_t json_bytes = 0;
  const auto [end, error] = std::from_chars(text.begin(), line_end, json_bytes);
  if (error != std::errc() || end != line_end) return {.body = bytes, .json_bytes = std::nullopt};
  return {.body = bytes.subspan(line + 1), .json_bytes = json_bytes};
}

std::span<const std::byte> BytesOf(const InferResponseBody& body) {
  return std::as_bytes(std::span(body.body));
}

void CheckTensors(const std::vector<InferTensor>& tensors) {
  for (const InferTensor& tensor : tensors) {
    SIGHTLINE_CHECK(tensor.shared_memory || CheckData(tensor.type, tensor.elements(), tensor.data).ok());
  }
}

// An error is a sentence, and can be sent.
void CheckError(const Error& error) {
  SIGHTLINE_CHECK(!error.message().empty() && error.message().size() < 2000);
  SIGHTLINE_CHECK(nlohmann::json::accept(FormatError(error.message())));
}

// What was understood can be written, and is understood in the same way again.
void CheckRequest(const Case& input) {
  const auto request = ParseInferRequest(input.body, input.json_bytes, kLimits);
  if (!request.ok()) return CheckError(request.error());
  CheckTensors(request->inputs);
  const auto written = FormatInferRequest(*request);
  SIGHTLINE_CHECK(written.ok());
  const auto again = ParseInferRequest(BytesOf(*written), written->json_bytes, kLimits);
  SIGHTLINE_CHECK(again.ok());
  const auto rewritten = FormatInferRequest(*again);
  SIGHTLINE_CHECK(rewritten.ok() && rewritten->body == written->body);
}

void CheckResponse(const Case& input) {
  const auto parsed = ParseInferResponse(input.body, input.json_bytes, kLimits);
  if (!parsed.ok()) return;  // an error object may say anything
  CheckTensors(parsed->response.outputs);
  const auto written = FormatInferResponse(parsed->response);
  SIGHTLINE_CHECK(written.ok());
  const auto again = ParseInferResponse(BytesOf(*written), written->json_bytes, kLimits);
  SIGHTLINE_CHECK(again.ok());
  const auto rewritten = FormatInferResponse(again->response);
  SIGHTLINE_CHECK(rewritten.ok() && rewritten->body == written->body);
}

}  // namespace
}  // namespace sightline::wire

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = sightline::wire::CaseOf(std::as_bytes(std::span(data, size)));
  sightline::wire::CheckRequest(input);
  sightline::wire::CheckResponse(input);
  return 0;
}
