// Our TensorFlow graph of a zoo network against the same network from tf.keras.applications, saved as
// SavedModel by bench/keras_export.py and opened by the same backend; interleaved in one run. Equal
// multiply-accumulates are asserted first.
//
// Usage: keras_bench FOLDER NAME [ROUNDS [PAIRS]]      exit code 1 when the limit is not met
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
    std::fprintf(stderr, "keras_bench: %s\n", result.error().message().c_str());
    std::exit(2);
  }
  return std::move(result).value();
}

// One instance with its tensors, run on a fixed input.
class Runner {
 public:
  Runner(backend::Backend& backend, const backend::ModelSource& source) {
    backend::EngineOptions options;
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

int Main(const std::string& folder, const std::string& name, const Effort& effort) {
  const network::Network network = Must(zoo::Build(name));
  const auto facts = nlohmann::json::parse(Must(store::ReadFile(folder + "/" + name + ".json")));
  const int64_t ours = network.Cost().macs;
  const int64_t theirs = facts.at("macs");
  if (ours != theirs) {
    std::fprintf(
        stderr,
        "keras_bench: %s has %lld multiply-accumulates here and %lld in Keras; not the same network\n",
        name.c_str(), static_cast<long long>(ours), static_cast<long long>(theirs));
    return 2;
  }
  const auto backend = Must(backend::Backend::Load("tensorflow"));
  const backend::ModelSource graph{.name = name, .network = &network};
  const backend::ModelSource saved_model{.name = name, .file = folder + "/" + name};
  const auto open = [&](bool ours_first) {
    const auto first = std::make_shared<Runner>(*backend, ours_first ? graph : saved_model);
    const auto second = std::make_shared<Runner>(*backend, ours_first ? saved_model : graph);
    return Sides{.a = [runner = ours_first ? first : second] { runner->RunOne(); },
                 .b = [runner = ours_first ? second : first] { runner->RunOne(); }};
  };
  const Ratio ratio = CompareInterleaved(open, effort);
  return Judge("our graph / Keras SavedModel, " + name, ratio, kRatioLimit) ? 0 : 1;
}

}  // namespace
}  // namespace sightline::bench

extern "C" __attribute__((visibility("default"))) int SightlineMain(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: keras_bench FOLDER NAME [ROUNDS [PAIRS]]\n");
    return 2;
  }
  return sightline::bench::Main(argv[1], argv[2],
                                sightline::bench::EffortFrom(argc, argv, 3, {.rounds = 12, .pairs = 10}));
}
