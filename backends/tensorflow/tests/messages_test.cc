// The messages exchanged with TensorFlow, against bytes worked out from the .proto files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "backends/tensorflow/core/graph_facts.h"
#include "backends/tensorflow/core/messages.h"
#include "backends/tensorflow/core/session_config.h"
#include "backends/tensorflow/core/signature.h"
#include "backends/tensorflow/core/step_stats.h"
#include "backends/tensorflow/core/wire.h"

namespace sightline::tensorflow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Bytes(std::initializer_list<int> list) {
  std::string bytes;
  for (const int byte : list) bytes.push_back(static_cast<char>(byte));
  return bytes;
}

// On the CPU every message begins with device_count (1) { "GPU": 0 }.
std::string OnCpu(std::initializer_list<int> list) {
  return Bytes({0x0A, 7, 0x0A, 3, 'G', 'P', 'U', 0x10, 0}) + Bytes(list);
}

// Field 9 (own threads) always; 2 and 5 only where numbers were given.
TEST(ConfigBytes, Threads) {
  EXPECT_EQ(ConfigBytes({}), OnCpu({0x48, 1}));
  EXPECT_EQ(ConfigBytes({.intra_threads = 3, .inter_threads = 1}), OnCpu({0x10, 3, 0x28, 1, 0x48, 1}));
}

// gpu_options (6) { visible_device_list (5): "12" }, allow_soft_placement (7)
TEST(ConfigBytes, OneGpuIsAllThatASessionSees) {
  EXPECT_EQ(ConfigBytes({.gpu = 12}), Bytes({0x32, 4, 0x2A, 2, '1', '2', 0x38, 1, 0x48, 1}));
}

// graph_options (10) { optimizer_options (3) { global_jit_level (5): ON_2, cpu_global_jit (7): true } }
TEST(ConfigBytes, Xla) {
  EXPECT_EQ(ConfigBytes({.xla = true}), OnCpu({0x48, 1, 0x52, 6, 0x1A, 4, 0x28, 2, 0x38, 1}));
}

// graph_options (10) { rewrite_options (10) { disable_meta_optimizer (19) or bf16 (31): ON } }
TEST(ConfigBytes, Rewrites) {
  EXPECT_EQ(ConfigBytes({.grappler = false}), OnCpu({0x48, 1, 0x52, 5, 0x52, 3, 0x98, 0x01, 1}));
  EXPECT_EQ(ConfigBytes({.bf16 = true}), OnCpu({0x48, 1, 0x52, 5, 0x52, 3, 0xF8, 0x01, 1}));
}

TEST(RunOptionsBytes, CallingThreadAndTrace) {
  EXPECT_EQ(RunOptionsBytes({}, false), "");
  EXPECT_EQ(RunOptionsBytes({}, true), Bytes({0x08, 3}));
  EXPECT_EQ(RunOptionsBytes({.inter_threads = 1}, false),
            Bytes({0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1}));
}

std::string Entry(std::string_view key, std::string_view value) {
  return WireWriter().Bytes(1, key).Bytes(2, value).bytes();
}

std::string TensorInfo(std::string_view name, std::string_view shape) {
  return WireWriter().Bytes(1, name).Varint(2, 1).Bytes(3, shape).bytes();
}

std::string Shape(std::initializer_list<int64_t> dims) {
  WireWriter shape;
  for (const int64_t dim : dims) shape.Bytes(2, WireWriter().Varint(1, static_cast<uint64_t>(dim)).bytes());
  return shape.bytes();
}

std::string MetaGraph(std::string_view signature_name) {
  const std::string signature =
      WireWriter()
          .Bytes(1, Entry("z", TensorInfo("in_z:0", Shape({-1, 4}))))
          .Bytes(1, Entry("a", TensorInfo("in_a:1", WireWriter().Varint(3, 1).bytes())))
          .Bytes(2, Entry("out", TensorInfo("call:2", Shape({}))))
          .bytes();
  return WireWriter()
      .Bytes(2, "a graph, not looked at")
      .Bytes(5, Entry("__saved_model_init_op", ""))
      .Bytes(5, Entry(signature_name, signature))
      .bytes();
}

TEST(ReadSignature, SortsByTheCallersNames) {
  const auto signature = ReadSignature(MetaGraph("serving_default"), "");
  ASSERT_TRUE(signature.ok());
  ASSERT_EQ(signature->inputs.size(), 2u);
  EXPECT_EQ(signature->inputs[0].name, "a");
  EXPECT_EQ(signature->inputs[0].tensor, "in_a:1");
  EXPECT_FALSE(signature->inputs[0].dims.has_value());
  EXPECT_EQ(signature->inputs[1].tensor, "in_z:0");
  EXPECT_THAT(signature->inputs[1].dims.value(), ElementsAre(-1, 4));
  ASSERT_EQ(signature->outputs.size(), 1u);
  EXPECT_EQ(signature->outputs[0].dims.value().size(), 0u);
}

TEST(ReadSignature, TakesTheOnlyOneThereIs) {
  EXPECT_TRUE(ReadSignature(MetaGraph("predict"), "").ok());
  EXPECT_TRUE(ReadSignature(MetaGraph("predict"), "predict").ok());
  EXPECT_THAT(std::string(ReadSignature(MetaGraph("predict"), "classify").status().message()),
              HasSubstr("no signature 'classify'; choose with --option signature=NAME from: predict"));
  EXPECT_THAT(std::string(ReadSignature("", "").status().message()), HasSubstr("from: none"));
}

