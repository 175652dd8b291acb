#include "backends/kit/gpus.h"

#include <gtest/gtest.h>

#include <fstream>

namespace sightline::kit {
namespace {

namespace fs = std::filesystem;

TEST(CudaDevices, GpusAreListedWhereTheFrameworkHasCuda) {
  ASSERT_EQ(CudaDevices(true, 2).size(), 3u);
  EXPECT_EQ(CudaDevices(true, 2)[0].id, "cpu");
  EXPECT_EQ(CudaDevices(true, 2)[2].id, "cuda:1");
  EXPECT_EQ(CudaDevices(false, 2).size(), 1u);
  EXPECT_EQ(CudaDevices(true, 0).size(), 1u);
}

TEST(CudaDevices, GpuOfReadsTheNumberBack) {
  EXPECT_EQ(GpuOf("cpu"), -1);
  EXPECT_EQ(GpuOf("cuda:0"), 0);
  EXPECT_EQ(GpuOf("cuda:11"), 11);
}

TEST(CudaDevices, GpusAreCountedByTheirDeviceFiles) {
  const fs::path dev = fs::path(testing::TempDir()) / "sightline_kit_dev";
  fs::create_directories(dev);
  EXPECT_EQ(CountNvidiaGpus(dev), 0);
  EXPECT_EQ(CountNvidiaGpus(dev / "no such folder"), 0);
  for (const char* name : {"nvidiactl", "nvidia-modeset", "nvidia", "nvidia3", "nvidia11"})
    std::ofstream(dev / name) << "x";
  EXPECT_EQ(CountNvidiaGpus(dev), 2);
  fs::remove_all(dev);
}

}  // namespace
}  // namespace sightline::kit
