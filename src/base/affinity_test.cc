#include "src/base/affinity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "src/base/text.h"

namespace sightline {
namespace {

using testing::ElementsAre;

// Cores are a property of a thread, so each test that narrows them does so in a thread of its own.
template <typename F>
void InItsOwnThread(F body) {
  std::thread(body).join();
}

TEST(AllowedCores, AreAscendingAndAtLeastOne) {
  const std::vector<int> cores = AllowedCores();
  ASSERT_FALSE(cores.empty());
  EXPECT_TRUE(std::is_sorted(cores.begin(), cores.end()));
}

TEST(HoldToCores, HoldsTheThreadAndThoseItMakes) {
  const std::vector<int> before = AllowedCores();
  const int last = before.back();
  InItsOwnThread([&] {
    ASSERT_TRUE(HoldToCores({{last}}).ok());
    EXPECT_THAT(AllowedCores(), ElementsAre(last));
    InItsOwnThread([&] { EXPECT_THAT(AllowedCores(), ElementsAre(last)); });
  });
  EXPECT_EQ(AllowedCores(), before);
}

TEST(HoldToCores, NamesTheAllowedCoresWhenOneIsNotThere) {
  const std::vector<int> before = AllowedCores();
  std::vector<std::string> names;
  for (const int core : before) names.push_back(std::to_string(core));
  for (const int missing : {100'000, -1}) {
    InItsOwnThread([&] {
      const Status status = HoldToCores({{before.front(), missing}});
      ASSERT_FALSE(status.ok());
      EXPECT_EQ(status.error().kind(), ErrorKind::kInvalidArgument);
      EXPECT_EQ(status.error().message(), "core " + std::to_string(missing) +
                                              " is not one this process may run on; it may use " +
                                              Join(names));
      EXPECT_EQ(AllowedCores(), before);
    });
  }
}

TEST(HoldToCores, NoCoresIsAnError) {
  InItsOwnThread([] {
    const Status status = HoldToCores({});
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().message(), "no core was named to hold this process to");
  });
}

}  // namespace
}  // namespace sightline
