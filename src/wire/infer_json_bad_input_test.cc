#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/wire/infer_json.h"

namespace sightline::wire {
namespace {

using std::string_view_literals::operator""sv;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// What is said of a body; "" when nothing is.
std::string Complaint(std::string_view body, std::optional<size_t> json_bytes = std::nullopt,
                      const InferLimits& limits = {}) {
  const auto request =
      ParseInferRequest(std::as_bytes(std::span(body.data(), body.size())), json_bytes, limits);
  if (request.ok()) return "";
  EXPECT_EQ(request.error().kind(), ErrorKind::kInvalidArgument);
  EXPECT_EQ(request.error().message().find('\n'), std::string::npos);
  return request.error().message();
}

std::string ComplaintOfInput(const std::string& fields, const InferLimits& limits = {}) {
  return Complaint(R"({"inputs":[{)" + fields + "}]}", std::nullopt, limits);
}

std::string ComplaintOfData(const std::string& type, const std::string& shape, const std::string& data) {
  return ComplaintOfInput(R"("name":"x","datatype":")" + type + R"(","shape":)" + shape + R"(,"data":)" +
                          data);
}

// A request with one good input and `fields` beside it.
std::string ComplaintBeside(const std::string& fields, const InferLimits& limits = {}) {
  return Complaint(R"({"inputs":[{"name":"x","datatype":"INT8","shape":[1],"data":[1]}],)" + fields + "}",
                   std::nullopt, limits);
}

std::string ComplaintOfParameters(const std::string& parameters, const std::string& other = "") {
  return ComplaintOfInput(R"("name":"x","datatype":"INT8","shape":[1],"parameters":{)" + parameters + "}" +
                          other);
}

TEST(ParseInferRequestBadTest, TextThatIsNoJson) {
  EXPECT_EQ(Complaint(""), "body: the JSON ends too early, after 0 bytes");
  EXPECT_EQ(Complaint(R"({"inputs":[{"name":"x)"), "inputs[0].name: the JSON ends too early, after 21 bytes");
  EXPECT_THAT(ComplaintOfData("INT8", "[2]", "[1,]"),
              StartsWith("inputs[0].data[0]: no JSON at byte 64: syntax"));
  EXPECT_THAT(Complaint("{\"id\":\"\xff\"}"), StartsWith("id: no JSON at byte 8: syntax error"));
  EXPECT_THAT(Complaint("{\"id\":\"\xff\"}"), HasSubstr("UTF-8"));
  EXPECT_THAT(Complaint("{\"id\":\"a\"} {"), StartsWith("body: no JSON at byte 12: syntax error"));
  EXPECT_EQ(Complaint("{\"id\":\"a\"}\0\0"sv), "body: no JSON at byte 11: a zero byte");
  EXPECT_THAT(Complaint("{\"id\":NaN}"), StartsWith("id: no JSON at byte 7: syntax error"));
}

TEST(ParseInferRequestBadTest, LongTextIsNotRepeated) {
  EXPECT_LT(Complaint("{\"id\":\"" + std::string(5000, 'a') + "\xff\"}").size(), 200U);
  EXPECT_LT(Complaint("{\"" + std::string(5000, 'a') + "\":x}").size(), 200U);
  EXPECT_LT(ComplaintOfData("INT8", "[1]", "[\"" + std::string(5000, 'a') + "\"]").size(), 200U);
  EXPECT_LT(ComplaintOfData("INT8", "[1]", "[" + std::string(5000, '1') + "]").size(), 200U);
}

TEST(ParseInferRequestBadTest, TextThatIsTruncatedAnywhere) {
  const std::string_view whole =
      R"({"id":"\u00e9","inputs":[{"name":"x","datatype":"FP32","shape":[2],"data":[1.5,2]},)"
      R"({"data":["a"],"shape":[1],"datatype":"BYTES","name":"y"}],"parameters":{"a":true}})";
  EXPECT_EQ(Complaint(whole), "");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(Complaint(whole.substr(0, size)), HasSubstr("the JSON ends too early, after ")) << size;
  }
}

TEST(ParseInferRequestBadTest, DeepNesting) {
  const std::string open(100000, '[');
  const std::string objects = [] {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += "{\"a\":";
    return text;
  }();
  EXPECT_EQ(Complaint(open), "body: an object expected, found an array");
  EXPECT_EQ(Complaint(R"({"id":)" + open),
            "id[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: nested more than 16 deep");
  EXPECT_EQ(Complaint(objects), "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: nested more than 16 deep");
  EXPECT_EQ(ComplaintOfData("INT8", "[2,2]", open),
            "inputs[0].data[0][0]: nested deeper than the 2 dimensions of the shape");
  EXPECT_EQ(ComplaintOfInput(R"("data":)" + open), "inputs[0].data: nested more than 16 deep");
  EXPECT_EQ(ComplaintOfData("INT8", "[]", "[[1]]"),
            "inputs[0].data[0]: nested deeper than the 0 dimensions of the shape");
}

TEST(ParseInferRequestBadTest, FieldsOfTheRequest) {
  EXPECT_EQ(Complaint("[]"), "body: an object expected, found an array");
  EXPECT_EQ(Complaint("1"), "body: an object expected, found a number");
  EXPECT_EQ(Complaint("{}"), "inputs: missing");
  EXPECT_EQ(Complaint(R"({"inputs":[]})"), "inputs: empty");
  EXPECT_EQ(Complaint(R"({"inputs":{}})"), "inputs: an array expected, found an object");
  EXPECT_EQ(Complaint(R"({"inputs":[7]})"), "inputs[0]: an object expected, found a number");
  EXPECT_EQ(ComplaintBeside(R"("id":7)"), "id: a string expected, found a number");
  EXPECT_EQ(ComplaintBeside(R"("id":"a","id":"b")"), "id: given twice");
  EXPECT_EQ(ComplaintBeside(R"("parameters":[])"), "parameters: an object expected, found an array");
  EXPECT_EQ(ComplaintBeside(R"("outputs":"y")"), "outputs: an array expected, found a string");
  EXPECT_EQ(ComplaintBeside(R"("outputs":[{}])"), "outputs[0].name: missing");
  EXPECT_EQ(ComplaintBeside(R"("outputs":[{"name":"y"},{"name":"y"}])"),
            "outputs[1].name: \"y\" is given twice");
  EXPECT_EQ(ComplaintBeside(R"("outputs":[{"name":"y","parameters":{"binary_data":1}}])"),
            "outputs[0].parameters.binary_data: true or false expected");
  EXPECT_EQ(ComplaintBeside(R"("parameters":{"binary_data_output":"yes"})"),
            "parameters.binary_data_output: true or false expected");
}

TEST(ParseInferRequestBadTest, Parameters) {
  EXPECT_EQ(ComplaintBeside(R"("parameters":{"a":null})"),
            "parameters.a: a string, number or boolean expected, found null");
  EXPECT_EQ(ComplaintBeside(R"("parameters":{"a":[1]})"),
            "parameters.a: a string, number or boolean expected, found an array");
  EXPECT_EQ(ComplaintBeside(R"("parameters":{"a":9223372036854775807})"), "");
  EXPECT_EQ(ComplaintBeside(R"("parameters":{"a":9223372036854775808})"),
            "parameters.a: 9223372036854775808 does not fit into a signed 64-bit number");
  EXPECT_EQ(ComplaintBeside(R"("parameters":{"a":18446744073709551616})"),
            "parameters.a: 18446744073709551616 does not fit into 64 bits");
  EXPECT_EQ(ComplaintBeside(R"("parameters":{"a":1e999})"), "parameters.a: 1e999 does not fit into 64 bits");
  EXPECT_EQ(ComplaintBeside(R"("parameters":{"a":1,"a":2})"), "parameters.a: given twice");
}

TEST(ParseInferRequestBadTest, FieldsOfAnInput) {
  EXPECT_EQ(ComplaintOfInput(R"("shape":[1],"datatype":"INT8","data":[1])"), "inputs[0].name: missing");
  EXPECT_EQ(ComplaintOfInput(R"("name":"","shape":[1],"datatype":"INT8","data":[1])"),
            "inputs[0].name: empty");
  EXPECT_EQ(ComplaintOfInput(R"("name":1,"shape":[1],"datatype":"INT8","data":[1])"),
            "inputs[0].name: a string expected, found a number");
  EXPECT_EQ(ComplaintOfInput(R"("name":"x","datatype":"INT8","data":[1])"), "inputs[0].shape: missing");
  EXPECT_EQ(ComplaintOfInput(R"("name":"x","shape":[1],"data":[1])"), "inputs[0].datatype: missing");
  EXPECT_EQ(ComplaintOfInput(R"("name":"x","shape":[1],"datatype":"INT8")"),
            "inputs[0].data: missing; give data, or the parameter binary_data_size or shared_memory_region");
  EXPECT_THAT(ComplaintOfData("float32", "[1]", "[1]"),
              StartsWith("inputs[0].datatype: there is no \"float32\"; known are BOOL"));
  EXPECT_EQ(ComplaintOfInput(R"("name":"x","shape":[1],"datatype":5,"data":[1])"),
            "inputs[0].datatype: a string expected, found a number");
  EXPECT_EQ(Complaint(R"({"inputs":[{"name":"x","datatype":"INT8","shape":[1],"data":[1]},
                                    {"name":"x","datatype":"INT8","shape":[1],"data":[1]}]})"),
            "inputs[1].name: \"x\" is given twice");
}

