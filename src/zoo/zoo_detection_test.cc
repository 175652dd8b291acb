// The detectors: sizes and anchors as published, outputs as their DetectionSpec reads them.
#include <onnx/onnx_pb.h>

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/zoo/detection_task.h"
#include "src/zoo/ssd_blocks.h"
#include "src/zoo/yolo_blocks.h"
#include "src/zoo/zoo.h"

namespace sightline::zoo {
namespace {

using testing::ElementsAre;

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const Entry& entry : Entries())
    if (entry.task.task == Task::kDetection) names.push_back(entry.name);
  return names;
}

std::vector<int64_t> DimsAfterBatch(const onnx::ValueInfoProto& info) {
  const auto& shape = info.type().tensor_type().shape();
  EXPECT_FALSE(shape.dim(0).has_dim_value()) << info.name() << " must have an open batch";
  std::vector<int64_t> dims;
  for (int i = 1; i < shape.dim_size(); ++i) dims.push_back(shape.dim(i).dim_value());
  return dims;
}

TEST(ZooDetection, EveryColumnOfScoresHasAName) {
  for (const Entry& entry : Entries()) {
    if (entry.task.task != Task::kDetection) continue;
    EXPECT_EQ(entry.task.labels.size(), static_cast<size_t>(entry.task.classes)) << entry.name;
    EXPECT_EQ(entry.task.labels.at(0), entry.task.has_background_class ? "background" : "person") << entry.name;
  }
}

class ZooDetectionTest : public testing::TestWithParam<std::string> {
 protected:
  const TaskSpec& task() const { return Find(GetParam()).value()->task; }
};

TEST_P(ZooDetectionTest, OutputsAreWhatTheDecoderReads) {
  const network::Network network = Build(GetParam()).value();
  const auto& outputs = network.model().graph().output();
  ASSERT_TRUE(task().detection);
  if (const auto* ssd = std::get_if<SsdSpec>(&task().detection->decoder)) {
    ASSERT_EQ(outputs.size(), 2);
    EXPECT_EQ(outputs[0].name(), "box_encodings");
    EXPECT_EQ(outputs[1].name(), "class_logits");
    EXPECT_THAT(DimsAfterBatch(outputs[0]), ElementsAre(AnchorCount(ssd->layers), 4));
    EXPECT_THAT(DimsAfterBatch(outputs[1]), ElementsAre(AnchorCount(ssd->layers), task().classes));
    return;
  }
  const auto& heads = std::get<YoloSpec>(task().detection->decoder).heads;
  ASSERT_EQ(static_cast<size_t>(outputs.size()), heads.size());
  for (size_t i = 0; i < heads.size(); ++i) {
    const auto& output = outputs[static_cast<int>(i)];
    const auto channels = static_cast<int64_t>(heads[i].anchors.size()) * (5 + task().classes);
    EXPECT_EQ(output.name(), "map_" + std::to_string(heads[i].rows));
    EXPECT_THAT(DimsAfterBatch(output), ElementsAre(channels, heads[i].rows, heads[i].columns));
  }
}

TEST_P(ZooDetectionTest, IsAsLargeAsPublished) {
  const network::NetworkCost cost = Count(GetParam()).value();
  const PublishedFigures& published = task().published;
  RecordProperty("parameters", std::to_string(cost.parameters));
  std::cout << GetParam() << " " << cost.parameters << " " << cost.macs << "\n";
  if (published.parameters > 0) {
    EXPECT_NEAR(static_cast<double>(cost.parameters), published.parameters, 0.01 * published.parameters);
  }
  if (published.macs > 0) {
    EXPECT_NEAR(static_cast<double>(cost.macs), published.macs, 0.02 * published.macs);
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooDetectionTest, testing::ValuesIn(Names()),
                         [](const testing::TestParamInfo<std::string>& named) { return named.param; });

}  // namespace
}  // namespace sightline::zoo
