#include "backends/opencv/build_info.h"

#include <gtest/gtest.h>

namespace sightline::opencv_backend {
namespace {

TEST(CondenseBuildInformation, KeepsWhatDecidesSpeed) {
  EXPECT_EQ(CondenseBuildInformation("General configuration for OpenCV 4.6.0 ====\n"
                                     "  Platform:\n"
                                     "    Configuration:               Release\n"
                                     "  CPU/HW features:\n"
                                     "    Baseline:                    SSE SSE2\n"
                                     "      requested:                 SSE2\n"
                                     "    Dispatched code generation:  SSE4_1 AVX2\n"
                                     "  Parallel framework:            TBB (ver 2021.8)\n"),
            "configuration Release; baseline SSE SSE2; dispatched SSE4_1 AVX2; parallel TBB (ver 2021.8)");
}

TEST(CondenseBuildInformation, GivesNothingForAReportItDoesNotKnow) {
  EXPECT_EQ(CondenseBuildInformation(""), "");
  EXPECT_EQ(CondenseBuildInformation("Baseline\nParallel\n"), "");
}

}  // namespace
}  // namespace sightline::opencv_backend
