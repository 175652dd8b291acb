#include "src/cli/verify_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <variant>

#include "src/analyze/agreement.h"
#include "src/analyze/detection_agreement.h"
#include "src/backend/backend.h"
#include "src/cli/factors.h"
#include "src/cli/local_pipeline.h"
#include "src/cli/model.h"
#include "src/cli/picture_outputs.h"
#include "src/cli/precision_deviation.h"
#include "src/cli/trial_setup.h"
#include "src/report/text_table.h"
#include "src/store/json_text.h"
#include "src/zoo/zoo.h"

namespace sightline::cli {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kVerifyBatch = 4;

// What one backend computed of each picture.
using AllOutputs = std::vector<analyze::PictureOutputs>;

struct Row {
  std::string model;
  std::string backend;
  std::string reference;
  std::variant<analyze::Agreement, analyze::DetectionAgreement> agreement;
  int pictures = 0;

  bool agrees() const {
    return std::visit([](const auto& a) { return a.agrees(); }, agreement);
  }
};

// The first pictures of `input`, at most `pictures` and each once, through the whole pipeline, in batches of
// up to kVerifyBatch.
Result<AllOutputs> Compute(LoadedModel& model, const std::string& backend_name, const std::string& input,
                           int pictures, const Clock& clock) {
  SIGHTLINE_ASSIGN_OR_RETURN(auto source, source::OpenSource(input));
  SIGHTLINE_ASSIGN_OR_RETURN(auto backend, backend::Backend::Load(backend_name));
  backend::EngineOptions options;
  options.max_batch = kVerifyBatch;
  SIGHTLINE_ASSIGN_OR_RETURN(const Engines engines, CreateEngines(*backend, model, options));
  SIGHTLINE_RETURN_IF_ERROR(CompleteTask(engines.info(), model));
  const pipeline::PipelineSpec spec{.task = model.task, .max_batch = kVerifyBatch};
  SIGHTLINE_ASSIGN_OR_RETURN(auto pipeline, MakePipeline(spec, *backend, engines, source.get(), clock));
  const auto all = std::min<int64_t>(pictures, source->pictures());
  return OutputsOfPictures(*pipeline, model.task.task, all, kVerifyBatch);
}

Status CheckSameSizes(const analyze::PictureOutputs& reference, const analyze::PictureOutputs& other) {
  if (other.values.size() != reference.values.size()) {
    return Error(ErrorKind::kInternal, fmt::format("it gives {} outputs where the reference gives {}",
                                                   other.values.size(), reference.values.size()));
  }
  for (size_t i = 0; i < reference.values.size(); ++i) {
    if (other.values[i].size() == reference.values[i].size()) continue;
    return Error(ErrorKind::kInternal,
                 fmt::format("it gives {} values in output {} where the reference gives {}",
                             other.values[i].size(), i, reference.values[i].size()));
  }
  return OkStatus();
}

analyze::Agreement CompareClasses(const AllOutputs& reference, const AllOutputs& other, OutputKind kind) {
  analyze::Agreement agreement;
  for (size_t i = 0; i < reference.size(); ++i)
    agreement.Worsen(analyze::CompareScores(reference[i].values[0], other[i].values[0], kind));
  return agreement;
}

analyze::DetectionAgreement CompareBoxes(const AllOutputs& reference, const AllOutputs& other,
                                         const NmsSpec& nms) {
  analyze::DetectionAgreement agreement;
  for (size_t i = 0; i < reference.size(); ++i)
    agreement.Add(analyze::CompareDetections(reference[i], other[i], nms));
  return agreement;
}

// `row` gets what comes of the comparison.
Status Compare(const AllOutputs& reference, const AllOutputs& other, const TaskSpec& task, Row& row) {
  for (size_t i = 0; i < reference.size(); ++i)
    SIGHTLINE_RETURN_IF_ERROR(CheckSameSizes(reference[i], other[i]));
  if (task.detection) {
    row.agreement = CompareBoxes(reference, other, task.detection->nms);
  } else {
    row.agreement = CompareClasses(reference, other, task.output_kind);
  }
  return OkStatus();
}

struct VerifyOptions {
  std::vector<std::string> backends;  // the first is the reference
  std::string input;
  int pictures = 0;
  uint64_t seed = 0;
};

// Adds a row for every backend but the first. The rows made before a failure stay.
Status VerifyModel(const std::string& name, const VerifyOptions& options, const Clock& clock,
                   std::vector<Row>& rows) {
  SIGHTLINE_ASSIGN_OR_RETURN(LoadedModel model, LoadModel(name, options.seed, clock));
  if (!model.network) {
    return Error(ErrorKind::kUnsupported,
                 name +
                     " is in a framework's own format, which only that framework opens; "
                     "give an ONNX file or a zoo name to compare frameworks");
  }
  SIGHTLINE_RETURN_IF_ERROR(PrepareBatch(model, kVerifyBatch));
  AllOutputs reference;
  for (const std::string& backend : options.backends) {
    const std::string context = name + " in " + backend;
    auto outputs = Compute(model, backend, options.input, options.pictures, clock);
    if (!outputs.ok()) return outputs.error().WithContext(context);
    if (reference.empty()) {
      reference = std::move(outputs).value();
      continue;
    }
    Row row{.model = model.name,
            .backend = backend,
            .reference = options.backends[0],
            .agreement = {},
            .pictures = static_cast<int>(reference.size())};
    const Status compared = Compare(reference, *outputs, model.task, row);
    if (!compared.ok()) return compared.error().WithContext(context);
    rows.push_back(std::move(row));
  }
  return OkStatus();
}

// All that were built but `null`, which computes nothing.
std::vector<std::string> AvailableBackends() {
  std::vector<std::string> names;
  for (const backend::BackendEntry& entry : backend::FindBackends()) {
    if (!entry.library.empty() && entry.name != "null") names.push_back(entry.name);
  }
  return names;
}

std::string Difference(bool finite, double value) {
  if (!finite) return "not finite";
  return std::isinf(value) ? "no range" : fmt::format("{:.1e}", value);
}

// Against a range of 0, any difference is infinitely large.
std::string RelativeToRange(const analyze::Agreement& agreement) {
  if (agreement.finite && agreement.logit_range <= 0) return "no range";
  return Difference(agreement.finite, agreement.logit_difference_max / agreement.logit_range);
}

const char* Verdict(const Row& row) {
  return row.agrees() ? "agree" : "DISAGREE";
}

// "" without rows of the kind.
std::string ClassTable(const std::vector<Row>& rows) {
  bool any = false;
  report::TextTable table({{"model", report::Align::kLeft},
                           {"backend", report::Align::kLeft},
                           {"against", report::Align::kLeft},
                           {"logits max diff / range"},
                           {"softmax max diff"},
                           {"relative"},
                           {"logits std"},
                           {"top-5 swaps"},
                           {"verdict", report::Align::kLeft}});
  for (const Row& row : rows) {
    const auto* a = std::get_if<analyze::Agreement>(&row.agreement);
    if (a == nullptr) continue;
    any = true;
    table.AddRow({row.model, row.backend, row.reference, RelativeToRange(*a),
                  Difference(a->finite, a->softmax_difference_max),
                  Difference(a->finite, a->softmax_relative_max), fmt::format("{:.2f}", a->logit_deviation),
                  std::to_string(a->top5_swaps), Verdict(row)});
  }
  return any ? table.ToString() : "";
}

std::string DetectionTable(const std::vector<Row>& rows) {
  bool any = false;
  report::TextTable table({{"model", report::Align::kLeft},
                           {"backend", report::Align::kLeft},
                           {"against", report::Align::kLeft},
                           {"outputs max diff / range"},
                           {"detections"},
                           {"the same"},
                           {"ties"},
                           {"verdict", report::Align::kLeft}});
  for (const Row& row : rows) {
    const auto* a = std::get_if<analyze::DetectionAgreement>(&row.agreement);
    if (a == nullptr) continue;
    any = true;
    table.AddRow({row.model, row.backend, row.reference, Difference(a->finite, a->output_difference_max),
                  std::to_string(a->detections),
                  a->detections > 0 ? fmt::format("{:.2f} %", a->same_share() * 100) : "-",
                  std::to_string(a->ties), Verdict(row)});
  }
  return any ? table.ToString() : "";
}

std::string Table(const std::vector<Row>& rows) {
  const std::string classes = ClassTable(rows);
  const std::string detections = DetectionTable(rows);
  return classes + (classes.empty() || detections.empty() ? "" : "\n") + detections;
}

void AddFields(const analyze::DetectionAgreement& a, Json& json) {
  if (a.finite && !std::isinf(a.output_difference_max))
    json["output_difference_max"] = a.output_difference_max;
  json["detections"] = a.detections;
  json["detections_same"] = a.same;
  json["detections_tied"] = a.ties;
}

void AddFields(const analyze::Agreement& a, Json& json) {
  if (a.finite) {
    json["logit_difference_max"] = a.logit_difference_max;
    json["logit_range"] = a.logit_range;
    json["logit_deviation"] = a.logit_deviation;
    json["softmax_difference_max"] = a.softmax_difference_max;
    json["softmax_relative_max"] = a.softmax_relative_max;
  }
  json["top5_swaps"] = a.top5_swaps;
}

// Differences that are not finite are left out: JSON has no word for them.
Json ToJson(const Row& row) {
  Json json{{"model", row.model},
            {"backend", row.backend},
            {"reference", row.reference},
            {"pictures", row.pictures}};
  std::visit(
      [&](const auto& a) {
        json["finite"] = a.finite;
        AddFields(a, json);
      },
      row.agreement);
  json["agree"] = row.agrees();
  return json;
}

Json ToJson(const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows) list.push_back(ToJson(row));
  return list;
}

}  // namespace

