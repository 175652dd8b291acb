#include "src/cli/run_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "src/base/duration.h"
#include "src/base/text.h"
#include "src/cli/factors.h"
#include "src/cli/save_frames.h"
#include "src/cli/thresholds.h"
#include "src/report/run_report.h"
#include "src/store/files.h"
#include "src/store/record_csv.h"
#include "src/store/result_json.h"
#include "src/study/values.h"

namespace sightline::cli {
namespace {

constexpr auto kDefaultDuration = std::chrono::seconds(10);

}  // namespace

std::string RunCommand::examples() const {
  return "  sightline run -m mobilenet_v1_1.0_224 --backend tensorflow --input photos/\n"
         "  sightline run -m resnet50_v1 --backend opencv -b 4 --threads 1 --pin 0 --duration 30s --json "
         "r.json\n"
         "  sightline run -m my_model.onnx --backend opencv --input video.avi --records raw.csv\n"
         "  sightline run -m inception_v3 --backend tensorflow --scenario multi-stream --iterations 100\n"
         "  sightline run -m mobilenet_v1_1.0_224 --backend opencv --input photos/ --save-frames drawn/";
}

void RunCommand::AddFlags(CLI::App& app) {
  app.add_option("-m,--model", trial_.model, "zoo name (`sightline models`) or model file")->required();
  app.add_option("--backend", trial_.backend, "framework (`sightline doctor` lists them)")->required();
  app.add_option("-d,--device", trial_.device, "device of the backend")->capture_default_str();
  app.add_option("--precision", precision_, "fp32, fp16, bf16 or int8")->capture_default_str();
  AddCalibrationFlags(app, trial_);
  app.add_option("-b,--batch", trial_.batch, "frames joined for one inference")->capture_default_str();
  app.add_option("--instances", trial_.instances, "lanes, each running the whole pipeline")
      ->capture_default_str();
  app.add_option("--threads", trial_.threads,
                 "intra-op threads of each instance (default: the framework's choice)");
  app.add_option("--inter-threads", trial_.inter_threads,
                 "operators run side by side, where the framework can");
  app.add_option("--pin", trial_.pin, "cores to hold the run to, e.g. 0,1")->delimiter(',');
  app.add_option("--option", options_, "backend option KEY=VALUE; `sightline doctor --options` lists them");
  app.add_option(
      "--input", trial_.input,
      "folder, glob or file of pictures, a video, or synthetic:WIDTHxHEIGHT (default: synthetic:640x480)");
  app.add_flag("--jpeg-scaling", trial_.jpeg_scaling,
               "let the JPEG decoder shrink pictures that are much too large");
  app.add_option("--labels", trial_.labels,
                 "file with the names of the classes, one a line: for the report and --records");
  app.add_option("--scenario", scenario_, "single-stream, multi-stream or offline")->capture_default_str();
  app.add_option("--frames-per-query", trial_.frames_per_query, "multi-stream: frames issued together")
      ->capture_default_str();
  app.add_option("--duration", duration_,
                 "how long to measure, e.g. 30s (default: 10s, unless --iterations is given)");
  app.add_option("--iterations", iterations_, "batches to measure per instance (multi-stream: queries)");
  app.add_option("--warm-up", warm_up_, "how long to warm up, at least 3 batches")->capture_default_str();
  app.add_option("--weight-seed", trial_.weight_seed, "seed of a zoo network's weights")
      ->capture_default_str();
  app.add_option("--score-threshold", trial_.score_threshold,
                 "detection: a box's score must be above it (default: as published for the network)");
  app.add_option("--iou-threshold", trial_.iou_threshold,
                 "detection: a box that overlaps a better one of its class by more goes");
  app.add_option("--max-detections", trial_.max_detections, "detection: the best that are kept of a picture");
  app.add_option("--proposals", trial_.proposals,
                 "detection in two stages: how many boxes of a picture the second looks at");
  app.add_option("--json", json_file_,
                 "write the result to this file; - for standard output instead of the table");
  app.add_option("--csv", csv_file_, "write one line per stage to this file");
  app.add_option("--records", records_file_, "write one line per frame with every stamp (raw records, CSV)");
  app.add_option(
      "--raw", raw_file_,
      "write the raw records to this file while measuring, packed, as `sightline study` stores them");
  app.add_option(
      "--save-frames", frames_folder_,
      "write the pictures to this folder after measuring, with boxes or best classes drawn on them");
  CLI::Option* const stop = app.add_option("--stop-quantity", stop_quantity_,
                                           "end once this is known well enough: " + QuantityNames() +
                                               "; --duration and --iterations are caps then");
  app.add_option("--stop-half-width", stop_half_width_,
                 "how well: longer side of its 95 % interval, of the figure")
      ->capture_default_str()
      ->needs(stop);
  app.add_option("--stop-min-duration", stop_min_duration_, "measure at least so long")
      ->capture_default_str()
      ->needs(stop);
  app.add_flag("--strict", strict_, "exit code 1 when a finding is a warning or an error");
  app.add_flag("-q,--quiet", quiet_, "no progress lines");
}

Status RunCommand::CheckFiles() const {
  SIGHTLINE_RETURN_IF_ERROR(IsAFile(csv_file_, "--csv"));
  SIGHTLINE_RETURN_IF_ERROR(IsAFile(records_file_, "--records"));
  SIGHTLINE_RETURN_IF_ERROR(IsAFile(raw_file_, "--raw"));
  if (!frames_folder_.empty()) SIGHTLINE_RETURN_IF_ERROR(CheckFramesFolder(frames_folder_));
  std::error_code ignored;  // what can't be looked at can't be written either, and is told below
  if (std::filesystem::exists(raw_file_, ignored) && !std::filesystem::is_regular_file(raw_file_, ignored)) {
    return Error(
        ErrorKind::kInvalidArgument,
        fmt::format("--raw: {} is no regular file, and records are read back from it; name one, or use "
                    "--records for CSV",
                    raw_file_));
  }
  // Before the minutes of measuring, not after.
  std::map<std::filesystem::path, std::string_view> flags;
  for (const auto& [flag, file] : {std::pair{"--json", &json_file_},
                                   {"--csv", &csv_file_},
                                   {"--records", &records_file_},
                                   {"--raw", &raw_file_}}) {
    if (file->empty() || *file == "-") continue;
    SIGHTLINE_RETURN_IF_ERROR(store::CheckWritable(*file));
    // A terminal or a pipe takes one after the other.
    if (std::filesystem::exists(*file, ignored) && !std::filesystem::is_regular_file(*file, ignored))
      continue;
    const auto [other, first] = flags.emplace(std::filesystem::weakly_canonical(*file, ignored), flag);
    if (!first) {
      return Error(
          ErrorKind::kInvalidArgument,
          fmt::format("{} and {} both name {}, and the second would overwrite the first; name two files",
                      other->second, flag, *file));
    }
  }
  return OkStatus();
}

Status RunCommand::ReadFlags() {
  SIGHTLINE_RETURN_IF_ERROR(CheckFactors(trial_));
  SIGHTLINE_RETURN_IF_ERROR(CheckThresholds(trial_));
  SIGHTLINE_RETURN_IF_ERROR(
      AtLeastOne(static_cast<int>(std::min<int64_t>(iterations_.value_or(1), 1)), "--iterations"));
  SIGHTLINE_ASSIGN_OR_RETURN(trial_.precision, PrecisionFromName(precision_));
  const auto scenario = ScenarioFromName(scenario_);
  if (!scenario) {
    return Error(
        ErrorKind::kInvalidArgument,
        fmt::format("--scenario: '{}' is not one of single-stream, multi-stream, offline", scenario_));
  }
  trial_.scenario = *scenario;
  if (trial_.input.empty()) trial_.input = kDefaultInput;
  SIGHTLINE_RETURN_IF_ERROR(ReadBackendOptions(options_, trial_));
  SIGHTLINE_ASSIGN_OR_RETURN(limits_.warm_up, ParseDuration(warm_up_, "--warm-up"));
  limits_.iterations = iterations_;
  if (!duration_.empty()) {
    SIGHTLINE_ASSIGN_OR_RETURN(limits_.duration, ParseDuration(duration_, "--duration"));
    if (limits_.duration->count() == 0) {
      return Error(ErrorKind::kInvalidArgument,
                   "--duration is 0, in which nothing can be measured; give a time, or --iterations alone");
    }
  } else if (!iterations_) {
    limits_.duration = kDefaultDuration;
  }
  return ReadStopGoal();
}

Status RunCommand::ReadStopGoal() {
  if (stop_quantity_.empty()) return OkStatus();
  const std::optional<Quantity> quantity = QuantityFromName(stop_quantity_);
  if (!quantity) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("--stop-quantity: '{}' is not one of {}", stop_quantity_, QuantityNames()));
  }
  StopGoal goal{.quantity = *quantity};
  const std::optional<double> half_width = study::ParsePercentage(stop_half_width_);
  if (!half_width) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("--stop-half-width: '{}' is not a share such as 2%", stop_half_width_));
  }
  goal.half_width = *half_width;
  SIGHTLINE_ASSIGN_OR_RETURN(goal.min_duration, ParseDuration(stop_min_duration_, "--stop-min-duration"));
  limits_.stop_when = goal;
  return OkStatus();
}

