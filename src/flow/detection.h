// What a detection network says about one picture, and how its raw outputs become that. The figures of each
// network are the zoo's or a description file's; postprocess/ carries them out.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace sightline {

// Sides as fractions of the picture's width and height: 0 is left and top, 1 right and bottom. Of the picture
// as decoded, whatever stretch or letterbox brought it to the network.
struct Box {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;
  friend bool operator==(const Box&, const Box&) = default;
};

struct Detection {
  Box box;
  int class_index = -1;  // counts as the network's score columns do, a background class included
  float score = 0;       // 0..1
  friend bool operator==(const Detection&, const Detection&) = default;
};

// What the numbers in a score tensor are.
enum class ScoreKind {
  kProbabilities,
  kSigmoidLogits,  // every class by itself: 1 / (1 + exp(-x))
  kSoftmaxLogits,  // over the classes of one anchor, a background class included
};

// Width and height of an anchor (SSD: default box, prior). What unit: see where it stands.
struct AnchorShape {
  float width = 0;
  float height = 0;
};

// The anchors at the cells of one feature map, numbered by row, column, shape (fastest).
struct AnchorLayer {
  int rows = 0;
  int columns = 0;
  // Centre of cell i: (i + offset) * step. Fractions of the network's input: 1 / rows and 1 / columns in
  // TF-OD, pixels of step over pixels of input in Caffe.
  float step_y = 0;
  float step_x = 0;
  std::vector<AnchorShape> shapes;  // fractions of the network's input
  float offset = 0.5F;              // 0 in the grid of TF-OD's first stages
};

// The order of the four numbers that describe one box relative to its anchor.
enum class BoxOrder { kYxhw /* TF-OD */, kXywh /* Caffe, torchvision */ };

// Outputs: boxes [N, A, 4] and scores [N, A, classes], A over all layers in order.
//   centre = t / centre_scale * anchor size + anchor centre;  size = exp(t / size_scale) * anchor size
struct SsdSpec {
  std::vector<AnchorLayer> layers;
  bool clip_anchors = false;  // to the input (Caffe's `clip: true`)
  BoxOrder order = BoxOrder::kYxhw;
  float centre_scale = 10;  // 1 / Caffe's variance
  float size_scale = 5;
};

// Non-maximum suppression, for each class by itself.
struct NmsSpec {
  float score_threshold = 0;         // a candidate's score is above it
  float iou_threshold = 0.5F;        // a box overlapping a better one by more goes
  int max_candidates_per_class = 0;  // the best of a class that enter suppression; 0: all
  int max_per_class = 100;           // the best that leave it
  int max_total = 100;               // of all classes together
};

// How the second stage gets at the part of a map that belongs to a proposal.
enum class RoiCrop {
  // A crop of the features goes through a second network.
  kBilinear,
  // R-FCN: instead of features the first network gives maps of boxes and of scores, with bins * bins times as
  // many channels as a proposal has numbers: bin (by row) before class before number. A box is cut into bins
  // x
  // bins; of each bin its own channels are sampled as above at (crop_size / bins)^2 points, and the mean over
  // all bins and points is the answer (research/object_detection/utils/ops.py,
  // position_sensitive_crop_regions). There is no second network.
  kPositionSensitive,
};

// Boxes that the first stage proposes, and a second look at each of them.
//   first:  boxes [N, A, 4], objectness logits [N, A, 2] (background first), then
//     Faster R-CNN (Ren et al., NIPS 2015): features [N, C, H, W]
//     R-FCN (Dai et al., NIPS 2016): boxes [N, bins * bins * (classes - 1) * 4, H, W] and class logits
//     [N, bins * bins * classes, H, W]
//   second: of P proposals boxes [P, (classes - 1) * 4] relative to them, class logits [P, classes], class 0
//           the background
//     Faster R-CNN: a second network's, from crops of the features [P, C, crop_size, crop_size], cut out and
//     resized bilinearly (tf.image.crop_and_resize)
//     R-FCN: pooled from the maps
// Crops and pooling are the host's, the same for all backends.
struct TwoStageSpec {
  SsdSpec proposals;     // how the first network's boxes are read
  NmsSpec proposal_nms;  // of one class; max_total is P, the number of proposals
  RoiCrop crop = RoiCrop::kBilinear;
  int crop_size = 14;
  int bins = 1;
  BoxOrder order = BoxOrder::kYxhw;  // of the second network's boxes
  float centre_scale = 10;
  float size_scale = 5;
};

// One output map [N, anchors * (5 + classes), rows, columns]: of each anchor tx, ty, tw, th, objectness, then
// the classes.
struct YoloHead {
  int rows = 0;
  int columns = 0;
  std::vector<AnchorShape> anchors;  // pixels of the network's input
};

// centre = (sigmoid(t) + cell) / cells;  size = anchor * exp(t) / input;  score = sigmoid(objectness) *
// class.
struct YoloSpec {
  std::vector<YoloHead> heads;  // in the order of the outputs
};

// Boxes that the model has decoded and suppressed by itself, as TF-OD exports its detectors (exporter.py) and
// as TFLite_Detection_PostProcess gives them. Outputs, M rows a picture, of which the first `count` are
// filled:
//   boxes [N, M, 4] as top, left, bottom, right in fractions of the network's input; classes [N, M], whole
//   numbers; scores [N, M], probabilities; count [N] or [N, 1]
// Classes count from 0, or from 1 where class 0 is the background, as in TF-OD's label maps.
struct FinishedBoxesSpec {
  int max_boxes = 0;  // M, where the model leaves it open; 0: not said
};

struct DetectionSpec {
  std::variant<SsdSpec, YoloSpec, TwoStageSpec, FinishedBoxesSpec> decoder;
  ScoreKind score_kind = ScoreKind::kSigmoidLogits;
  NmsSpec nms;
  std::vector<std::string> outputs;  // the model's names for what `decoder` reads, in its order; empty: the
                                     // model's outputs as they come
};

}  // namespace sightline
