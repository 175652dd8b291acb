// Debian's libonnx-testdata has a model for every operator and corner of ONNX: each loads or is refused with
// one sentence, also when its bytes are damaged.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "onnx/onnx_pb.h"
#include "src/base/random.h"
#include "src/network/network.h"

namespace sightline::network {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr char kFolder[] = "/usr/share/libonnx-testdata/data";  // package libonnx-testdata

std::vector<fs::path> TestModels() {
  std::vector<fs::path> models;
  if (!fs::exists(kFolder)) return models;
  for (const auto& entry : fs::recursive_directory_iterator(kFolder)) {
    if (entry.path().extension() == ".onnx") models.push_back(entry.path());
  }
  std::sort(models.begin(), models.end());
  return models;
}

std::string ReadBytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Uses everything a network offers.
void Exercise(const Network& network) {
  EXPECT_GT(network.Graph().node_count, 0);
  EXPECT_EQ(network.Cost().layers.size(), static_cast<size_t>(network.Graph().node_count));
  EXPECT_TRUE(network.Serialize().ok());
  const Result<Network> three = network.WithBatch(3);
  EXPECT_TRUE(three.ok() || three.error().message().find('\n') == std::string::npos)
      << three.error().message();
  for (const std::string& name : KnownRewrites()) {
    const Result<Network> rewritten = network.WithRewrites({&name, 1});
    EXPECT_TRUE(rewritten.ok() || rewritten.error().message().find('\n') == std::string::npos)
        << rewritten.error().message();
  }
}

TEST(TestDataTest, EveryModelLoadsOrIsRefusedWithASentence) {
  const std::vector<fs::path> models = TestModels();
  int loaded = 0;
  for (const fs::path& path : models) {
    SCOPED_TRACE(path.string());
    Result<Network> network = Network::FromFile(path);
    if (network.ok()) {
      ++loaded;
      Exercise(*network);
      continue;
    }
    EXPECT_THAT(network.error().message(), HasSubstr(path.string()));
    EXPECT_THAT(network.error().message(), Not(HasSubstr("\n")));
  }
  EXPECT_GE(models.size(), 500u) << "install libonnx-testdata";
  // The others need what no backend computes with (sequences, strings) or are of opsets below 7.
  EXPECT_GE(loaded, 800);
}

TEST(TestDataTest, NormalFormIsAFixedPoint) {
  for (const fs::path& path : TestModels()) {
    Result<Network> network = Network::FromFile(path);
    if (!network.ok()) continue;
    SCOPED_TRACE(path.string());
    const std::string bytes = network->Serialize().value();
    auto model = std::make_unique<onnx::ModelProto>();
    ASSERT_TRUE(model->ParseFromString(bytes));
    Result<Network> again = Network::FromModel(std::move(model), "again");
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(again->Serialize().value(), bytes);
  }
}

TEST(TestDataTest, DamagedModelsDoNotCrash) {
  SplitMix64 random(20240607);
  int refused = 0;
  for (const fs::path& path : TestModels()) {
    const std::string intact = ReadBytes(path);
    for (int round = 0; round < 3; ++round) {
      std::string bytes = intact;
      const uint64_t flips = 1 + random.NextBelow(4);
      for (uint64_t i = 0; i < flips; ++i) {
        bytes[random.NextBelow(bytes.size())] = static_cast<char>(random.NextBelow(256));
      }
      auto model = std::make_unique<onnx::ModelProto>();
      if (!model->ParseFromString(bytes)) continue;
      const Result<Network> network = Network::FromModel(std::move(model), path.string());
      if (network.ok()) {
        Exercise(*network);
      } else {
        ++refused;
      }
    }
  }
  EXPECT_GE(refused, 100);
}

}  // namespace
}  // namespace sightline::network
