#include "src/report/run_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/report/text_table.h"

namespace sightline::report {
namespace {

constexpr double kNsPerMs = 1e6;
constexpr double kNsPerS = 1e9;
constexpr std::string_view kAbsent = "-";

// About three significant digits, never an exponent.
int Decimals(double value) {
  const double size = std::abs(value);
  if (size >= 100) return 0;
  if (size >= 10) return 1;
  return size >= 1 ? 2 : 3;
}

std::string WithError(const Estimate& estimate, double unit) {
  const double value = estimate.value / unit;
  const int decimals = Decimals(value);
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (estimate.low && estimate.high) {
    const double side = std::max(*estimate.high - estimate.value, estimate.value - *estimate.low) / unit;
    text += fmt::format(" ±{:.{}f}", side, decimals);
  }
  return text;
}

std::string Percentile(const DurationSummary& summary, int per_mille) {
  const auto found = summary.percentiles_ns.find(per_mille);
  return found == summary.percentiles_ns.end() ? std::string(kAbsent) : MillisecondsWithError(found->second);
}

std::string Count(int64_t count) {
  return fmt::format("{}", count);
}

std::string Plural(int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// " (4.23 M parameters, 0.569 GMAC)"; nothing of a model in a framework's own format, where it can't be
// counted.
std::string Size(const ModelFacts& model) {
  if (model.parameters == 0 && model.macs == 0) return "";
  return fmt::format(" ({:.2f} M parameters, {:.3g} GMAC)", static_cast<double>(model.parameters) / 1e6,
                     static_cast<double>(model.macs) / 1e9);
}

std::string Heading(const RunResult& result) {
  const RunManifest& m = result.manifest;
  const std::string threads =
      m.backend.intra_threads > 0 ? Plural(m.backend.intra_threads, "thread") : "threads not known";
  return fmt::format(
      "{}{} in {} {}\n"
      "{}, {}, {}{}, batch {}, {}, {}; input {} {}\n"
      "{}; {}, {} in {:.1f} s\n",
      m.model.name, Size(m.model), m.backend.framework, m.backend.framework_version, m.backend.device,
      m.backend.precision_run, threads, result.manifest.trial.instances > 1 ? " each" : "", m.trial.batch,
      Plural(m.trial.instances, "instance"), ScenarioName(m.trial.scenario), m.backend.input_layout,
      m.backend.input_shape, m.input_description,
      result.summary.batches == 1 ? "1 batch" : fmt::format("{} batches", result.summary.batches),
      Plural(result.summary.frames, "frame"), result.summary.measured_s);
}

std::string ColdStartLine(const ColdStart& cold) {
  const auto ms = [](int64_t ns) { return Milliseconds(static_cast<double>(ns)); };
  std::string text =
      fmt::format("cold start  framework {} ms, network {} ms, engine {} ms", ms(cold.backend_load_ns),
                  ms(cold.network_build_ns), ms(cold.engine_create_ns));
  if (cold.engine_compile_ns > 0) text += fmt::format(" (compile {} ms)", ms(cold.engine_compile_ns));
  return text + fmt::format(", instances {} ms, first inference {} ms\n", ms(cold.instance_create_ns),
                            ms(cold.first_inference_ns));
}

void AddDurationRow(TextTable& table, const std::string& name, const DurationSummary& summary) {
  std::vector<std::string> cells = {name, Count(summary.count), Milliseconds(summary.min_ns),
                                    MillisecondsWithError(summary.mean_ns)};
  for (const int per_mille : kPercentilesPerMille) cells.push_back(Percentile(summary, per_mille));
  table.AddRow(std::move(cells));
}

// LoadGen's bound under the figures it is about, where there is one.
void AddBoundRow(TextTable& table, const std::string& name, const DurationSummary& summary) {
  if (summary.early_stopping_ns.empty()) return;
  std::vector<std::string> cells = {name, "", "", ""};
  for (const int per_mille : kPercentilesPerMille) {
    const auto found = summary.early_stopping_ns.find(per_mille);
    cells.push_back(found == summary.early_stopping_ns.end() ? std::string(kAbsent)
                                                             : Milliseconds(found->second));
  }
  table.AddRow(std::move(cells));
}

std::string StageTable(const RunSummary& summary) {
  std::vector<Column> columns = {{"ms", Align::kLeft}, {"count"}, {"min"}, {"mean"}};
  for (const int per_mille : kPercentilesPerMille) {
    std::string title = PercentileName(per_mille);
    std::replace(title.begin(), title.end(), '_', '.');
    columns.push_back({title});
  }
  TextTable table(columns);
  for (const StageSummary& stage : summary.stages) {
    const std::string indent = stage.key.sub_stage > 0 ? "  " : "";
    AddDurationRow(table, indent + StageKeyName(stage.key), stage.latency);
  }
  AddDurationRow(table, "end to end", summary.latency);
  AddBoundRow(table, "  LoadGen bound", summary.latency);
  if (summary.query_latency) {
    AddDurationRow(table, "query", *summary.query_latency);
    AddBoundRow(table, "  LoadGen bound", *summary.query_latency);
  }
  return table.ToString();
}

constexpr size_t kPicturesShown = 5;
constexpr size_t kDetectionsShown = 3;  // of a picture

std::string NameOf(const std::string& label, int class_index) {
  return label.empty() ? fmt::format("class {}", class_index) : label;
}

// "7: cup 0.91, spoon 0.55, bowl 0.40, ..."
std::string DetectionText(const std::vector<DetectedObject>& detections) {
  if (detections.empty()) return "nothing";
  std::string text = fmt::format("{}:", detections.size());
  for (size_t i = 0; i < std::min(detections.size(), kDetectionsShown); ++i) {
    text += fmt::format("{} {} {:.2f}", i == 0 ? "" : ",",
                        NameOf(detections[i].label, detections[i].class_index), detections[i].score);
  }
  return text + (detections.size() > kDetectionsShown ? ", ..." : "");
}

std::string PictureLines(const std::vector<PictureResult>& pictures) {
  std::string text;
  for (const PictureResult& p : pictures) {
    if (&p == pictures.data() + kPicturesShown) break;
    const char* const title = p.detections ? "detected" : "top-1";
    text +=
        fmt::format("{:<12}{}: {}\n", text.empty() ? title : "", p.picture,
                    p.detections ? DetectionText(*p.detections)
                                 : fmt::format("{}, score {:.3f}", NameOf(p.label, p.top_class), p.score));
  }
  return text;
}

// "812 ±9 (345 to 1203)"; "100" where it is always so.
std::string CountText(const CountSummary& counts) {
  if (counts.min == counts.max) return fmt::format("{:.0f}", counts.mean.value);
  return fmt::format("{} ({:.0f} to {:.0f})", WithError(counts.mean, 1), counts.min, counts.max);
}

std::string CandidateLine(const RunSummary& summary) {
  if (!summary.candidates_after_nms) return "";
  if (!summary.candidates_before_nms) {
    return fmt::format(
        "detections  {} a picture above the score threshold; NMS is the model's, which does not tell what "
        "it began with\n",
        CountText(*summary.candidates_after_nms));
  }
  return fmt::format("candidates  {} a picture above the score threshold, {} detections left by NMS\n",
                     CountText(*summary.candidates_before_nms), CountText(*summary.candidates_after_nms));
}

std::string PartialLine(const RunResult& result) {
  if (!result.partial) return "";
  return fmt::format("partial     {}; {}\n", result.partial_reason,
                     result.summary.frames > 0 ? "the figures are of what was measured before"
                                               : "nothing was measured before");
}

std::string SteadyLine(const std::optional<SteadyState>& state) {
  if (!state) return "";
  std::string text = "steady      ";
  if (state->verdict == "flat") {
    text += "from the start";
  } else if (state->verdict == "too short") {
    text += "too few batches to tell";
  } else if (state->verdict == "no steady state") {
    text += "no: inference kept changing to the end";
  } else {
    text += fmt::format("from {:.1f} s on, after a {}; {} before it left out of all figures",
                        static_cast<double>(state->begin_ns) / kNsPerS, state->verdict,
                        Plural(state->frames_left_out, "frame"));
  }
  if (state->drift && state->drift->low && state->drift->high) {
    text += fmt::format("; drift {:+.1f} % (95 %: {:+.1f} to {:+.1f})", state->drift->value * 100,
                        *state->drift->low * 100, *state->drift->high * 100);
  }
  return text + "\n";
}

std::string StopLine(const RunResult& result) {
  const std::optional<StopGoal> goal = GoalOf(result.manifest);
  if (!goal || !result.goal_reached.value_or(false)) return "";
  return fmt::format("stopped     once {} was known to ±{:.3g} %\n", QuantityName(goal->quantity),
                     goal->half_width * 100);
}

std::string FindingLines(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{}: {} [{}]\n", SeverityName(finding.severity), finding.sentence, finding.name);
  }
  if (!text.empty()) text += "findings are explained in docs/measuring.md#findings\n";
  return text;
}

// The stages any of the results has, in pipeline order, whole stages only.
std::set<StageKey> StagesOf(std::span<const RunResult> results) {
  std::set<StageKey> keys;
  for (const RunResult& result : results) {
    for (const StageSummary& stage : result.summary.stages) {
      if (stage.key.sub_stage == 0) keys.insert(stage.key);
    }
  }
  return keys;
}

// A factor that has a column of its own only where it differs from row to row.
struct Factor {
  const char* title;
  Align align;
  std::string (*value)(const RunResult&);
};

constexpr Factor kFactors[] = {
    {"scenario", Align::kLeft,
     [](const RunResult& r) { return std::string(ScenarioName(r.manifest.trial.scenario)); }},
    {"threads", Align::kRight,
     [](const RunResult& r) {
       const int threads = r.manifest.backend.intra_threads;
       return threads > 0 ? std::to_string(threads) : std::string(kAbsent);
     }},
    {"precision", Align::kLeft, [](const RunResult& r) { return r.manifest.backend.precision_run; }},
};

std::vector<Factor> FactorsThatDiffer(std::span<const RunResult> results) {
  std::vector<Factor> factors;
  for (const Factor& factor : kFactors) {
    const bool differs = std::any_of(results.begin(), results.end(), [&](const RunResult& result) {
      return factor.value(result) != factor.value(results[0]);
    });
    if (differs) factors.push_back(factor);
  }
  return factors;
}

std::string StageMedian(const RunResult& result, StageKey key) {
  for (const StageSummary& stage : result.summary.stages) {
    if (stage.key == key) return Percentile(stage.latency, 500);
  }
  return std::string(kAbsent);
}

}  // namespace

std::string Milliseconds(double ns) {
  const double value = ns / kNsPerMs;
  return fmt::format("{:.{}f}", value, Decimals(value));
}

std::string MillisecondsWithError(const Estimate& ns) {
  return WithError(ns, kNsPerMs);
}

std::string RateWithError(const Estimate& per_s) {
  return WithError(per_s, 1);
}

std::string RunReport(const RunResult& result) {
  const RunSummary& summary = result.summary;
  std::string text = Heading(result) + PartialLine(result) + "\n" + ColdStartLine(result.cold_start) + "\n";
  if (summary.frames == 0) return text + FindingLines(result.findings);
  text += StageTable(summary);
  text += "± is the wider side of the 95 % confidence interval; '-': too few samples for that percentile\n\n";
  text += fmt::format("throughput  {} frames/s end to end, {} frames/s inference alone\n",
                      RateWithError(summary.throughput_per_s), RateWithError(summary.infer_throughput_per_s));
  text += SteadyLine(summary.steady_state);
  text += fmt::format("memory      {:.0f} MiB at its peak\n",
                      static_cast<double>(result.disturbance.peak_memory_bytes) / (1 << 20));
  text += StopLine(result);
  text += CandidateLine(summary);
  text += PictureLines(result.pictures);
  const std::string findings = FindingLines(result.findings);
  return text + (findings.empty() ? "nothing disturbed the measurement\n" : findings);
}

std::string ComparisonTable(std::span<const RunResult> results) {
  const std::set<StageKey> stages = StagesOf(results);
  const std::vector<Factor> factors = FactorsThatDiffer(results);
  std::vector<Column> columns = {{"model", Align::kLeft}, {"backend", Align::kLeft}, {"batch"}, {"inst"}};
  for (const Factor& factor : factors) columns.push_back({factor.title, factor.align});
  for (const char* title : {"frames/s", "latency p50 ms", "p90 ms", "p99 ms"}) columns.push_back({title});
  for (const StageKey key : stages) columns.push_back({StageKeyName(key)});
  columns.push_back({"findings", Align::kLeft});
  TextTable table(columns);
  for (const RunResult& result : results) {
    const RunManifest& m = result.manifest;
    std::vector<std::string> cells = {m.model.name, m.backend.name, std::to_string(m.trial.batch),
                                      std::to_string(m.trial.instances)};
    for (const Factor& factor : factors) cells.push_back(factor.value(result));
    cells.push_back(result.summary.frames > 0 ? RateWithError(result.summary.throughput_per_s)
                                              : std::string(kAbsent));
    for (const int per_mille : {500, 900, 990})
      cells.push_back(Percentile(result.summary.latency, per_mille));
    for (const StageKey key : stages) cells.push_back(StageMedian(result, key));
    std::string names = result.partial ? "partial" : "";
    for (const Finding& finding : result.findings) {
      if (finding.severity == Severity::kInfo) continue;
      names += (names.empty() ? "" : ", ") + finding.name;
    }
    cells.push_back(names);
    table.AddRow(std::move(cells));
  }
  return table.ToString() +
         "stages: median in ms (infer: of a whole batch); ± is the wider side of the 95 % confidence "
         "interval\n";
}

}  // namespace sightline::report
