#include "src/wire/data_type.h"

#include <gtest/gtest.h>

#include <string>

namespace sightline::wire {
namespace {

TEST(WireTypeTest, NamesAndSizesAreThoseOfTheProtocol) {
  struct Expected {
    WireType type;
    std::string_view name;
    size_t bytes;
  };
  const Expected all[] = {
      {WireType::kBool, "BOOL", 1},     {WireType::kUint8, "UINT8", 1},   {WireType::kUint16, "UINT16", 2},
      {WireType::kUint32, "UINT32", 4}, {WireType::kUint64, "UINT64", 8}, {WireType::kInt8, "INT8", 1},
      {WireType::kInt16, "INT16", 2},   {WireType::kInt32, "INT32", 4},   {WireType::kInt64, "INT64", 8},
      {WireType::kFp16, "FP16", 2},     {WireType::kBf16, "BF16", 2},     {WireType::kFp32, "FP32", 4},
      {WireType::kFp64, "FP64", 8},     {WireType::kBytes, "BYTES", 0}};
  for (const auto& [type, name, bytes] : all) {
    EXPECT_EQ(WireTypeName(type), name);
    EXPECT_EQ(WireTypeBytes(type), bytes) << name;
    EXPECT_EQ(WireTypeFromName(name), type);
  }
}

TEST(WireTypeTest, NamesAreCaseSensitive) {
  EXPECT_EQ(WireTypeFromName("fp32"), std::nullopt);
  EXPECT_EQ(WireTypeFromName(""), std::nullopt);
  EXPECT_EQ(WireTypeFromName("FP8"), std::nullopt);
}

TEST(WireTypeTest, TypesOfTensorsGoThereAndBack) {
  for (const DataType type : {SL_F32, SL_F16, SL_BF16, SL_I8, SL_U8, SL_I32, SL_I64, SL_F64, SL_BOOL}) {
    EXPECT_EQ(ToDataType(ToWireType(type)), type);
    EXPECT_EQ(WireTypeBytes(ToWireType(type)), DataTypeBytes(type));
  }
  EXPECT_EQ(ToDataType(WireType::kBytes), std::nullopt);
  EXPECT_EQ(ToDataType(WireType::kUint16), std::nullopt);
}

}  // namespace
}  // namespace sightline::wire
