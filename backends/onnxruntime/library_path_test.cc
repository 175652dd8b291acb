#include "backends/onnxruntime/library_path.h"

#include <gtest/gtest.h>

namespace sightline::onnxruntime {
namespace {

TEST(LibraryPath, IsTheBuiltInOneUnlessAnotherIsNamed) {
  EXPECT_EQ(LibraryPath(nullptr, "/sdk/libonnxruntime.so.1"), "/sdk/libonnxruntime.so.1");
  EXPECT_EQ(LibraryPath("", "/sdk/libonnxruntime.so.1"), "/sdk/libonnxruntime.so.1");
  EXPECT_EQ(LibraryPath("/mine.so", "/sdk/libonnxruntime.so.1"), "/mine.so");
}

TEST(ApiVersionOf, IsTheMiddleNumber) {
  EXPECT_EQ(ApiVersionOf("1.31.1"), 31);
  EXPECT_EQ(ApiVersionOf("1.16.3-dev"), 16);
  EXPECT_EQ(ApiVersionOf("2.0.0"), 0);
  EXPECT_EQ(ApiVersionOf("1."), 0);
  EXPECT_EQ(ApiVersionOf(""), 0);
}

}  // namespace
}  // namespace sightline::onnxruntime
