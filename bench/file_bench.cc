// Our graph of a zoo network against the same network in a file that the framework's own people would write
// (bench/keras_export.py, bench/torch_export.py), opened by the same backend; interleaved in one run. Equal
// multiply-accumulates are asserted first.
//
// Usage: file_bench BACKEND FOLDER NAME SUFFIX [ROUNDS [PAIRS]]      exit code 1 when the limit is not met
// reads FOLDER/NAMESUFFIX and FOLDER/NAME.json
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/interleave.h"
#include "src/backend/backend.h"
#include "src/store/files.h"
#include "src/zoo/zoo.h"

namespace sightline::bench {
namespace {

constexpr double kRatioLimit = 1.05;
constexpr int kThreads = 1;

template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "file_bench: %s\n", result.error().message().c_str());
    std::exit(2);
  }
  return std::move(result).value();
}

// One instance with its tensors, run on a fixed input.
class Runner {
 public:
  Runner(backend::Backend& backend, const backend::ModelSource& source, backend::EngineOptions options) {
    options.intra_threads = kThreads;
    options.inter_threads = 1;
    engine_ = Must(backend.CreateEngine(source, options));
    instance_ = Must(engine_->CreateInstance());
    const auto make = [](const TensorInfo& info) {
      Shape shape = info.shape;
      shape[0] = 1;
      return Tensor(info.type, info.layout, shape);
    };
    input_ = make(engine_->info().inputs[0]);
    output_ = make(engine_->info().outputs[0]);
    const TensorView view = input_.view();
    for (int64_t i = 0; i < view.shape.elements(); ++i)
      view.f32()[i] = static_cast<float>(i % 255) / 127.5F - 1;
  }
  void RunOne() {
    const Status status = instance_->Run({&input_.view(), 1}, {&output_.view(), 1});
    if (!status.ok()) Must(Result<int>(status.error()));
  }

 private:
  std::shared_ptr<backend::Engine> engine_;
  std::unique_ptr<backend::Instance> instance_;
  Tensor input_;
  Tensor output_;
};

struct Peer {
  std::string backend;
  std::string folder;
  std::string name;
  std::string suffix;  // of the file
};

// TorchScript files don't say the shape of their input.
backend::EngineOptions FileOptions(const backend::Backend& backend, const network::Network& network) {
  backend::EngineOptions options;
  if (backend.info().name != "torch") return options;
  const auto& dims = network.model().graph().input(0).type().tensor_type().shape();
  for (int i = 1; i < dims.dim_size(); ++i) {
    options.options["input_shape"] += (i > 1 ? "x" : "") + std::to_string(dims.dim(i).dim_value());
  }
  return options;
}

int Main(const Peer& peer, const Effort& effort) {
  const network::Network network = Must(zoo::Build(peer.name));
  const std::string path = peer.folder + "/" + peer.name;
  const auto facts = nlohmann::json::parse(Must(store::ReadFile(path + ".json")));
  const int64_t ours = network.Cost().macs;
  const int64_t theirs = facts.at("macs");
  if (ours != theirs) {
    std::fprintf(
        stderr,
        "file_bench: %s has %lld multiply-accumulates here and %lld in the file; not the same network\n",
        peer.name.c_str(), static_cast<long long>(ours), static_cast<long long>(theirs));
    return 2;
  }
  const auto backend = Must(backend::Backend::Load(peer.backend));
  const backend::EngineOptions file_options = FileOptions(*backend, network);
  const auto open_graph = [&] {
    return std::make_shared<Runner>(*backend, backend::ModelSource{.name = peer.name, .network = &network},
                                    backend::EngineOptions{});
  };
  const auto open_file = [&] {
    return std::make_shared<Runner>(
        *backend, backend::ModelSource{.name = peer.name, .file = path + peer.suffix}, file_options);
  };
  const auto open = [&](bool ours_first) {
    const auto first = ours_first ? open_graph() : open_file();
    const auto second = ours_first ? open_file() : open_graph();
    return Sides{.a = [runner = ours_first ? first : second] { runner->RunOne(); },
                 .b = [runner = ours_first ? second : first] { runner->RunOne(); }};
  };
  const Ratio ratio = CompareInterleaved(open, effort);
  return Judge(peer.backend + ": our graph / file, " + peer.name, ratio, kRatioLimit) ? 0 : 1;
}

}  // namespace
}  // namespace sightline::bench

extern "C" __attribute__((visibility("default"))) int SightlineMain(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: file_bench BACKEND FOLDER NAME SUFFIX [ROUNDS [PAIRS]]\n");
    return 2;
  }
  return sightline::bench::Main({argv[1], argv[2], argv[3], argv[4]},
                                sightline::bench::EffortFrom(argc, argv, 5, {.rounds = 12, .pairs = 10}));
}
