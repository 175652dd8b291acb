// What tests that run the zoo's networks in OpenCV DNN share: photographs as inputs, and the values of all
// layers.
#pragma once

#include <map>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "src/flow/task.h"

namespace sightline::zoo {

// The zoo promises 1e-3 to 1e3; it does better, and a change that loses this should be seen.
constexpr double kSmallestDeviation = 0.05;
constexpr double kLargestDeviation = 50;

constexpr char kPictures[] = "/usr/share/doc/opencv-doc/examples/data/";

// The picture stretched to the input, [1, 3, H, W]. How it is cropped doesn't matter here.
inline cv::Mat InputFrom(const std::string& file, const PreprocessSpec& spec) {
  cv::Mat picture = cv::imread(kPictures + file);
  if (picture.empty()) {
    ADD_FAILURE() << kPictures << file << " is missing: install opencv-doc";
    picture = cv::Mat(spec.height, spec.width, CV_8UC3, cv::Scalar::all(0));
  }
  cv::resize(picture, picture, {spec.width, spec.height}, 0, 0, cv::INTER_AREA);
  if (spec.order == PixelOrder::kRgb) cv::cvtColor(picture, picture, cv::COLOR_BGR2RGB);
  std::vector<cv::Mat> channels;
  cv::split(picture, channels);
  const int dims[] = {1, 3, spec.height, spec.width};
  cv::Mat input(4, dims, CV_32F);
  for (int c = 0; c < 3; ++c) {
    cv::Mat plane(spec.height, spec.width, CV_32F, input.ptr<float>(0, c));
    channels[c].convertTo(plane, CV_32F, spec.scale[c], -spec.mean[c] * spec.scale[c]);
  }
  return input;
}

inline double Deviation(const cv::Mat& values) {
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(values.reshape(1, 1), mean, deviation);
  return deviation[0];
}

// Values of every layer by name. OpenCV names layers after the node, and adds some of its own.
inline std::map<std::string, cv::Mat> RunAllLayers(cv::dnn::Net& net, const cv::Mat& input) {
  const std::vector<cv::String> names = net.getLayerNames();
  std::vector<std::vector<cv::Mat>> outputs;
  net.setInput(input);
  net.forward(outputs, names);
  std::map<std::string, cv::Mat> values;
  for (size_t i = 0; i < names.size(); ++i) values[names[i]] = outputs[i].at(0).clone();
  return values;
}

}  // namespace sightline::zoo
