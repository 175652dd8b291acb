#include "src/base/duration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseDuration, TakesEveryUnit) {
  const std::pair<const char*, Nanoseconds> cases[] = {
      {"5s", seconds(5)},          {"250ms", milliseconds(250)},
      {"2min", minutes(2)},        {"2m", minutes(2)},
      {"1.5h", minutes(90)},       {"100us", microseconds(100)},
      {"800ns", Nanoseconds(800)}, {"3", seconds(3)},
      {"0.25", milliseconds(250)}, {"0", Nanoseconds(0)},
      {"1e3us", milliseconds(1)},  {".5s", milliseconds(500)},
      {"8760h", hours(8760)},
  };
  for (const auto& [text, expected] : cases) {
    const auto duration = ParseDuration(text, "--duration");
    ASSERT_TRUE(duration.ok()) << text;
    EXPECT_EQ(*duration, expected) << text;
  }
}

TEST(ParseDuration, RoundsToTheNearestNanosecond) {
  EXPECT_EQ(ParseDuration("0.6ns", "--duration").value(), Nanoseconds(1));
  EXPECT_EQ(ParseDuration("0.1s", "--duration").value(), milliseconds(100));
}

TEST(DurationText, RoundsToWhatTellsSomething) {
  EXPECT_EQ(DurationText(Nanoseconds(0)), "0.0 s");
  EXPECT_EQ(DurationText(milliseconds(8'420)), "8.4 s");
  EXPECT_EQ(DurationText(milliseconds(9'960)), "10 s");
  EXPECT_EQ(DurationText(seconds(119)), "119 s");
  EXPECT_EQ(DurationText(milliseconds(119'600)), "2 min");
  EXPECT_EQ(DurationText(seconds(119 * 60)), "119 min");
  EXPECT_EQ(DurationText(seconds(200 * 60 - 1)), "3 h 20 min");
  EXPECT_EQ(DurationText(hours(50)), "50 h 0 min");
}

TEST(ParseDuration, SaysWhatIsWrongAndHowToWriteIt) {
  for (const char* text :
       {"5 parsecs", "", "-1s", "1e300h", "1e999s", "nan", "inf", "s", "5 s", "5S", "5ss", "8761h", "0x5s"}) {
    const auto duration = ParseDuration(text, "--duration");
    ASSERT_FALSE(duration.ok()) << text;
    EXPECT_EQ(duration.error().kind(), ErrorKind::kInvalidArgument);
    EXPECT_EQ(duration.error().message(), std::string("--duration: '") + text +
                                              "' is not a duration; write for example 5s, 250ms or 2min");
  }
}

}  // namespace
}  // namespace sightline
