#include "src/description/model_description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::description {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<TaskSpec> TaskOf(const std::string& name) {
  if (name != "zoo_ssd") return Error(ErrorKind::kNotFound, "there is no network '" + name + "' in the zoo");
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = 91;
  task.has_background_class = true;
  task.preprocess.width = 300;
  task.preprocess.height = 300;
  task.preprocess.mean = {127.5F, 127.5F, 127.5F};
  DetectionSpec detection;
  detection.nms.score_threshold = 0.3F;
  std::get<SsdSpec>(detection.decoder).layers = {{1, 1, 1, 1, {{0.5F, 0.5F}}}};
  task.detection = detection;
  return task;
}

ModelDescription Read(const std::string& text) {
  auto description = ParseModelDescription("sightline_model: 1\n" + text, "models/mine.yaml", TaskOf);
  EXPECT_TRUE(description.ok()) << description.error().message();
  return description.ok() ? std::move(description).value() : ModelDescription();
}

DetectionSpec DetectionOf(const ModelDescription& description) {
  EXPECT_TRUE(description.task.detection.has_value());
  return description.task.detection.value_or(DetectionSpec());
}

std::string ErrorOf(const std::string& text) {
  const auto description = ParseModelDescription("sightline_model: 1\n" + text, "models/mine.yaml", TaskOf);
  EXPECT_FALSE(description.ok()) << text;
  return description.ok() ? "no error" : description.error().message();
}

TEST(ParseModelDescription, ReadsAClassifier) {
  const ModelDescription read = Read(
      "file: mine.onnx\n"
      "task: classification\n"
      "labels: [cat, dog, yes]\n"
      "scores: logits\n"
      "classes: 3\n"
      "input: {like: torchvision, size: [160, 128], shorter_side: 200, colour: bgr, mean: 10, scale: [1, 2, "
      "3]}\n");
  EXPECT_EQ(read.file, "models/mine.onnx");
  EXPECT_EQ(read.task.task, Task::kClassification);
  EXPECT_EQ(read.task.output_kind, OutputKind::kLogits);
  EXPECT_TRUE(read.scores_given);
  EXPECT_EQ(read.task.classes, 3);
  EXPECT_THAT(read.task.labels, ElementsAre("cat", "dog", "yes"));
  const PreprocessSpec& input = read.task.preprocess;
  EXPECT_EQ(input.width, 160);
  EXPECT_EQ(input.height, 128);
  EXPECT_EQ(input.shorter_side, 200);
  EXPECT_EQ(input.resize, ResizeMode::kShorterThenCrop);
  EXPECT_EQ(input.kernel, ResizeKernel::kBilinearAntialias);
  EXPECT_EQ(input.order, PixelOrder::kBgr);
  EXPECT_THAT(input.mean, ElementsAre(10, 10, 10));
  EXPECT_THAT(input.scale, ElementsAre(1, 2, 3));
}

TEST(ParseModelDescription, ReadsAnSsdDetector) {
  const ModelDescription read = Read(
      "file: /models/ssd.pb\n"
      "task: detection\n"
      "labels: names.txt\n"
      "scores: softmax_logits\n"
      "outputs: [boxes, scores]\n"
      "ssd:\n"
      "  anchors:\n"
      "    - {rows: 2, columns: 4, shapes: [[0.1, 0.2], [0.3, 0.4]]}\n"
      "    - {rows: 1, columns: 1, step: [0.5, 0.6], shapes: [[1, 1]]}\n"
      "  order: xywh\n"
      "  clip_anchors: true\n"
      "  centre_scale: 8\n"
      "nms: {score_threshold: 0.01, iou_threshold: 0.45, max_candidates_per_class: 400, max_total: 200}\n");
  EXPECT_EQ(read.file, "/models/ssd.pb");
  EXPECT_EQ(read.labels_file, "models/names.txt");
  const DetectionSpec detection = DetectionOf(read);
  EXPECT_EQ(detection.score_kind, ScoreKind::kSoftmaxLogits);
  EXPECT_THAT(detection.outputs, ElementsAre("boxes", "scores"));
  const auto& ssd = std::get<SsdSpec>(detection.decoder);
  ASSERT_EQ(ssd.layers.size(), 2);
  EXPECT_EQ(ssd.layers[0].rows, 2);
  EXPECT_EQ(ssd.layers[0].columns, 4);
  EXPECT_FLOAT_EQ(ssd.layers[0].step_x, 0.25F);
  EXPECT_FLOAT_EQ(ssd.layers[0].step_y, 0.5F);
  ASSERT_EQ(ssd.layers[0].shapes.size(), 2);
  EXPECT_FLOAT_EQ(ssd.layers[0].shapes[1].height, 0.4F);
  EXPECT_FLOAT_EQ(ssd.layers[1].step_y, 0.6F);
  EXPECT_EQ(ssd.order, BoxOrder::kXywh);
  EXPECT_TRUE(ssd.clip_anchors);
  EXPECT_FLOAT_EQ(ssd.centre_scale, 8);
  EXPECT_FLOAT_EQ(ssd.size_scale, 5);
  EXPECT_FLOAT_EQ(detection.nms.score_threshold, 0.01F);
  EXPECT_EQ(detection.nms.max_candidates_per_class, 400);
  EXPECT_EQ(detection.nms.max_total, 200);
}

