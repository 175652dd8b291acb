#include "src/description/description_reader.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "src/description/preprocess_reader.h"

namespace sightline::description {
namespace {

using document::Document;
using document::Json;
using document::Path;

AnchorShape Shape(const Json& pair) {
  return {pair[0].get<float>(), pair[1].get<float>()};
}

std::vector<AnchorShape> Shapes(const Json& list) {
  std::vector<AnchorShape> shapes;
  for (const Json& pair : list) shapes.push_back(Shape(pair));
  return shapes;
}

AnchorLayer Layer(const Json& map) {
  AnchorLayer layer;
  layer.rows = map["rows"].get<int>();
  layer.columns = map["columns"].get<int>();
  layer.step_x =
      map.contains("step") ? map["step"][0].get<float>() : 1.0F / static_cast<float>(layer.columns);
  layer.step_y = map.contains("step") ? map["step"][1].get<float>() : 1.0F / static_cast<float>(layer.rows);
  layer.shapes = Shapes(map["shapes"]);
  return layer;
}

class Reader {
 public:
  Reader(const Document& document, const std::filesystem::path& folder, const TaskOf& task_of)
      : document_(document), folder_(folder), task_of_(task_of) {}

  Result<ModelDescription> Read() {
    description_.file = folder_ / document_.TextOf({"file"});
    SIGHTLINE_RETURN_IF_ERROR(StartLike());
    SIGHTLINE_RETURN_IF_ERROR(ReadTask());
    if (const Json* classes = document_.Find({"classes"})) task().classes = classes->get<int>();
    if (const Json* background = document_.Find({"background_class"})) {
      task().has_background_class = background->get<bool>();
    }
    ReadLabels();
    ReadPreprocess(document_, task().preprocess);
    SIGHTLINE_RETURN_IF_ERROR(CheckCrop());
    SIGHTLINE_RETURN_IF_ERROR(ReadScores());
    SIGHTLINE_RETURN_IF_ERROR(detection() ? ReadDetection() : CheckNoDetection());
    return std::move(description_);
  }

 private:
  TaskSpec& task() { return description_.task; }
  bool detection() { return task().task == Task::kDetection; }
  bool Has(const Path& path) const { return document_.Find(path) != nullptr; }

  // The input size is the model's own, whatever that of the zoo network.
  Status StartLike() {
    if (!Has({"like"})) return OkStatus();
    auto like = task_of_(document_.TextOf({"like"}));
    if (!like.ok()) return document_.At({"like"}, like.error().message());
    task() = std::move(like).value();
    task().published = {};
    task().labels.clear();
    task().classes = 0;
    task().preprocess.width = 0;
    task().preprocess.height = 0;
    description_.scores_given = true;
    return OkStatus();
  }

  Status ReadTask() {
    if (!Has({"task"})) {
      if (Has({"like"})) return OkStatus();
      return document_.At({},
                          "'task' is missing; write task: and classification or detection, or like: and "
                          "the zoo network it is like");
    }
    const bool detects = document_.TextOf({"task"}) == "detection";
    if (Has({"like"}) && detects != detection()) {
      return document_.At({"task"}, fmt::format("is not the task of {}, which is {}; take one of the two out",
                                                document_.TextOf({"like"}), TaskName(task().task)));
    }
    task().task = detects ? Task::kDetection : Task::kClassification;
    return OkStatus();
  }

  void ReadLabels() {
    const Json* labels = document_.Find({"labels"});
    if (labels == nullptr) return;
    if (!labels->is_array()) {
      description_.labels_file = (folder_ / document_.TextOf({"labels"})).string();
      return;
    }
    for (size_t i = 0; i < labels->size(); ++i) {
      task().labels.push_back(document_.TextOf({"labels", std::to_string(i)}));
    }
  }

  Status CheckCrop() {
    const PreprocessSpec& spec = task().preprocess;
    if (Has({"input", "pad"}) && spec.resize != ResizeMode::kLetterbox) {
      return document_.AtKey({"input", "pad"}, "is for resize: letterbox only; take it out or letterbox in");
    }
    if (Has({"input", "shorter_side"}) && spec.resize != ResizeMode::kShorterThenCrop) {
      return document_.AtKey({"input", "shorter_side"},
                             "is for resize: shorter_then_crop only; take it out, or that in");
    }
    const bool crops =
        spec.resize == ResizeMode::kCropThenStretch || spec.resize == ResizeMode::kCropKeepAspect;
    if (Has({"input", "crop_fraction"}) && !crops) {
      return document_.AtKey(
          {"input", "crop_fraction"},
          "is for resize: crop_then_stretch and crop_keep_aspect only; take it out, or one of them in");
    }
    return OkStatus();
  }

  Status ReadScores() {
    if (!Has({"scores"})) return OkStatus();
    description_.scores_given = true;
    const std::string& scores = document_.TextOf({"scores"});
    if (!detection()) {
      if (scores == "probabilities" || scores == "logits") {
        task().output_kind = scores == "logits" ? OutputKind::kLogits : OutputKind::kProbabilities;
        return OkStatus();
      }
      return document_.At({"scores"},
                          fmt::format("'{}' is of detections; write probabilities or logits", scores));
    }
    if (scores == "logits") {
      return document_.At(
          {"scores"}, "'logits' leaves open which; write sigmoid_logits, softmax_logits or probabilities");
    }
    return OkStatus();
  }

