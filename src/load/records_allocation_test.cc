// With records kept, an inference allocates nothing: through source, pipeline, null backend and log.
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <atomic>
#include <memory>

#include "src/load/run_load.h"
#include "tests/fakes/count_allocations.h"

namespace sightline::load {
namespace {

constexpr int64_t kSide = 8;

void Describe(onnx::ValueInfoProto& value, const char* name) {
  value.set_name(name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (const int64_t dim : {int64_t{1}, int64_t{3}, kSide, kSide})
    type.mutable_shape()->add_dim()->set_dim_value(dim);
}

network::Network OneLayer() {
  auto model = std::make_unique<onnx::ModelProto>();
  model->set_ir_version(7);
  model->add_opset_import()->set_version(10);
  onnx::GraphProto& graph = *model->mutable_graph();
  graph.set_name("one");
  Describe(*graph.add_input(), "x");
  Describe(*graph.add_output(), "y");
  onnx::NodeProto& node = *graph.add_node();
  node.set_name("relu");
  node.set_op_type("Relu");
  node.add_input("x");
  node.add_output("y");
  return network::Network::FromModel(std::move(model), "one").value();
}

TEST(RecordsAllocation, AnInferenceWithItsRecordAllocatesNothing) {
  const network::Network network = OneLayer();
  const SteadyClock clock;
  const std::atomic<bool> stop{false};
  const auto source = source::OpenSource("tests/data/pictures/astronaut.jpg").value();
  const auto backend = backend::Backend::Load("null").value();
  const auto engine = backend->CreateEngine({.name = "one", .network = &network, .file = {}}, {}).value();
  pipeline::PipelineSpec spec;
  spec.task.preprocess.width = kSide;
  spec.task.preprocess.height = kSide;
  spec.task.output_kind = OutputKind::kLogits;
  const auto pipeline = pipeline::Pipeline::Create(spec, engine->info(), false,
                                                   engine->CreateInstance().value(), source.get(), clock)
                            .value();
  pipeline::Pipeline* const lanes[] = {pipeline.get()};
  // What a run of so many inferences allocates: its log and its thread, and more of that for no inference.
  const auto allocated = [&](int64_t iterations) {
    LoadOptions options;
    options.limits = {
        .warm_up = Nanoseconds(0), .warm_up_batches = 1, .duration = {}, .iterations = iterations};
    const int64_t before = allocations;
    const LoadOutcome outcome = RunLoad(lanes, options, clock, stop);
    const int64_t after = allocations;
    EXPECT_FALSE(outcome.error.has_value());
    EXPECT_EQ(outcome.lanes[0].size(), static_cast<size_t>(iterations) + 1);
    return after - before;
  };
  EXPECT_GT(allocated(10), 0) << "the counter counts; the first run also makes room for the picture";
  EXPECT_EQ(allocated(1010), allocated(10));
}

}  // namespace
}  // namespace sightline::load
