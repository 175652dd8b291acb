#include "src/base/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace sightline {
namespace {

TEST(TemporaryFolder, IsWhatTmpdirNamesIfThatIsAFolder) {
  setenv("TMPDIR", "/proc/self", 1);
  EXPECT_EQ(TemporaryFolder(), "/proc/self");
  for (const char* no_folder : {"", "/dev/null", "/nowhere/at/all"}) {
    setenv("TMPDIR", no_folder, 1);
    EXPECT_EQ(TemporaryFolder(), "/tmp") << no_folder;
  }
  unsetenv("TMPDIR");
}

}  // namespace
}  // namespace sightline