  Status ReadDetection() {
    DetectionSpec spec = task().detection.value_or(DetectionSpec());
    SIGHTLINE_RETURN_IF_ERROR(ChooseDecoder(spec));
    const std::string& scores = document_.TextOf({"scores"});
    if (scores == "probabilities") spec.score_kind = ScoreKind::kProbabilities;
    if (scores == "sigmoid_logits") spec.score_kind = ScoreKind::kSigmoidLogits;
    if (scores == "softmax_logits") spec.score_kind = ScoreKind::kSoftmaxLogits;
    if (const Json* outputs = document_.Find({"outputs"})) {
      spec.outputs.clear();
      for (size_t i = 0; i < outputs->size(); ++i) {
        spec.outputs.push_back(document_.TextOf({"outputs", std::to_string(i)}));
      }
    }
    SIGHTLINE_RETURN_IF_ERROR(CheckFinished(spec));
    ReadNms(spec.nms);
    task().detection = std::move(spec);
    return OkStatus();
  }

  // Of ssd, yolo and finished_boxes at most one reads the outputs.
  Status CheckOneDecoder() {
    const char* first = nullptr;
    for (const char* key : {"ssd", "yolo", "finished_boxes"}) {
      if (!Has({key})) continue;
      if (first != nullptr) {
        return document_.AtKey(
            {key}, fmt::format("and {} are both given; keep the one that reads this model's outputs", first));
      }
      first = key;
    }
    return OkStatus();
  }

  // What is of suppression by us, which finished boxes have behind them, and of scores that are no
  // probabilities yet.
  Status CheckFinished(DetectionSpec& spec) {
    if (!std::holds_alternative<FinishedBoxesSpec>(spec.decoder)) return OkStatus();
    for (const char* key : {"iou_threshold", "max_candidates_per_class"}) {
      if (!Has({"nms", key})) continue;
      return document_.AtKey({"nms", key},
                             "is for boxes that are suppressed here; finished_boxes are, so take it out");
    }
    const std::string& scores = document_.TextOf({"scores"});
    if (!scores.empty() && scores != "probabilities") {
      return document_.At(
          {"scores"},
          fmt::format("'{}' can't be: scores of finished_boxes are probabilities; take it out", scores));
    }
    spec.score_kind = ScoreKind::kProbabilities;
    return OkStatus();
  }

  Status ChooseDecoder(DetectionSpec& spec) {
    SIGHTLINE_RETURN_IF_ERROR(CheckOneDecoder());
    if (Has({"finished_boxes"})) {
      spec.decoder = FinishedBoxesSpec();
      Number({"finished_boxes", "max_boxes"}, std::get<FinishedBoxesSpec>(spec.decoder).max_boxes);
      return OkStatus();
    }
    if (Has({"yolo"})) {
      spec.decoder = YoloSpec();
      auto& heads = std::get<YoloSpec>(spec.decoder).heads;
      for (const Json& map : *document_.Find({"yolo", "heads"})) {
        heads.push_back({map["rows"].get<int>(), map["columns"].get<int>(), Shapes(map["anchors"])});
      }
      return OkStatus();
    }
    if (!Has({"ssd"})) {
      if (Has({"like"})) return OkStatus();
      return document_.At(
          {},
          "nothing says how boxes are read from the outputs; add ssd:, yolo: or finished_boxes:, or like: "
          "and the zoo network it is like");
    }
    if (!std::holds_alternative<SsdSpec>(spec.decoder)) spec.decoder = SsdSpec();
    auto& ssd = std::get<SsdSpec>(spec.decoder);
    ReadSsd(ssd);
    if (!ssd.layers.empty()) return OkStatus();
    return document_.AtKey({"ssd"}, "has no anchors; add anchors: and a list of feature maps");
  }

  void ReadSsd(SsdSpec& ssd) {
    if (const Json* anchors = document_.Find({"ssd", "anchors"})) {
      ssd.layers.clear();
      for (const Json& map : *anchors) ssd.layers.push_back(Layer(map));
    }
    if (const Json* clip = document_.Find({"ssd", "clip_anchors"})) ssd.clip_anchors = clip->get<bool>();
    if (Has({"ssd", "order"})) {
      ssd.order = document_.TextOf({"ssd", "order"}) == "xywh" ? BoxOrder::kXywh : BoxOrder::kYxhw;
    }
    Number({"ssd", "centre_scale"}, ssd.centre_scale);
    Number({"ssd", "size_scale"}, ssd.size_scale);
  }

  void ReadNms(NmsSpec& nms) {
    Number({"nms", "score_threshold"}, nms.score_threshold);
    Number({"nms", "iou_threshold"}, nms.iou_threshold);
    Number({"nms", "max_candidates_per_class"}, nms.max_candidates_per_class);
    Number({"nms", "max_per_class"}, nms.max_per_class);
    Number({"nms", "max_total"}, nms.max_total);
  }

  template <typename Value>
  void Number(const Path& path, Value& value) {
    if (const Json* number = document_.Find(path)) value = number->get<Value>();
  }

  Status CheckNoDetection() {
    for (const char* key : {"ssd", "yolo", "finished_boxes", "nms"}) {
      if (Has({key})) {
        return document_.AtKey({key}, "is for task: detection; take it out, or change the task");
      }
    }
    return OkStatus();
  }

  const Document& document_;
  const std::filesystem::path& folder_;
  const TaskOf& task_of_;
  ModelDescription description_;
};

}  // namespace

Result<ModelDescription> ReadDescription(const Document& document, const std::filesystem::path& folder,
                                         const TaskOf& task_of) {
  return Reader(document, folder, task_of).Read();
}

}  // namespace sightline::description
