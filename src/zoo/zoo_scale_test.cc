// Every network is run on two photographs by OpenCV DNN: no layer's values may fade or grow, the logits must
// be spread, and they must depend on the picture.
#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include "gtest/gtest.h"
#include "src/zoo/test_layers.h"
#include "src/zoo/zoo.h"

namespace sightline::zoo {
namespace {

double Correlation(const cv::Mat& a, const cv::Mat& b) {
  const cv::Mat x = a.reshape(1, 1) - cv::mean(a.reshape(1, 1))[0];
  const cv::Mat y = b.reshape(1, 1) - cv::mean(b.reshape(1, 1))[0];
  return x.dot(y) / std::sqrt(x.dot(x) * y.dot(y));
}

class ZooScaleTest : public testing::TestWithParam<std::string> {};

TEST_P(ZooScaleTest, KeepsItsScaleAndDependsOnThePicture) {
  const PreprocessSpec& spec = Find(GetParam()).value()->task.preprocess;
  const std::string bytes = Build(GetParam()).value().Serialize().value();
  cv::dnn::Net net = cv::dnn::readNetFromONNX(bytes.data(), bytes.size());
  const std::string logits = "onnx_node!logits";

  std::vector<cv::Mat> logits_of_picture;
  for (const char* picture : {"messi5.jpg", "fruits.jpg"}) {
    const std::map<std::string, cv::Mat> values = RunAllLayers(net, InputFrom(picture, spec));
    for (const auto& [layer, value] : values) {
      if (layer.ends_with("output")) continue;  // probabilities: a thousand of them are small
      EXPECT_GT(Deviation(value), kSmallestDeviation) << layer << " on " << picture;
      EXPECT_LT(Deviation(value), kLargestDeviation) << layer << " on " << picture;
    }
    logits_of_picture.push_back(values.at(logits));
  }
  for (const cv::Mat& values : logits_of_picture) {
    EXPECT_GE(Deviation(values), 1);
    EXPECT_LE(Deviation(values), 6);  // else one class takes all the probability
  }
  // 1 would mean that the answer is always the same: what untrained networks tend to.
  EXPECT_LT(Correlation(logits_of_picture[0], logits_of_picture[1]), 0.985);
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const Entry& entry : Entries())
    if (entry.task.task == Task::kClassification) names.push_back(entry.name);
  return names;
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooScaleTest, testing::ValuesIn(Names()), TestName);

}  // namespace
}  // namespace sightline::zoo
