// Networks of the zoo as QDQ graphs.
#include <algorithm>

#include "gtest/gtest.h"
#include "onnx/checker.h"
#include "onnx/onnx_pb.h"
#include "src/network/quantize.h"
#include "src/zoo/zoo.h"

namespace sightline::zoo {
namespace {

network::Network Must(Result<network::Network> network) {
  if (!network.ok()) throw std::runtime_error(network.error().message());  // gtest reports it
  return *std::move(network);
}

int64_t CountOf(const network::Network& network, const std::string& op_type) {
  const auto& nodes = network.model().graph().node();
  return std::count_if(nodes.begin(), nodes.end(),
                       [&](const auto& node) { return node.op_type() == op_type; });
}

// What families differ in can be brought to opset 13 and quantized, and ONNX's checker has nothing to say.
TEST(ZooQuantize, FamiliesCanBeQuantized) {
  for (const char* name : {"mobilenet_v2_1.0_224", "resnet50_v1", "inception_v3", "shufflenet_v1_g3",
                           "efficientnet_lite0", "squeezenet_1.1"}) {
    const Result<network::Network> built = Build(name, 1);
    ASSERT_TRUE(built.ok()) << name << ": " << built.error().message();
    const network::Network ready = Must(network::ReadyToQuantize(*built));
    EXPECT_EQ(ready.opset(), 13) << name;
    network::ValueRanges ranges;
    for (const std::string& tensor : network::TensorsToCalibrate(ready)) ranges[tensor] = {-1, 2};
    const network::Network quantized = Must(network::Quantize(ready, ranges));
    onnx::checker::check_model(quantized.model());
    EXPECT_NE(CountOf(quantized, "QuantizeLinear"), 0) << name;
    EXPECT_EQ(quantized.Cost().macs, built->Cost().macs) << name;
  }
}

}  // namespace
}  // namespace sightline::zoo
