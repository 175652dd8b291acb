#include "src/cli/profile_command.h"

#include <fmt/format.h>

#include "src/analyze/profile_json.h"
#include "src/cli/factors.h"
#include "src/cli/trial_setup.h"
#include "src/report/profile_report.h"
#include "src/store/files.h"

namespace sightline::cli {
namespace {

Error Wrong(const std::string& sentence) {
  return {ErrorKind::kInvalidArgument, sentence};
}

}  // namespace

void ProfileCommand::AddFlags(CLI::App& app) {
  trial_.input = kDefaultInput;
  app.add_option("-m,--model", trial_.model, "zoo name (`sightline models`) or model file")->required();
  app.add_option("--backend", trial_.backend, "framework (`sightline doctor` lists them)")->required();
  app.add_option("-d,--device", trial_.device, "device of the backend")->capture_default_str();
  app.add_option("--precision", precision_, "fp32, fp16, bf16 or int8")->capture_default_str();
  AddCalibrationFlags(app, trial_);
  app.add_option("-b,--batch", trial_.batch, "frames joined for one inference")->capture_default_str();
  app.add_option("--threads", trial_.threads, "intra-op threads (default: the framework's choice)");
  app.add_option("--pin", trial_.pin, "cores to hold the profile to, e.g. 0,1")->delimiter(',');
  app.add_option("--option", options_, "backend option KEY=VALUE; `sightline doctor --options` lists them");
  app.add_option(
         "--input", trial_.input,
         "folder, glob or file of pictures, a video, or synthetic:WIDTHxHEIGHT; the first batch of it")
      ->capture_default_str();
  app.add_option("--runs", runs_, "inferences with the profiler, and as many without")->capture_default_str();
  app.add_option("--by", by_, "layer or type: what is a row")->capture_default_str();
  app.add_option("--top", top_, "show only the rows that take longest, so many");
  app.add_option("--trace", trace_file_, "write one run to this file, for chrome://tracing and its like");
  app.add_option("--weight-seed", trial_.weight_seed, "seed of a zoo network's weights")
      ->capture_default_str();
  app.add_flag("--json", json_, "print JSON (schema/profile.schema.json)");
  app.add_flag("-q,--quiet", quiet_, "no progress lines");
}

Status ProfileCommand::ReadFlags() {
  constexpr int kMostRuns = 100'000;
  SIGHTLINE_RETURN_IF_ERROR(CheckFactors(trial_));
  SIGHTLINE_RETURN_IF_ERROR(ReadBackendOptions(options_, trial_));
  SIGHTLINE_ASSIGN_OR_RETURN(trial_.precision, PrecisionFromName(precision_));
  if (by_ != "layer" && by_ != "type") return Wrong(fmt::format("--by: '{}' is not one of layer, type", by_));
  if (top_ && *top_ < 1) return Wrong(fmt::format("--top is {}; it must be at least 1", *top_));
  if (runs_ < FewestProfileRuns() || runs_ > kMostRuns) {
    return Wrong(
        fmt::format("--runs is {}; it must be at least {}, with which a median has an interval, and at "
                    "most {}",
                    runs_, FewestProfileRuns(), kMostRuns));
  }
  if (trace_file_.empty()) return OkStatus();
  SIGHTLINE_RETURN_IF_ERROR(IsAFile(trace_file_, "--trace"));
  return store::CheckWritable(trace_file_);  // before the measuring, not after
}

int ProfileCommand::Run(CliEnv& env) {
  if (const Status status = ReadFlags(); !status.ok()) return Fail(env, name(), status.error());
  const auto progress = [&](const std::string& line) {
    if (!quiet_) env.err << line << "\n" << std::flush;
  };
  const auto runs = RunProfile(trial_, runs_, env, progress);
  if (!runs.ok()) return Fail(env, name(), runs.error());
  return Print(*runs, env);
}

int ProfileCommand::Print(const ProfileRuns& runs, CliEnv& env) const {
  const analyze::ProfileReport report{.manifest = runs.manifest,
                                      .profile = analyze::MakeProfile(runs.samples, runs.graph, runs.roofs),
                                      .no_roofs = runs.no_roofs,
                                      .partial_reason = runs.partial_reason};
  int code = runs.partial_reason.empty() ? kExitDone : kExitPartial;
  if (!trace_file_.empty()) {
    const Status written = store::WriteFile(trace_file_, analyze::ProfileToTrace(report, runs.samples));
    if (!written.ok()) {
      code = Fail(env, name(), written.error());
    } else if (!quiet_) {
      env.err << "written: " << trace_file_ << "\n";
    }
  }
  std::optional<size_t> top;
  if (top_) top = static_cast<size_t>(*top_);
  env.out << (json_ ? analyze::ProfileToJson(report)
                    : report::ProfileText(report, {.by_type = by_ == "type", .top = top}));
  return code;
}

}  // namespace sightline::cli
