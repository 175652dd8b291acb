#include "src/wire/infer_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "src/wire/test_bytes.h"

namespace sightline::wire {
namespace {

using std::string_view_literals::operator""sv;
using ::testing::ElementsAre;
using ::testing::Pair;

static_assert(std::is_move_constructible_v<ParsedInferResponse>);
static_assert(!std::is_copy_constructible_v<ParsedInferResponse>);

template <typename T>
std::vector<T> ValuesOf(std::span<const std::byte> bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

InferRequest Parsed(std::string_view body, std::optional<size_t> json_bytes = std::nullopt) {
  auto request = ParseInferRequest(BytesOf(body), json_bytes, InferLimits());
  EXPECT_TRUE(request.ok()) << request.error().message();
  return request.ok() ? std::move(*request) : InferRequest();
}

// A request of one input, read.
InferRequest OneInput(std::string_view type, std::string_view shape, std::string_view data) {
  return Parsed(std::string(R"({"inputs":[{"name":"x","datatype":")") + std::string(type) + R"(","shape":)" +
                std::string(shape) + R"(,"data":)" + std::string(data) + "}]}");
}

template <typename T>
std::vector<T> ValuesOfOne(std::string_view type, std::string_view shape, std::string_view data) {
  const InferRequest request = OneInput(type, shape, data);
  EXPECT_EQ(request.inputs.size(), 1U);
  return request.inputs.empty() ? std::vector<T>() : ValuesOf<T>(request.inputs[0].data);
}

TEST(ParseInferRequestTest, ReadsEveryField) {
  const InferRequest request = Parsed(R"({
    "id": "42", "future": {"ignored": [1, {}]},
    "parameters": {"priority": 2, "ratio": 0.5, "trace": true, "note": "a"},
    "inputs": [
      {"name": "a", "shape": [2, 2], "datatype": "UINT32", "data": [1, 2, 3, 4], "parameters": {"p": -1}},
      {"name": "b", "shape": [], "datatype": "BOOL", "data": [true]}],
    "outputs": [{"name": "y", "parameters": {"binary_data": true, "q": "r"}}, {"name": "z"}]})");
  EXPECT_EQ(request.id, "42");
  EXPECT_THAT(request.parameters,
              ElementsAre(Pair("note", Parameter("a")), Pair("priority", Parameter(int64_t{2})),
                          Pair("ratio", Parameter(0.5)), Pair("trace", Parameter(true))));
  ASSERT_EQ(request.inputs.size(), 2U);
  EXPECT_EQ(request.inputs[0].name, "a");
  EXPECT_EQ(request.inputs[0].type, WireType::kUint32);
  EXPECT_THAT(request.inputs[0].shape, ElementsAre(2, 2));
  EXPECT_THAT(request.inputs[0].parameters, ElementsAre(Pair("p", Parameter(int64_t{-1}))));
  EXPECT_THAT(ValuesOf<uint32_t>(request.inputs[0].data), ElementsAre(1, 2, 3, 4));
  EXPECT_FALSE(request.inputs[0].binary);
  EXPECT_EQ(request.inputs[1].elements(), 1);
  EXPECT_EQ(TextOf(request.inputs[1].data), "\1"sv);
  ASSERT_EQ(request.outputs.size(), 2U);
  EXPECT_EQ(request.outputs[0].name, "y");
  EXPECT_TRUE(request.outputs[0].binary);
  EXPECT_THAT(request.outputs[0].parameters, ElementsAre(Pair("q", Parameter("r"))));
  EXPECT_FALSE(request.outputs[1].binary);
}

TEST(ParseInferRequestTest, WhatIsNotGivenIsEmpty) {
  const InferRequest request = OneInput("UINT8", "[1]", "[7]");
  EXPECT_EQ(request.id, "");
  EXPECT_TRUE(request.parameters.empty());
  EXPECT_TRUE(request.outputs.empty());
  EXPECT_FALSE(request.binary_outputs);
}

TEST(ParseInferRequestTest, KeysComeInAnyOrder) {
  const InferRequest request = Parsed(R"({"outputs": [], "inputs": [
    {"data": [[1], [2]], "parameters": {}, "datatype": "INT8", "shape": [2, 1], "name": "a"},
    {"name": "b", "shape": [1], "datatype": "INT8", "data": [3]},
    {"shape": [2], "data": [1.5, 1e3], "datatype": "FP64", "name": "c"}], "id": "x"})");
  ASSERT_EQ(request.inputs.size(), 3U);
  EXPECT_EQ(TextOf(request.inputs[0].data), "\1\2"sv);
  EXPECT_EQ(TextOf(request.inputs[1].data), "\3"sv);
  EXPECT_THAT(ValuesOf<double>(request.inputs[2].data), ElementsAre(1.5, 1000));
  EXPECT_EQ(request.id, "x");
}

TEST(ParseInferRequestTest, DataMayBeFlatOrNested) {
  const std::vector<int16_t> expected = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(ValuesOfOne<int16_t>("INT16", "[3,2]", "[1,2,3,4,5,6]"), expected);
  EXPECT_EQ(ValuesOfOne<int16_t>("INT16", "[3,2]", "[[1,2],[3,4],[5,6]]"), expected);
  EXPECT_EQ(ValuesOfOne<int16_t>("INT16", "[1,3,2]", "[[[1,2],[3,4],[5,6]]]"), expected);
}

TEST(ParseInferRequestTest, TensorsMayBeEmpty) {
  EXPECT_TRUE(ValuesOfOne<float>("FP32", "[0]", "[]").empty());
  EXPECT_TRUE(ValuesOfOne<float>("FP32", "[2,0]", "[]").empty());
  EXPECT_TRUE(ValuesOfOne<float>("FP32", "[2,0]", "[[],[]]").empty());
  EXPECT_TRUE(ValuesOfOne<float>("FP32", "[0,2]", "[]").empty());
}

TEST(ParseInferRequestTest, WholeNumbersAreExactToTheirLimits) {
  EXPECT_THAT(
      ValuesOfOne<int64_t>("INT64", "[3]", "[-9223372036854775808, 9223372036854775807, 9007199254740993]"),
      ElementsAre(INT64_MIN, INT64_MAX, 9007199254740993));
  EXPECT_THAT(ValuesOfOne<uint64_t>("UINT64", "[2]", "[18446744073709551615, 0]"),
              ElementsAre(UINT64_MAX, 0));
  EXPECT_THAT(ValuesOfOne<int8_t>("INT8", "[2]", "[-128, 127]"), ElementsAre(-128, 127));
  EXPECT_THAT(ValuesOfOne<uint8_t>("UINT8", "[2]", "[0, 255]"), ElementsAre(0, 255));
  EXPECT_THAT(ValuesOfOne<int16_t>("INT16", "[2]", "[-32768, 32767]"), ElementsAre(-32768, 32767));
  EXPECT_THAT(ValuesOfOne<uint16_t>("UINT16", "[1]", "[65535]"), ElementsAre(65535));
  EXPECT_THAT(ValuesOfOne<int32_t>("INT32", "[2]", "[-2147483648, 2147483647]"),
              ElementsAre(INT32_MIN, INT32_MAX));
  EXPECT_THAT(ValuesOfOne<uint32_t>("UINT32", "[1]", "[4294967295]"), ElementsAre(UINT32_MAX));
}

TEST(ParseInferRequestTest, DecimalsAreRoundedOnceToTheirType) {
  EXPECT_THAT(ValuesOfOne<float>("FP32", "[4]", "[1, -2.5, 1e-50, 3.4028234663852886e38]"),
              ElementsAre(1.0F, -2.5F, 0.0F, std::numeric_limits<float>::max()));
  // Just above the middle of 1 and the next float: as a double it is the middle, which would round to 1.
  EXPECT_THAT(ValuesOfOne<float>("FP32", "[1]", "[1.00000005960464477540]"),
              ElementsAre(std::nextafterf(1, 2)));
  EXPECT_THAT(ValuesOfOne<double>("FP64", "[3]", "[0.1, 5e-324, -0.0]"), ElementsAre(0.1, 5e-324, 0.0));
  EXPECT_TRUE(std::signbit(ValuesOfOne<double>("FP64", "[1]", "[-0.0]").at(0)));
}

TEST(ParseInferRequestTest, StringsBecomeLengthAndBytes) {
  const InferRequest request = OneInput("BYTES", "[2,1]", R"([["a\u00e9\u0000"],[""]])");
  ASSERT_EQ(request.inputs.size(), 1U);
  EXPECT_EQ(TextOf(request.inputs[0].data), "\4\0\0\0a\xc3\xa9\0\0\0\0\0"sv);
}

TEST(ParseInferRequestTest, BinaryTensorsStayWhereTheyAre) {
  const std::string json = R"({"parameters": {"binary_data_output": true}, "inputs": [
    {"name": "a", "shape": [2], "datatype": "FP16", "parameters": {"binary_data_size": 4, "k": 1}},
    {"name": "b", "shape": [2], "datatype": "UINT8", "data": [8, 9]},
    {"name": "c", "shape": [2], "datatype": "BYTES", "parameters": {"binary_data_size": 9}},
    {"name": "d", "shape": [0], "datatype": "FP32", "parameters": {"binary_data_size": 0}}],
    "outputs": [{"name": "y"}, {"name": "z", "parameters": {"binary_data": false}}]})";
  const std::string body = json + std::string("abcd\1\0\0\0x\0\0\0\0"sv);
  const InferRequest request = Parsed(body, json.size());
  ASSERT_EQ(request.inputs.size(), 4U);
  EXPECT_EQ(reinterpret_cast<const char*>(request.inputs[0].data.data()), body.data() + json.size());
  EXPECT_EQ(TextOf(request.inputs[0].data), "abcd");
  EXPECT_TRUE(request.inputs[0].binary);
  EXPECT_THAT(request.inputs[0].parameters, ElementsAre(Pair("k", Parameter(int64_t{1}))));
  EXPECT_EQ(TextOf(request.inputs[1].data), "\x8\x9");
  EXPECT_EQ(reinterpret_cast<const char*>(request.inputs[2].data.data()), body.data() + json.size() + 4);
  EXPECT_EQ(request.inputs[2].data.size(), 9U);
  EXPECT_TRUE(request.inputs[3].binary);
  EXPECT_TRUE(request.binary_outputs);
  EXPECT_TRUE(request.parameters.empty());
  ASSERT_EQ(request.outputs.size(), 2U);
  EXPECT_TRUE(request.outputs[0].binary);
  EXPECT_FALSE(request.outputs[1].binary);
}

