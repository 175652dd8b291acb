#include "src/network/quantize_options.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace sightline::network {
namespace {

using testing::HasSubstr;

MachineFacts Machine(const std::string& architecture, std::vector<std::string> features) {
  MachineFacts machine;
  machine.architecture = architecture;
  machine.cpu_features = std::move(features);
  return machine;
}

TEST(QuantizeOptions, WeightsLoseABitWhereSumsWouldBeCutOff) {
  const MachineFacts avx2 = Machine("x86_64", {"avx2", "fma"});
  EXPECT_EQ(QuantizeOptionsFor("onnxruntime", "cpu", avx2).weight_limit, 64);
  EXPECT_EQ(QuantizeOptionsFor("openvino", "cpu", Machine("x86_64", {"avx2", "avx512f"})).weight_limit, 64);
  EXPECT_LE(2 * 255 * 64, 32767);
  for (const char* vnni : {"avx512_vnni", "avx_vnni"}) {
    EXPECT_EQ(QuantizeOptionsFor("openvino", "cpu", Machine("x86_64", {"avx2", vnni})).weight_limit, 127);
  }
  EXPECT_EQ(QuantizeOptionsFor("onnxruntime", "cpu", Machine("aarch64", {"asimddp"})).weight_limit, 127);
  EXPECT_EQ(QuantizeOptionsFor("onnxruntime", "cuda:0", avx2).weight_limit, 127) << "no sum on the processor";
}

TEST(QuantizeOptions, TensorRtTakesSymmetricActivationsAndBiasesOfFp32) {
  const QuantizeOptions tensorrt = QuantizeOptionsFor("tensorrt", "cuda:0", {});
  EXPECT_TRUE(tensorrt.symmetric_activations);
  EXPECT_FALSE(tensorrt.quantize_biases);
  const QuantizeOptions openvino = QuantizeOptionsFor("openvino", "cpu", {});
  EXPECT_FALSE(openvino.symmetric_activations);
  EXPECT_TRUE(openvino.quantize_biases);
}

TEST(QuantizeOptions, AreSaidInWords) {
  EXPECT_THAT(WordsFor({}), HasSubstr("weights of 8 bits"));
  EXPECT_THAT(WordsFor({.weight_limit = 64}), HasSubstr("weights of 7 bits"));
}

}  // namespace
}  // namespace sightline::network
