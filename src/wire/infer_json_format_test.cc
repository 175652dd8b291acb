#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "src/wire/test_bytes.h"

#include "src/wire/infer_json.h"

namespace sightline::wire {
namespace {

using std::string_view_literals::operator""sv;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

template <typename T>
InferOutput Output(std::string name, WireType type, const std::vector<T>& values) {
  InferOutput output;
  output.name = std::move(name);
  output.type = type;
  output.shape = {static_cast<int64_t>(values.size())};
  output.data = std::as_bytes(std::span(values));
  return output;
}

InferOutput Texts(int64_t count, std::string_view data) {
  InferOutput output;
  output.name = "t";
  output.type = WireType::kBytes;
  output.shape = {count};
  output.data = BytesOf(data);
  return output;
}

InferResponse ResponseOf(InferOutput output) {
  InferResponse response;
  response.model_name = "m";
  response.outputs.push_back(std::move(output));
  return response;
}

std::string Complaint(const InferResponse& response) {
  const auto body = FormatInferResponse(response);
  return body.ok() ? "" : body.error().message();
}

// What is read of what is written.
ParsedInferResponse There(const InferResponseBody& body) {
  auto parsed = ParseInferResponse(BytesOf(body.body), body.json_bytes, InferLimits());
  EXPECT_TRUE(parsed.ok()) << parsed.error().message();
  return parsed.ok() ? std::move(*parsed) : ParsedInferResponse();
}

TEST(FormatInferResponseTest, IsWhatTheProtocolSays) {
  const std::vector<float> values = {1, -0.5F, 0.1F, 1e20F};
  InferResponse response = ResponseOf(Output("y", WireType::kFp32, values));
  response.outputs[0].shape = {2, 2};
  response.outputs[0].parameters["k"] = "v";
  response.model_version = "3";
  response.id = "a\"b";
  response.parameters = {{"n", int64_t{7}}, {"f", 0.5}, {"b", true}};
  const auto body = FormatInferResponse(response);
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(body->json_bytes, std::nullopt);
  EXPECT_EQ(body->body,
            R"({"model_name":"m","model_version":"3","id":"a\"b","parameters":{"b":true,"f":0.5,"n":7},)"
            R"("outputs":[{"name":"y","datatype":"FP32","shape":[2,2],"parameters":{"k":"v"},)"
            R"("data":[1.0,-0.5,0.1,1e+20]}]})");
}

TEST(FormatInferResponseTest, WithoutOutputsOrVersion) {
  InferResponse response;
  response.model_name = "m";
  EXPECT_EQ(FormatInferResponse(response)->body, R"({"model_name":"m","outputs":[]})");
}

// Bits of all kinds: ordinary ones, denormals, the limits.
template <typename T, typename Bits>
std::vector<T> ManyFloats() {
  std::vector<T> values = {0,
                           -T{0},
                           1,
                           std::numeric_limits<T>::min(),
                           std::numeric_limits<T>::denorm_min(),
                           std::numeric_limits<T>::max(),
                           std::numeric_limits<T>::lowest(),
                           static_cast<T>(1e15),
                           static_cast<T>(1e-5)};
  std::mt19937_64 random(1);
  while (values.size() < 3000) {
    const T value = std::bit_cast<T>(static_cast<Bits>(random()));
    if (std::isfinite(value)) values.push_back(value);
  }
  return values;
}

TEST(FormatInferResponseTest, NumbersReadBackToTheSameBits) {
  const auto floats = ManyFloats<float, uint32_t>();
  const auto doubles = ManyFloats<double, uint64_t>();
  const std::vector<int64_t> signed_numbers = {INT64_MIN, -1, 0, 9007199254740993, INT64_MAX};
  const std::vector<uint64_t> unsigned_numbers = {0, 9007199254740993, UINT64_MAX};
  const std::vector<int8_t> small = {-128, 0, 127};
  const std::vector<uint8_t> bytes = {0, 255};
  const std::vector<uint8_t> bools = {0, 1, 1};
  InferResponse response;
  response.outputs = {Output("f", WireType::kFp32, floats),
                      Output("d", WireType::kFp64, doubles),
                      Output("i", WireType::kInt64, signed_numbers),
                      Output("u", WireType::kUint64, unsigned_numbers),
                      Output("s", WireType::kInt8, small),
                      Output("b", WireType::kUint8, bytes),
                      Output("t", WireType::kBool, bools)};
  const auto body = FormatInferResponse(response);
  ASSERT_TRUE(body.ok()) << body.error().message();
  EXPECT_EQ(body->json_bytes, std::nullopt);
  const ParsedInferResponse parsed = There(*body);
  ASSERT_EQ(parsed.response.outputs.size(), response.outputs.size());
  for (size_t i = 0; i < response.outputs.size(); ++i) {
    EXPECT_EQ(TextOf(parsed.response.outputs[i].data), TextOf(response.outputs[i].data))
        << response.outputs[i].name;
  }
}

TEST(FormatInferResponseTest, EveryTypeOfWholeNumberIsWritten) {
  const std::vector<uint16_t> u16 = {65535};
  const std::vector<int16_t> i16 = {-32768};
  const std::vector<uint32_t> u32 = {4294967295};
  const std::vector<int32_t> i32 = {INT32_MIN};
  InferResponse response;
  response.outputs = {Output("a", WireType::kUint16, u16), Output("b", WireType::kInt16, i16),
                      Output("c", WireType::kUint32, u32), Output("d", WireType::kInt32, i32)};
  const auto json = nlohmann::json::parse(FormatInferResponse(response)->body);
  EXPECT_EQ(json["outputs"][0]["data"].dump(), "[65535]");
  EXPECT_EQ(json["outputs"][1]["data"].dump(), "[-32768]");
  EXPECT_EQ(json["outputs"][2]["data"].dump(), "[4294967295]");
  EXPECT_EQ(json["outputs"][3]["data"].dump(), "[-2147483648]");
}

TEST(FormatInferResponseTest, TextsReadBack) {
  const std::string_view data = "\6\0\0\0a\"\\\n\xc3\xa9\0\0\0\0\1\0\0\0\0"sv;
  const ParsedInferResponse parsed = There(*FormatInferResponse(ResponseOf(Texts(3, data))));
  ASSERT_EQ(parsed.response.outputs.size(), 1U);
  EXPECT_EQ(TextOf(parsed.response.outputs[0].data), data);
}

TEST(FormatInferResponseTest, BinaryTensorsFollowTheJsonInOrder) {
  const std::vector<uint16_t> halves = {0x3c00, 0xfc00};
  const std::vector<float> floats = {1, std::numeric_limits<float>::quiet_NaN()};
  const std::vector<uint8_t> bytes = {5};
  InferResponse response;
  response.outputs = {Output("h", WireType::kFp16, halves), Output("u", WireType::kUint8, bytes),
                      Output("f", WireType::kFp32, floats)};
  response.outputs[2].binary = true;
  const auto body = FormatInferResponse(response);
  ASSERT_TRUE(body.ok());
  ASSERT_EQ(body->json_bytes, body->body.size() - 12);
  EXPECT_THAT(body->body, HasSubstr(R"("parameters":{"binary_data_size":4})"));
  const ParsedInferResponse parsed = There(*body);
  ASSERT_EQ(parsed.response.outputs.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(TextOf(parsed.response.outputs[i].data), TextOf(response.outputs[i].data));
    EXPECT_EQ(parsed.response.outputs[i].binary, i != 1);
  }
}

TEST(FormatInferResponseTest, AnEmptyBinaryTensorStillIsAnnounced) {
  InferOutput output = Output("e", WireType::kFp32, std::vector<float>());
  output.binary = true;
  const auto body = FormatInferResponse(ResponseOf(output));
  EXPECT_EQ(body->json_bytes, body->body.size());
  EXPECT_THAT(body->body, HasSubstr(R"("binary_data_size":0)"));
}

TEST(FormatInferResponseTest, OutputsInSharedMemoryHaveNoData) {
  InferOutput output = Output("y", WireType::kFp32, std::vector<float>());
  output.shape = {4};
  output.shared_memory = SharedMemoryPiece{.region = "r", .bytes = 16, .offset = 32};
  const auto body = FormatInferResponse(ResponseOf(output));
  EXPECT_EQ(body->body,
            R"({"model_name":"m","outputs":[{"name":"y","datatype":"FP32","shape":[4],"parameters":)"
            R"({"shared_memory_region":"r","shared_memory_byte_size":16,"shared_memory_offset":32}}]})");
  const ParsedInferResponse parsed = There(*body);
  ASSERT_EQ(parsed.response.outputs.size(), 1U);
  EXPECT_EQ(PieceOf(parsed.response.outputs[0]).offset, 32U);
}

TEST(FormatInferResponseTest, SaysWhatHasNoJson) {
  const std::vector<float> floats = {1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_EQ(Complaint(ResponseOf(Output("y", WireType::kFp32, floats))),
            "outputs[0] \"y\": data[1]: nan has no JSON; ask for the tensor binary (binary_data)");
  const std::vector<double> doubles = {-std::numeric_limits<double>::infinity()};
  EXPECT_EQ(Complaint(ResponseOf(Output("y", WireType::kFp64, doubles))),
            "outputs[0] \"y\": data[0]: -inf has no JSON; ask for the tensor binary (binary_data)");
  EXPECT_EQ(
      Complaint(ResponseOf(Texts(2, "\1\0\0\0a\1\0\0\0\xff"sv))),
      "outputs[0] \"t\": data[1]: it is no UTF-8 and has no JSON; ask for the tensor binary (binary_data)");
  InferResponse response;
  response.parameters["p"] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Complaint(response), "parameters.p: inf has no JSON");
}

TEST(FormatInferResponseTest, SaysWhereDataAndShapeDisagree) {
  InferOutput output = Output("y", WireType::kFp32, std::vector<float>());
  output.shape = {2};
  EXPECT_EQ(Complaint(ResponseOf(output)),
            "outputs[0] \"y\": data: 0 bytes, where 2 elements of FP32 need 8");
  output.shape = {-1};
  EXPECT_EQ(Complaint(ResponseOf(output)), "outputs[0] \"y\": shape: [0]: -1 is negative");
  EXPECT_EQ(Complaint(ResponseOf(Texts(1, "\2\0\0\0a"sv))),
            "outputs[0] \"t\": data: [0]: its length says 2 bytes, 1 are left");
}

TEST(FormatInferRequestTest, ReadsBackAsItWas) {
  const std::vector<uint8_t> pixels = {1, 2, 3};
  InferRequest request;
  request.id = "7";
  request.parameters = {{"timeout", int64_t{100}}};
  request.inputs = {Output("a", WireType::kUint8, pixels), Output("b", WireType::kUint8, pixels),
                    Output("c", WireType::kFp32, std::vector<float>())};
  request.inputs[1].binary = true;
  request.inputs[2].shape = {1};
  request.inputs[2].shared_memory = SharedMemoryPiece{.region = "r", .bytes = 4, .offset = 0};
  request.binary_outputs = true;
  request.outputs.resize(3);
  request.outputs[0] = {.name = "x", .parameters = {{"p", 1.5}}, .binary = true, .shared_memory = {}};
  request.outputs[1] = {.name = "y", .parameters = {}, .binary = false, .shared_memory = {}};
  request.outputs[2] = {
      .name = "z", .parameters = {}, .binary = true, .shared_memory = SharedMemoryPiece{"o", 8, 16}};

  const auto body = FormatInferRequest(request);
  ASSERT_TRUE(body.ok()) << body.error().message();
  ASSERT_EQ(body->json_bytes, body->body.size() - 3);
  const auto read = ParseInferRequest(BytesOf(body->body), body->json_bytes, InferLimits());
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->id, "7");
  EXPECT_THAT(read->parameters, ElementsAre(Pair("timeout", Parameter(int64_t{100}))));
  ASSERT_EQ(read->inputs.size(), 3U);
  EXPECT_EQ(TextOf(read->inputs[0].data), "\1\2\3");
  EXPECT_FALSE(read->inputs[0].binary);
  EXPECT_EQ(TextOf(read->inputs[1].data), "\1\2\3");
  EXPECT_TRUE(read->inputs[1].binary);
  EXPECT_EQ(PieceOf(read->inputs[2]).region, "r");
  EXPECT_TRUE(read->binary_outputs);
  ASSERT_EQ(read->outputs.size(), 3U);
  EXPECT_TRUE(read->outputs[0].binary);
  EXPECT_THAT(read->outputs[0].parameters, ElementsAre(Pair("p", Parameter(1.5))));
  EXPECT_FALSE(read->outputs[1].binary);
  EXPECT_EQ(PieceOf(read->outputs[2]).offset, 16U);
}

