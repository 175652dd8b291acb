// Every detector is run on one or two photographs by OpenCV DNN: no layer's values may fade or grow, and the
// number of candidates above the score threshold must be about the one that the heads' biases aim at.
#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <stdexcept>
#include <variant>

#include "gtest/gtest.h"
#include "src/zoo/detection_task.h"
#include "src/zoo/test_layers.h"
#include "src/zoo/zoo.h"

namespace sightline::zoo {
namespace {

constexpr int64_t kFewMacs = 6'000'000'000;  // larger networks see one picture: minutes otherwise

const DetectionSpec& DetectionOf(const TaskSpec& task) {
  if (!task.detection) throw std::logic_error("the network detects nothing");
  return *task.detection;
}

double Sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// Scores of all classes, the background included, whose logits stand `stride` apart.
std::vector<double> Scores(const float* logits, int classes, size_t stride, ScoreKind kind) {
  std::vector<double> scores(static_cast<size_t>(classes));
  double sum = 0;
  for (size_t c = 0; c < scores.size(); ++c) {
    const double x = logits[c * stride];
    scores[c] = kind == ScoreKind::kSigmoidLogits ? Sigmoid(x) : std::exp(x);
    sum += scores[c];
  }
  if (kind == ScoreKind::kSoftmaxLogits)
    for (double& score : scores) score /= sum;
  return scores;
}

int CountAbove(const std::vector<double>& scores, double factor, const TaskSpec& task) {
  const double threshold = DetectionOf(task).nms.score_threshold;
  const auto first = scores.begin() + (task.has_background_class ? 1 : 0);
  return static_cast<int>(
      std::count_if(first, scores.end(), [&](double score) { return factor * score > threshold; }));
}

int SsdCandidates(const cv::Mat& logits, const TaskSpec& task) {
  int count = 0;
  for (size_t at = 0; at < logits.total(); at += static_cast<size_t>(task.classes))
    count +=
        CountAbove(Scores(logits.ptr<float>() + at, task.classes, 1, DetectionOf(task).score_kind), 1, task);
  return count;
}

int YoloCandidates(const cv::Mat& map, const YoloHead& head, const TaskSpec& task) {
  int count = 0;
  const size_t cells = static_cast<size_t>(head.rows) * head.columns;
  for (size_t anchor = 0; anchor < head.anchors.size(); ++anchor) {
    const float* first = map.ptr<float>() + anchor * (5 + task.classes) * cells;
    for (size_t cell = 0; cell < cells; ++cell) {
      const auto scores = Scores(first + 5 * cells + cell, task.classes, cells, DetectionOf(task).score_kind);
      count += CountAbove(scores, Sigmoid(first[4 * cells + cell]), task);
    }
  }
  return count;
}

int Candidates(const std::map<std::string, cv::Mat>& values, const TaskSpec& task) {
  if (std::holds_alternative<SsdSpec>(DetectionOf(task).decoder))
    return SsdCandidates(values.at("onnx_node!classes"), task);
  int count = 0;
  const auto& heads = std::get<YoloSpec>(DetectionOf(task).decoder).heads;
  for (size_t i = 0; i < heads.size(); ++i)
    count += YoloCandidates(values.at("onnx_node!head" + std::to_string(i)), heads[i], task);
  return count;
}

class ZooDetectionScaleTest : public testing::TestWithParam<std::string> {};

TEST_P(ZooDetectionScaleTest, KeepsItsScaleAndFindsARealisticNumberOfCandidates) {
  const TaskSpec& task = Find(GetParam()).value()->task;
  const std::string bytes = Build(GetParam()).value().Serialize().value();
  cv::dnn::Net net = cv::dnn::readNetFromONNX(bytes.data(), bytes.size());
  std::vector<const char*> pictures{"messi5.jpg"};
  if (Count(GetParam()).value().macs < kFewMacs) pictures.push_back("fruits.jpg");
  for (const char* picture : pictures) {
    const std::map<std::string, cv::Mat> values = RunAllLayers(net, InputFrom(picture, task.preprocess));
    for (const auto& [layer, value] : values) {
      // Gates and what leads to them, vectors of length 1: small by nature.
      if (layer.find("/squeeze/") != std::string::npos || layer.ends_with("/unit")) continue;
      EXPECT_GT(Deviation(value), kSmallestDeviation) << layer << " on " << picture;
      EXPECT_LT(Deviation(value), kLargestDeviation) << layer << " on " << picture;
    }
    const int candidates = Candidates(values, task);
    EXPECT_GT(candidates, kCandidates / 5) << picture;
    EXPECT_LT(candidates, kCandidates * 5) << picture;
  }
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const Entry& entry : Entries())
    if (entry.task.detection && !std::holds_alternative<TwoStageSpec>(entry.task.detection->decoder))
      names.push_back(entry.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooDetectionScaleTest, testing::ValuesIn(Names()),
                         [](const testing::TestParamInfo<std::string>& named) { return named.param; });

}  // namespace
}  // namespace sightline::zoo
