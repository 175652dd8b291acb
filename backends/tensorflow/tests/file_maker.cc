#include "backends/tensorflow/tests/file_maker.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "backends/tensorflow/core/wire.h"

namespace sightline::tensorflow {
namespace {

constexpr uint64_t kFloat = 1;  // DataType DT_FLOAT

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

}  // namespace

std::string MakeGraphDef() {
  const std::string placeholder =
      NodeDef("image", "Placeholder")
          .Bytes(5, MapEntry("dtype", WireWriter().Varint(6, kFloat).bytes()))
          .Bytes(5, MapEntry("shape", WireWriter().Bytes(7, PictureShape()).bytes()))
          .bytes();
  return WireWriter()
      .Bytes(1, placeholder)
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
