// Our OpenVINO plugin against OpenVINO's own benchmark_app on the same ONNX file, with the same threads,
// streams, requests, precision and calls (asynchronous ones, as the plugin makes). One stream is judged by
// its median latency, several by the time per inference of all together. Each round launches benchmark_app
// and opens an engine of ours, in turn, and both make the same number of inferences.
//
// Usage: openvino_bench MODEL.onnx BENCHMARK_APP [ROUNDS [INFERENCES]]      exit code 1 when the limit is not
// met
#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/interleave.h"
#include "src/backend/backend.h"

namespace sightline::bench {
namespace {

constexpr double kRatioLimit = 1.02;

// Streams of OpenVINO and requests in flight: one each, which is what an instance is.
struct Load {
  int streams = 1;
  int threads = 1;  // of all streams together
  int inferences = 100;
};

template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "openvino_bench: %s\n", result.error().message().c_str());
    std::exit(2);
  }
  return std::move(result).value();
}

Tensor TensorOf(const TensorInfo& info) {
  Shape shape = info.shape;
  if (shape[0] < 0) shape[0] = 1;
  Tensor tensor(info.type, info.layout, shape);
  for (int64_t i = 0; i < tensor.view().shape.elements(); ++i)
    tensor.view().f32()[i] = static_cast<float>(i % 255) / 255.0F;
  return tensor;
}

struct Lane {
  std::vector<double> times_ns;
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
};

// Inferences of one instance as long as there are some left for all; begun when every lane has made one that
// is not counted, as benchmark_app does.
void RunLane(backend::Engine& engine, std::atomic<int>& left, std::barrier<>& ready, Lane& lane) {
  const SteadyClock clock;
  const auto instance = Must(engine.CreateInstance());
  const Tensor input = TensorOf(engine.info().inputs[0]);
  const Tensor output = TensorOf(engine.info().outputs[0]);
  const auto run = [&] {
    const Status status = instance->Run({&input.view(), 1}, {&output.view(), 1});
    if (!status.ok()) Must(Result<int>(status.error()));
  };
  run();
  ready.arrive_and_wait();
  lane.begin_ns = clock.NowNs();
  lane.end_ns = lane.begin_ns;
  while (left.fetch_sub(1) > 0) {
    run();
    const int64_t now_ns = clock.NowNs();
    lane.times_ns.push_back(static_cast<double>(now_ns - lane.end_ns));
    lane.end_ns = now_ns;
  }
}

// Nanoseconds: the median latency of one stream, or what several take per inference.
double Ours(backend::Backend& backend, const network::Network& network, const Load& load) {
  backend::EngineOptions options;
  options.intra_threads = load.threads / load.streams;
  options.instance_count = load.streams;
  const auto engine = Must(backend.CreateEngine({.name = "bench", .network = &network}, options));
  std::vector<Lane> lanes(static_cast<size_t>(load.streams));
  std::barrier<> ready(load.streams);
  std::atomic<int> left = load.inferences;
  std::vector<std::thread> threads;
  for (Lane& lane : lanes) {
    threads.emplace_back([&] { RunLane(*engine, left, ready, lane); });
  }
  for (std::thread& thread : threads) thread.join();
  if (load.streams == 1) return MedianOf(lanes[0].times_ns);
  int64_t begin_ns = lanes[0].begin_ns;
  int64_t end_ns = lanes[0].end_ns;
  for (const Lane& lane : lanes) {
    begin_ns = std::min(begin_ns, lane.begin_ns);
    end_ns = std::max(end_ns, lane.end_ns);
  }
  return static_cast<double>(end_ns - begin_ns) / load.inferences;
}

// The same of benchmark_app, which prints "[ INFO ]    Median:        12.34 ms" and
// "[ INFO ] Throughput:   81.00 FPS".
double Theirs(const std::string& program, const std::string& model, const std::string& shape,
              const Load& load) {
  const std::string command =
      "'" + program + "' -m '" + model + "' -d CPU -hint none -infer_precision f32 -shape '" + shape +
      "' -api async -nireq " + std::to_string(load.streams) + " -nstreams " + std::to_string(load.streams) +
      " -nthreads " + std::to_string(load.threads) + " -niter " + std::to_string(load.inferences) + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  double median_ms = 0;
  double per_second = 0;
  std::string said;
  std::array<char, 512> line{};
  while (pipe != nullptr && fgets(line.data(), line.size(), pipe) != nullptr) {
    said += line.data();
    const std::string text = line.data();
    const auto read = [&](const std::string& key, double& value) {
      const size_t at = text.find(key);
      if (at != std::string::npos) value = std::strtod(text.c_str() + at + key.size(), nullptr);
    };
    read("Median:", median_ms);
    read("Throughput:", per_second);
  }
  if (pipe == nullptr || pclose(pipe) != 0 || median_ms <= 0 || per_second <= 0) {
    std::fprintf(stderr, "openvino_bench: %s failed:\n%s", command.c_str(), said.c_str());
    std::exit(2);
  }
  return load.streams == 1 ? median_ms * 1e6 : 1e9 / per_second;
}

std::string ShapeText(const network::Network& network) {
  const SlGraph& graph = network.Graph();
  const SlValue& input = graph.values[graph.inputs[0]];
  std::string text = "[1";
  for (int i = 1; i < input.rank; ++i) text += "," + std::to_string(input.dims[i]);
  return text + "]";
}

bool Compare(const std::string& model, const std::string& program, const Load& load, int rounds) {
  const network::Network network = Must(network::Network::FromFile(model));
  const auto backend = Must(backend::Backend::Load("openvino"));
  const std::string shape = ShapeText(network);
  std::vector<double> ours;
  std::vector<double> theirs;
  stats::Moments log_ratios;
  for (int round = 0; round < rounds; ++round) {
    if (round % 2 == 0) ours.push_back(Ours(*backend, network, load));
    theirs.push_back(Theirs(program, model, shape, load));
    if (round % 2 != 0) ours.push_back(Ours(*backend, network, load));
    log_ratios.Add(std::log(ours.back() / theirs.back()));
  }
  Ratio ratio{.median_a_ns = MedianOf(ours),
              .median_b_ns = MedianOf(theirs),
              .rounds = rounds,
              .pairs = load.inferences};
  if (const auto interval = stats::MeanInterval(log_ratios, rounds)) {
    ratio.ratio = std::exp(log_ratios.mean());
    ratio.low = std::exp(interval->low);
    ratio.high = std::exp(interval->high);
  }
  return Judge("ours / benchmark_app, " + std::filesystem::path(model).stem().string() + ", " +
                   std::to_string(load.streams) + " x " + std::to_string(load.threads / load.streams) +
                   " threads",
               ratio, kRatioLimit);
}

}  // namespace
}  // namespace sightline::bench

extern "C" __attribute__((visibility("default"))) int SightlineMain(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: openvino_bench MODEL.onnx BENCHMARK_APP [ROUNDS [INFERENCES]]\n");
    return 2;
  }
  using namespace sightline::bench;
  const Effort effort = EffortFrom(argc, argv, 3, {.rounds = 12, .pairs = 100});
  bool met = true;
  for (const auto& [streams, threads] : {std::pair(1, 1), std::pair(1, 2), std::pair(2, 2)}) {
    met = Compare(argv[1], argv[2], {streams, threads, effort.pairs}, effort.rounds) && met;
  }
  return met ? 0 : 1;
}
