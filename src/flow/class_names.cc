#include "src/flow/class_names.h"

#include <array>
#include <string_view>
#include <utility>

namespace sightline {
namespace {

// By the ids of the annotations, 1 to 90; "" where an id was never used.
constexpr std::array<std::string_view, 90> kCoco = {"person",
                                                    "bicycle",
                                                    "car",
                                                    "motorcycle",
                                                    "airplane",
                                                    "bus",
                                                    "train",
                                                    "truck",
                                                    "boat",
                                                    "traffic light",
                                                    "fire hydrant",
                                                    "",
                                                    "stop sign",
                                                    "parking meter",
                                                    "bench",
                                                    "bird",
                                                    "cat",
                                                    "dog",
                                                    "horse",
                                                    "sheep",
                                                    "cow",
                                                    "elephant",
                                                    "bear",
                                                    "zebra",
                                                    "giraffe",
                                                    "",
                                                    "backpack",
                                                    "umbrella",
                                                    "",
                                                    "",
                                                    "handbag",
                                                    "tie",
                                                    "suitcase",
                                                    "frisbee",
                                                    "skis",
                                                    "snowboard",
                                                    "sports ball",
                                                    "kite",
                                                    "baseball bat",
                                                    "baseball glove",
                                                    "skateboard",
                                                    "surfboard",
                                                    "tennis racket",
                                                    "bottle",
                                                    "",
                                                    "wine glass",
                                                    "cup",
                                                    "fork",
                                                    "knife",
                                                    "spoon",
                                                    "bowl",
                                                    "banana",
                                                    "apple",
                                                    "sandwich",
                                                    "orange",
                                                    "broccoli",
                                                    "carrot",
                                                    "hot dog",
                                                    "pizza",
                                                    "donut",
                                                    "cake",
                                                    "chair",
                                                    "couch",
                                                    "potted plant",
                                                    "bed",
                                                    "",
                                                    "dining table",
                                                    "",
                                                    "",
                                                    "toilet",
                                                    "",
                                                    "tv",
                                                    "laptop",
                                                    "mouse",
                                                    "remote",
                                                    "keyboard",
                                                    "cell phone",
                                                    "microwave",
                                                    "oven",
                                                    "toaster",
                                                    "sink",
                                                    "refrigerator",
                                                    "",
                                                    "book",
                                                    "clock",
                                                    "vase",
                                                    "scissors",
                                                    "teddy bear",
                                                    "hair drier",
                                                    "toothbrush"};

constexpr std::array<std::string_view, 20> kVoc = {
    "aeroplane", "bicycle",     "bird",  "boat",        "bottle", "bus",      "car",
    "cat",       "chair",       "cow",   "diningtable", "dog",    "horse",    "motorbike",
    "person",    "pottedplant", "sheep", "sofa",        "train",  "tvmonitor"};

constexpr std::string_view kBackground = "background";
constexpr int kUsed = 80;

std::vector<std::string> CocoBehind(std::vector<std::string> names, bool unused_too) {
  for (size_t i = 0; i < kCoco.size(); ++i) {
    if (!kCoco[i].empty()) {
      names.emplace_back(kCoco[i]);
    } else if (unused_too) {
      names.push_back("unused " + std::to_string(i + 1));
    }
  }
  return names;
}

}  // namespace

std::vector<std::string> CocoNames(int columns) {
  const bool all = columns == static_cast<int>(kCoco.size()) || columns == static_cast<int>(kCoco.size()) + 1;
  if (!all && columns != kUsed && columns != kUsed + 1) return {};
  std::vector<std::string> names;
  if (columns % 2 == 1) names.emplace_back(kBackground);
  return CocoBehind(std::move(names), all);
}

std::vector<std::string> VocNames(int columns) {
  const auto used = static_cast<int>(kVoc.size());
  if (columns != used && columns != used + 1) return {};
  std::vector<std::string> names;
  if (columns > used) names.emplace_back(kBackground);
  names.insert(names.end(), kVoc.begin(), kVoc.end());
  return names;
}

}  // namespace sightline