bool RunCommand::WriteFiles(const Measurement& measurement, CliEnv& env) const {
  bool all = true;
  const auto write = [&](const std::string& file, const auto& contents_to) {
    if (file.empty() || file == "-") return;
    const Status status = contents_to(file);
    if (!status.ok()) {
      Fail(env, name(), status.error());
    } else if (!quiet_) {
      env.err << "written: " << file << "\n";
    }
    all = all && status.ok();
  };
  write(json_file_, [&](const std::string& file) {
    return store::WriteFile(file, store::ResultToJson(measurement.result));
  });
  write(csv_file_, [&](const std::string& file) {
    return store::WriteFile(file, store::ResultToCsv(measurement.result));
  });
  write(records_file_, [&](const std::string& file) {
    return store::WriteRecordsCsv(file, measurement.records->scan(), measurement.labels);
  });
  write(raw_file_, [](const std::string&) { return OkStatus(); });  // while measuring
  write(frames_folder_, [&](const std::string&) { return measurement.frames_saved; });
  return all;
}

int RunCommand::Run(CliEnv& env) {
  if (const Status status = ReadFlags(); !status.ok()) return Fail(env, name(), status.error());
  if (const Status status = CheckFiles(); !status.ok()) return Fail(env, name(), status.error());
  const auto progress = [&](const std::string& line) {
    if (!quiet_) env.err << line << "\n" << std::flush;
  };
  auto measurement = Measure(trial_, limits_, {raw_file_, frames_folder_}, env, progress);
  if (!measurement.ok()) return Fail(env, name(), measurement.error());
  const RunResult& result = measurement->result;
  // Files first: whoever reads standard output may go before all is read, and the program goes with them.
  const bool all_written = WriteFiles(*measurement, env);
  env.out << (json_file_ == "-" ? store::ResultToJson(result) : report::RunReport(result));
  if (result.partial) {
    env.err << "sightline run: partial result kept: " << result.partial_reason << "\n";
    return all_written ? kExitPartial : kExitWrongUse;
  }
  if (!all_written) return kExitWrongUse;
  const bool bad = std::any_of(result.findings.begin(), result.findings.end(),
                               [](const Finding& f) { return f.severity != Severity::kInfo; });
  return strict_ && bad ? kExitNegative : kExitDone;
}

}  // namespace sightline::cli