TEST(ParseModelDescription, ReadsAYoloDetector) {
  const ModelDescription read = Read(
      "file: yolo.onnx\ntask: detection\nscores: sigmoid_logits\n"
      "yolo: {heads: [{rows: 13, columns: 12, anchors: [[116, 90], [156, 198]]}]}\n"
      "input: {like: darknet, pad: 0}\n");
  const auto yolo = std::get<YoloSpec>(DetectionOf(read).decoder);
  ASSERT_EQ(yolo.heads.size(), 1);
  EXPECT_EQ(yolo.heads[0].columns, 12);
  EXPECT_FLOAT_EQ(yolo.heads[0].anchors[1].height, 198);
  EXPECT_EQ(read.task.preprocess.resize, ResizeMode::kLetterbox);
  EXPECT_FLOAT_EQ(read.task.preprocess.pad_value, 0);
}

TEST(ParseModelDescription, ReadsFinishedBoxes) {
  const ModelDescription read = Read(
      "file: saved\ntask: detection\nbackground_class: true\nclasses: 91\n"
      "outputs: [detection_boxes, detection_classes, detection_scores, num_detections]\n"
      "finished_boxes: {max_boxes: 50}\nnms: {score_threshold: 0.3, max_total: 20}\n");
  const DetectionSpec detection = DetectionOf(read);
  EXPECT_EQ(std::get<FinishedBoxesSpec>(detection.decoder).max_boxes, 50);
  EXPECT_EQ(detection.score_kind, ScoreKind::kProbabilities);
  EXPECT_EQ(detection.outputs.size(), 4);
  EXPECT_FLOAT_EQ(detection.nms.score_threshold, 0.3F);
  EXPECT_EQ(detection.nms.max_total, 20);
  EXPECT_EQ(std::get<FinishedBoxesSpec>(
                DetectionOf(Read("file: a.pb\ntask: detection\nfinished_boxes: {}\n")).decoder)
                .max_boxes,
            0);
}

// The zoo network says how outputs are read; how large the input is and how many classes there are, the
// model.
TEST(ParseModelDescription, TakesWhatIsNotSaidFromAZooNetwork) {
  const ModelDescription read = Read("file: mine.onnx\nlike: zoo_ssd\nnms: {iou_threshold: 0.4}\n");
  EXPECT_EQ(read.task.task, Task::kDetection);
  EXPECT_EQ(read.task.classes, 0);
  EXPECT_EQ(read.task.preprocess.width, 0);
  EXPECT_FLOAT_EQ(read.task.preprocess.mean[0], 127.5F);
  const DetectionSpec detection = DetectionOf(read);
  EXPECT_FLOAT_EQ(detection.nms.score_threshold, 0.3F);
  EXPECT_FLOAT_EQ(detection.nms.iou_threshold, 0.4F);
  EXPECT_EQ(std::get<SsdSpec>(detection.decoder).layers.size(), 1);
}

struct Bad {
  const char* text;
  const char* message;
};

