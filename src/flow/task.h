// What a network is for and how its inputs and outputs are to be treated. Travels beside the graph: the zoo
// fills it for its own networks, a description file (later) for a user's.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "src/flow/detection.h"
#include "src/flow/image.h"
#include "src/flow/tensor.h"

namespace sightline {

enum class Task { kClassification, kDetection };
std::string_view TaskName(Task task);  // "classification", "detection"

// How a picture is brought to the input size. All fractions and sizes refer to the picture after the step
// before.
enum class ResizeMode {
  kStretch,          // to width x height, aspect ratio not kept
  kCropThenStretch,  // central crop of crop_fraction of each SIDE, then stretch (TF-slim Inception
                     // preprocessing)
  kShorterThenCrop,  // shorter side to shorter_side keeping the aspect, then central crop (torchvision, VGG)
  kCropKeepAspect,   // central square of crop_fraction x shorter side, then resized (EfficientNet-Lite)
  kLetterbox,        // fit inside keeping the aspect, rest filled with pad_value (darknet)
};

enum class ResizeKernel {
  kBilinear,           // half-pixel centres, two taps per axis (OpenCV INTER_LINEAR)
  kBilinearTf1,        // align_corners False, no half-pixel centres (TF 1 resize_bilinear)
  kBilinearAntialias,  // support widened by the scale when shrinking (PIL, torchvision)
};

// Which pixel a central crop begins at where as much can't be left on either side.
enum class CropRounding {
  kHalfToEven,  // torchvision
  kDown,        // TF-slim, Caffe
};

// value = (pixel - mean[c]) * scale[c], pixel in 0..255, c in the order the network sees.
struct PreprocessSpec {
  int width = 0;
  int height = 0;
  ResizeMode resize = ResizeMode::kStretch;
  ResizeKernel kernel = ResizeKernel::kBilinear;
  double crop_fraction = 1.0;
  int shorter_side = 0;
  CropRounding crop_rounding = CropRounding::kHalfToEven;  // of kShorterThenCrop
  float pad_value = 0;                                     // in pixel units, before mean and scale
  PixelOrder order = PixelOrder::kRgb;
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> scale{1, 1, 1};
};

enum class OutputKind { kProbabilities, kLogits };

// A figure of a paper or of its authors, with where it was read.
struct PublishedFigures {
  double parameters = 0;               // 0: not published
  double macs = 0;                     // multiply-accumulates at batch 1; 0: not published
  std::optional<double> top1_percent;  // of the trained network
  std::string source;
  double map_percent = 0;  // COCO mAP @[.5:.95] of the trained detector; 0: not published
};

struct TaskSpec {
  Task task = Task::kClassification;
  PreprocessSpec preprocess;
  OutputKind output_kind = OutputKind::kProbabilities;  // of output 0, for classification
  int classes = 0;                                      // columns of scores, background included
  bool has_background_class = false;                    // class 0 is background (TF-slim's 1001)
  std::vector<std::string> labels;                      // empty: none known
  std::optional<DetectionSpec> detection;               // of a detection network
  PublishedFigures published;
};

}  // namespace sightline