TEST(ParseInferRequestTest, TensorsMayBeInSharedMemory) {
  const InferRequest request =
      Parsed(R"({"inputs": [{"name": "a", "shape": [4], "datatype": "FP32", "parameters":
      {"shared_memory_region": "in", "shared_memory_byte_size": 16, "shared_memory_offset": 8, "k": "v"}}],
    "outputs": [{"name": "y", "parameters": {"shared_memory_region": "out", "shared_memory_byte_size": 4}}]})");
  ASSERT_EQ(request.inputs.size(), 1U);
  EXPECT_EQ(PieceOf(request.inputs[0]).region, "in");
  EXPECT_EQ(PieceOf(request.inputs[0]).bytes, 16U);
  EXPECT_EQ(PieceOf(request.inputs[0]).offset, 8U);
  EXPECT_TRUE(request.inputs[0].data.empty());
  EXPECT_THAT(request.inputs[0].parameters, ElementsAre(Pair("k", Parameter("v"))));
  ASSERT_EQ(request.outputs.size(), 1U);
  EXPECT_EQ(PieceOf(request.outputs[0]).region, "out");
  EXPECT_EQ(PieceOf(request.outputs[0]).offset, 0U);
  EXPECT_TRUE(request.outputs[0].parameters.empty());
}

TEST(ParseInferRequestTest, SpansOutliveAMove) {
  InferRequest request = OneInput("UINT8", "[3]", "[97,98,99]");
  const InferRequest moved = std::move(request);
  ASSERT_EQ(moved.inputs.size(), 1U);
  EXPECT_EQ(TextOf(moved.inputs[0].data), "abc");
}

}  // namespace
}  // namespace sightline::wire
