// What the harness adds to an inference: the infer stage through pipeline, ABI and records against a bare
// loop on the framework's own API, on the same network and the same ready-made tensor, interleaved in one
// run.
//
// Usage: harness_bench [ROUNDS [PAIRS]]      exit code 1 when a limit is not met
#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <opencv2/dnn.hpp>

#include "bench/bare_tensorflow.h"
#include "bench/interleave.h"
#include "src/backend/backend.h"
#include "src/flow/record.h"
#include "src/pipeline/pipeline.h"
#include "src/zoo/zoo.h"

namespace sightline::bench {
namespace {

constexpr const char* kModel = "mobilenet_v1_1.0_224";
constexpr double kRatioLimit = 1.01;
constexpr double kNullLimitInClockReads = 40;
constexpr int kThreads = 1;  // more threads add the framework's own noise, not the harness's

template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "harness_bench: %s\n", result.error().message().c_str());
    std::exit(2);
  }
  return std::move(result).value();
}
void Must(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "harness_bench: %s\n", status.error().message().c_str());
  std::exit(2);
}

// The infer stage as `run` drives it, records kept.
class Harness {
 public:
  Harness(const std::string& name, const zoo::Entry& entry, const network::Network& network) {
    backend_ = Must(backend::Backend::Load(name));
    backend::EngineOptions options;
    options.intra_threads = name == "null" ? 0 : kThreads;
    options.inter_threads = name == "tensorflow" ? 1 : 0;
    engine_ = Must(backend_->CreateEngine({.name = kModel, .network = &network}, options));
    pipeline_ = Must(
        pipeline::Pipeline::Create({.task = entry.task, .first = StageId::kInfer, .last = StageId::kInfer},
                                   engine_->info(), true, Must(engine_->CreateInstance()), nullptr, clock_));
    FillInput();
  }

  void RunOne() {
    pipeline::Slot* slot = &pipeline_->slot(0);
    slot->Clear();
    Must(pipeline_->Prepare(*slot));
    Must(pipeline_->RunBatch({&slot, 1}));
    Must(pipeline_->Finish(*slot));
    log_.Append(slot->record, slot->trace.spans());
    spans_ = slot->trace.spans().size();
  }

  TensorView input() { return pipeline_->slot(0).input; }
  size_t spans() const { return spans_; }

 private:
  void FillInput() {
    const TensorView view = input();
    for (int64_t i = 0; i < view.shape.elements(); ++i)
      view.f32()[i] = static_cast<float>(i % 255) / 127.5F - 1;
  }

  SteadyClock clock_;
  std::shared_ptr<backend::Backend> backend_;
  std::shared_ptr<backend::Engine> engine_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  RecordLog log_;
  size_t spans_ = 0;
};

void Require(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "harness_bench: %s\n", what);
  std::exit(2);
}

// TF_SessionRun on the same graph, input wrapped once.
class BareTensorFlow {
 public:
  explicit BareTensorFlow(const network::Network& network) {
    void* library = dlopen(SIGHTLINE_BARE_TENSORFLOW, RTLD_NOW | RTLD_LOCAL);
    Require(library != nullptr, "the library of the bare loop can't be opened");
    const auto open = reinterpret_cast<BareOpenFunction>(dlsym(library, "BareOpen"));
    bind_ = reinterpret_cast<BareBindFunction>(dlsym(library, "BareBind"));
    run_ = reinterpret_cast<BareRunFunction>(dlsym(library, "BareRun"));
    close_ = reinterpret_cast<BareCloseFunction>(dlsym(library, "BareClose"));
    session_ = open(&network.Graph(), kThreads);
    Require(session_ != nullptr, "TensorFlow opens no session");
  }
  ~BareTensorFlow() { close_(session_); }
  BareTensorFlow(const BareTensorFlow&) = delete;
  BareTensorFlow& operator=(const BareTensorFlow&) = delete;

  void Bind(TensorView input) {
    SlTensor tensor{.data = input.data,
                    .bytes = input.bytes(),
                    .data_type = SL_F32,
                    .memory = SL_MEMORY_HOST,
                    .rank = input.shape.rank,
                    .dims = {}};
    std::copy(input.shape.dims.begin(), input.shape.dims.end(), tensor.dims);
    bind_(session_, &tensor);
  }
  void RunOne() { Require(run_(session_), "TF_SessionRun failed"); }

