#include "backends/opencv/messages.h"

#include <gtest/gtest.h>

namespace sightline::opencv_backend {
namespace {

TEST(OneLine, TakesOutMarksAndPlacesInTheSources) {
  EXPECT_EQ(
      OneLine("> Node [Conv@ai.onnx]:(c) parse error: OpenCV(4.6.0) ./modules/dnn/src/dnn.cpp:99: error: "
              "(-215:Assertion failed) inputs.size()\n in function 'getShapes'\n> \n"),
      "Node [Conv@ai.onnx]:(c) parse error: (-215:Assertion failed) inputs.size() in function 'getShapes'");
  EXPECT_EQ(OneLine("plain"), "plain");
  EXPECT_EQ(OneLine("OpenCV(4.6.0) cut"), "OpenCV(4.6.0) cut");
  EXPECT_EQ(OneLine(" \n> "), "");
}

}  // namespace
}  // namespace sightline::opencv_backend
