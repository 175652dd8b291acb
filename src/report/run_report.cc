#include "src/report/run_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "src/report/text_table.h"

namespace sightline::report {
namespace {

constexpr double kNsPerMs = 1e6;
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

std::string Heading(const RunResult& result) {
  const RunManifest& m = result.manifest;
  const std::string threads =
      m.backend.intra_threads > 0 ? Plural(m.backend.intra_threads, "thread") : "threads not known";
  return fmt::format(
      "{} ({:.2f} M parameters, {:.3g} GMAC) in {} {}\n"
      "{}, {}, {}{}, batch {}, {}, {}; input {} {}\n"
      "{}; {}, {} in {:.1f} s\n",
      m.model.name, static_cast<double>(m.model.parameters) / 1e6, static_cast<double>(m.model.macs) / 1e9,
      m.backend.framework, m.backend.framework_version, m.backend.device, m.backend.precision_run, threads,
      result.manifest.trial.instances > 1 ? " each" : "", m.trial.batch,
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
  if (summary.query_latency) AddDurationRow(table, "query", *summary.query_latency);
  return table.ToString();
}

std::string FindingLines(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{}: {} [{}]\n", SeverityName(finding.severity), finding.sentence, finding.name);
  }
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
  std::string text = Heading(result) + "\n" + ColdStartLine(result.cold_start) + "\n";
  if (summary.frames == 0) return text + FindingLines(result.findings);
  text += StageTable(summary);
  text += "± is the wider side of the 95 % confidence interval; '-': too few samples for that percentile\n\n";
  text += fmt::format("throughput  {} frames/s end to end, {} frames/s inference alone\n",
                      RateWithError(summary.throughput_per_s), RateWithError(summary.infer_throughput_per_s));
  text += fmt::format("memory      {:.0f} MiB at its peak\n",
                      static_cast<double>(result.disturbance.peak_memory_bytes) / (1 << 20));
  const std::string findings = FindingLines(result.findings);
  return text + (findings.empty() ? "nothing disturbed the measurement\n" : findings);
}

std::string ComparisonTable(std::span<const RunResult> results) {
  const std::set<StageKey> stages = StagesOf(results);
  std::vector<Column> columns = {{"model", Align::kLeft},
                                 {"backend", Align::kLeft},
                                 {"batch"},
                                 {"inst"},
                                 {"frames/s"},
                                 {"latency p50 ms"},
                                 {"p90 ms"},
                                 {"p99 ms"}};
  for (const StageKey key : stages) columns.push_back({StageKeyName(key)});
  columns.push_back({"findings", Align::kLeft});
  TextTable table(columns);
  for (const RunResult& result : results) {
    const RunManifest& m = result.manifest;
    std::vector<std::string> cells = {m.model.name,
                                      m.backend.name,
                                      std::to_string(m.trial.batch),
                                      std::to_string(m.trial.instances),
                                      RateWithError(result.summary.throughput_per_s),
                                      Percentile(result.summary.latency, 500),
                                      Percentile(result.summary.latency, 900),
                                      Percentile(result.summary.latency, 990)};
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