void VerifyCommand::AddFlags(CLI::App& app) {
  app.add_option("-m,--model", models_, "zoo names or ONNX files, comma-separated; all: the whole zoo")
      ->required()
      ->delimiter(',');
  app.add_option("--backend", backends_,
                 "backends to compare, the first is the reference (default: all there are)")
      ->delimiter(',');
  app.add_option("--input", input_, "folder, glob or file of pictures, a video, or synthetic:WIDTHxHEIGHT")
      ->capture_default_str();
  app.add_option("--pictures", pictures_, "how many pictures")->capture_default_str();
  app.add_option("--precision", precision_,
                 "fp16, bf16 or int8: hold each backend in this precision against itself in fp32")
      ->capture_default_str();
  app.add_option("--calibration", calibration_,
                 "pictures to take the ranges of int8 from, as --input (default: those of --input)");
  app.add_option("--calibration-pictures", calibration_pictures_, "how many of them")->capture_default_str();
  app.add_option("--rounds", rounds_,
                 "other precisions: inferences of each in turn, for how much faster it is; 0: leave that out")
      ->capture_default_str();
  app.add_option("--weight-seed", weight_seed_, "seed of a zoo network's weights")->capture_default_str();
  app.add_flag("--json", json_, "print JSON (of --precision: schema/precision.schema.json)");
}

