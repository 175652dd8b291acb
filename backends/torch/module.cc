// Making modules.
#include "backends/torch/module.h"

#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <ATen/Parallel.h>
#include <ATen/Version.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "backends/torch/file_kind.h"
#include "backends/torch/library_facts.h"
#include "backends/torch/module_state.h"

namespace sightline::torch_backend {
namespace {

at::Tensor ToTensor(const Constant& constant, const BuildSettings& settings) {
  const auto options = at::TensorOptions().dtype(ToScalarType(constant.type));
  // LibTorch takes no pointer to const; nothing writes to a module's constants.
  at::Tensor tensor = at::from_blob(const_cast<void*>(constant.data), constant.dims, options);
  if (constant.type == SL_F32 && settings.floats != SL_F32) tensor = tensor.to(ToScalarType(settings.floats));
  if (settings.copy) tensor = tensor.clone();
  return tensor.to(at::Device(settings.placement.device));
}

// Small seeded numbers in the place of pictures.
at::Tensor RandomInput(const kit::TensorInfo& info, int64_t batch, const at::Device& device) {
  Dims dims = info.dims;
  for (int64_t& dim : dims) {
    if (dim < 0) dim = batch;
  }
  if (info.layout == SL_LAYOUT_NHWC) dims = {dims[0], dims[3], dims[1], dims[2]};
  int64_t elements = 1;
  for (const int64_t dim : dims) elements *= dim;
  std::mt19937 random(1);  // the same numbers everywhere, unlike a distribution of the library's
  at::Tensor numbers = at::empty({elements}, at::kFloat);
  auto* values = numbers.data_ptr<float>();
  for (int64_t i = 0; i < elements; ++i) {
    values[i] = static_cast<float>(random()) / 2147483648.0f - 1;
  }
  return numbers.reshape(dims).to(ToScalarType(info.type)).to(device);
}

std::vector<c10::IValue> RandomInputs(std::span<const kit::TensorInfo> infos, int64_t batch,
                                      const at::Device& device) {
  std::vector<c10::IValue> inputs;
  for (const kit::TensorInfo& info : infos) inputs.emplace_back(RandomInput(info, batch, device));
  return inputs;
}

// Relative to the largest value, so that small outputs of a softmax are held to it as well.
double Difference(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes() || a.scalar_type() != b.scalar_type()) {
    return std::numeric_limits<double>::infinity();
  }
  if (a.numel() == 0) return 0;
  const at::Tensor x = a.to(at::kDouble);
  const at::Tensor y = b.to(at::kDouble);
  const double range = y.abs().max().item<double>();
  const double worst = (x - y).abs().max().item<double>();
  if (std::isnan(worst) || std::isnan(range)) return std::numeric_limits<double>::infinity();
  return worst == 0 ? 0 : worst / std::max(range, 1e-30);
}

class SilentHandler final : public c10::WarningHandler {
 public:
#if TORCH_VERSION_MAJOR >= 2
  void process(const c10::Warning&) override {}
#else
  void process(const c10::SourceLocation&, const std::string&, const bool) override {}
#endif
};

// Without the stack of LibTorch's own functions.
std::string MessageOf(const std::exception& exception) {
  const auto* own = dynamic_cast<const c10::Error*>(&exception);
  return CondenseMessage(own != nullptr ? own->what_without_backtrace() : exception.what());
}

std::string OutputName(const std::string& key, size_t index, size_t count) {
  if (!key.empty()) return key;
  return count == 1 ? "output" : "output_" + std::to_string(index);
}

}  // namespace

at::ScalarType ToScalarType(SlDataType type) {
  return static_cast<at::ScalarType>(ScalarTypeCode(type));
}

kit::Result<SlDataType> FromScalarType(at::ScalarType type) {
  for (int candidate = SL_F32; candidate <= SL_BOOL; ++candidate) {
    if (ToScalarType(static_cast<SlDataType>(candidate)) == type) return static_cast<SlDataType>(candidate);
  }
  return kit::Unsupported("tensors of ", c10::toString(type), " are not supported");
}

void UseThreads(int threads) {
  thread_local int used = 0;
  if (used == threads) return;
  at::set_num_threads(threads);
  used = threads;
}

kit::Status Guarded(const std::string& what, const std::function<void()>& body) {
  static SilentHandler silent;
  const warnings::WarningHandlerGuard quiet(&silent);  // of this thread
  try {
    body();
    return kit::Ok();
  } catch (const c10::OutOfMemoryError& error) {
    return kit::ResourceExhausted(what, " ran out of memory: ", MessageOf(error));
  } catch (const std::bad_alloc&) {
    throw;  // the kit has a sentence for it
  } catch (const std::exception& error) {
    return kit::Internal(what, " failed: ", MessageOf(error));
  }
}

