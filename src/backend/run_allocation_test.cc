// A run through host, ABI, kit and null backend touches the heap nowhere: this is inside every measurement.
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "src/backend/backend.h"
#include "tests/fakes/count_allocations.h"

namespace sightline::backend {
namespace {

void SetPicture(onnx::ValueInfoProto& value, const char* name) {
  value.set_name(name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (const int64_t dim : {1, 3, 8, 8}) type.mutable_shape()->add_dim()->set_dim_value(dim);
}

network::Network OneLayer() {
  auto model = std::make_unique<onnx::ModelProto>();
  model->set_ir_version(7);
  model->add_opset_import()->set_version(10);
  onnx::GraphProto& graph = *model->mutable_graph();
  graph.set_name("one");
  SetPicture(*graph.add_input(), "x");
  SetPicture(*graph.add_output(), "y");
  onnx::NodeProto& node = *graph.add_node();
  node.set_name("relu");
  node.set_op_type("Relu");
  node.add_input("x");
  node.add_output("y");
  return network::Network::FromModel(std::move(model), "one").value();
}

TEST(RunAllocation, ARunOfTheNullBackendAllocatesNothing) {
  const network::Network network = OneLayer();
  auto backend = Backend::Load("null");
  ASSERT_TRUE(backend.ok()) << backend.error().message();
  auto engine = (*backend)->CreateEngine({"one", &network, {}}, {});
  ASSERT_TRUE(engine.ok()) << engine.error().message();
  auto instance = (*engine)->CreateInstance();
  ASSERT_TRUE(instance.ok()) << instance.error().message();
  const Tensor x(SL_F32, SL_LAYOUT_NCHW, {1, 3, 8, 8});
  const Tensor y(SL_F32, SL_LAYOUT_NCHW, {1, 3, 8, 8});
  const int64_t at_start = allocations;
  EXPECT_GT(at_start, 0);  // the counter counts
  SlRunReport report;
  int failures = 0;
  for (int run = 0; run < 1000; ++run) {
    failures += (*instance)->Run({&x.view(), 1}, {&y.view(), 1}, &report).ok() ? 0 : 1;
  }
  const int64_t at_end = allocations;
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(at_end - at_start, 0);
}

}  // namespace
}  // namespace sightline::backend
