#include "backends/torch/file_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace sightline::torch_backend {
namespace {

using testing::HasSubstr;

class FileKindTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file_); }

  std::string Judge(const std::string& bytes) {
    std::ofstream(file_, std::ios::binary) << bytes;
    return std::string(CheckTorchScriptFile(file_).message());
  }

  std::filesystem::path file_ =
      std::filesystem::path(testing::TempDir()) / ("sightline_kind_" + std::to_string(getpid()) + ".pt");
};

// Archives here are the bytes that tell them apart.
TEST_F(FileKindTest, TorchScript) {
  EXPECT_EQ(Judge("PK\x03\x04 net/data.pkl ... net/code/__torch__.py ... net/constants.pkl PK\x05\x06"), "");
}

TEST_F(FileKindTest, Weights) {
  EXPECT_THAT(Judge("PK\x03\x04 net/data.pkl ... net/data/0 PK\x05\x06"),
              HasSubstr("is a pickle of weights"));
  EXPECT_THAT(Judge("\x80\x02\x8a\x0alater"), HasSubstr("is a pickle of weights"));
}

TEST_F(FileKindTest, SomethingElse) {
  EXPECT_THAT(Judge("\x08\x07\x12\x05onnx."), HasSubstr("is not a TorchScript file; TorchScript is what"));
  EXPECT_THAT(Judge(""), HasSubstr("is not a TorchScript file"));
  EXPECT_THAT(Judge("PK\x03\x04 word/document.xml PK\x05\x06"), HasSubstr("is not a TorchScript file"));
}

TEST_F(FileKindTest, Nothing) {
  const kit::Status status = CheckTorchScriptFile(file_);
  EXPECT_EQ(status.code(), SL_NOT_FOUND);
  EXPECT_THAT(std::string(status.message()), HasSubstr("does not exist or can't be read"));
}

}  // namespace
}  // namespace sightline::torch_backend