kit::Result<NamedTensors> Flatten(const c10::IValue& value) {
  NamedTensors tensors;
  const auto add = [&](const std::string& name, const c10::IValue& element) -> kit::Status {
    if (!element.isTensor())
      return kit::Unsupported("forward returns a ", element.tagKind(), " among its results");
    tensors.emplace_back(name, element.toTensor());
    return kit::Ok();
  };
  if (value.isTuple()) {
    for (const c10::IValue& element : value.toTupleRef().elements()) KIT_RETURN_IF_ERROR(add("", element));
  } else if (value.isList()) {
    for (const c10::IValue& element : value.toListRef()) KIT_RETURN_IF_ERROR(add("", element));
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      KIT_RETURN_IF_ERROR(add(entry.key().isString() ? entry.key().toStringRef() : "", entry.value()));
    }
  } else {
    KIT_RETURN_IF_ERROR(add("", value));
  }
  if (tensors.empty()) return kit::Unsupported("forward returns no tensor");
  return tensors;
}

const LibraryFacts& Library() {
  static const LibraryFacts facts = [] {
    LibraryFacts made;
    const std::string config = at::show_config();
    made.version = VersionIn(config);
    if (made.version.empty()) made.version = TORCH_VERSION;
    const std::string parallel = at::get_parallel_info();
    made.build = CondenseBuild(config, parallel);
    made.threads_per_caller = parallel.find("ATen parallel backend: OpenMP") != std::string::npos;
    made.default_threads = at::get_num_threads();
    made.cuda_devices = torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
    return made;
  }();
  return facts;
}

kit::Result<Module> Module::Build(const Program& program, const BuildSettings& settings) {
  const at::NoGradGuard no_gradients;
  auto state = std::make_shared<State>(State{torch::jit::Module("network"), settings.placement});
  UseThreads(settings.placement.threads);
  KIT_RETURN_IF_ERROR(Guarded("LibTorch's compiler", [&] {
    for (const Constant& constant : program.constants) {
      state->module.register_buffer(constant.name, ToTensor(constant, settings));
    }
    state->module.define(program.source);
    state->module.eval();
  }));
  return Module(std::move(state));
}

kit::Result<Module> Module::Open(const std::filesystem::path& file, const Placement& placement) {
  KIT_RETURN_IF_ERROR(CheckTorchScriptFile(file));
  const at::NoGradGuard no_gradients;
  auto state = std::make_shared<State>(State{torch::jit::Module("network"), placement});
  UseThreads(placement.threads);
  const kit::Status loaded = Guarded("LibTorch", [&] {
    state->module = torch::jit::load(file.string(), at::Device(placement.device));
    state->module.eval();
  });
  if (!loaded.ok()) {
    return kit::InvalidArgument("LibTorch ", TORCH_VERSION, " can't read ", file.string(), ": ",
                                loaded.message());
  }
  if (!state->module.find_method("forward")) {
    return kit::InvalidArgument(file.string(), " has no method forward, which is what would be run");
  }
  return Module(std::move(state));
}

kit::Result<Module> Module::Frozen(bool for_inference) const {
  auto state = std::make_shared<State>(State{torch::jit::Module("network"), state_->placement});
  const at::NoGradGuard no_gradients;
  KIT_RETURN_IF_ERROR(Guarded("torch.jit.freeze or torch.jit.optimize_for_inference", [&] {
    state->module = torch::jit::freeze(state_->module);
    if (for_inference) state->module = torch::jit::optimize_for_inference(state->module);
  }));
  return Module(std::move(state));
}

int Module::input_count() const {
  return static_cast<int>(state_->module.get_method("forward").function().getSchema().arguments().size()) - 1;
}

kit::Result<std::vector<kit::TensorInfo>> Module::OutputsFor(std::span<const kit::TensorInfo> inputs,
                                                             int64_t batch) const {
  const c10::InferenceMode inference;
  UseThreads(state_->placement.threads);
  c10::IValue result;
  KIT_RETURN_IF_ERROR(Guarded("running it once to see its outputs", [&] {
    result = torch::jit::Module(state_->module).forward(RandomInputs(inputs, batch, state_->device()));
  }));
  KIT_ASSIGN_OR_RETURN(const NamedTensors tensors, Flatten(result));
  std::vector<kit::TensorInfo> infos;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const auto& [key, tensor] = tensors[i];
    KIT_ASSIGN_OR_RETURN(const SlDataType type, FromScalarType(tensor.scalar_type()));
    if (tensor.dim() > SL_MAX_RANK) return kit::Unsupported("an output has ", tensor.dim(), " dimensions");
    infos.push_back({OutputName(key, i, tensors.size()), type,
                     tensor.dim() == 4 ? SL_LAYOUT_NCHW : SL_LAYOUT_PLAIN, tensor.sizes().vec()});
  }
  return infos;
}

kit::Result<double> Module::DifferenceFrom(const Module& other, std::span<const kit::TensorInfo> inputs,
                                           int64_t batch) const {
  const c10::InferenceMode inference;
  UseThreads(state_->placement.threads);
  c10::IValue own;
  c10::IValue others;
  KIT_RETURN_IF_ERROR(Guarded("running it once to check its values", [&] {
    const std::vector<c10::IValue> random = RandomInputs(inputs, batch, state_->device());
    own = torch::jit::Module(state_->module).forward(random);
    others = torch::jit::Module(other.state_->module).forward(random);
  }));
  KIT_ASSIGN_OR_RETURN(const NamedTensors a, Flatten(own));
  KIT_ASSIGN_OR_RETURN(const NamedTensors b, Flatten(others));
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, Difference(a[i].second, b[i].second));
  return worst;
}

}  // namespace sightline::torch_backend
