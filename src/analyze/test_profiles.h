// A small profile with every kind of row, for tests.
#pragma once

#include <string>
#include <vector>

#include "src/analyze/profile_json.h"
#include "src/analyze/test_layers.h"

namespace sightline::analyze::testing {

constexpr size_t kRuns = 9;

// Times around `us`, a little different from run to run.
inline std::vector<double> Around(double us) {
  std::vector<double> samples;
  for (size_t run = 0; run < kRuns; ++run) {
    samples.push_back(us * 1000 * (1 + 0.002 * (static_cast<double>(run * 4 % kRuns) - 4)));
  }
  return samples;
}

inline LayerSeries Layer(const std::string& name, const std::string& type, double us, int64_t begin_ns = 0) {
  return {.name = name,
          .type = type,
          .durations_ns = Around(us),
          .begins_ns = std::vector<int64_t>(kRuns, begin_ns)};
}

// conv1 with its normalization and activation is one layer named after the last, conv2 two layers.
inline LayerGraph SmallGraph() {
  LayerGraph graph = GraphMaker()
                         .Node("conv1", "Conv", {"x"}, 20'000'000)
                         .Node("conv1/bn", "BatchNormalization", {"conv1"})
                         .Node("conv1/act", "Relu", {"conv1/bn"})
                         .Node("conv2", "Conv depthwise", {"conv1/act"}, 3'000'000)
                         .Node("pool", "GlobalAveragePool", {"conv2"})
                         .Node("flatten", "Flatten", {"pool"})
                         .Output("flatten")
                         .Made();
  for (GraphTensor& tensor : graph.tensors) tensor.bytes = tensor.weight ? 20'000 : 400'000;
  return graph;
}

inline ProfileSamples SmallSamples() {
  return {.layers = {Layer("_SOURCE", "NoOp", 1), Layer("reorder", "Reorder", 30),
                     Layer("conv1/act", "_FusedConv2D", 400), Layer("conv2/weights", "Const", 1),
                     Layer("conv2/conv", "DepthwiseConv2dNative", 2000), Layer("conv2", "BiasAdd", 50),
                     Layer("pool", "Mean", 500)},
          .inference_ns = Around(3100),
          .profiled_ns = Around(3300)};
}

// 100 GMAC/s; 100 GB/s in a cache of 2 MB, 20 GB/s from memory.
inline Roofs SmallRoofs() {
  return {.threads = 2,
          .vectors = "AVX2 with FMA",
          .macs_per_s = {100e9, 98e9, 101e9},
          .bandwidths = {{"L2 cache", 1'000'000, {100e9, 97e9, 104e9}},
                         {"memory", 128'000'000, {20e9, 19e9, 21e9}}}};
}

inline ProfileReport SmallReport() {
  ProfileReport report;
  RunManifest& manifest = report.manifest;
  manifest.sightline_version = "0.1.0";
  manifest.build = "a build";
  manifest.command_line = "sightline profile -m small --backend tensorflow";
  manifest.started_at = "2026-11-25T07:00:00Z";
  manifest.model = {.name = "small", .parameters = 10'000, .macs = 23'000'000};
  manifest.backend = {.name = "tensorflow",
                      .framework = "TensorFlow",
                      .framework_version = "2.21.0",
                      .device = "cpu",
                      .input_layout = "nhwc",
                      .input_shape = "1x224x224x3",
                      .precision_run = "fp32",
                      .intra_threads = 2};
  manifest.input_description = "59 pictures, photos/*.jpg";
  report.profile = MakeProfile(SmallSamples(), SmallGraph(), SmallRoofs());
  return report;
}

}  // namespace sightline::analyze::testing
