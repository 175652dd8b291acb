#include "backends/tensorflow/core/wire.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sightline::tensorflow {
namespace {

// Example of protobuf.dev/programming-guides/encoding: field 1 = 150 is 08 96 01.
TEST(WireWriter, EncodesAsTheSpecificationSays) {
  EXPECT_EQ(WireWriter().Varint(1, 150).bytes(), "\x08\x96\x01");
  EXPECT_EQ(WireWriter().Bytes(2, "testing").bytes(), "\x12\x07testing");
  EXPECT_EQ(WireWriter().Varint(16, 1).bytes(), std::string("\x80\x01\x01", 3));
}

// int32 -1 is sign-extended to ten bytes.
TEST(WireWriter, EncodesMinusOneInTenBytes) {
  EXPECT_EQ(WireWriter().Varint(3, static_cast<uint64_t>(-1)).bytes().size(), 11u);
}

TEST(WireReader, ReadsBackWhatWasWritten) {
  const std::string message =
      WireWriter().Varint(1, 0).Bytes(2, "abc").Varint(300, ~uint64_t{0}).Bytes(4, "").bytes();
  WireReader reader(message);
  WireField field;
  ASSERT_TRUE(reader.Next(field));
  EXPECT_EQ(field.number, 1u);
  EXPECT_EQ(field.varint, 0u);
  ASSERT_TRUE(reader.Next(field));
  EXPECT_EQ(field.number, 2u);
  EXPECT_EQ(field.bytes, "abc");
  ASSERT_TRUE(reader.Next(field));
  EXPECT_EQ(field.number, 300u);
  EXPECT_EQ(field.varint, ~uint64_t{0});
  ASSERT_TRUE(reader.Next(field));
  EXPECT_EQ(field.number, 4u);
  EXPECT_EQ(field.bytes, "");
  EXPECT_FALSE(reader.Next(field));
  EXPECT_TRUE(reader.ok());
}

TEST(WireReader, ReadsFixedSizeFields) {
  const std::string message("\x0d\x01\x02\x03\x04\x11\x01\0\0\0\0\0\0\x80", 14);
  WireReader reader(message);
  WireField field;
  ASSERT_TRUE(reader.Next(field));
  EXPECT_EQ(field.varint, 0x04030201u);
  ASSERT_TRUE(reader.Next(field));
  EXPECT_EQ(field.varint, 0x8000000000000001u);
  EXPECT_FALSE(reader.Next(field));
  EXPECT_TRUE(reader.ok());
}

TEST(WireReader, StopsAtDamage) {
  const std::vector<std::string> damaged = {
      "\x08",                                              // a varint that is not there
      "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  // a varint longer than 64 bits
      "\x12\x7f"
      "abc",                                           // longer than the message
      "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  // a length near 2^64
      "\x0d\x01\x02",                                  // a fixed32 cut off
      "\x0b",                                          // a group
  };
  for (const std::string& message : damaged) {
    WireReader reader(message);
    WireField field;
    EXPECT_FALSE(reader.Next(field));
    EXPECT_FALSE(reader.ok());
    EXPECT_FALSE(reader.Next(field));
  }
}

// Every cut of a message is either a shorter message or damage, never a read outside it.
TEST(WireReader, SurvivesEveryTruncation) {
  const std::string message =
      WireWriter().Varint(1, 1u << 20).Bytes(2, std::string(200, 'x')).Varint(3, 7).bytes();
  for (size_t length = 0; length < message.size(); ++length) {
    const std::string cut = message.substr(0, length);
    WireReader reader(cut);
    WireField field;
    size_t fields = 0;
    while (reader.Next(field)) ++fields;
    EXPECT_LT(fields, 3u);
  }
}

}  // namespace
}  // namespace sightline::tensorflow
