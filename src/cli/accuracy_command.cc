#include "src/cli/accuracy_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/backend/backend.h"
#include "src/base/text.h"
#include "src/cli/each_picture.h"
#include "src/cli/factors.h"
#include "src/cli/local_pipeline.h"
#include "src/cli/model.h"
#include "src/cli/quantized_model.h"
#include "src/cli/trial_setup.h"
#include "src/cli/truth.h"
#include "src/stats/proportion.h"
#include "src/store/json_text.h"

namespace sightline::cli {
namespace {

using Json = nlohmann::ordered_json;

// What was found over all pictures looked at.
struct Tally {
  int64_t pictures = 0;
  int64_t top1 = 0;
  int64_t top5 = 0;
  std::vector<analyze::LabelledPicture> detections;  // of a detector
};

void Count(const PictureTruth& truth, const pipeline::Slot& slot, Task task, Tally& tally) {
  ++tally.pictures;
  if (task == Task::kDetection) {
    tally.detections.push_back({truth.boxes, slot.detections});
    return;
  }
  const auto is_right = [&](const ClassScore& score) { return score.index == truth.class_index; };
  tally.top1 += is_right(slot.top[0]) ? 1 : 0;
  tally.top5 += std::any_of(slot.top.begin(), slot.top.end(), is_right) ? 1 : 0;
}

struct Share {
  double percent = 0;
  stats::Interval interval;  // percent
};

Share ShareOf(int64_t right, int64_t all) {
  const stats::Interval wilson = stats::WilsonInterval(right, all);
  return {100.0 * static_cast<double>(right) / static_cast<double>(all),
          {100 * wilson.low, 100 * wilson.high}};
}

std::string Line(std::string_view name, const Share& share) {
  return fmt::format("  {:<9} {:.1f} %  [{:.1f}, {:.1f}]\n", name, share.percent, share.interval.low,
                     share.interval.high);
}

void Add(Json& json, const std::string& name, const Share& share) {
  json[name] = share.percent;
  json[name + "_low"] = share.interval.low;
  json[name + "_high"] = share.interval.high;
}

// The figures go into `json` too.
std::string Classifications(const Tally& tally, Json& json) {
  const Share top1 = ShareOf(tally.top1, tally.pictures);
  const Share top5 = ShareOf(tally.top5, tally.pictures);
  Add(json, "top1_percent", top1);
  Add(json, "top5_percent", top5);
  return fmt::format("right on {} pictures, with 95 % intervals\n{}{}", tally.pictures, Line("top-1", top1),
                     Line("top-5", top5));
}

std::string Detections(const Tally& tally, const Truth& truth, Json& json) {
  const analyze::AveragePrecision found = analyze::CocoAveragePrecision(tally.detections);
  json["objects"] = found.objects;
  json["classes"] = found.classes;
  json["map_percent"] = 100 * found.mean;
  json["map_50_percent"] = 100 * found.at_50;
  json["map_75_percent"] = 100 * found.at_75;
  std::string text = fmt::format(
      "mean average precision on {} pictures, {} objects of {} classes\n"
      "  IoU 0.50:0.95  {:.1f} %\n  IoU 0.50       {:.1f} %\n  IoU 0.75       {:.1f} %\n",
      tally.pictures, found.objects, found.classes, 100 * found.mean, 100 * found.at_50, 100 * found.at_75);
  if (!truth.unknown_classes().empty()) {
    json["unknown_classes"] = truth.unknown_classes();
    text +=
        fmt::format("  left out, since the model does not know them: {}\n", Join(truth.unknown_classes()));
  }
  return text;
}

}  // namespace

void AccuracyCommand::AddFlags(CLI::App& app) {
  app.add_option("-m,--model", trial_.model, "model description (.yaml), model file or zoo name")->required();
  app.add_option("--backend", trial_.backend, "framework (`sightline doctor` lists them)")->required();
  app.add_option("-d,--device", trial_.device, "device of the backend")->capture_default_str();
  app.add_option("--precision", precision_, "fp32, fp16, bf16 or int8")->capture_default_str();
  AddCalibrationFlags(app, trial_);
  app.add_option("-b,--batch", trial_.batch, "pictures joined for one inference")->capture_default_str();
  app.add_option("--threads", trial_.threads, "intra-op threads (default: the framework's choice)");
  app.add_option("--input", trial_.input, "folder, glob or file of pictures")->required();
  app.add_option(
      "--truth", truth_,
      "classes as lines \"picture,class\", or COCO's instances .json (default: the folder a picture "
      "lies in is its class)");
  app.add_option("--labels", trial_.labels, "file with the names of the classes, one a line");
  app.add_option("--pictures", pictures_, "only the first so many (default: all)");
  app.add_flag("--json", json_, "print JSON");
}

Status AccuracyCommand::Check() {
  SIGHTLINE_ASSIGN_OR_RETURN(trial_.precision, PrecisionFromName(precision_));
  if (trial_.batch < 1 || pictures_ < 0) {
    return Error(ErrorKind::kInvalidArgument, "--batch must be at least 1, and --pictures not negative");
  }
  return AtLeastOne(trial_.calibration_pictures, "--calibration-pictures");
}

int AccuracyCommand::Run(CliEnv& env) {
  if (const Status status = Check(); !status.ok()) return Fail(env, name(), status.error());
  const auto found = Measure(env);
  if (!found.ok()) return Fail(env, name(), found.error());
  env.out << *found;
  return kExitDone;
}

// The whole answer, as it is printed.
Result<std::string> AccuracyCommand::Measure(CliEnv& env) {
  SIGHTLINE_ASSIGN_OR_RETURN(LoadedModel model, LoadModel(trial_.model, trial_.weight_seed, env.clock));
  SIGHTLINE_RETURN_IF_ERROR(PrepareBatch(model, trial_.batch));
  SIGHTLINE_ASSIGN_OR_RETURN(auto source, source::OpenSource(trial_.input));
  SIGHTLINE_ASSIGN_OR_RETURN(auto backend, backend::Backend::Load(trial_.backend));
  SIGHTLINE_ASSIGN_OR_RETURN(const backend::EngineOptions options,
                             QuantizeAsAsked(trial_, *backend, env.clock, model));
  SIGHTLINE_ASSIGN_OR_RETURN(const Engines engines, CreateEngines(*backend, model, options));
  SIGHTLINE_RETURN_IF_ERROR(CompleteTask(engines.info(), model));
  SIGHTLINE_ASSIGN_OR_RETURN(model.task.labels, LabelsFor(trial_, model));
  SIGHTLINE_ASSIGN_OR_RETURN(const Truth truth, Truth::Read(truth_, model.task));
  const pipeline::PipelineSpec spec{.task = model.task, .max_batch = trial_.batch};
  SIGHTLINE_ASSIGN_OR_RETURN(auto pipeline, MakePipeline(spec, *backend, engines, source.get(), env.clock));
  const int64_t all = source->pictures();
  const int64_t count = pictures_ == 0 ? all : std::min<int64_t>(pictures_, all);
  Tally tally;
  SIGHTLINE_RETURN_IF_ERROR(
      ForEachPicture(*pipeline, count, trial_.batch, [&](const pipeline::Slot& slot) -> Status {
        if (env.stop) return Error(ErrorKind::kCancelled, "interrupted, and shares of a part mislead");
        SIGHTLINE_ASSIGN_OR_RETURN(const PictureTruth in_picture, truth.Of(slot.frame.name));
        Count(in_picture, slot, model.task.task, tally);
        return OkStatus();
      }));
  const std::string head =
      fmt::format("{} on {}, {}: ", model.name, trial_.backend, DataTypeName(engines.info().precision_run));
  Json json{{"model", model.name},
            {"backend", trial_.backend},
            {"precision_run", DataTypeName(engines.info().precision_run)},
            {"pictures", tally.pictures}};
  if (!model.quantization.empty()) {
    json["calibration"] = trial_.calibration.empty() ? trial_.input : trial_.calibration;
    json["calibration_pictures"] = trial_.calibration_pictures;
  }
  const std::string text =
      model.task.task == Task::kDetection ? Detections(tally, truth, json) : Classifications(tally, json);
  return json_ ? store::JsonText(json) : head + text;
}

}  // namespace sightline::cli
