#include <fmt/format.h>

#include <optional>
#include <string>

#include "src/analyze/finding_checks.h"

namespace sightline::analyze {
namespace {

// Thresholds: limits for a warning.
constexpr double kSubnormalWarning = 0.01;  // of all outputs
constexpr double kHandoverWarning = 0.1;    // of the time of an inference

// The mean time of an inference's part, or of all of it (sub_stage 0); 0 where there is none.
double MeanOfInfer(const Context& c, uint8_t sub_stage) {
  for (const StageSummary& stage : c.result.summary.stages) {
    if (stage.key.stage == StageId::kInfer && stage.key.sub_stage == sub_stage) {
      return stage.latency.mean_ns.value;
    }
  }
  return 0;
}

// What handing the tensors over and taking the results back takes of an inference.
double HandoverShare(const Context& c) {
  const double whole = MeanOfInfer(c, 0);
  return whole > 0 ? (MeanOfInfer(c, SL_SUB_STAGE_BIND) + MeanOfInfer(c, SL_SUB_STAGE_COLLECT)) / whole : 0;
}

}  // namespace

std::optional<std::string> PrecisionDiffers(const Context& c) {
  const RunManifest& m = c.result.manifest;
  const std::string asked(DataTypeName(m.trial.precision));
  if (asked == m.backend.precision_run) return std::nullopt;
  return fmt::format("{} was asked for and {} ran", asked, m.backend.precision_run);
}

std::optional<std::string> PreprocessingAssumed(const Context& c) {
  if (!c.task_assumed) return std::nullopt;
  return "nobody described this model's preprocessing; assumed: " + c.result.manifest.model.preprocess;
}

std::optional<std::string> OutputsNotFinite(const Context& c) {
  const auto& outputs = c.result.outputs;
  const int64_t frames = c.result.summary.unusable_outputs;
  if ((!outputs || outputs->not_finite == 0) && frames > 0) {
    return fmt::format(
        "the first outputs were sound, and those of {} measured frames infinite or no numbers; which, and "
        "of which picture, says the error that ended the run",
        frames);
  }
  if (!outputs || outputs->not_finite == 0) return std::nullopt;
  return fmt::format(
      "{} of the {} values in the first outputs are infinite or no numbers; a network that "
      "computes such may run at another speed than a working one",
      outputs->not_finite, outputs->values);
}

std::optional<std::string> OutputsConstant(const Context& c) {
  const auto& outputs = c.result.outputs;
  if (!outputs || !outputs->constant) return std::nullopt;
  return fmt::format(
      "{} different pictures gave exactly the same outputs; the network ignores its input, or "
      "its weights are no real ones",
      outputs->pictures);
}

std::optional<std::string> OutputsSubnormal(const Context& c) {
  const auto& outputs = c.result.outputs;
  if (!outputs || outputs->values == 0) return std::nullopt;
  const double share = static_cast<double>(outputs->subnormal) / static_cast<double>(outputs->values);
  if (share < kSubnormalWarning) return std::nullopt;
  return fmt::format(
      "{:.1f} % of the values in the first outputs are subnormal (denormal) numbers, which many "
      "processors compute with a hundred times more slowly",
      Percent(share));
}

std::optional<std::string> NoCandidates(const Context& c) {
  const RunSummary& summary = c.result.summary;
  // A model that suppresses by itself tells only of what it kept.
  const auto& candidates =
      summary.candidates_before_nms ? summary.candidates_before_nms : summary.candidates_after_nms;
  if (!candidates || candidates->max > 0) return std::nullopt;
  return fmt::format(
      "no box's score was above the threshold in any of {} frames, so postprocess did less than it does "
      "where "
      "something is found; show it other pictures, or lower --score-threshold",
      candidates->count);
}

std::optional<std::string> LayoutConversion(const Context& c) {
  const BackendFacts& backend = c.result.manifest.backend;
  if (!backend.converts_layout) return std::nullopt;
  const double share = HandoverShare(c);
  const std::string cost = share > 0
                               ? fmt::format("{:.1f} % of it is copying tensors in and out", Percent(share))
                               : std::string("what that costs is not stamped");
  return fmt::format(
      "the model wants its input as {}, which {} turns into its own layout in every inference; {}",
      backend.input_layout, backend.framework, cost);
}

std::optional<std::string> Handover(const Context& c) {
  const double share = HandoverShare(c);
  if (c.result.manifest.backend.converts_layout || share < kHandoverWarning) return std::nullopt;
  return fmt::format(
      "{:.1f} % of an inference is copying tensors into and out of the framework (infer.bind, "
      "infer.collect), not the network",
      Percent(share));
}

}  // namespace sightline::analyze
