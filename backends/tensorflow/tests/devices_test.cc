#include "backends/tensorflow/core/devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::tensorflow {
namespace {

const LibraryDevice kCpu = {"/job:localhost/replica:0/task:0/device:CPU:0", "CPU"};
const LibraryDevice kGpu = {"/job:localhost/replica:0/task:0/device:GPU:0", "GPU"};

// The GPU that was asked for is the only one its session sees, so it is GPU:0 whatever its number.
TEST(HoldToDevices, AGpuIsThereWhereTheLibraryListsOne) {
  const std::vector<LibraryDevice> both = {kCpu, kGpu};
  EXPECT_TRUE(HoldToDevices("cuda:0", both).ok());
  EXPECT_TRUE(HoldToDevices("cuda:3", both).ok());
  EXPECT_TRUE(HoldToDevices("cpu", {}).ok());
}

TEST(HoldToDevices, SaysWhatThereIsInstead) {
  const std::vector<LibraryDevice> cpu = {kCpu};
  const kit::Status status = HoldToDevices("cuda:1", cpu);
  EXPECT_EQ(status.code(), SL_UNAVAILABLE);
  EXPECT_THAT(std::string(status.message()),
              testing::HasSubstr("TensorFlow finds no GPU for device 'cuda:1'; it lists: CPU:0; "));
  EXPECT_THAT(std::string(HoldToDevices("cuda:1", {}).message()), testing::HasSubstr("it lists: nothing"));
}

}  // namespace
}  // namespace sightline::tensorflow
