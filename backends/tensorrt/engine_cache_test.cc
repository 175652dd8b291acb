#include "backends/tensorrt/engine_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string_view>

namespace sightline::tensorrt {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::vector<std::byte> Bytes(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

const Facts kFacts = {{"model", "abc"}, {"device", "NVIDIA T4"}, {"precision", "fp16"}};

class EngineCacheTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  size_t Files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / "sightline_engine_cache";
  const EngineCache cache_{folder_};
};

TEST_F(EngineCacheTest, WhatWasStoredIsFound) {
  EXPECT_FALSE(cache_.Find("engine", kFacts).has_value());
  ASSERT_TRUE(cache_.Store("engine", kFacts, Bytes("plan")).ok());
  EXPECT_EQ(cache_.Find("engine", kFacts), Bytes("plan"));
  ASSERT_TRUE(cache_.Store("engine", kFacts, Bytes("newer")).ok());
  EXPECT_EQ(cache_.Find("engine", kFacts), Bytes("newer"));
  EXPECT_EQ(Files(), 1u);  // and nothing unfinished
  ASSERT_TRUE(cache_.Store("engine", kFacts, {}).ok());
  EXPECT_EQ(cache_.Find("engine", kFacts), Bytes(""));
}

TEST_F(EngineCacheTest, OtherFactsOrAnotherKindFindNothing) {
  ASSERT_TRUE(cache_.Store("engine", kFacts, Bytes("plan")).ok());
  EXPECT_FALSE(cache_.Find("timing", kFacts).has_value());
  for (size_t i = 0; i < kFacts.size(); ++i) {
    Facts other = kFacts;
    other[i].second += "x";
    EXPECT_FALSE(cache_.Find("engine", other).has_value()) << kFacts[i].first;
  }
}

// Whatever the hash says: the facts are compared one by one.
TEST_F(EngineCacheTest, AFileOfOtherFactsUnderThisNameIsNotUsed) {
  Facts other = kFacts;
  other[0].second = "another model";
  ASSERT_TRUE(cache_.Store("engine", other, Bytes("plan")).ok());
  fs::rename(cache_.PathOf("engine", other), cache_.PathOf("engine", kFacts));
  EXPECT_FALSE(cache_.Find("engine", kFacts).has_value());
}

TEST_F(EngineCacheTest, DamagedFilesAreNotUsed) {
  ASSERT_TRUE(cache_.Store("engine", kFacts, Bytes("a plan of some length")).ok());
  const fs::path file = cache_.PathOf("engine", kFacts);
  const auto size = fs::file_size(file);
  fs::resize_file(file, size - 1);
  EXPECT_FALSE(cache_.Find("engine", kFacts).has_value());
  ASSERT_TRUE(cache_.Store("engine", kFacts, Bytes("a plan of some length")).ok());
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(-1, std::ios::end).put('!');
  EXPECT_FALSE(cache_.Find("engine", kFacts).has_value());
  fs::resize_file(file, 10);
  EXPECT_FALSE(cache_.Find("engine", kFacts).has_value());
}

TEST_F(EngineCacheTest, WithoutAFolderNothingIsKept) {
  const EngineCache none{{}};
  EXPECT_TRUE(none.Store("engine", kFacts, Bytes("plan")).ok());
  EXPECT_FALSE(none.Find("engine", kFacts).has_value());
}

TEST_F(EngineCacheTest, AFolderThatCantBeWrittenIsSaid) {
  std::ofstream(folder_) << "a file";
  const kit::Status status = cache_.Store("engine", kFacts, Bytes("plan"));
  EXPECT_EQ(status.code(), SL_UNAVAILABLE);
  EXPECT_THAT(std::string(status.message()), HasSubstr("--option cache=FOLDER"));
}

TEST(Header, IsReadableAndKeepsEachFactOnItsLine) {
  EXPECT_EQ(Header({{"device", "two\nlines"}, {"batch", "1..8"}}),
            "sightline-tensorrt 1\ndevice=two lines\nbatch=1..8\n\n");
}

}  // namespace
}  // namespace sightline::tensorrt