std::vector<std::string> VerifyCommand::Models() const {
  if (models_ != std::vector<std::string>{"all"}) return models_;
  std::vector<std::string> models;
  for (const zoo::Entry& entry : zoo::Entries()) models.push_back(entry.name);
  return models;
}

// Every backend against itself in fp32: what the precision does, and not what the framework does.
int VerifyCommand::RunPrecision(DataType precision, const std::vector<std::string>& backends,
                                CliEnv& env) const {
  std::vector<PrecisionRow> rows;
  bool failed = false;
  for (const std::string& model : Models()) {
    for (const std::string& backend : backends) {
      if (env.stop) break;
      const PrecisionQuestion question{.model = model,
                                       .backend = backend,
                                       .precision = precision,
                                       .input = input_,
                                       .pictures = pictures_,
                                       .batch = kVerifyBatch,
                                       .rounds = rounds_,
                                       .weight_seed = weight_seed_,
                                       .calibration = {.input = calibration_.empty() ? input_ : calibration_,
                                                       .pictures = calibration_pictures_}};
      Result<PrecisionRow> row = ComparePrecision(question, env.clock, env.stop);
      if (row.ok()) {
        rows.push_back(std::move(row).value());
      } else {
        Fail(env, name(), row.error().WithContext(model + " in " + backend));
        failed = true;
      }
    }
  }
  if (rows.empty() && failed) return kExitWrongUse;
  env.out << (json_ ? PrecisionJson(rows) : PrecisionTable(rows));
  if (env.stop || failed) return kExitPartial;
  const bool finite =
      std::all_of(rows.begin(), rows.end(), [](const PrecisionRow& row) { return row.finite(); });
  return finite ? kExitDone : kExitNegative;
}

Status VerifyCommand::Check() const {
  constexpr int kMostRounds = 10'000;
  SIGHTLINE_RETURN_IF_ERROR(AtLeastOne(calibration_pictures_, "--calibration-pictures"));
  SIGHTLINE_RETURN_IF_ERROR(AtLeastOne(pictures_, "--pictures"));
  if (rounds_ >= 0 && rounds_ <= kMostRounds) return OkStatus();
  return Error(ErrorKind::kInvalidArgument,
               fmt::format("--rounds is {}; it must be 0 to {}", rounds_, kMostRounds));
}

int VerifyCommand::Run(CliEnv& env) {
  const Result<DataType> precision = PrecisionFromName(precision_);
  if (!precision.ok()) return Fail(env, name(), precision.error());
  if (const Status status = Check(); !status.ok()) return Fail(env, name(), status.error());
  const std::vector<std::string> backends = backends_.empty() ? AvailableBackends() : backends_;
  if (*precision != SL_F32) return RunPrecision(*precision, backends, env);
  if (backends.size() < 2) {
    return Fail(env, name(),
                Error(ErrorKind::kUnavailable,
                      "two backends are needed to compare; `sightline doctor` says which are there and how "
                      "to get more"));
  }
  const std::vector<std::string> models = Models();
  const VerifyOptions options{
      .backends = backends, .input = input_, .pictures = pictures_, .seed = weight_seed_};
  std::vector<Row> rows;
  bool failed = false;
  for (const std::string& model : models) {
    if (env.stop) break;
    if (models.size() > 1) env.err << "verify: " << model << "\n" << std::flush;
    const Status status = VerifyModel(model, options, env.clock, rows);
    if (status.ok()) continue;
    // What the other models gave, minutes of work, is printed all the same.
    Fail(env, name(), status.error());
    failed = true;
  }
  if (rows.empty() && failed) return kExitWrongUse;
  env.out << (json_ ? store::JsonText(ToJson(rows)) : Table(rows));
  if (env.stop || failed) return kExitPartial;
  const bool agree = std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.agrees(); });
  return agree ? kExitDone : kExitNegative;
}

}  // namespace sightline::cli
