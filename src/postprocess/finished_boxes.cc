#include "src/postprocess/finished_boxes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "src/base/check.h"
#include "src/postprocess/misfit.h"
#include "src/postprocess/not_finite.h"

namespace sightline::postprocess {
namespace {

// Boxes stand out of the input by some of their own size; what is farther out is counted in pixels.
constexpr float kFarthest = 10;
// Above 1 by what rounding does to a softmax.
constexpr float kHighestScore = 1.001F;

// Of a tensor of fp32, int32 or int64.
double NumberAt(const TensorView& tensor, size_t i) {
  if (tensor.type == SL_I32) return static_cast<const int32_t*>(tensor.data)[i];
  if (tensor.type == SL_I64) return static_cast<double>(static_cast<const int64_t*>(tensor.data)[i]);
  return static_cast<double>(tensor.f32()[i]);
}

size_t Elements(const TensorView& tensor) {
  return static_cast<size_t>(tensor.shape.elements());
}

}  // namespace

Result<size_t> FinishedBoxesDecoder::CountOf(const TensorView& count, size_t rows) const {
  const double value = NumberAt(count, 0);
  if (!std::isfinite(value)) return NotFinite("the number of boxes");
  if (value < 0 || value != std::floor(value)) {
    return Misfit(
        fmt::format("the model says that it found {} boxes, which is no number of them; check which output "
                    "is the count",
                    value));
  }
  if (value > static_cast<double>(rows)) {
    return Misfit(fmt::format(
        "the model says that it found {} boxes and gives {}; check which output is the count", value, rows));
  }
  return static_cast<size_t>(value);
}

Status FinishedBoxesDecoder::CheckBox(const float* box, size_t row) const {
  for (size_t i = 0; i < 4; ++i) {
    if (!std::isfinite(box[i])) return NotFinite(fmt::format("box {}, column {}", row, i));
    if (std::abs(box[i]) > kFarthest) {
      return Misfit(
          fmt::format("box {} reaches to {}; boxes are read as fractions of the input's sides, not in pixels",
                      row, box[i]));
    }
  }
  return OkStatus();
}

Result<int> FinishedBoxesDecoder::ClassOf(const TensorView& classes, size_t row) const {
  const double value = NumberAt(classes, row);
  if (!std::isfinite(value)) return NotFinite(fmt::format("the class of box {}", row));
  const int first = background_ ? 1 : 0;
  if (value == std::floor(value) && value >= first && value < classes_) return static_cast<int>(value);
  return Misfit(fmt::format(
      "box {} is of class {} and the description has classes {} to {}{}; correct classes, labels or "
      "background_class",
      row, value, first, classes_ - 1, background_ ? ", 0 being the background" : ""));
}

Status FinishedBoxesDecoder::Run(std::span<const TensorView> outputs, CandidateSet& set) const {
  SIGHTLINE_CHECK(outputs.size() == 4);
  const TensorView& boxes = outputs[0];
  const TensorView& scores = outputs[2];
  set.Clear();
  const size_t rows = Elements(scores);
  if (Elements(boxes) != rows * 4 || Elements(outputs[1]) != rows || rows > places_) {
    return Misfit(
        fmt::format("of one picture the model gave boxes {}, classes {} and scores {}, which are not as many "
                    "rows, at most {}",
                    boxes.shape.ToString(), outputs[1].shape.ToString(), scores.shape.ToString(), places_));
  }
  SIGHTLINE_ASSIGN_OR_RETURN(const size_t count, CountOf(outputs[3], rows));
  set.Resize(count);
  const BoxArrays sides = set.boxes();
  for (size_t row = 0; row < count; ++row) {
    const float* const box = boxes.f32() + row * 4;
    SIGHTLINE_RETURN_IF_ERROR(CheckBox(box, row));
    sides.top[row] = box[0];
    sides.left[row] = box[1];
    sides.bottom[row] = box[2];
    sides.right[row] = box[3];
    const float score = scores.f32()[row];
    if (!std::isfinite(score)) return NotFinite(fmt::format("the score of box {}", row));
    if (score > kHighestScore) {
      return Misfit(fmt::format(
          "box {} has the score {}, which is no probability; check which output is the scores", row, score));
    }
    if (score <= score_threshold_) continue;
    SIGHTLINE_ASSIGN_OR_RETURN(const int class_index, ClassOf(outputs[1], row));
    set.Add(static_cast<int32_t>(row), class_index, std::min(score, 1.0F));
  }
  return OkStatus();
}

}  // namespace sightline::postprocess
