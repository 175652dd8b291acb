#include "backends/tensorflow/tests/file_maker.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "backends/tensorflow/core/wire.h"

namespace sightline::tensorflow {
namespace {

constexpr uint64_t kFloat = 1;  // DataType DT_FLOAT
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

}  // namespace

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
