#include "backends/onnxruntime/devices.h"

#include <gtest/gtest.h>

#include <fstream>

namespace sightline::onnxruntime {
namespace {

namespace fs = std::filesystem;

TEST(Devices, GpusAreListedWhereTheLibraryHasCuda) {
  ASSERT_EQ(Devices(true, 2).size(), 3u);
  EXPECT_EQ(Devices(true, 2)[0].id, "cpu");
  EXPECT_EQ(Devices(true, 2)[2].id, "cuda:1");
  EXPECT_EQ(Devices(false, 2).size(), 1u);
  EXPECT_EQ(Devices(true, 0).size(), 1u);
}

TEST(Devices, GpuOfReadsTheNumberBack) {
  EXPECT_EQ(GpuOf("cpu"), -1);
  EXPECT_EQ(GpuOf("cuda:0"), 0);
  EXPECT_EQ(GpuOf("cuda:11"), 11);
}

TEST(Devices, GpusAreCountedByTheirDeviceFiles) {
  const fs::path dev = fs::path(testing::TempDir()) / "sightline_ort_dev";
  fs::create_directories(dev);
  EXPECT_EQ(CountNvidiaGpus(dev), 0);
  EXPECT_EQ(CountNvidiaGpus(dev / "no such folder"), 0);
  for (const char* name : {"nvidiactl", "nvidia-modeset", "nvidia", "nvidia3", "nvidia11"})
    std::ofstream(dev / name) << "x";
  EXPECT_EQ(CountNvidiaGpus(dev), 2);
  fs::remove_all(dev);
}

}  // namespace
}  // namespace sightline::onnxruntime