TEST(ParseModelDescription, SaysWhatIsWrongAndWhere) {
  const Bad all[] = {
      {"task: detection\n", "mine.yaml:1:1: 'file' is missing; write file: and the model's file or folder"},
      {"file: a.onnx\n", "'task' is missing; write task: and classification or detection, or like:"},
      {"file: a.onnx\ntask: segmentation\n",
       "mine.yaml:3:7: task: 'segmentation' does not fit; write classification or detection"},
      {"file: a.onnx\ntask: detection\n",
       "nothing says how boxes are read from the outputs; add ssd:, yolo: or finished_boxes:, or like:"},
      {"file: a.onnx\nlike: zoo_sdd\n", "mine.yaml:3:7: like: there is no network 'zoo_sdd' in the zoo"},
      {"file: a.onnx\nlike: zoo_ssd\ntask: classification\n",
       "mine.yaml:4:7: task: is not the task of zoo_ssd, which is detection; take one of the two out"},
      {"file: a.onnx\ntask: detection\nssd: {order: yxhw}\n",
       "mine.yaml:4:1: ssd: has no anchors; add anchors: and a list of feature maps"},
      {"file: a.onnx\ntask: detection\nssd: {anchors: [{rows: 1, columns: 1, shapes: []}]}\n",
       "ssd.anchors[0].shapes: is an empty list; write a list of [width, height]"},
      {"file: a.onnx\ntask: detection\nyolo: {heads: []}\n",
       "yolo.heads: is an empty list; write a list of maps"},
      {"file: a.pb\ntask: detection\nfinished_boxes: {}\nyolo: {heads: [{rows: 1, columns: 1, anchors: [[1, "
       "1]]}]}\n",
       "finished_boxes: and yolo are both given; keep the one that reads this model's outputs"},
      {"file: a.pb\ntask: detection\nfinished_boxes: {max_boxes: 0}\n",
       "finished_boxes.max_boxes: '0' does not fit; write how many boxes a picture has at most"},
      {"file: a.pb\ntask: detection\nfinished_boxes: {}\nnms: {iou_threshold: 0.5}\n",
       "mine.yaml:5:7: nms.iou_threshold: is for boxes that are suppressed here; finished_boxes are, so take "
       "it out"},
      {"file: a.pb\ntask: detection\nfinished_boxes: {}\nscores: sigmoid_logits\n",
       "scores: 'sigmoid_logits' can't be: scores of finished_boxes are probabilities; take it out"},
      {"file: a.pb\ntask: classification\nfinished_boxes: {}\n",
       "finished_boxes: is for task: detection; take it out, or change the task"},
      {"file: a.onnx\ntask: classification\nscores: sigmoid_logits\n",
       "scores: 'sigmoid_logits' is of detections; write probabilities or logits"},
      {"file: a.onnx\nlike: zoo_ssd\nscores: logits\n",
       "scores: 'logits' leaves open which; write sigmoid_logits, softmax_logits or probabilities"},
      {"file: a.onnx\ntask: classification\nnms: {max_total: 1}\n",
       "nms: is for task: detection; take it out, or change the task"},
      {"file: a.onnx\ntask: classification\ninput: {resize: stretch, pad: 3}\n",
       "input.pad: is for resize: letterbox only"},
      {"file: a.onnx\ntask: classification\ninput: {resize: stretch, crop_fraction: 0.5}\n",
       "input.crop_fraction: is for resize: crop_then_stretch and crop_keep_aspect only"},
      {"file: a.onnx\ntask: classification\ninput: {size: [0, 3]}\n",
       "input.size[0]: '0' does not fit; write a number of pixels, 1 to 16384"},
      {"file: a.onnx\ntask: classification\ninput: {color: rgb}\n",
       "input.color: is not known here; did you mean colour?"},
      {"file: a.onnx\ntask: classification\nmean: 3\n", "mean: is not known here"},
      {"file: a.onnx\nfile: b.onnx\n", "file: this key was given before; keep one of the two"},
  };
  for (const Bad& bad : all) EXPECT_THAT(ErrorOf(bad.text), HasSubstr(bad.message)) << bad.text;
  const auto other = ParseModelDescription("[1, 2]", "mine.yaml", TaskOf);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().message(),
            "mine.yaml:1:1: is a list; write a model description, beginning with sightline_model: 1");
}

TEST(ReadModelDescription, NamesAFileThatCantBeRead) {
  const auto read = ReadModelDescription("no/such.yaml", TaskOf);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message(), "no/such.yaml: can't be read; name a readable model description");
}

}  // namespace
}  // namespace sightline::description
