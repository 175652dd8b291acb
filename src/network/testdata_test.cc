// Every model of Debian's libonnx-testdata either loads or is refused with one sentence.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/network.h"

namespace sightline::network {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> TestModels() {
  std::vector<fs::path> models;
  const fs::path root = "/usr/share/libonnx-testdata/data";
  if (!fs::exists(root)) return models;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".onnx") models.push_back(entry.path());
  }
  std::sort(models.begin(), models.end());
  return models;
}

TEST(TestDataTest, EveryModelLoadsOrIsRefusedWithASentence) {
  int loaded = 0;
  const std::vector<fs::path> models = TestModels();
  for (const fs::path& path : models) {
    SCOPED_TRACE(path.string());
    Result<Network> network = Network::FromFile(path);
    if (!network.ok()) {
      const std::string& message = network.error().message();
      EXPECT_THAT(message, testing::HasSubstr(path.string()));
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      if (getenv("SHOW")) printf("%s\n", message.c_str());
      continue;
    }
    ++loaded;
    EXPECT_GT(network->Graph().node_count, 0);
    EXPECT_EQ(network->Cost().layers.size(), static_cast<size_t>(network->Graph().node_count));
    const Result<std::string> serialized = network->Serialize();
    ASSERT_TRUE(serialized.ok());
    // Normal form is a fixed point: what was written reads back as itself.
    const fs::path copy = fs::path(testing::TempDir()) / "sightline_testdata_copy.onnx";
    FILE* f = fopen(copy.c_str(), "wb");
    fwrite(serialized->data(), 1, serialized->size(), f);
    fclose(f);
    Result<Network> again = Network::FromFile(copy);
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(again->Serialize().value(), *serialized);
  }
  // The package has 1072 models; a quarter needs what no backend computes with (sequences, strings, opset
  // below 7).
  EXPECT_GE(models.size(), 500u);
  printf("%d of %zu\n", loaded, models.size());
  EXPECT_GE(loaded, 500);
}

}  // namespace
}  // namespace sightline::network
