#include "src/study/process_table.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace sightline::study {
namespace {

constexpr std::string_view kRest =
    " 34816 42 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 200 18446744073709551615\n";

TEST(ParseProcessStat, ReadsAroundAnyName) {
  const auto entry = ParseProcessStat("42 (a) S (b) Z 1 2 3" + std::string(kRest));
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->pid, 42);
  EXPECT_EQ(entry->parent, 1);
  EXPECT_EQ(entry->session, 3);
  EXPECT_TRUE(entry->is_zombie);
  EXPECT_EQ(entry->start_ticks, 987654);
  EXPECT_FALSE(ParseProcessStat("42 (sh) S 1 2 3" + std::string(kRest))->is_zombie);
}

TEST(ParseProcessStat, RefusesAnotherForm) {
  for (const char* text : {"", "42", "42 (sh)", "42 (sh) S 1 2", "x (sh) S 1 2 3"}) {
    EXPECT_FALSE(ParseProcessStat(text).has_value()) << text;
  }
}

TEST(ProcessTable, KnowsThisProcess) {
  const auto table = ReadProcessTable();
  const auto self = std::find_if(table.begin(), table.end(),
                                 [](const ProcessEntry& entry) { return entry.pid == getpid(); });
  ASSERT_NE(self, table.end());
  EXPECT_EQ(self->parent, getppid());
  EXPECT_EQ(self->session, getsid(0));
  EXPECT_FALSE(self->is_zombie);
}

TEST(ProcessTable, MemoryGrowsWithWhatIsTouched) {
  constexpr int64_t kBytes = int64_t{64} << 20;
  const int64_t before = ResidentBytes(getpid());
  const std::vector<char> touched(kBytes, 'x');
  EXPECT_GE(ResidentBytes(getpid()), before + kBytes - (int64_t{1} << 20)) << touched[7];
  EXPECT_GE(PeakResidentBytes(getpid()).value(), before + kBytes - (int64_t{1} << 20));
  EXPECT_LE(ProportionalBytes(getpid()).value(), PeakResidentBytes(getpid()).value() + (int64_t{1} << 20));
  EXPECT_EQ(ResidentBytes(0x7FFFFFF0), 0) << "no such process";
}

TEST(ProcessTable, EnvironmentEntriesMatchWhole) {
  const std::string entry = std::string("PATH=") + std::getenv("PATH");
  EXPECT_TRUE(EnvironmentHolds(getpid(), entry));
  EXPECT_FALSE(EnvironmentHolds(getpid(), entry.substr(0, entry.size() - 1)));
  EXPECT_FALSE(EnvironmentHolds(0x7FFFFFF0, entry));
}

}  // namespace
}  // namespace sightline::study
