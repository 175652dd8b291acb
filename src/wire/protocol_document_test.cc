// docs/protocol.md shows what really is said, and its limits are those of the code.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "src/wire/test_bytes.h"

#include "src/wire/infer_json.h"

namespace sightline::wire {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> Lines() {
  std::ifstream file(PROTOCOL_DOCUMENT);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> Examples() {
  std::vector<std::string> examples;
  for (const std::string& line : Lines()) {
    if (line.starts_with("    {")) examples.push_back(line.substr(4));
  }
  return examples;
}

TEST(ProtocolDocumentTest, ExamplesAreReadAndWrittenSo) {
  const std::vector<std::string> examples = Examples();
  ASSERT_EQ(examples.size(), 3U);
  const auto request = ParseInferRequest(BytesOf(examples[0]), std::nullopt, InferLimits());
  ASSERT_TRUE(request.ok()) << request.error().message();
  const auto response = ParseInferResponse(BytesOf(examples[1]), std::nullopt, InferLimits());
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response->response.id, request->id);
  EXPECT_EQ(FormatInferResponse(response->response)->body, examples[1]);
}

TEST(ProtocolDocumentTest, TheErrorIsWhatIsSaid) {
  const std::string faulty = R"({"inputs":[{"name":"x","datatype":"UINT8","shape":[4],"data":[1,2,3,300]}]})";
  const auto request = ParseInferRequest(BytesOf(faulty), std::nullopt, InferLimits());
  ASSERT_FALSE(request.ok());
  ASSERT_EQ(Examples().size(), 3U);
  EXPECT_EQ(FormatError(request.error().message()), Examples()[2]);
}

TEST(ProtocolDocumentTest, LimitsAreThoseOfTheCode) {
  std::string text;
  for (const std::string& line : Lines()) text += line + "\n";
  const InferLimits limits;
  EXPECT_THAT(text, HasSubstr(fmt::format("| inputs | {} |", limits.inputs)));
  EXPECT_THAT(text, HasSubstr(fmt::format("| outputs asked for, or answered | {} |", limits.outputs)));
  EXPECT_THAT(text, HasSubstr(fmt::format("| dimensions of a tensor | {} |", limits.dimensions)));
  EXPECT_THAT(text, HasSubstr(fmt::format("| parameters of one object | {} |", limits.parameters)));
  EXPECT_THAT(text, HasSubstr(fmt::format("parameter's text | {} |", limits.name_bytes)));
  EXPECT_THAT(text, HasSubstr(fmt::format("| bytes of one tensor's elements | {} |", limits.tensor_bytes)));
}

}  // namespace
}  // namespace sightline::wire