TEST(ParseInferResponseTest, AnErrorObjectIsAnError) {
  const auto parsed =
      ParseInferResponse(BytesOf(R"({"error":"no such model"})"), std::nullopt, InferLimits());
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().message(), "the server answers: no such model");
}

TEST(ParseInferResponseTest, FaultsAreNamedByTheirPath) {
  const auto complaint = [](std::string_view body) {
    const auto parsed = ParseInferResponse(BytesOf(body), std::nullopt, InferLimits());
    return parsed.ok() ? "" : parsed.error().message();
  };
  EXPECT_EQ(complaint("{}"), "outputs: missing");
  EXPECT_EQ(complaint(R"({"model_name":1,"outputs":[]})"), "model_name: a string expected, found a number");
  EXPECT_EQ(complaint(R"({"outputs":[{"name":"y","datatype":"INT8","shape":[1],"data":[200]}]})"),
            "outputs[0].data[0]: 200 does not fit into INT8");
  EXPECT_EQ(
      complaint(
          R"({"outputs":[{"name":"y","datatype":"INT8","shape":[1],"parameters":{"binary_data_size":1}}]})"),
      "outputs[0].parameters.binary_data_size: 1 bytes, where 0 are left behind the JSON; "
      "Inference-Header-Content-Length says where the JSON ends");
}

TEST(FormatErrorTest, IsAnErrorObjectWhateverTheBytes) {
  EXPECT_EQ(FormatError("it \"broke\"\n"), R"({"error":"it \"broke\"\n"})");
  EXPECT_EQ(FormatError("a\xff"), "{\"error\":\"a\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace sightline::wire