// Every cut is a shorter message or damage, never a crash.
TEST(ReadSignature, SurvivesEveryTruncation) {
  const std::string whole = MetaGraph("serving_default");
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(ReadSignature(std::string_view(whole).substr(0, length), "").ok()) << length;
  }
}

std::string NodeStats(std::string_view name, std::string_view label, uint64_t start, uint64_t begin,
                      uint64_t end) {
  return WireWriter()
      .Bytes(1, name)
      .Bytes(8, label)
      .Varint(13, start)
      .Varint(14, begin)
      .Varint(15, end)
      .bytes();
}

TEST(ReadLayerTimes, SumsTheCallsOfANodeInOrderOfTheirStart) {
  const std::string device = WireWriter()
                                 .Bytes(1, "/device:CPU:0")
                                 .Bytes(2, NodeStats("late", "[CPU] late = Relu(early)", 900, 10, 25))
                                 .Bytes(2, NodeStats("early", "early = _FusedConv2D(x, w)", 100, 5, 105))
                                 .Bytes(2, NodeStats("late", "[CPU] late = Relu(early)", 950, 0, 7))
                                 .bytes();
  const std::string metadata = WireWriter().Bytes(1, WireWriter().Bytes(1, device).bytes()).bytes();
  const auto layers = ReadLayerTimes(metadata);
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].name, "early");
  EXPECT_EQ(layers[0].type, "_FusedConv2D");
  EXPECT_EQ(layers[0].duration_ns, 100);
  EXPECT_EQ(layers[1].name, "late");
  EXPECT_EQ(layers[1].type, "Relu");
  EXPECT_EQ(layers[1].duration_ns, 22);
  EXPECT_EQ(layers[0].call_count, 1);
  EXPECT_EQ(layers[1].call_count, 2);
}

TEST(CleanMessage, LeavesOneSentence) {
  EXPECT_EQ(CleanMessage("Node {{node conv}} is odd.\n\t [[{{node conv}}]] [Op:Call]"), "Node 'conv' is odd");
  EXPECT_EQ(CleanMessage("broken {{node x"), "broken {{node x");
  EXPECT_EQ(
      CleanMessage("No OpKernel was registered to support Op 'A' used by {{node q}} with these attrs: [T]"),
      "No OpKernel was registered to support Op 'A' used by 'q'");
  EXPECT_EQ(CleanMessage("Shape [-7] is odd for '{{node W}} = Const[dtype=DT_FLOAT]()' with input shapes: ."),
            "Shape [-7] is odd (layer 'W')");
  EXPECT_EQ(CleanMessage(""), "");
}

std::string Node(std::string_view name, std::string_view op, std::string_view key, uint64_t type) {
  return WireWriter()
      .Bytes(1, name)
      .Bytes(2, op)
      .Bytes(5, Entry(key, WireWriter().Varint(6, type).bytes()))
      .bytes();
}

// A graph with one function.
std::string GraphWithFunction(std::string_view node, std::string_view in_function) {
  const std::string function = WireWriter().Bytes(1, "signature").Bytes(3, in_function).bytes();
  return WireWriter().Bytes(1, node).Bytes(2, WireWriter().Bytes(1, function).bytes()).bytes();
}

TEST(ExplainImport, TellsWhatIsNoGraphFromWhatIsAWrongOne) {
  const std::string graph =
      GraphWithFunction(Node("x", "Placeholder", "dtype", 1), Node("q", "Frob", "T", 1));
  const auto explain = [&](const char* message) {
    return std::string(ExplainImport(kit::InvalidArgument(message), graph).message());
  };
  EXPECT_EQ(explain("Op type not registered 'Frob'"),
            "operator Frob (layer 'q') is not supported by TensorFlow");
  EXPECT_EQ(explain("Invalid GraphDef"), "it is not a TensorFlow GraphDef");
  EXPECT_EQ(explain("Node 'a': Unknown input node 'b'"),
            "TensorFlow finds its graph wrong: Node 'a': Unknown input node 'b'");
  EXPECT_TRUE(ExplainImport(kit::Ok(), graph).ok());
}

TEST(ReadGraphFacts, LooksIntoFunctions) {
  const GraphFacts facts =
      ReadGraphFacts(GraphWithFunction(Node("c", "Conv2D", "T", 1), Node("m", "MatMul", "T", 19)));
  EXPECT_THAT(facts.compute_types, ElementsAre(SL_F32, SL_F16));
  EXPECT_FALSE(facts.functions_size_by_data);
  EXPECT_TRUE(
      ReadGraphFacts(GraphWithFunction("", Node("w", "NonMaxSuppressionV3", "T", 1))).functions_size_by_data);
  EXPECT_THAT(ReadGraphFacts(GraphWithFunction(Node("q", "QuantizedConv2D", "Tinput", 12), "")).compute_types,
              ElementsAre(SL_U8));
  EXPECT_TRUE(ReadGraphFacts("damaged").compute_types.empty());
}

TEST(ReadLayerTimes, DamageGivesNoLayers) {
  EXPECT_TRUE(ReadLayerTimes("").empty());
  EXPECT_TRUE(ReadLayerTimes("\x0a\x7f").empty());
}

}  // namespace
}  // namespace sightline::tensorflow
