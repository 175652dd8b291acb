#include "src/cli/output_kind.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace sightline::cli {
namespace {

// A graph that is a chain of `operators`, each reading the value before it.
OutputKind KindOfChain(const std::vector<std::string>& operators) {
  std::vector<SlValue> values(operators.size() + 1);
  std::vector<int32_t> indices(values.size());
  for (size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<int32_t>(i);
  std::vector<SlNode> nodes;
  for (size_t i = 0; i < operators.size(); ++i) {
    nodes.push_back({.name = "n",
                     .op_type = operators[i].c_str(),
                     .inputs = &indices[i],
                     .input_count = 1,
                     .outputs = &indices[i + 1],
                     .output_count = 1,
                     .attributes = nullptr,
                     .attribute_count = 0});
  }
  SlGraph graph{};
  graph.values = values.data();
  graph.value_count = static_cast<int32_t>(values.size());
  graph.nodes = nodes.data();
  graph.node_count = static_cast<int32_t>(nodes.size());
  graph.outputs = &indices.back();
  graph.output_count = 1;
  return OutputKindOf(graph);
}

TEST(OutputKindOfGraph, ASoftmaxAtTheEndMakesProbabilities) {
  EXPECT_EQ(KindOfChain({"Conv", "Gemm", "Softmax"}), OutputKind::kProbabilities);
  EXPECT_EQ(KindOfChain({"Gemm", "Softmax", "Reshape", "Flatten"}), OutputKind::kProbabilities);
}

TEST(OutputKindOfGraph, AnythingElseIsLogits) {
  EXPECT_EQ(KindOfChain({"Conv", "Gemm"}), OutputKind::kLogits);
  EXPECT_EQ(KindOfChain({"Softmax", "Gemm"}), OutputKind::kLogits) << "an inner Softmax is attention";
  EXPECT_EQ(KindOfChain({"Gemm", "LogSoftmax"}), OutputKind::kLogits);
  EXPECT_EQ(KindOfChain({"Reshape"}), OutputKind::kLogits) << "back at the input";
  EXPECT_EQ(KindOfChain({}), OutputKind::kLogits);
}

TEST(OutputKindOfScores, ProbabilitiesLieInTheUnitIntervalAndSumToOne) {
  EXPECT_EQ(OutputKindOf(std::vector<float>{0.25F, 0.7501F, 0}), OutputKind::kProbabilities);
  EXPECT_EQ(OutputKindOf(std::vector<float>{0.25F, 0.25F}), OutputKind::kLogits);
  EXPECT_EQ(OutputKindOf(std::vector<float>{-0.5F, 1.5F}), OutputKind::kLogits) << "sums to 1 by chance";
  EXPECT_EQ(OutputKindOf(std::vector<float>{std::numeric_limits<float>::quiet_NaN(), 1}),
            OutputKind::kLogits);
}

}  // namespace
}  // namespace sightline::cli
