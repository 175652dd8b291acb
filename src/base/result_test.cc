#include "src/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace sightline {
namespace {

Result<int> Half(int whole) {
  if (whole % 2 != 0) return Error(ErrorKind::kInvalidArgument, std::to_string(whole) + " is odd");
  return whole / 2;
}

Result<int> Quarter(int whole) {
  SIGHTLINE_ASSIGN_OR_RETURN(const int half, Half(whole));
  SIGHTLINE_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

Status CheckEven(int number) {
  SIGHTLINE_RETURN_IF_ERROR(Half(number).status());
  return OkStatus();
}

TEST(Result, HoldsAValueOrAnError) {
  ASSERT_TRUE(Half(4).ok());
  EXPECT_EQ(*Half(4), 2);
  ASSERT_FALSE(Half(3).ok());
  EXPECT_EQ(Half(3).error().message(), "3 is odd");
  EXPECT_EQ(Half(3).error().kind(), ErrorKind::kInvalidArgument);
}

TEST(Result, ErrorsLeaveTheFunctionsOnTheWay) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(6).error().message(), "3 is odd");
  EXPECT_TRUE(CheckEven(2).ok());
  EXPECT_EQ(CheckEven(7).error().message(), "7 is odd");
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Error, ContextGoesInFrontAndTheKindStays) {
  const Error error = Half(3).error().WithContext("halving").WithContext("a.json");
  EXPECT_EQ(error.message(), "a.json: halving: 3 is odd");
  EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
}

TEST(ResultDeathTest, TheWrongSideIsABug) {
  EXPECT_DEATH(static_cast<void>(Half(3).value()), "broken invariant: ok\\(\\)");
  EXPECT_DEATH(static_cast<void>(Half(4).error()), "broken invariant: !ok\\(\\)");
  EXPECT_DEATH(static_cast<void>(OkStatus().error()), "broken invariant");
}

}  // namespace
}  // namespace sightline