 private:
  BareBindFunction bind_ = nullptr;
  BareRunFunction run_ = nullptr;
  BareCloseFunction close_ = nullptr;
  void* session_ = nullptr;
};

// Net::setInput and Net::forward on the same network.
class BareOpenCv {
 public:
  explicit BareOpenCv(const network::Network& network) {
    const std::string bytes = Must(network.Serialize());
    net_ = cv::dnn::readNetFromONNX(bytes.data(), bytes.size());
  }
  void Bind(TensorView input) {
    const int sizes[4] = {1, static_cast<int>(input.shape[1]), static_cast<int>(input.shape[2]),
                          static_cast<int>(input.shape[3])};
    blob_ = cv::Mat(4, sizes, CV_32F, input.data);
  }
  void RunOne() {
    net_.setInput(blob_);
    output_ = net_.forward();
  }

 private:
  cv::dnn::Net net_;
  cv::Mat blob_;
  cv::Mat output_;
};

template <typename Bare>
bool CompareWithBare(const std::string& name, const zoo::Entry& entry, const network::Network& network,
                     const Effort& effort) {
  const auto open = [&](bool harness_first) {
    std::shared_ptr<Harness> harness;
    if (harness_first) harness = std::make_shared<Harness>(name, entry, network);
    const auto bare = std::make_shared<Bare>(network);
    if (!harness_first) harness = std::make_shared<Harness>(name, entry, network);
    bare->Bind(harness->input());
    return Sides{.a = [harness] { harness->RunOne(); },
                 .b = [harness, bare] { bare->RunOne(); }};  // the input is the harness's
  };
  return Judge("infer stage / bare loop, " + name, CompareInterleaved(open, effort), kRatioLimit);
}

// The null backend: everything but a framework.
bool MeasureNull(Harness& harness) {
  constexpr int kRuns = 200'000;
  const SteadyClock clock;
  for (int i = 0; i < kRuns / 10; ++i) harness.RunOne();
  const int64_t begin_ns = clock.NowNs();
  for (int i = 0; i < kRuns; ++i) harness.RunOne();
  const double per_run_ns = static_cast<double>(clock.NowNs() - begin_ns) / kRuns;
  const int64_t reads_begin_ns = clock.NowNs();
  for (int i = 0; i < kRuns; ++i) static_cast<void>(clock.NowNs());
  const double read_ns = static_cast<double>(clock.NowNs() - reads_begin_ns) / kRuns;
  const double reads = per_run_ns / read_ns;
  const bool met = reads <= kNullLimitInClockReads;
  std::printf("%-44s %9.1f ns = %.1f clock reads of %.1f ns, limit %.0f: %s\n",
              "null backend, per inference, record kept", per_run_ns, reads, read_ns, kNullLimitInClockReads,
              met ? "met" : "NOT MET");
  std::printf("%-44s %zu stamps in stages, %d moments, %zu bytes\n", "  one record", harness.spans() * 2,
              kMomentCount, RecordLog::BytesPerRecord(harness.spans()));
  constexpr size_t kWholePipelineSpans = 8;  // acquire, decode, preprocess, infer with 3 parts, postprocess
  std::printf("%-44s %zu stamps in stages, %d moments, %zu bytes\n", "  one record of a whole local pipeline",
              kWholePipelineSpans * 2, kMomentCount, RecordLog::BytesPerRecord(kWholePipelineSpans));
  return met;
}

int Main(const Effort& effort) {
  const zoo::Entry* entry = Must(zoo::Find(kModel));
  const network::Network network = Must(zoo::Build(kModel));
  std::printf("%s, batch 1, %d thread\n", kModel, kThreads);
  bool met = true;
  {
    Harness harness("null", *entry, network);
    met = MeasureNull(harness) && met;
  }
  met = CompareWithBare<BareTensorFlow>("tensorflow", *entry, network, effort) && met;
  met = CompareWithBare<BareOpenCv>("opencv", *entry, network, effort) && met;
  return met ? 0 : 1;
}

}  // namespace
}  // namespace sightline::bench

extern "C" __attribute__((visibility("default"))) int SightlineMain(int argc, char** argv) {
  return sightline::bench::Main(sightline::bench::EffortFrom(argc, argv, 1, {}));
}
