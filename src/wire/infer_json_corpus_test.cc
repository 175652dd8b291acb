// Every file of the fuzzer's corpus, in the normal build.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/wire/infer_json.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace sightline::wire {
namespace {

std::string ContentOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(InferJsonCorpusTest, EveryFileIsReadAndWhatIsUnderstoodReadsBack) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INFER_JSON_CORPUS)) {
    SCOPED_TRACE(entry.path().string());
    const std::string text = ContentOf(entry.path());
    ASSERT_EQ(text.size(), entry.file_size());
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size()), 0);
    ++files;
  }
  EXPECT_GT(files, 20);
}

// Bodies that Triton's own client (tritonclient 2.x, HTTP) made.
InferRequest OfTheStockClient(const std::string& name) {
  static std::string text;  // the request's spans point into it
  text = ContentOf(std::filesystem::path(INFER_JSON_CORPUS) / name);
  std::optional<size_t> json_bytes;
  if (!text.starts_with("{")) {
    const size_t line = text.find('\n');
    json_bytes = std::stoul(text.substr(0, line));
    text.erase(0, line + 1);
  }
  auto request = ParseInferRequest(std::as_bytes(std::span(text)), json_bytes, InferLimits());
  EXPECT_TRUE(request.ok()) << request.error().message();
  return request.ok() ? std::move(*request) : InferRequest();
}

TEST(InferJsonCorpusTest, StockClientsAreUnderstood) {
  const InferRequest json = OfTheStockClient("tritonclient_json");
  EXPECT_EQ(json.id, "7");
  EXPECT_EQ(json.parameters.at("timeout"), Parameter(int64_t{1000}));
  ASSERT_EQ(json.inputs.size(), 3U);
  const float expected[] = {1, 2.5F, -0.0F, 1e-45F};
  const std::vector<std::byte> floats(json.inputs[0].data.begin(), json.inputs[0].data.end());

  const InferRequest binary = OfTheStockClient("tritonclient_binary");
  ASSERT_EQ(binary.inputs.size(), 3U);
  EXPECT_EQ(std::vector<std::byte>(binary.inputs[0].data.begin(), binary.inputs[0].data.end()), floats);
  const auto expected_bytes = std::as_bytes(std::span(expected));
  EXPECT_EQ(floats, std::vector<std::byte>(expected_bytes.begin(), expected_bytes.end()));
  ASSERT_EQ(binary.outputs.size(), 2U);
  EXPECT_TRUE(binary.outputs[0].binary);
  EXPECT_FALSE(binary.outputs[1].binary);

  EXPECT_TRUE(OfTheStockClient("tritonclient_no_outputs").binary_outputs);
  const InferRequest shared = OfTheStockClient("tritonclient_shared");
  ASSERT_EQ(shared.inputs.size(), 1U);
  EXPECT_EQ(shared.inputs[0].shared_memory.value_or(SharedMemoryPiece()).offset, 8U);
}

}  // namespace
}  // namespace sightline::wire
