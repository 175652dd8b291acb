#include "src/cli/draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <ranges>

namespace sightline::cli {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
const cv::Scalar kBlack(0, 0, 0);
const cv::Scalar kWhite(255, 255, 255);

// Sizes that suit a picture, from its shorter side.
struct Pen {
  int line = 1;
  double text = 0.4;
  int margin = 2;  // around a text
};

Pen PenFor(const cv::Mat& picture) {
  const int side = std::min(picture.cols, picture.rows);
  return {.line = std::max(1, static_cast<int>(std::lround(side / 240.0))),
          .text = std::clamp(side / 1100.0, 0.35, 2.5),
          .margin = std::max(2, side / 200)};
}

// Hues a golden section apart, so that classes next to each other differ.
cv::Scalar ColourOf(int class_index) {
  constexpr double kGoldenSection = 0.618033988749895;
  double whole = 0;
  const double hue = std::modf(class_index * kGoldenSection, &whole) * 6;
  const double x = 1 - std::abs(std::fmod(hue, 2) - 1);
  const double rgb[6][3] = {{1, x, 0}, {x, 1, 0}, {0, 1, x}, {0, x, 1}, {x, 0, 1}, {1, 0, x}};
  const double* const c = rgb[static_cast<size_t>(hue) % 6];
  return {c[2] * 255, c[1] * 255, c[0] * 255};
}

// By the eye's luminance (BT.601).
cv::Scalar ReadableOn(const cv::Scalar& bgr) {
  return 0.114 * bgr[0] + 0.587 * bgr[1] + 0.299 * bgr[2] > 140 ? kBlack : kWhite;
}

// OpenCV's fonts have ASCII alone.
std::string Printable(const std::string& text) {
  std::string ascii;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      ascii += c;
    } else if (byte >= 0xC0) {
      ascii += '?';  // of a character's bytes the first
    }
  }
  return ascii;
}

std::string NameOf(int class_index, std::span<const std::string> labels) {
  const auto at = static_cast<size_t>(class_index);
  return at < labels.size() ? labels[at] : fmt::format("class {}", class_index);
}

// A text on a plate of `colour`, moved into the picture where it would stand out of it. `corner`: the plate's
// left and top. Returns the plate.
cv::Rect PutPlate(const std::string& text, cv::Point corner, const cv::Scalar& colour, const Pen& pen,
                  cv::Mat& picture) {
  const std::string ascii = Printable(text);
  const int weight = std::max(1, pen.line / 2);
  int below = 0;
  const cv::Size size = cv::getTextSize(ascii, kFont, pen.text, weight, &below);
  const cv::Size plate(size.width + 2 * pen.margin, size.height + below + 2 * pen.margin);
  corner.x = std::max(0, std::min(corner.x, picture.cols - plate.width));
  corner.y = std::max(0, std::min(corner.y, picture.rows - plate.height));
  cv::rectangle(picture, cv::Rect(corner, plate), colour, cv::FILLED);
  cv::putText(picture, ascii, corner + cv::Point(pen.margin, pen.margin + size.height), kFont, pen.text,
              ReadableOn(colour), weight, cv::LINE_AA);
  return {corner, plate};
}

cv::Rect InPixels(const Box& box, const cv::Mat& picture) {
  const auto at = [](float share, int side) {
    return std::clamp(static_cast<int>(std::lround(share * static_cast<float>(side))), 0, side - 1);
  };
  const cv::Point first(at(box.left, picture.cols), at(box.top, picture.rows));
  const cv::Point last(at(box.right, picture.cols), at(box.bottom, picture.rows));
  return {first.x, first.y, last.x - first.x + 1, last.y - first.y + 1};
}

}  // namespace

cv::Mat ToBgr(const ImageView& image) {
  // OpenCV has no Mat over constant memory; it is only read.
  const cv::Mat view(image.height, image.width, CV_8UC3, const_cast<uint8_t*>(image.data),
                     image.stride_bytes);
  cv::Mat bgr;
  if (image.order == PixelOrder::kBgr) {
    bgr = view.clone();
  } else {
    cv::cvtColor(view, bgr, cv::COLOR_RGB2BGR);
  }
  return bgr;
}

void DrawDetections(std::span<const Detection> detections, std::span<const std::string> labels,
                    cv::Mat& picture) {
  const Pen pen = PenFor(picture);
  const auto drawn = detections.first(std::min<size_t>(detections.size(), kDetectionsDrawn));
  for (const Detection& d : drawn | std::views::reverse)
    cv::rectangle(picture, InPixels(d.box, picture), ColourOf(d.class_index), pen.line, cv::LINE_AA);
  // Labels over all boxes, the best on top.
  for (const Detection& d : drawn | std::views::reverse) {
    const cv::Rect box = InPixels(d.box, picture);
    const std::string text = fmt::format("{} {:.2f}", NameOf(d.class_index, labels), d.score);
    int below = 0;
    const int height = cv::getTextSize(text, kFont, pen.text, 1, &below).height + below + 2 * pen.margin;
    // Above the box or, without room there, in it.
    const int top = box.y >= height ? box.y - height : box.y;
    PutPlate(text, {box.x, top}, ColourOf(d.class_index), pen, picture);
  }
  if (drawn.size() < detections.size()) {
    const std::string text = fmt::format("the best {} of {} detections", drawn.size(), detections.size());
    PutPlate(text, {0, picture.rows}, kBlack, pen, picture);
  }
}

void DrawClasses(std::span<const ClassScore> best, std::span<const std::string> labels, cv::Mat& picture) {
  const Pen pen = PenFor(picture);
  int top = 0;
  for (const ClassScore& entry : best) {
    if (entry.index < 0) continue;
    const std::string text = fmt::format("{} {:.3f}", NameOf(entry.index, labels), entry.score);
    top = PutPlate(text, {0, top}, kBlack, pen, picture).br().y;
  }
}

}  // namespace sightline::cli
