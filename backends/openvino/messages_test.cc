#include "backends/openvino/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::openvino_backend {
namespace {

TEST(OneLine, TakesOutThePlacesInTheSources) {
  EXPECT_EQ(OneLine("Exception from src/inference/src/cpp/core.cpp:96:\n"
                    "Check 'rank > 0' failed at src/frontends/onnx/frontend/src/op/conv.cpp:33:\n"
                    "While converting node 'c':\n the rank is 0\n\n"),
            "Check 'rank > 0' failed: While converting node 'c': the rank is 0");
  EXPECT_EQ(OneLine("plain"), "plain");
  EXPECT_EQ(OneLine("Exception from src/a.cpp:1:\n"), "no reason given");
  EXPECT_EQ(OneLine(""), "no reason given");
}

TEST(MissingOperators, AreListedWithoutTheirDomains) {
  EXPECT_THAT(
      MissingOperators("Exception from a.cpp:1:\nOpenVINO does not support the following ONNX operations: "
                       "Frobnicate, com.microsoft.Gelu\nmore"),
      testing::ElementsAre("Frobnicate", "Gelu"));
  EXPECT_TRUE(MissingOperators("Check 'x' failed").empty());
}

}  // namespace
}  // namespace sightline::openvino_backend
