#include "backends/tensorflow/tests/file_maker.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <type_traits>
#include <vector>

#include "backends/tensorflow/core/wire.h"

namespace sightline::tensorflow {
namespace {

constexpr uint64_t kFloat = 1;  // DataType DT_FLOAT
constexpr uint64_t kInt32 = 3;
constexpr uint64_t kByte = 4;
constexpr uint64_t kHalf = 19;

std::string MapEntry(std::string_view key, std::string_view value) {
  return WireWriter().Bytes(1, key).Bytes(2, value).bytes();
}

// TensorShapeProto of [?, 2, 2, 3].
std::string PictureShape() {
  WireWriter shape;
  for (const uint64_t size : {~uint64_t{0}, uint64_t{2}, uint64_t{2}, uint64_t{3}}) {
    shape.Bytes(2, WireWriter().Varint(1, size).bytes());
  }
  return shape.bytes();
}

WireWriter NodeDef(std::string_view name, std::string_view type) {
  return WireWriter().Bytes(1, name).Bytes(2, type);
}

std::string Unary(std::string_view name, std::string_view type) {
  return NodeDef(name, type)
      .Bytes(3, "image")
      .Bytes(5, MapEntry("T", WireWriter().Varint(6, kFloat).bytes()))
      .bytes();
}

std::string TensorInfo(std::string_view tensor) {
  return WireWriter().Bytes(1, tensor).Varint(2, kFloat).Bytes(3, PictureShape()).bytes();
}

std::string SignatureDef(std::string_view output, std::string_view tensor) {
  return WireWriter()
      .Bytes(1, MapEntry("picture", TensorInfo("image:0")))
      .Bytes(2, MapEntry(output, TensorInfo(tensor)))
      .Bytes(3, "tensorflow/serving/predict")
      .bytes();
}

std::string TypeAttribute(std::string_view key, uint64_t type) {
  return MapEntry(key, WireWriter().Varint(6, type).bytes());
}

std::string ImagePlaceholder() {
  return NodeDef("image", "Placeholder")
      .Bytes(5, TypeAttribute("dtype", kFloat))
      .Bytes(5, MapEntry("shape", WireWriter().Bytes(7, PictureShape()).bytes()))
      .bytes();
}

std::string Cast(std::string_view name, std::string_view from, uint64_t from_type, uint64_t to_type) {
  return NodeDef(name, "Cast")
      .Bytes(3, from)
      .Bytes(5, TypeAttribute("SrcT", from_type))
      .Bytes(5, TypeAttribute("DstT", to_type))
      .bytes();
}

// [N, 2, 2, 3] times its own transpose.
std::string Product(std::string_view name, std::string_view input, uint64_t type) {
  return NodeDef(name, "BatchMatMulV2")
      .Bytes(3, input)
      .Bytes(3, input)
      .Bytes(5, TypeAttribute("T", type))
      .Bytes(5, MapEntry("adj_y", WireWriter().Varint(5, 1).bytes()))
      .bytes();
}

// A tensor of fp32 or int32 (by the type of `values`) as node "name".
template <typename T>
std::string Const(std::string_view name, const std::vector<uint64_t>& dims, const std::vector<T>& values) {
  constexpr uint64_t kType = std::is_same_v<T, float> ? kFloat : kInt32;
  WireWriter shape;
  for (const uint64_t size : dims) shape.Bytes(2, WireWriter().Varint(1, size).bytes());
  const std::string_view content(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  const std::string tensor = WireWriter().Varint(1, kType).Bytes(2, shape.bytes()).Bytes(4, content).bytes();
  return NodeDef(name, "Const")
      .Bytes(5, TypeAttribute("dtype", kType))
      .Bytes(5, MapEntry("value", WireWriter().Bytes(8, tensor).bytes()))
      .bytes();
}

// An operation on fp32 with one type attribute, "T".
WireWriter Operation(std::string_view name, std::string_view type, const std::vector<std::string>& inputs) {
  WireWriter node = NodeDef(name, type);
  for (const std::string& input : inputs) node.Bytes(3, input);
  node.Bytes(5, TypeAttribute("T", kFloat));
  return node;
}

std::string TextAttribute(std::string_view key, std::string_view text) {
  return MapEntry(key, WireWriter().Bytes(2, text).bytes());
}

std::string IntsAttribute(std::string_view key, const std::vector<uint64_t>& values) {
  WireWriter list;
  for (const uint64_t value : values) list.Varint(3, value);
  return MapEntry(key, WireWriter().Bytes(1, list.bytes()).bytes());
}

// [4 cells, 4 cells, box, 4]: each cell's own square, as top, left, bottom, right.
std::vector<float> CellBoxes() {
  std::vector<float> boxes;
  for (const float top : {0.0F, 0.25F, 0.5F, 0.75F}) {
    for (const float left : {0.0F, 0.25F, 0.5F, 0.75F}) {
      for (const float side : {top, left, top + 0.25F, left + 0.25F}) boxes.push_back(side);
    }
  }
  return boxes;
}

// Colours of cells to scores [?, 16, 3] and boxes [?, 16, 1, 4].
void AddHeads(WireWriter& graph) {
  const std::vector<float> by_colour = {2, -1, -1, -1, 2, -1, -1, -1, 2};  // [1, 1, 3 colours, 3 classes]
  graph.Bytes(1, Const<float>("class_weights", {1, 1, 3, 3}, by_colour))
      .Bytes(1, Operation("logits", "Conv2D", {"cells", "class_weights"})
                    .Bytes(5, IntsAttribute("strides", {1, 1, 1, 1}))
                    .Bytes(5, TextAttribute("padding", "VALID"))
                    .bytes())
      .Bytes(1, Const<int32_t>("score_shape", {3}, {-1, 16, 3}))
      .Bytes(1, Operation("rows", "Reshape", {"logits", "score_shape"})
                    .Bytes(5, TypeAttribute("Tshape", kInt32))
                    .bytes())
      .Bytes(1, Operation("scores", "Sigmoid", {"rows"}).bytes())
      .Bytes(1, Const<float>("nothing", {1, 1, 3, 4}, std::vector<float>(12)))
      .Bytes(1, Operation("offsets", "Conv2D", {"cells", "nothing"})
                    .Bytes(5, IntsAttribute("strides", {1, 1, 1, 1}))
                    .Bytes(5, TextAttribute("padding", "VALID"))
                    .bytes())
      .Bytes(1, Const<int32_t>("box_shape", {4}, {-1, 16, 1, 4}))
      .Bytes(1, Operation("offset_rows", "Reshape", {"offsets", "box_shape"})
                    .Bytes(5, TypeAttribute("Tshape", kInt32))
                    .bytes())
      .Bytes(1, Const<float>("cell_boxes", {1, 16, 1, 4}, CellBoxes()))
      .Bytes(1, Operation("boxes", "AddV2", {"offset_rows", "cell_boxes"}).bytes());
}

std::string Suppression() {
  return NodeDef("nms", "CombinedNonMaxSuppression")
      .Bytes(3, "boxes")
      .Bytes(3, "scores")
      .Bytes(3, "per_class")
      .Bytes(3, "in_all")
      .Bytes(3, "iou")
      .Bytes(3, "least_score")
      .bytes();
}

}  // namespace

std::string MakeShapelessGraphDef() {
  const std::string no_shape = WireWriter().Bytes(7, WireWriter().Varint(3, 1).bytes()).bytes();
  return WireWriter()
      .Bytes(1, ImagePlaceholder())
      .Bytes(1, NodeDef("same", "PlaceholderWithDefault")
                    .Bytes(3, "image")
                    .Bytes(5, TypeAttribute("dtype", kFloat))
                    .Bytes(5, MapEntry("shape", no_shape))
                    .bytes())
      .Bytes(4, WireWriter().Varint(1, 2000).bytes())
      .bytes();
}

std::string MakeDetectorGraphDef() {
  WireWriter shape;
  for (const uint64_t size : {~uint64_t{0}, uint64_t{64}, uint64_t{64}, uint64_t{3}})
    shape.Bytes(2, WireWriter().Varint(1, size).bytes());
  WireWriter graph;
  graph
      .Bytes(1, NodeDef("image_tensor", "Placeholder")
                    .Bytes(5, TypeAttribute("dtype", kByte))
                    .Bytes(5, MapEntry("shape", WireWriter().Bytes(7, shape.bytes()).bytes()))
                    .bytes())
      .Bytes(1, Cast("floats", "image_tensor", kByte, kFloat))
      .Bytes(1, Const<float>("scale", {}, {1 / 64.0F}))
      .Bytes(1, Operation("scaled", "Mul", {"floats", "scale"}).bytes())
      .Bytes(1, Operation("cells", "AvgPool", {"scaled"})
                    .Bytes(5, IntsAttribute("ksize", {1, 16, 16, 1}))
                    .Bytes(5, IntsAttribute("strides", {1, 16, 16, 1}))
                    .Bytes(5, TextAttribute("padding", "VALID"))
                    .bytes());
  AddHeads(graph);
  return graph.Bytes(1, Const<int32_t>("per_class", {}, {10}))
      .Bytes(1, Const<int32_t>("in_all", {}, {10}))
      .Bytes(1, Const<float>("iou", {}, {0.6F}))
      .Bytes(1, Const<float>("least_score", {}, {0.01F}))
      .Bytes(1, Suppression())
      .Bytes(1, Operation("detection_boxes", "Identity", {"nms:0"}).bytes())
      .Bytes(1, Const<float>("one", {}, {1}))
      .Bytes(1, Operation("detection_classes", "AddV2", {"nms:2", "one"}).bytes())
      .Bytes(1, Operation("detection_scores", "Identity", {"nms:1"}).bytes())
      .Bytes(1, Cast("num_detections", "nms:3", kInt32, kFloat))
      .Bytes(4, WireWriter().Varint(1, 2000).bytes())
      .bytes();
}

std::string MakeHalfGraphDef(bool mixed) {
  WireWriter graph;
  graph.Bytes(1, ImagePlaceholder())
      .Bytes(1, Cast("half", "image", kFloat, kHalf))
      .Bytes(1, Product("half_product", "half", kHalf))
      .Bytes(1, Cast("product", "half_product", kHalf, kFloat));
  if (mixed) graph.Bytes(1, Product("float_product", "image", kFloat));
  return graph.Bytes(4, WireWriter().Varint(1, 2000).bytes()).bytes();
}

std::string MakeWhereGraphDef() {
  return WireWriter()
      .Bytes(1, ImagePlaceholder())
      .Bytes(1, Unary("where", "Where"))
      .Bytes(4, WireWriter().Varint(1, 2000).bytes())
      .bytes();
}

std::string MakeUnknownOpGraphDef() {
  return WireWriter()
      .Bytes(1, ImagePlaceholder())
      .Bytes(1, Unary("odd", "Frobnicate"))
      .Bytes(4, WireWriter().Varint(1, 2000).bytes())
      .bytes();
}

std::string MakeGraphDef() {
  return WireWriter()
      .Bytes(1, ImagePlaceholder())
      .Bytes(1, Unary("rectified", "Relu"))
      .Bytes(1, Unary("negated", "Neg"))
      .Bytes(4, WireWriter().Varint(1, 2000).bytes())
      .bytes();
}

std::string MakeSavedModel() {
  const std::string meta_graph =
      WireWriter()
          .Bytes(1, WireWriter().Bytes(4, "serve").bytes())
          .Bytes(2, MakeGraphDef())
          .Bytes(5, MapEntry("serving_default", SignatureDef("result", "rectified:0")))
          .Bytes(5, MapEntry("opposite", SignatureDef("result", "negated:0")))
          .bytes();
  return WireWriter().Varint(1, 1).Bytes(2, meta_graph).bytes();
}

void WriteFile(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = testing::TempDir() + "sightline_tensorflow_XXXXXX";
  const char* made = mkdtemp(pattern.data());
  EXPECT_NE(made, nullptr);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace sightline::tensorflow
