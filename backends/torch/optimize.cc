#include "backends/torch/optimize.h"

#include <utility>

#include "backends/kit/spans.h"
#include "backends/torch/translate.h"

namespace sightline::torch_backend {
namespace {

// Another order of summing changes the last digits, of which fp32 has seven, fp16 three and bf16 two, layer
// by layer; what is wrong differs in the first.
double Tolerance(SlDataType floats) {
  if (floats == SL_F32) return 1e-3;
  return floats == SL_F16 ? 1e-2 : 5e-2;
}

OptimizedModule Unchanged(const Module& module, std::string note) {
  return {module, std::move(note), false};
}

std::string PrecisionText(SlDataType floats) {
  if (floats == SL_F32) return "LibTorch keeps fp32 unless it is told otherwise";
  return std::string("weights and activations are ") + kit::DataTypeName(floats) +
         "; the inputs and outputs are turned from and to fp32";
}

}  // namespace

Effort ParseEffort(std::string_view word) {
  if (word == "off") return Effort::kOff;
  return word == "freeze" ? Effort::kFreeze : Effort::kFull;
}

OptimizedModule OptimizeChecked(const Module& module, const Module& truth, const OptimizeSettings& settings,
                                std::span<const kit::TensorInfo> inputs) {
  const Effort effort = settings.effort;
  if (effort == Effort::kOff) return Unchanged(module, "run as written");
  kit::Result<Module> optimized = module.Frozen(effort == Effort::kFull);
  const char* name = effort == Effort::kFull ? "optimize_for_inference" : "freeze";
  if (!optimized.ok()) {
    return Unchanged(module, kit::Text(name, " failed, so it is left out: ", optimized.status().message()));
  }
  const kit::Result<double> difference = optimized->DifferenceFrom(truth, inputs, 1);
  if (!difference.ok()) {
    return Unchanged(module, kit::Text(name, " failed, so it is left out: ", difference.status().message()));
  }
  if (!(*difference <= Tolerance(settings.floats))) {
    return Unchanged(module, kit::Text(name, " computes other values here (", *difference,
                                       " of the largest), so it is left out"));
  }
  return {std::move(optimized).value(), kit::Text(name, " is in use and computes the same"), true};
}

kit::Result<OptimizedGraph> OptimizeGraph(const GraphRequest& request) {
  const bool on_cpu = request.placement.device == "cpu";
  // oneDNN's kernels for 16-bit floats, and cuDNN's, want pictures channels-last.
  TranslationSettings native{.convolutions = ConvolutionForm::kNative,
                             .floats = request.floats,
                             .channels_last = !on_cpu || request.floats != SL_F32};
  TranslationSettings safe = native;
  if (on_cpu) safe.convolutions = ConvolutionForm::kOneDnn;
  KIT_ASSIGN_OR_RETURN(Program as_written, Translate(*request.graph, safe));
  const int64_t begin_ns = kit::NowNs();
  // What optimized modules are held to reads its weights where they lie and is gone when this returns.
  const bool decides_alone = request.optimize == Effort::kOff;
  KIT_ASSIGN_OR_RETURN(Module truth,
                       Module::Build(as_written, {request.floats, decides_alone, request.placement}));
  std::vector<Layer> layers = as_written.layers;
  OptimizedModule best{truth, "run as written", true};
  if (!decides_alone) {
    KIT_ASSIGN_OR_RETURN(const Program program, Translate(*request.graph, native));
    KIT_ASSIGN_OR_RETURN(const Module module,
                         Module::Build(program, {request.floats, true, request.placement}));
    best = OptimizeChecked(module, truth, {request.optimize, request.floats}, program.inputs);
    layers = program.layers;
    if (!best.kept) {
      KIT_ASSIGN_OR_RETURN(best.module, Module::Build(as_written, {request.floats, true, request.placement}));
      layers = as_written.layers;
    }
  }
  return OptimizedGraph{std::move(best.module),
                        std::move(layers),
                        std::move(as_written.inputs),
                        std::move(as_written.outputs),
                        PrecisionText(request.floats) + "; " + best.note,
                        kit::NowNs() - begin_ns};
}

}  // namespace sightline::torch_backend
