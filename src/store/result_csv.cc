#include <fmt/format.h>

#include "src/store/csv_cell.h"
#include "src/store/result_json.h"

namespace sightline::store {
namespace {

std::string Number(double value) {
  return fmt::format("{:.0f}", value);
}

std::string EstimateCells(const Estimate& estimate) {
  return "," + Number(estimate.value) + "," + (estimate.low ? Number(*estimate.low) : "") + "," +
         (estimate.high ? Number(*estimate.high) : "");
}

std::string Header() {
  std::string line =
      "model,backend,device,precision,batch,instances,threads,scenario,partial,stage,count,latency_ns_min";
  std::vector<std::string> estimates = {"latency_ns_mean"};
  for (const int per_mille : kPercentilesPerMille)
    estimates.push_back("latency_ns_" + PercentileName(per_mille));
  for (const std::string& name : estimates) line += "," + name + "," + name + "_low," + name + "_high";
  return line + ",throughput_per_s,throughput_per_s_low,throughput_per_s_high\n";
}

std::string Line(const RunResult& result, const std::string& stage, const DurationSummary& summary) {
  const RunManifest& m = result.manifest;
  const bool any = summary.count > 0;
  std::string line =
      fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}", CsvCell(m.model.name), m.backend.name,
                  CsvCell(m.backend.device), m.backend.precision_run, m.trial.batch, m.trial.instances,
                  m.backend.intra_threads > 0 ? std::to_string(m.backend.intra_threads) : "",
                  ScenarioName(m.trial.scenario), result.partial ? "yes" : "no", stage, summary.count,
                  any ? Number(summary.min_ns) : "");
  line += any ? EstimateCells(summary.mean_ns) : ",,,";
  for (const int per_mille : kPercentilesPerMille) {
    const auto found = summary.percentiles_ns.find(per_mille);
    line += found == summary.percentiles_ns.end() ? ",,," : EstimateCells(found->second);
  }
  return line;
}

std::string RateCells(const Estimate& rate) {
  if (rate.value <= 0) return ",,,";  // nothing came to a result
  return fmt::format(",{:.4f},{},{}", rate.value, rate.low ? fmt::format("{:.4f}", *rate.low) : "",
                     rate.high ? fmt::format("{:.4f}", *rate.high) : "");
}

}  // namespace

std::string ResultToCsv(const RunResult& result) {
  std::string text = Header();
  for (const StageSummary& stage : result.summary.stages) {
    const bool is_infer =
        stage.key.stage == StageId::kInfer && stage.key.sub_stage == 0 && stage.key.occurrence <= 1;
    text += Line(result, StageKeyName(stage.key), stage.latency) +
            (is_infer ? RateCells(result.summary.infer_throughput_per_s) : ",,,") + "\n";
  }
  return text + Line(result, "end_to_end", result.summary.latency) +
         RateCells(result.summary.throughput_per_s) + "\n";
}

}  // namespace sightline::store
