#include "backends/onnxruntime/messages.h"

#include <gtest/gtest.h>

namespace sightline::onnxruntime {
namespace {

TEST(OneLine, LeavesOutPlacesInTheSources) {
  EXPECT_EQ(OneLine("/onnxruntime_src/onnxruntime/core/graph/model.cc:149 onnxruntime::Model::Model(onnx::"
                    "ModelProto&&, const PathString&, const IOnnxRuntimeOpSchemaRegistryList*) Unsupported "
                    "model IR version: 99,\n max supported IR version: 10\n"),
            "Unsupported model IR version: 99, max supported IR version: 10");
  EXPECT_EQ(OneLine("Exception: /a/b.h:12 common::Status onnxruntime::F(int (*)(int), x) const why"),
            "Exception: why");
  EXPECT_EQ(OneLine("/a/b.cc:12 size == 3 was false."), "size == 3 was false.");
  EXPECT_EQ(OneLine("/a/b.cc:12 operator() verification failed."), "verification failed.");
}

TEST(OneLine, LeavesEverythingElse) {
  EXPECT_EQ(OneLine("plain"), "plain");
  EXPECT_EQ(OneLine("Load model from m.onnx:3 failed:Protobuf parsing failed."),
            "Load model from m.onnx:3 failed:Protobuf parsing failed.");
  EXPECT_EQ(OneLine("In Node, (\"odd_layer\", Frobnicate, \"\", -1)"),
            "In Node, (\"odd_layer\", Frobnicate, \"\", -1)");
  EXPECT_EQ(OneLine("/a/b.cc:12 cut::off(int"), "cut::off(int");
  EXPECT_EQ(OneLine("/a/b.cc:12"), "");
  EXPECT_EQ(OneLine(" \n "), "");
}

TEST(Says, TellsWhatIsNotThereFromWhatIsWrong) {
  EXPECT_TRUE(SaysUnsupported("Error No Op registered for Frobnicate with domain_version of 10"));
  EXPECT_TRUE(SaysUnsupported("Fatal error: Frobnicate is not a registered function/op"));
  EXPECT_TRUE(SaysUnsupported("NOT_IMPLEMENTED : Could not find an implementation for Erf(9) node"));
  EXPECT_FALSE(SaysUnsupported("Protobuf parsing failed."));
  EXPECT_TRUE(SaysOutOfMemory("Failed to allocate memory for requested buffer of size 1073741824"));
  EXPECT_FALSE(SaysOutOfMemory("memory pattern"));
}

TEST(BuildTypeOf, IsTheBuildWithoutTheFlags) {
  EXPECT_EQ(
      BuildTypeOf("ORT Build Info: git-branch=HEAD, git-commit-id=fab30a4, build type=Release, cmake cxx "
                  "flags: -O2"),
      "git-branch=HEAD, git-commit-id=fab30a4, build type=Release");
  EXPECT_EQ(BuildTypeOf("something else"), "something else");
  EXPECT_EQ(BuildTypeOf(""), "");
}

}  // namespace
}  // namespace sightline::onnxruntime
