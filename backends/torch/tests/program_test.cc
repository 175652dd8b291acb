#include "backends/torch/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace sightline::torch_backend {
namespace {

using testing::HasSubstr;

TEST(LiteralTest, NumbersKeepTheirKind) {
  EXPECT_EQ(Literal(2), "2");
  EXPECT_EQ(Literal(2.0), "2.0");
  EXPECT_EQ(Literal(-1e30), "-1e+30");
  EXPECT_EQ(Literal(true), "True");
  EXPECT_EQ(Literal(Dims{1, -1}), "[1, -1]");
  EXPECT_EQ(Literal(Dims{}), "[]");
}

TEST(LiteralTest, NumbersWithoutDigits) {
  EXPECT_EQ(Literal(std::numeric_limits<double>::infinity()), "float('inf')");
  EXPECT_EQ(Literal(-std::numeric_limits<double>::infinity()), "float('-inf')");
  EXPECT_EQ(Literal(std::nan("")), "float('nan')");
}

TEST(TorchTest, CallsNameTheirArguments) {
  EXPECT_EQ(Torch("max_pool2d", "v1", Dims{3, 3}, true), "torch.max_pool2d(v1, [3, 3], True)");
}

TEST(ProgramBuilderTest, LayersKnowTheirLines) {
  ProgramBuilder builder;
  builder.EnterLayer("first", "Add");
  const std::string sum = builder.Let("torch.add(v0, v0)");
  builder.Let("torch.add(v0, " + sum + ")");
  builder.LeaveLayer();
  builder.EnterLayer("nothing", "Identity");
  builder.LeaveLayer();
  const Program program = builder.Finish({sum});
  ASSERT_EQ(program.layers.size(), 2u);
  EXPECT_EQ(program.layers[0].first_line, 2);
  EXPECT_EQ(program.layers[0].last_line, 3);
  EXPECT_GT(program.layers[1].first_line, program.layers[1].last_line);
  EXPECT_THAT(program.source, HasSubstr("def forward(self):\n  t0 = torch.add(v0, v0)\n"));
  EXPECT_THAT(program.source, HasSubstr("return [t0]"));
}

TEST(ProgramBuilderTest, ConstantsKeepTheirBytes) {
  ProgramBuilder builder;
  EXPECT_EQ(builder.Floats({2}, {1.5f, -2.0f}), "self.c0");
  EXPECT_EQ(builder.Integers({1}, {7}), "self.c1");
  const Program program = builder.Finish({});
  ASSERT_EQ(program.constants.size(), 2u);
  EXPECT_EQ(static_cast<const float*>(program.constants[0].data)[1], -2.0f);
  EXPECT_EQ(program.constants[1].type, SL_I64);
  EXPECT_EQ(static_cast<const int64_t*>(program.constants[1].data)[0], 7);
}

}  // namespace
}  // namespace sightline::torch_backend
