// Debian's libonnx-testdata has a model for every operator and corner of ONNX: each loads or is refused with
// one sentence, also when its bytes are damaged.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fmt/format.h"
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

// ---- Damage that parses ----

using Mutate = std::function<void(onnx::ModelProto& model)>;

// Every attribute at the ends of its range, and without.
void AddAttributeMutations(const onnx::NodeProto& node, std::vector<Mutate>& mutations) {
  for (int a = 0; a < node.attribute_size(); ++a) {
    const auto attribute = [a](onnx::ModelProto& model) {
      return model.mutable_graph()->mutable_node(0)->mutable_attribute(a);
    };
    for (const int64_t value : {int64_t{0}, int64_t{-1}, int64_t{3}, INT64_MIN, INT64_MAX}) {
      mutations.push_back([=](onnx::ModelProto& model) {
        if (attribute(model)->type() == onnx::AttributeProto::INT) attribute(model)->set_i(value);
        for (int64_t& entry : *attribute(model)->mutable_ints()) entry = value;
      });
    }
    mutations.push_back([=](onnx::ModelProto& model) { attribute(model)->clear_ints(); });
    mutations.push_back([=](onnx::ModelProto& model) {
      model.mutable_graph()->mutable_node(0)->mutable_attribute()->DeleteSubrange(a, 1);
    });
  }
}

// Every input one dimension less or more, without any, and as large as can be said.
void AddShapeMutations(const onnx::GraphProto& graph, std::vector<Mutate>& mutations) {
  for (int i = 0; i < graph.input_size(); ++i) {
    if (!graph.input(i).type().has_tensor_type()) continue;
    const auto shape = [i](onnx::ModelProto& model) {
      return model.mutable_graph()->mutable_input(i)->mutable_type()->mutable_tensor_type()->mutable_shape();
    };
    mutations.push_back([=](onnx::ModelProto& model) {
      if (shape(model)->dim_size() > 0) shape(model)->mutable_dim()->RemoveLast();
    });
    mutations.push_back([=](onnx::ModelProto& model) { shape(model)->add_dim()->set_dim_value(2); });
    mutations.push_back([=](onnx::ModelProto& model) { shape(model)->clear_dim(); });
    mutations.push_back([=](onnx::ModelProto& model) {
      for (auto& dim : *shape(model)->mutable_dim()) dim.set_dim_value(INT64_MAX);
    });
  }
}

TEST(TestDataTest, AbsurdAttributesAndShapesDoNotCrash) {
  std::set<std::string> operators;  // one model of each
  int refused = 0;
  for (const fs::path& path : TestModels()) {
    onnx::ModelProto intact;
    if (!intact.ParseFromString(ReadBytes(path)) || intact.graph().node_size() != 1) continue;
    const onnx::NodeProto& node = intact.graph().node(0);
    if (!operators.insert(fmt::format("{} {}", node.op_type(), node.attribute_size())).second) continue;
    SCOPED_TRACE(path.string());
    std::vector<Mutate> mutations;
    AddAttributeMutations(node, mutations);
    AddShapeMutations(intact.graph(), mutations);
    for (const Mutate& mutate : mutations) {
      auto model = std::make_unique<onnx::ModelProto>(intact);
      mutate(*model);
      const Result<Network> network = Network::FromModel(std::move(model), path.string());
      if (network.ok()) Exercise(*network);
      if (!network.ok()) ++refused;
    }
  }
  EXPECT_GE(operators.size(), 150u) << "install libonnx-testdata";
  EXPECT_GE(refused, 1000);
}

}  // namespace
}  // namespace sightline::network
