#include "src/network/fold.h"

#include <cstring>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/small_tensor.h"
#include "src/network/test_models.h"

namespace sightline::network {
namespace {

// Loads a graph in which `c` is computed from constants and added to the input, and shows what `c` was folded
// to: "2x2: 1 2 3 4".
std::string Fold(const std::string& constants, const std::string& nodes, const std::string& type,
                 int opset = 13) {
  auto model = ParseModel(
      fmt::format("g ({0}[N] x) => ({0} y) <{1}> {{ {2}  y = custom.Use(x, c) }}", type, constants, nodes),
      opset);
  const Network network = Load(std::move(model));
  const onnx::TensorProto* c = FindConstant(network, "c");
  if (c == nullptr || OpTypes(network) != "Use") return "not folded";
  std::string text;
  for (const int64_t dim : c->dims()) text += (text.empty() ? "" : "x") + std::to_string(dim);
  text += ":";
  const auto small = FromConstant(*c);
  for (const Element& e : small->elements) {
    text += small->is_real() ? fmt::format(" {}", e.real) : fmt::format(" {}", e.integer);
  }
  return text;
}

std::string FoldInts(const std::string& constants, const std::string& nodes, int opset = 13) {
  return Fold(constants, nodes, "int64", opset);
}
std::string FoldFloats(const std::string& constants, const std::string& nodes) {
  return Fold(constants, nodes, "float");
}

constexpr char kMatrix[] = "int64[2,3] a = {1, 2, 3, 4, 5, 6}";

TEST(FoldTest, MovesValues) {
  const std::string a = kMatrix;
  EXPECT_EQ(FoldInts(a + ", int64[2] s = {3, -1}", "c = Reshape(a, s)"), "3x2: 1 2 3 4 5 6");
  EXPECT_EQ(FoldInts(a + ", int64[2] s = {0, 3}", "c = Reshape(a, s)"), "2x3: 1 2 3 4 5 6");
  EXPECT_EQ(FoldInts(a, "c = Transpose<perm = [1, 0]>(a)"), "3x2: 1 4 2 5 3 6");
  EXPECT_EQ(FoldInts(a, "c = Transpose(a)"), "3x2: 1 4 2 5 3 6");
  EXPECT_EQ(FoldInts(a, "c = Flatten<axis = 0>(a)"), "1x6: 1 2 3 4 5 6");
  EXPECT_EQ(FoldInts(a + ", int64[1] i = {1}", "c = Gather<axis = 0>(a, i)"), "1x3: 4 5 6");
  EXPECT_EQ(FoldInts(a + ", int64[2] i = {-1, 0}", "c = Gather<axis = 1>(a, i)"), "2x2: 3 1 6 4");
  EXPECT_EQ(FoldInts(a + ", int64 i = {1}", "c = Gather<axis = 1>(a, i)"), "2: 2 5");
  EXPECT_EQ(FoldInts(a, "c = Concat<axis = 0>(a, a)"), "4x3: 1 2 3 4 5 6 1 2 3 4 5 6");
  EXPECT_EQ(FoldInts(a, "c = Concat<axis = -1>(a, a)"), "2x6: 1 2 3 1 2 3 4 5 6 4 5 6");
  EXPECT_EQ(FoldInts("int64[2,1] a = {7, 8}, int64[2] s = {2, 3}", "c = Expand(a, s)"), "2x3: 7 7 7 8 8 8");
  EXPECT_EQ(FoldInts("int64[2,2] a = {1, 2, 3, 4}, int64[2] r = {2, 2}", "c = Tile(a, r)"),
            "4x4: 1 2 1 2 3 4 3 4 1 2 1 2 3 4 3 4");
}

TEST(FoldTest, AddsAndDropsDimensionsBeforeAndAfterOpset13) {
  EXPECT_EQ(FoldInts("int64[3] a = {1, 2, 3}, int64[2] i = {0, -1}", "c = Unsqueeze(a, i)"), "1x3x1: 1 2 3");
  EXPECT_EQ(FoldInts("int64[3] a = {1, 2, 3}", "c = Unsqueeze<axes = [1]>(a)", 11), "3x1: 1 2 3");
  EXPECT_EQ(FoldInts("int64[1,3,1] a = {1, 2, 3}, int64[1] i = {-1}", "c = Squeeze(a, i)"), "1x3: 1 2 3");
  EXPECT_EQ(FoldInts("int64[1,3,1] a = {1, 2, 3}", "c = Squeeze<axes = [0]>(a)", 11), "3x1: 1 2 3");
  EXPECT_EQ(FoldInts("int64[1,3,1] a = {1, 2, 3}", "c = Squeeze(a)"), "3: 1 2 3");
}

TEST(FoldTest, Slices) {
  const std::string a = kMatrix;
  const auto slice = [&a](const std::string& operands) {
    return FoldInts(a + ", " + operands, "c = Slice(a, from, to, axes, steps)");
  };
  EXPECT_EQ(slice("int64[1] from = {1}, int64[1] to = {3}, int64[1] axes = {1}, int64[1] steps = {1}"),
            "2x2: 2 3 5 6");
  EXPECT_EQ(slice("int64[1] from = {-1}, int64[1] to = {-99}, int64[1] axes = {1}, int64[1] steps = {-1}"),
            "2x3: 3 2 1 6 5 4");
  EXPECT_EQ(
      slice("int64[2] from = {0, 0}, int64[2] to = {9, 9}, int64[2] axes = {0, 1}, int64[2] steps = {2, 2}"),
      "1x2: 1 3");
  EXPECT_EQ(slice("int64[1] from = {2}, int64[1] to = {1}, int64[1] axes = {1}, int64[1] steps = {1}"),
            "2x0:");
  EXPECT_EQ(FoldInts(a, "c = Slice<starts = [1], ends = [9223372036854775807]>(a)", 9), "1x3: 4 5 6");
}

TEST(FoldTest, ComputesOnIntegers) {
  const std::string ab = "int64[3] a = {7, -7, 4}, int64 b = {2}";
  EXPECT_EQ(FoldInts(ab, "c = Add(a, b)"), "3: 9 -5 6");
  EXPECT_EQ(FoldInts(ab, "c = Sub(a, b)"), "3: 5 -9 2");
  EXPECT_EQ(FoldInts(ab, "c = Mul(a, b)"), "3: 14 -14 8");
  EXPECT_EQ(FoldInts(ab, "c = Div(a, b)"), "3: 3 -3 2");
  EXPECT_EQ(FoldInts(ab, "c = Min(a, b)"), "3: 2 -7 2");
  EXPECT_EQ(FoldInts(ab, "c = Max(a, b)"), "3: 7 2 4");
  EXPECT_EQ(FoldInts(ab, "c = Neg(a)"), "3: -7 7 -4");
  EXPECT_EQ(FoldInts("int64[2,1] a = {1, 2}, int64[2] b = {10, 20}", "c = Add(a, b)"), "2x2: 11 21 12 22");
  EXPECT_EQ(FoldInts(ab, "e = Equal(a, b)  c = Where(e, a, b)"), "3: 2 2 2");
}

TEST(FoldTest, ComputesOnFloats) {
  EXPECT_EQ(FoldFloats("float[2] a = {1.5, -1.5}", "c = Floor(a)"), "2: 1 -2");
  EXPECT_EQ(FoldFloats("float[2] a = {1.5, -1.5}", "c = Ceil(a)"), "2: 2 -1");
  EXPECT_EQ(FoldFloats("float[2] a = {1.5, 3.0}, float b = {2.0}", "c = Div(a, b)"), "2: 0.75 1.5");
  EXPECT_EQ(FoldFloats("int64[2] a = {3, -4}", "c = Cast<to = 1>(a)"), "2: 3 -4");
  EXPECT_EQ(FoldInts("float[3] a = {1.9, -1.9, 0.0}", "c = Cast<to = 7>(a)"), "3: 1 -1 0");
  // One float operation, not a double one.
  EXPECT_EQ(FoldFloats("float a = {16777216.0}, float b = {1.0}", "c = Add(a, b)"), ": 16777216");
}

TEST(FoldTest, MakesTensorsFromNothing) {
  EXPECT_EQ(FoldInts("int64 a = {2}, int64 b = {11}, int64 s = {3}", "c = Range(a, b, s)"), "3: 2 5 8");
  EXPECT_EQ(FoldInts("int64 a = {5}, int64 b = {0}, int64 s = {-2}", "c = Range(a, b, s)"), "3: 5 3 1");
  EXPECT_EQ(FoldInts("int64[2] s = {2, 1}", "c = ConstantOfShape<value = int64[1] {9}>(s)"), "2x1: 9 9");
  EXPECT_EQ(FoldFloats("int64[1] s = {2}", "c = ConstantOfShape(s)"), "2: 0 0");
  EXPECT_EQ(FoldInts(kMatrix, "c = Shape(a)"), "2: 2 3");
  EXPECT_EQ(FoldInts(kMatrix, "c = Shape<start = -1>(a)", 15), "1: 3");
  EXPECT_EQ(FoldInts(kMatrix, "c = Size(a)"), ": 6");
}

TEST(FoldTest, LeavesWhatHasNoAnswer) {
  EXPECT_EQ(FoldInts("int64[1] a = {1}, int64 b = {0}", "c = Div(a, b)"), "not folded");
  EXPECT_EQ(FoldInts("int64[1] a = {9223372036854775807}, int64 b = {2}", "c = Mul(a, b)"), "not folded");
  EXPECT_EQ(FoldInts("int64 a = {0}, int64 b = {5}, int64 s = {0}", "c = Range(a, b, s)"), "not folded");
  EXPECT_EQ(FoldFloats("float[1] a = {1.0}", "c = Sin(a)"), "not folded");
}

TEST(FoldTest, MovesConstantsOfTypesItCanNotComputeWith) {
  auto model =
      ParseModel("g (float[N] x) => (float y) { c = Transpose<perm = [1, 0]>(h)  y = custom.Use(x, c) }");
  onnx::TensorProto half =
      MakeTensor("h", onnx::TensorProto::FLOAT16, std::vector<int64_t>{2, 2}, "aabbccdd");
  *model->mutable_graph()->add_initializer() = half;
  const Network network = Load(std::move(model));
  ASSERT_NE(FindConstant(network, "c"), nullptr);
  EXPECT_EQ(FindConstant(network, "c")->raw_data(), "aaccbbdd");
}

TEST(FoldTest, LeavesASliceThatNamesAnAxisTwice) {
  EXPECT_EQ(FoldInts(kMatrix, "c = Slice<starts = [1, 1], ends = [2, 2], axes = [0, 0]>(a)", 9),
            "not folded");
}

TEST(FoldTest, DoesNotStoreWhatIsRepeatedMillionsOfTimes) {
  const std::string one = "int64[1] a = {1}, int64[1] ";
  EXPECT_EQ(FoldInts(one + "s = {1000000}", "c = Expand(a, s)"), "not folded");
  EXPECT_EQ(FoldInts(one + "s = {1000000}", "c = Tile(a, s)"), "not folded");
}

// Fourteen doublings of 64 Ki numbers would be 16 GB in all; the first few are stored, and no more.
TEST(FoldTest, StopsFoldingWhenMuchIsStored) {
  std::string nodes = "c0 = Expand(a, s) ";
  for (int i = 0; i < 14; ++i) nodes += fmt::format("c{} = Concat<axis = 0>(c{}, c{}) ", i + 1, i, i);
  nodes += "c = Identity(c14)";
  EXPECT_EQ(FoldInts("int64[1] a = {1}, int64[1] s = {65536}", nodes), "not folded");
}

TEST(FoldTest, EmptyConstantsOfAbsurdSizeCostNoTime) {
  const auto fold = [](const std::string& node) {
    auto model =
        ParseModel("g (float[N] x) => (float y) <int64[1] i = {0}> { " + node + "  y = custom.Use(x, c) }");
    const int64_t dims[] = {int64_t{1} << 31, 0};
    *model->mutable_graph()->add_initializer() = MakeFloatTensor("a", dims, {});
    return DimsOf(Load(std::move(model)), "c");
  };
  EXPECT_THAT(fold("c = Concat<axis = 1>(a, a)"), testing::ElementsAre(int64_t{1} << 31, 0));
  EXPECT_THAT(fold("c = Gather<axis = 1>(a, e) e = Slice(i, i, i)"),
              testing::ElementsAre(int64_t{1} << 31, 0));
}

}  // namespace
}  // namespace sightline::network
