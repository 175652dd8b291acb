#include "src/probe/cgroup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/probe/fake_tree.h"

namespace sightline::probe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kVersion2Mount =
    "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr const char* kVersion1Mounts =
    "30 23 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
    "31 23 0:28 / /sys/fs/cgroup/memory rw shared:10 - cgroup cgroup rw,memory\n";

class Version2 : public testing::Test {
 protected:
  Version2() {
    fake_.Put("/proc/self/mountinfo", kVersion2Mount).Put("/proc/self/cgroup", "0::/user.slice/app.scope\n");
  }
  std::optional<double> CpuLimit() const { return CgroupCpuLimit(fake_.tree(), FindCgroup(fake_.tree())); }
  std::optional<int64_t> MemoryLimit() const {
    return CgroupMemoryLimit(fake_.tree(), FindCgroup(fake_.tree()));
  }
  std::optional<CgroupThrottling> Throttling() const {
    return ReadCgroupThrottling(fake_.tree(), FindCgroup(fake_.tree()));
  }

  FakeTree fake_;
};

TEST_F(Version2, WalksFromTheGroupToTheTop) {
  const CgroupFolders folders = FindCgroup(fake_.tree());
  EXPECT_THAT(folders.cpu, ElementsAre("/sys/fs/cgroup/user.slice/app.scope", "/sys/fs/cgroup/user.slice",
                                       "/sys/fs/cgroup"));
  EXPECT_EQ(folders.memory, folders.cpu);
}

TEST_F(Version2, TheTightestLimitOfTheGroupAndItsParentsHolds) {
  fake_.Put("/sys/fs/cgroup/user.slice/app.scope/cpu.max", "400000 100000\n");
  fake_.Put("/sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n");
  fake_.Put("/sys/fs/cgroup/user.slice/app.scope/memory.max", "2147483648\n");
  fake_.Put("/sys/fs/cgroup/user.slice/memory.max", "max\n");
  EXPECT_EQ(CpuLimit(), 1.5);
  EXPECT_EQ(MemoryLimit(), int64_t{2} << 30);
}

TEST_F(Version2, MaxIsNoLimit) {
  fake_.Put("/sys/fs/cgroup/user.slice/cpu.max", "max 100000\n")
      .Put("/sys/fs/cgroup/user.slice/memory.max", "max\n");
  EXPECT_FALSE(CpuLimit().has_value());
  EXPECT_FALSE(MemoryLimit().has_value());
}

TEST_F(Version2, GarbledLimitsAreNoLimit) {
  for (const char* text : {"", "100000", "1 2 3", "a b", "100000 0", "-5 100000"}) {
    fake_.Put("/sys/fs/cgroup/user.slice/cpu.max", text).Put("/sys/fs/cgroup/user.slice/memory.max", text);
    EXPECT_FALSE(CpuLimit().has_value()) << text;
  }
  fake_.Put("/sys/fs/cgroup/user.slice/memory.max", "0");
  EXPECT_FALSE(MemoryLimit().has_value());
}

TEST_F(Version2, AddsWhatEachGroupsOwnQuotaHeldUp) {
  EXPECT_FALSE(Throttling().has_value());
  fake_.Put("/sys/fs/cgroup/user.slice/app.scope/cpu.stat",
            "usage_usec 9\nnr_throttled 3\nthrottled_usec 1500\n");
  fake_.Put("/sys/fs/cgroup/user.slice/cpu.stat", "nr_throttled 2\nthrottled_usec 500\n");
  fake_.Put("/sys/fs/cgroup/cpu.stat", "usage_usec 9\n");  // the top has no quota
  ASSERT_TRUE(Throttling().has_value());
  EXPECT_EQ(Throttling()->periods, 5);
  EXPECT_EQ(Throttling()->time_ns, 2'000'000);
}

TEST_F(Version2, APathOutsideOfWhatIsMountedMeansTheTop) {
  fake_.Put("/proc/self/cgroup", "0::/../../other\n").Put("/sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(CpuLimit(), 0.5);
}

TEST(Version1, ReadsEachControllersOwnTree) {
  FakeTree fake;
  fake.Put("/proc/self/mountinfo", kVersion1Mounts);
  fake.Put("/proc/self/cgroup", "5:memory:/m\n4:cpu,cpuacct:/c\n1:name=systemd:/s\n");
  fake.Put("/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us", "250000\n");
  fake.Put("/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_period_us", "100000\n");
  fake.Put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  fake.Put("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  fake.Put("/sys/fs/cgroup/cpu,cpuacct/c/cpu.stat", "nr_periods 9\nnr_throttled 4\nthrottled_time 70000\n");
  fake.Put("/sys/fs/cgroup/memory/m/memory.limit_in_bytes", "1073741824\n");
  fake.Put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  const CgroupFolders folders = FindCgroup(fake.tree());
  EXPECT_EQ(CgroupCpuLimit(fake.tree(), folders), 2.5);
  EXPECT_EQ(CgroupMemoryLimit(fake.tree(), folders), int64_t{1} << 30);
  const auto throttling = ReadCgroupThrottling(fake.tree(), folders);
  ASSERT_TRUE(throttling.has_value());
  EXPECT_EQ(throttling->periods, 4);
  EXPECT_EQ(throttling->time_ns, 70'000);
}

TEST(Version1, TheLargestNumberIsNoLimit) {
  FakeTree fake;
  fake.Put("/proc/self/mountinfo", kVersion1Mounts).Put("/proc/self/cgroup", "5:memory:/\n");
  fake.Put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_FALSE(CgroupMemoryLimit(fake.tree(), FindCgroup(fake.tree())).has_value());
}

TEST(Version1, AContainerWithoutItsOwnNamespaceSeesItsGroupAtTheMount) {
  FakeTree fake;
  fake.Put("/proc/self/mountinfo", "30 23 0:27 /docker/ab12 /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n");
  fake.Put("/proc/self/cgroup", "4:cpu:/docker/ab12\n");
  EXPECT_THAT(FindCgroup(fake.tree()).cpu, ElementsAre("/sys/fs/cgroup/cpu"));
}

TEST(Hybrid, AControllerMountedInVersion1IsReadThere) {
  FakeTree fake;
  fake.Put("/proc/self/mountinfo",
           "29 23 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
           "31 23 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  fake.Put("/proc/self/cgroup", "5:memory:/m\n0::/u\n");
  EXPECT_THAT(FindCgroup(fake.tree()).memory,
              ElementsAre("/sys/fs/cgroup/memory/m", "/sys/fs/cgroup/memory"));
  EXPECT_THAT(FindCgroup(fake.tree()).cpu, ElementsAre("/sys/fs/cgroup/unified/u", "/sys/fs/cgroup/unified"));
}

TEST(FindCgroup, MissingAndGarbledFilesGiveNoGroups) {
  FakeTree fake;
  EXPECT_THAT(FindCgroup(fake.tree()).cpu, IsEmpty());
  fake.Put("/proc/self/mountinfo", "- - -\n29 23 -\n\n29 23 0:26 / /sys/fs/cgroup rw - cgroup2\n");
  fake.Put("/proc/self/cgroup", "0\n0:\n::\n");
  EXPECT_THAT(FindCgroup(fake.tree()).cpu, IsEmpty());
  EXPECT_FALSE(CgroupCpuLimit(fake.tree(), {}).has_value());
  EXPECT_FALSE(CgroupMemoryLimit(fake.tree(), {}).has_value());
}

}  // namespace
}  // namespace sightline::probe
