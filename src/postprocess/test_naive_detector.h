// Detection written down as it is defined, one number at a time and in double, for tests to compare with.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "src/flow/task.h"
#include "src/postprocess/picture_map.h"

namespace sightline::postprocess::testing {

struct NaiveBox {
  double left = 0, top = 0, right = 0, bottom = 0;
};

struct NaiveDetection {
  NaiveBox box;
  int class_index = 0;
  double score = 0;
  int place = 0;  // which anchor of the network
};

inline double NaiveIou(const NaiveBox& a, const NaiveBox& b) {
  const double width = std::max(0.0, std::min(a.right, b.right) - std::max(a.left, b.left));
  const double height = std::max(0.0, std::min(a.bottom, b.bottom) - std::max(a.top, b.top));
  const double both = width * height;
  return both / ((a.right - a.left) * (a.bottom - a.top) + (b.right - b.left) * (b.bottom - b.top) - both);
}

inline double NaiveSigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

inline std::vector<double> NaiveShares(std::vector<double> values, ScoreKind kind) {
  if (kind == ScoreKind::kSoftmaxLogits) {
    double sum = 0;
    for (const double value : values) sum += std::exp(value);
    for (double& value : values) value = std::exp(value) / sum;
  }
  if (kind == ScoreKind::kSigmoidLogits) {
    for (double& value : values) value = NaiveSigmoid(value);
  }
  return values;
}

inline NaiveBox Around(double x, double y, double width, double height) {
  return {x - width / 2, y - height / 2, x + width / 2, y + height / 2};
}

inline NaiveBox OnPicture(const NaiveBox& box, const PictureMap& map) {
  const auto at = [](double share, double scale, double offset) {
    return std::clamp(share * scale + offset, 0.0, 1.0);
  };
  return {at(box.left, map.scale_x, map.offset_x), at(box.top, map.scale_y, map.offset_y),
          at(box.right, map.scale_x, map.offset_x), at(box.bottom, map.scale_y, map.offset_y)};
}

// All pairs of box and class above the threshold.
inline void NaiveAdd(const TaskSpec& task, const PictureMap& map, int place, const NaiveBox& box,
                     double object, const std::vector<double>& shares, std::vector<NaiveDetection>& found) {
  const NaiveBox on_picture = OnPicture(box, map);
  if (on_picture.left >= on_picture.right || on_picture.top >= on_picture.bottom) return;
  for (int c = task.has_background_class ? 1 : 0; c < task.classes; ++c) {
    const double score = object * shares[static_cast<size_t>(c)];
    if (score > static_cast<double>(task.detection->nms.score_threshold))
      found.push_back({on_picture, c, score, place});
  }
}

inline std::vector<NaiveDetection> NaiveSsd(const TaskSpec& task, const std::vector<float>& boxes,
                                            const std::vector<float>& scores, const PictureMap& map) {
  const auto& spec = std::get<SsdSpec>(task.detection->decoder);
  std::vector<NaiveDetection> found;
  size_t place = 0;
  for (const AnchorLayer& layer : spec.layers) {
    for (int row = 0; row < layer.rows; ++row) {
      for (int column = 0; column < layer.columns; ++column) {
        for (const AnchorShape& shape : layer.shapes) {
          NaiveBox anchor = Around((column + 0.5) * static_cast<double>(layer.step_x),
                                   (row + 0.5) * static_cast<double>(layer.step_y),
                                   static_cast<double>(shape.width), static_cast<double>(shape.height));
          if (spec.clip_anchors) anchor = OnPicture(anchor, {});
          const double width = anchor.right - anchor.left;
          const double height = anchor.bottom - anchor.top;
          const float* const t = &boxes[place * 4];
          const bool y_first = spec.order == BoxOrder::kYxhw;
          const double tx = static_cast<double>(y_first ? t[1] : t[0]);
          const double ty = static_cast<double>(y_first ? t[0] : t[1]);
          const double tw = static_cast<double>(y_first ? t[3] : t[2]);
          const double th = static_cast<double>(y_first ? t[2] : t[3]);
          const double centre_scale = static_cast<double>(spec.centre_scale);
          const double size_scale = static_cast<double>(spec.size_scale);
          const NaiveBox box = Around(tx / centre_scale * width + (anchor.left + anchor.right) / 2,
                                      ty / centre_scale * height + (anchor.top + anchor.bottom) / 2,
                                      std::exp(tw / size_scale) * width, std::exp(th / size_scale) * height);
          const auto* const row_begin = &scores[place * static_cast<size_t>(task.classes)];
          const std::vector<double> values(row_begin, row_begin + task.classes);
          NaiveAdd(task, map, static_cast<int>(place), box, 1,
                   NaiveShares(values, task.detection->score_kind), found);
          ++place;
        }
      }
    }
  }
  return found;
}

// `maps`: [anchors * (5 + classes), rows, columns] of each head.
inline std::vector<NaiveDetection> NaiveYolo(const TaskSpec& task,
                                             const std::vector<std::vector<float>>& maps,
                                             const PictureMap& map) {
  const auto& spec = std::get<YoloSpec>(task.detection->decoder);
  std::vector<NaiveDetection> found;
  int place = 0;
  for (size_t h = 0; h < spec.heads.size(); ++h) {
    const YoloHead& head = spec.heads[h];
    for (size_t a = 0; a < head.anchors.size(); ++a) {
      for (int row = 0; row < head.rows; ++row) {
        for (int column = 0; column < head.columns; ++column) {
          const auto value = [&](int channel) {
            const size_t plane = a * static_cast<size_t>(5 + task.classes) + static_cast<size_t>(channel);
            const size_t cell =
                static_cast<size_t>(row) * static_cast<size_t>(head.columns) + static_cast<size_t>(column);
            return static_cast<double>(
                maps[h][plane * static_cast<size_t>(head.rows) * static_cast<size_t>(head.columns) + cell]);
          };
          const bool logits = task.detection->score_kind != ScoreKind::kProbabilities;
          const double object = logits ? NaiveSigmoid(value(4)) : value(4);
          std::vector<double> classes;
          for (int c = 0; c < task.classes; ++c) classes.push_back(value(5 + c));
          const NaiveBox box = Around(
              (NaiveSigmoid(value(0)) + column) / head.columns, (NaiveSigmoid(value(1)) + row) / head.rows,
              std::exp(value(2)) * static_cast<double>(head.anchors[a].width) / task.preprocess.width,
              std::exp(value(3)) * static_cast<double>(head.anchors[a].height) / task.preprocess.height);
          NaiveAdd(task, map, place++, box, object, NaiveShares(classes, task.detection->score_kind), found);
        }
      }
    }
  }
  return found;
}

inline bool NaiveBetter(const NaiveDetection& a, const NaiveDetection& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.class_index != b.class_index ? a.class_index < b.class_index : a.place < b.place;
}

inline void NaiveLimit(std::vector<NaiveDetection>& found, int limit) {
  if (limit > 0 && found.size() > static_cast<size_t>(limit)) found.resize(static_cast<size_t>(limit));
}

inline std::vector<NaiveDetection> NaiveNms(const TaskSpec& task, const std::vector<NaiveDetection>& found) {
  const NmsSpec& nms = task.detection->nms;
  std::vector<NaiveDetection> all;
  for (int c = 0; c < task.classes; ++c) {
    std::vector<NaiveDetection> own;
    for (const NaiveDetection& d : found) {
      if (d.class_index == c) own.push_back(d);
    }
    std::sort(own.begin(), own.end(), NaiveBetter);
    NaiveLimit(own, nms.max_candidates_per_class);
    std::vector<NaiveDetection> kept;
    for (const NaiveDetection& d : own) {
      const bool hidden = std::any_of(kept.begin(), kept.end(), [&](const NaiveDetection& better) {
        return NaiveIou(d.box, better.box) > static_cast<double>(nms.iou_threshold);
      });
      if (!hidden) kept.push_back(d);
    }
    NaiveLimit(kept, nms.max_per_class);
    all.insert(all.end(), kept.begin(), kept.end());
  }
  std::sort(all.begin(), all.end(), NaiveBetter);
  NaiveLimit(all, nms.max_total);
  return all;
}

}  // namespace sightline::postprocess::testing
