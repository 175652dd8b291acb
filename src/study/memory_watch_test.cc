#include "src/study/memory_watch.h"

#include <gtest/gtest.h>

namespace sightline::study {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int64_t kMiB = int64_t{1} << 20;

int64_t NotAsked() {
  ADD_FAILURE() << "the exact figure costs time; it is asked for above the limit only";
  return 0;
}

TEST(MemoryWatch, LooksOnceASecondAtWhatStands) {
  const TimePoint begin{};
  MemoryWatch watch(100 * kMiB, begin);
  EXPECT_EQ(watch.next_look(), begin + milliseconds(100));
  watch.Take(begin + milliseconds(100), 1 * kMiB, NotAsked);  // 10 MiB/s: ten seconds to go
  EXPECT_EQ(watch.next_look(), begin + milliseconds(1100));
  watch.Take(begin + milliseconds(1100), 1 * kMiB, NotAsked);
  EXPECT_EQ(watch.next_look(), begin + milliseconds(2100));
}

TEST(MemoryWatch, LooksSoonerAtWhatGrowsFast) {
  const TimePoint begin{};
  MemoryWatch watch(100 * kMiB, begin);
  watch.Take(begin + milliseconds(100), 20 * kMiB, NotAsked);  // 200 MiB/s: 400 ms to go, half of that
  EXPECT_EQ(watch.next_look(), begin + milliseconds(300));
  watch.Take(begin + milliseconds(300), 99 * kMiB, NotAsked);
  EXPECT_EQ(watch.next_look(), begin + milliseconds(350)) << "at most every 50 ms";
}

TEST(MemoryWatch, TheExactFigureDecides) {
  const TimePoint begin{};
  MemoryWatch watch(100 * kMiB, begin);
  watch.Take(begin + seconds(1), 150 * kMiB, [] { return 60 * kMiB; });
  EXPECT_FALSE(watch.is_over());
  watch.Take(begin + seconds(2), 150 * kMiB, [] { return 140 * kMiB; });
  EXPECT_TRUE(watch.is_over());
  EXPECT_EQ(watch.peak_bytes(), 140 * kMiB);
  EXPECT_EQ(watch.Sentence(), "used 140 MiB, more than the 100 MiB allowed");
}

TEST(MemoryWatch, WithoutALimitNothingIsOver) {
  const TimePoint begin{};
  MemoryWatch watch(std::nullopt, begin);
  EXPECT_EQ(watch.next_look(), begin + seconds(1));
  watch.Take(begin + seconds(1), int64_t{1} << 50, NotAsked);
  EXPECT_FALSE(watch.is_over());
  EXPECT_EQ(watch.next_look(), begin + seconds(2));
}

}  // namespace
}  // namespace sightline::study
