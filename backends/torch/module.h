// A TorchScript module: built from a program, or opened from a file. The only face of LibTorch that the rest
// of the plugin sees; only module.cc and module_run.cc include its headers.
//
// A module is shared by all instances of an engine and may be run by any number of threads at once: nothing
// in it changes after it was made. LibTorch's exceptions end here.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/kit/info.h"
#include "backends/kit/kit.h"
#include "backends/kit/status.h"
#include "backends/torch/program.h"

namespace sightline::torch_backend {

// What LibTorch says of itself.
struct LibraryFacts {
  std::string version;
  std::string build;               // parallel library, BLAS, oneDNN, instruction set: one line
  bool threads_per_caller = true;  // OpenMP: each thread that runs a module has threads of its own
  int default_threads = 1;         // of one run, unless told otherwise
  int cuda_devices = 0;
};
// Fixed when first asked for, which is before the plugin changes any setting.
const LibraryFacts& Library();

// Threads inside one operator, and where to compute.
struct Placement {
  int threads = 1;
  std::string device = "cpu";  // or "cuda:N"
};

struct BuildSettings {
  SlDataType floats = SL_F32;  // what the program's 32-bit constants become
  bool copy = true;            // false: constants are read where they lie, which must outlive the module
  Placement placement;
};

class Module {
 public:
  static kit::Result<Module> Build(const Program& program, const BuildSettings& settings);
  // A file that torch.jit.save wrote. The error says what else it is.
  static kit::Result<Module> Open(const std::filesystem::path& file, const Placement& placement);

  // A copy with parameters as constants (torch.jit.freeze); `for_inference` also gives it to
  // torch.jit.optimize_for_inference, which computes wrong values in LibTorch 1.13 for some networks.
  kit::Result<Module> Frozen(bool for_inference) const;

  // How many tensors `forward` takes.
  int input_count() const;
  // What it gives for random inputs like `inputs`, their open batch being `batch`. Names are those of a
  // dictionary's keys, else "output", or "output_0", "output_1", ... where there are several.
  kit::Result<std::vector<kit::TensorInfo>> OutputsFor(std::span<const kit::TensorInfo> inputs,
                                                       int64_t batch) const;
  // The largest difference between what this one and `other` give for the same random inputs, as a part of
  // the largest value of the tensor it is in; infinite where one gives NaN or another shape.
  kit::Result<double> DifferenceFrom(const Module& other, std::span<const kit::TensorInfo> inputs,
                                     int64_t batch) const;

  // One inference. Inputs are read where they lie, outputs copied to where they are wanted.
  kit::Status Run(kit::Inputs inputs, kit::Outputs outputs, std::span<const kit::TensorInfo> input_infos,
                  kit::SpanRecorder& spans) const;
  // The same with the time of every line of the source, by TorchScript's own profiler; lines of `layers`
  // get their names. It measures all modules of the process that run meanwhile.
  kit::Status Profile(kit::Inputs inputs, kit::Outputs outputs, std::span<const kit::TensorInfo> input_infos,
                      std::span<const Layer> layers, const kit::LayerSink& sink) const;

 private:
  struct State;
  explicit Module(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace sightline::torch_backend