TEST(ParseInferRequestBadTest, Shapes) {
  EXPECT_EQ(ComplaintOfData("INT8", "4", "[1]"), "inputs[0].shape: an array expected, found a number");
  EXPECT_EQ(ComplaintOfData("INT8", "[1,-3]", "[1]"), "inputs[0].shape[1]: -3 is negative");
  EXPECT_EQ(ComplaintOfData("INT8", "[1.0]", "[1]"),
            "inputs[0].shape[0]: a whole number expected, found 1.0");
  EXPECT_EQ(ComplaintOfData("INT8", "[\"1\"]", "[1]"),
            "inputs[0].shape[0]: a whole number expected, found a string");
  EXPECT_EQ(ComplaintOfData("INT8", "[1,9223372036854775808]", "[1]"),
            "inputs[0].shape[1]: 9223372036854775808 is too large");
  EXPECT_EQ(ComplaintOfData("INT8", "[18446744073709551616]", "[1]"),
            "inputs[0].shape[0]: 18446744073709551616 does not fit into 64 bits");
  EXPECT_EQ(ComplaintOfData("INT8", "[4294967296,4294967296]", "[1]"),
            "inputs[0].shape: [4294967296, 4294967296] of INT8 needs more than the 268435456 bytes allowed "
            "for a tensor");
  EXPECT_EQ(ComplaintOfData("INT8", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[1]"),
            "inputs[0].shape: 17 dimensions, where at most 16 are allowed");
}

TEST(ParseInferRequestBadTest, ElementsThatDoNotFit) {
  EXPECT_EQ(ComplaintOfData("UINT8", "[2]", "[1,256]"), "inputs[0].data[1]: 256 does not fit into UINT8");
  EXPECT_EQ(ComplaintOfData("UINT64", "[1]", "[-1]"), "inputs[0].data[0]: -1 does not fit into UINT64");
  EXPECT_EQ(ComplaintOfData("INT64", "[1]", "[9223372036854775808]"),
            "inputs[0].data[0]: 9223372036854775808 does not fit into INT64");
  EXPECT_EQ(ComplaintOfData("UINT64", "[1]", "[18446744073709551616]"),
            "inputs[0].data[0]: 18446744073709551616 does not fit into UINT64");
  EXPECT_EQ(ComplaintOfData("INT8", "[1]", "[" + std::string(400, '7') + "]"),
            "inputs[0].data[0]: " + std::string(60, '7') + "... does not fit into INT8");
  EXPECT_EQ(ComplaintOfData("FP32", "[1]", "[1e39]"), "inputs[0].data[0]: 1e39 does not fit into FP32");
  EXPECT_EQ(ComplaintOfData("FP64", "[1]", "[1e309]"), "inputs[0].data[0]: 1e309 does not fit into FP64");
}

TEST(ParseInferRequestBadTest, ElementsOfAnotherKind) {
  EXPECT_EQ(ComplaintOfData("INT32", "[1]", "[1.5]"),
            "inputs[0].data[0]: a whole number, of digits alone, expected for INT32, found 1.5");
  EXPECT_EQ(ComplaintOfData("INT32", "[1]", "[1e999]"),
            "inputs[0].data[0]: a whole number, of digits alone, expected for INT32, found 1e999");
  EXPECT_EQ(ComplaintOfData("FP32", "[1]", "[\"1\"]"),
            "inputs[0].data[0]: a number expected for FP32, found \"1\"");
  EXPECT_EQ(ComplaintOfData("FP64", "[2]", "[1,true]"),
            "inputs[0].data[1]: a number expected for FP64, found true");
  EXPECT_EQ(ComplaintOfData("FP32", "[1]", "[null]"),
            "inputs[0].data[0]: a number expected for FP32, found null");
  EXPECT_EQ(ComplaintOfData("FP32", "[1]", "[{}]"),
            "inputs[0].data[0]: a number expected for FP32, found an object");
  EXPECT_EQ(ComplaintOfData("BOOL", "[1]", "[1]"),
            "inputs[0].data[0]: true or false expected for BOOL, found 1");
  EXPECT_EQ(ComplaintOfData("BYTES", "[1]", "[1.0]"),
            "inputs[0].data[0]: a string expected for BYTES, found 1.0");
  EXPECT_EQ(ComplaintOfData("FP16", "[1]", "[1]"),
            "inputs[0].datatype: FP16 has no JSON; send the tensor binary, with binary_data_size");
  EXPECT_EQ(ComplaintOfInput(R"("data":[1],"name":"x","shape":[1],"datatype":"BF16")"),
            "inputs[0].datatype: BF16 has no JSON; send the tensor binary, with binary_data_size");
}

TEST(ParseInferRequestBadTest, ErrorsAreTheSameWhereDataComesFirst) {
  EXPECT_EQ(ComplaintOfInput(R"("data":[[1,2],[3,300]],"name":"x","shape":[2,2],"datatype":"UINT8")"),
            "inputs[0].data[1][1]: 300 does not fit into UINT8");
  EXPECT_EQ(ComplaintOfInput(R"("data":[1e999,18446744073709551616],"shape":[2])"),
            "inputs[0].data: 1e999 does not fit into 64 bits");
  EXPECT_EQ(ComplaintOfInput(R"("data":[18446744073709551616],"name":"x","shape":[1],"datatype":"UINT64")"),
            "inputs[0].data[0]: 18446744073709551616 does not fit into UINT64");
  EXPECT_EQ(ComplaintOfInput(R"("data":[1],"name":"x","shape":[1])"), "inputs[0].datatype: missing");
  EXPECT_EQ(ComplaintOfInput(R"("data":[{}],"name":"x","shape":[1],"datatype":"INT8")"),
            "inputs[0].data: an object among elements");
}

TEST(ParseInferRequestBadTest, DataThatDisagreesWithTheShape) {
  EXPECT_EQ(ComplaintOfData("INT8", "[1]", "5"), "inputs[0].data: an array expected, found a number");
  EXPECT_EQ(ComplaintOfData("INT8", "[1]", "{}"), "inputs[0].data: an array expected, found an object");
  EXPECT_EQ(ComplaintOfData("INT8", "[2,2]", "[1,2,3]"),
            "inputs[0].data: 3 values, where the shape [2, 2] needs 4");
  EXPECT_EQ(ComplaintOfData("INT8", "[2]", "[1,2,3]"),
            "inputs[0].data[2]: one more than the 2 that the shape [2] has here");
  EXPECT_EQ(ComplaintOfData("INT8", "[2,2]", "[[1,2],[3]]"),
            "inputs[0].data[1]: 1 values, where the shape [2, 2] needs 2");
  EXPECT_EQ(ComplaintOfData("INT8", "[2,2]", "[[1,2,3],[4]]"),
            "inputs[0].data[0][2]: one more than the 2 that the shape [2, 2] has here");
  EXPECT_EQ(ComplaintOfData("INT8", "[2,2]", "[[1,2]]"),
            "inputs[0].data: 1 values, where the shape [2, 2] needs 2");
  EXPECT_EQ(
      ComplaintOfData("INT8", "[2,2]", "[[1,2],3]"),
      "inputs[0].data[1]: an array expected: elements are nested as deep as the shape has dimensions, 2");
  EXPECT_EQ(ComplaintOfData("INT8", "[2,2]", "[1,[2]]"),
            "inputs[0].data[1]: an array behind an element; write all elements flat, or all nested");
  EXPECT_EQ(ComplaintOfData("INT8", "[0]", "[1]"),
            "inputs[0].data[0]: one more than the 0 that the shape [0] has here");
  EXPECT_EQ(ComplaintOfData("INT8", "[]", "[]"), "inputs[0].data: 0 values, where the shape [] needs 1");
}

TEST(ParseInferRequestBadTest, BinarySizesThatDoNotAddUp) {
  EXPECT_EQ(ComplaintOfParameters(R"("binary_data_size":1)"),
            "inputs[0].parameters.binary_data_size: 1 bytes, where 0 are left behind the JSON; "
            "Inference-Header-Content-Length says where the JSON ends");
  EXPECT_EQ(ComplaintOfParameters(R"("binary_data_size":-1)"),
            "inputs[0].parameters.binary_data_size: -1 is negative");
  EXPECT_EQ(ComplaintOfParameters(R"("binary_data_size":"1")"),
            "inputs[0].parameters.binary_data_size: a number of bytes expected");
  EXPECT_EQ(ComplaintOfParameters(R"("binary_data_size":9223372036854775807)"),
            "inputs[0].parameters.binary_data_size: 9223372036854775807 bytes, where at most 268435456 are "
            "allowed");
  EXPECT_EQ(ComplaintOfParameters(R"("binary_data_size":1)", R"(,"data":[1])"),
            "inputs[0].data: given twice: one of data, binary_data_size and shared_memory_region is allowed");
  EXPECT_EQ(Complaint("{}", 3),
            "Inference-Header-Content-Length: 3 bytes of JSON, where the body has 2 in all");
}

// A request of one binary input with `rest` behind the JSON.
std::string ComplaintOfBinary(const std::string& type, const std::string& shape, size_t size,
                              std::string_view rest) {
  std::string body = R"({"inputs":[{"name":"x","datatype":")" + type + R"(","shape":)" + shape +
                     R"(,"parameters":{"binary_data_size":)" + std::to_string(size) + "}}]}";
  const size_t json_bytes = body.size();
  return Complaint(body.append(rest), json_bytes);
}

TEST(ParseInferRequestBadTest, BinaryTensorsThatDisagreeWithTheirShape) {
  EXPECT_EQ(ComplaintOfBinary("INT32", "[2]", 8, "12345678"), "");
  EXPECT_EQ(ComplaintOfBinary("INT32", "[2]", 8, "1234567"),
            "inputs[0].parameters.binary_data_size: 8 bytes, where 7 are left behind the JSON; "
            "Inference-Header-Content-Length says where the JSON ends");
  EXPECT_EQ(ComplaintOfBinary("INT32", "[2]", 8, "123456789"),
            "body: 1 bytes are left over behind the inputs that are binary");
  EXPECT_EQ(ComplaintOfBinary("INT32", "[2]", 7, "1234567"),
            "inputs[0].parameters.binary_data_size: 7 bytes, where 2 elements of INT32 need 8");
  EXPECT_EQ(ComplaintOfBinary("BOOL", "[2]", 2, "\1\7"), "inputs[0].data[1]: a BOOL is 0 or 1, not 7");
  EXPECT_EQ(ComplaintOfBinary("BYTES", "[2]", 6, "\1\0\0\0ab"sv),
            "inputs[0].data[1]: 4 bytes of length expected, 1 bytes are left");
  EXPECT_EQ(ComplaintOfBinary("BYTES", "[1]", 6, "\3\0\0\0ab"sv),
            "inputs[0].data[0]: its length says 3 bytes, 2 are left");
  EXPECT_EQ(ComplaintOfBinary("BYTES", "[1]", 6, "\1\0\0\0ab"sv),
            "inputs[0].parameters.binary_data_size: 1 bytes are left over behind the 1 elements");
}

TEST(ParseInferRequestBadTest, SharedMemory) {
  EXPECT_EQ(ComplaintOfParameters(R"("shared_memory_region":"r")"),
            "inputs[0].parameters.shared_memory_byte_size: missing beside the region of shared memory");
  EXPECT_EQ(ComplaintOfParameters(R"("shared_memory_byte_size":1)"),
            "inputs[0].parameters.shared_memory_region: missing beside the size or offset of a piece of "
            "shared memory");
  EXPECT_EQ(ComplaintOfParameters(R"("shared_memory_offset":1)"),
            "inputs[0].parameters.shared_memory_region: missing beside the size or offset of a piece of "
            "shared memory");
  EXPECT_EQ(ComplaintOfParameters(R"("shared_memory_region":"","shared_memory_byte_size":1)"),
            "inputs[0].parameters.shared_memory_region: empty");
  EXPECT_EQ(ComplaintOfParameters(R"("shared_memory_region":7,"shared_memory_byte_size":1)"),
            "inputs[0].parameters.shared_memory_region: a region's name expected");
  EXPECT_EQ(ComplaintOfParameters(R"("shared_memory_region":"r","shared_memory_byte_size":-1)"),
            "inputs[0].parameters.shared_memory_byte_size: -1 is negative");
  EXPECT_EQ(
      ComplaintOfParameters(R"("shared_memory_region":"r","shared_memory_byte_size":1)", R"(,"data":[1])"),
      "inputs[0].data: given twice: one of data, binary_data_size and shared_memory_region is allowed");
  EXPECT_EQ(ComplaintBeside(R"("outputs":[{"name":"y","parameters":{"shared_memory_region":"r"}}])"),
            "outputs[0].parameters.shared_memory_byte_size: missing beside the region of shared memory");
}

TEST(ParseInferRequestBadTest, Limits) {
  const InferLimits limits{
      .inputs = 1, .outputs = 1, .dimensions = 2, .parameters = 1, .name_bytes = 4, .tensor_bytes = 8};
  const std::string input = R"({"name":"x","datatype":"INT8","shape":[1],"data":[1]})";
  EXPECT_EQ(Complaint("{\"inputs\":[" + input + "," + input + "]}", std::nullopt, limits),
            "inputs: more than the 1 allowed");
  // Before the elements of the second are read, and where there are none.
  EXPECT_EQ(Complaint("{\"inputs\":[" + input + R"(,{"name":"y","datatype":"INT8","shape":[1],"data":[1000)",
                      std::nullopt, limits),
            "inputs: more than the 1 allowed");
  EXPECT_EQ(Complaint("{\"inputs\":[" + input + ",{}]}", std::nullopt, limits),
            "inputs: more than the 1 allowed");
  EXPECT_EQ(ComplaintBeside(R"("outputs":[{"name":"y"},{"name":"z"}])", limits),
            "outputs: more than the 1 allowed");
  EXPECT_EQ(ComplaintBeside(R"("parameters":{"a":1,"b":2})", limits),
            "parameters: 2 given, where at most 1 are allowed");
  EXPECT_EQ(ComplaintBeside(R"("parameters":{"abcde":1})", limits),
            "parameters.abcde: a name of 5 bytes, where at most 4 are allowed");
  EXPECT_EQ(ComplaintBeside(R"("parameters":{"a":"12345"})", limits),
            "parameters.a: 5 bytes, where at most 4 are allowed");
  EXPECT_EQ(ComplaintBeside(R"("id":"12345")", limits), "id: 5 bytes, where at most 4 are allowed");
  EXPECT_EQ(ComplaintOfInput(R"("name":"x","datatype":"INT32","shape":[3],"data":[1])", limits),
            "inputs[0].shape: [3] of INT32 needs more than the 8 bytes allowed for a tensor");
  EXPECT_EQ(ComplaintOfInput(R"("name":"x","datatype":"BYTES","shape":[1],"data":["abcd"])", limits), "");
  EXPECT_EQ(ComplaintOfInput(R"("name":"x","datatype":"BYTES","shape":[1],"data":["abcde"])", limits),
            "inputs[0].data[0]: with it the tensor has more than the 8 bytes allowed");
  EXPECT_EQ(ComplaintBeside(R"("future":[)" + std::string(200, '1') + "]", limits),
            "future[0]: " + std::string(60, '1') + "... does not fit into 64 bits");
  std::string many = "\"future\":[0";
  for (int i = 0; i < 100; ++i) many += ",0";
  EXPECT_EQ(ComplaintBeside(many + "]", limits), "future[26]: more than 33 values outside of tensors' data");
}

}  // namespace
}  // namespace sightline::wire
