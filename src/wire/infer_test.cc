#include "src/wire/infer.h"

#include <gtest/gtest.h>

#include <limits>
#include <type_traits>

#include "src/wire/test_bytes.h"

namespace sightline::wire {
namespace {

static_assert(std::is_move_constructible_v<InferRequest> && !std::is_copy_constructible_v<InferRequest>);
static_assert(std::is_move_assignable_v<InferRequest> && !std::is_copy_assignable_v<InferRequest>);

constexpr size_t kAll = std::numeric_limits<size_t>::max();

std::string MessageOf(const Status& status) {
  return status.ok() ? "" : status.error().message();
}

TEST(InferTensorTest, ElementsAreTheProductOfTheShape) {
  InferTensor tensor;
  EXPECT_EQ(tensor.elements(), 1);
  tensor.shape = {2, 3, 4};
  EXPECT_EQ(tensor.elements(), 24);
  tensor.shape = {std::numeric_limits<int64_t>::max(), 4, 0};
  EXPECT_EQ(tensor.elements(), 0);
}

TEST(CheckedElementsTest, CountsWithinTheBytes) {
  EXPECT_EQ(*CheckedElements(WireType::kFp32, std::vector<int64_t>{2, 3}, 24), 6);
  EXPECT_EQ(*CheckedElements(WireType::kFp32, {}, 4), 1);
  EXPECT_EQ(*CheckedElements(WireType::kBytes, std::vector<int64_t>{2}, 8), 2);
  EXPECT_EQ(MessageOf(CheckedElements(WireType::kFp32, std::vector<int64_t>{2, 3}, 23).status()),
            "[2, 3] of FP32 needs more than the 23 bytes allowed for a tensor");
  EXPECT_EQ(MessageOf(CheckedElements(WireType::kFp32, {}, 3).status()),
            "[] of FP32 needs more than the 3 bytes allowed for a tensor");
}

TEST(CheckedElementsTest, ProductsThatOverflowAreTooLargeAndNotSmall) {
  const int64_t half = int64_t{1} << 32;
  EXPECT_EQ(MessageOf(CheckedElements(WireType::kUint8, std::vector<int64_t>{half, half}, kAll).status()),
            "[4294967296, 4294967296] of UINT8 needs more than the 18446744073709551615 bytes allowed for a "
            "tensor");
  EXPECT_FALSE(CheckedElements(WireType::kFp64, std::vector<int64_t>{int64_t{1} << 61}, kAll).ok());
  EXPECT_FALSE(CheckedElements(WireType::kUint8, std::vector<int64_t>{half, half, half}, kAll).ok());
}

TEST(CheckedElementsTest, AZeroAnywhereMakesNone) {
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(*CheckedElements(WireType::kFp64, std::vector<int64_t>{most, most, 0}, 8), 0);
  EXPECT_EQ(MessageOf(CheckedElements(WireType::kFp64, std::vector<int64_t>{0, -1}, 8).status()),
            "[1]: -1 is negative");
}

TEST(CheckDataTest, SizesMustBeExact) {
  EXPECT_TRUE(CheckData(WireType::kUint16, 2, BytesOf("abcd")).ok());
  EXPECT_EQ(MessageOf(CheckData(WireType::kUint16, 2, BytesOf("abcde"))),
            "5 bytes, where 2 elements of UINT16 need 4");
}

TEST(CheckDataTest, BoolsAreZeroOrOne) {
  using std::string_view_literals::operator""sv;
  EXPECT_TRUE(CheckData(WireType::kBool, 2, BytesOf("\0\1"sv)).ok());
  EXPECT_EQ(MessageOf(CheckData(WireType::kBool, 2, BytesOf("\1\2"sv))), "[1]: a BOOL is 0 or 1, not 2");
}

TEST(CheckDataTest, LengthsInsideBytesMustAddUp) {
  using std::string_view_literals::operator""sv;
  const std::string_view two = "\2\0\0\0ab\0\0\0\0"sv;
  EXPECT_TRUE(CheckData(WireType::kBytes, 2, BytesOf(two)).ok());
  EXPECT_EQ(MessageOf(CheckData(WireType::kBytes, 3, BytesOf(two))),
            "[2]: 4 bytes of length expected, 0 bytes are left");
  EXPECT_EQ(MessageOf(CheckData(WireType::kBytes, 1, BytesOf(two))),
            "4 bytes are left over behind the 1 elements");
  EXPECT_EQ(MessageOf(CheckData(WireType::kBytes, 1,
                                BytesOf("\xff\xff\xff\xff"
                                        "ab"sv))),
            "[0]: its length says 4294967295 bytes, 2 are left");
}

}  // namespace
}  // namespace sightline::wire
