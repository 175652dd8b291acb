#include "src/cli/verify_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/analyze/agreement.h"
#include "src/backend/backend.h"
#include "src/cli/local_pipeline.h"
#include "src/cli/model.h"
#include "src/cli/precision_deviation.h"
#include "src/cli/trial_setup.h"
#include "src/report/text_table.h"
#include "src/store/json_text.h"
#include "src/zoo/zoo.h"

namespace sightline::cli {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kVerifyBatch = 4;

// The scores of each picture, as one backend computed them.
using Scores = std::vector<std::vector<float>>;

struct Row {
  std::string model;
  std::string backend;
  std::string reference;
  analyze::Agreement agreement;
  int pictures = 0;
};

// The first pictures of `input`, at most `pictures` and each once, through the whole pipeline, in batches of
// up to kVerifyBatch.
Result<Scores> ComputeScores(LoadedModel& model, const std::string& backend_name, const std::string& input,
                             int pictures, const Clock& clock) {
  SIGHTLINE_ASSIGN_OR_RETURN(auto source, source::OpenSource(input));
  SIGHTLINE_ASSIGN_OR_RETURN(auto backend, backend::Backend::Load(backend_name));
  backend::EngineOptions options;
  options.max_batch = kVerifyBatch;
  SIGHTLINE_ASSIGN_OR_RETURN(auto engine, backend->CreateEngine(model.source(), options));
  SIGHTLINE_RETURN_IF_ERROR(CompleteTask(engine->info(), model));
  const pipeline::PipelineSpec spec{.task = model.task, .max_batch = kVerifyBatch};
  SIGHTLINE_ASSIGN_OR_RETURN(auto pipeline, MakePipeline(spec, *backend, *engine, source.get(), clock));
  Scores scores;
  const auto all = static_cast<int>(std::min<int64_t>(pictures, source->pictures()));
  while (static_cast<int>(scores.size()) < all) {
    std::vector<pipeline::Slot*> slots;
    const int count = std::min(kVerifyBatch, all - static_cast<int>(scores.size()));
    for (int i = 0; i < count; ++i) {
      slots.push_back(&pipeline->slot(i));
      slots.back()->Clear();
      SIGHTLINE_RETURN_IF_ERROR(pipeline->Prepare(*slots.back()));
    }
    SIGHTLINE_RETURN_IF_ERROR(pipeline->RunBatch(slots));
    for (const pipeline::Slot* slot : slots) {
      const TensorView& output = slot->outputs[0];
      scores.emplace_back(output.f32(), output.f32() + output.shape.elements());
    }
  }
  return scores;
}

Result<analyze::Agreement> Compare(const Scores& reference, const Scores& other, OutputKind kind) {
  analyze::Agreement agreement;
  for (size_t i = 0; i < reference.size(); ++i) {
    if (other[i].size() != reference[i].size()) {
      return Error(ErrorKind::kInternal, fmt::format("it gives {} scores where the reference gives {}",
                                                     other[i].size(), reference[i].size()));
    }
    agreement.Worsen(analyze::CompareScores(reference[i], other[i], kind));
  }
  return agreement;
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
  Scores reference;
  for (const std::string& backend : options.backends) {
    const std::string context = name + " in " + backend;
    auto scores = ComputeScores(model, backend, options.input, options.pictures, clock);
    if (!scores.ok()) return scores.error().WithContext(context);
    if (reference.empty()) {
      reference = std::move(scores).value();
      continue;
    }
    const auto agreement = Compare(reference, *scores, model.task.output_kind);
    if (!agreement.ok()) return agreement.error().WithContext(context);
    rows.push_back({.model = model.name,
                    .backend = backend,
                    .reference = options.backends[0],
                    .agreement = *agreement,
                    .pictures = static_cast<int>(reference.size())});
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

std::string Difference(const analyze::Agreement& agreement, double value) {
  return agreement.finite ? fmt::format("{:.1e}", value) : "not finite";
}

// Against a range of 0, any difference is infinitely large.
std::string RelativeToRange(const analyze::Agreement& agreement) {
  if (agreement.finite && agreement.logit_range <= 0) return "no range";
  return Difference(agreement, agreement.logit_difference_max / agreement.logit_range);
}

std::string Table(const std::vector<Row>& rows) {
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
    const analyze::Agreement& a = row.agreement;
    table.AddRow({row.model, row.backend, row.reference, RelativeToRange(a),
                  Difference(a, a.softmax_difference_max), Difference(a, a.softmax_relative_max),
                  fmt::format("{:.2f}", a.logit_deviation), std::to_string(a.top5_swaps),
                  a.agrees() ? "agree" : "DISAGREE"});
  }
  return table.ToString();
}

// Differences that are not finite are left out: JSON has no word for them.
Json ToJson(const Row& row) {
  const analyze::Agreement& a = row.agreement;
  Json json{{"model", row.model},
            {"backend", row.backend},
            {"reference", row.reference},
            {"pictures", row.pictures},
            {"finite", a.finite}};
  if (a.finite) {
    json["logit_difference_max"] = a.logit_difference_max;
    json["logit_range"] = a.logit_range;
    json["logit_deviation"] = a.logit_deviation;
    json["softmax_difference_max"] = a.softmax_difference_max;
    json["softmax_relative_max"] = a.softmax_relative_max;
  }
  json["top5_swaps"] = a.top5_swaps;
  json["agree"] = a.agrees();
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
                 "other than fp32: hold each backend in this precision against itself in fp32")
      ->capture_default_str();
  app.add_option("--calibration", calibration_,
                 "pictures to take the ranges of int8 from, as --input (default: those of --input)");
  app.add_option("--calibration-pictures", calibration_pictures_, "how many of them")->capture_default_str();
  app.add_option("--weight-seed", weight_seed_, "seed of a zoo network's weights")->capture_default_str();
  app.add_flag("--json", json_, "print JSON");
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
                                       .weight_seed = weight_seed_,
                                       .calibration = {.input = calibration_.empty() ? input_ : calibration_,
                                                       .pictures = calibration_pictures_}};
      Result<PrecisionRow> row = ComparePrecision(question, env.clock);
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
      std::all_of(rows.begin(), rows.end(), [](const PrecisionRow& row) { return row.deviation.finite(); });
  return finite ? kExitDone : kExitNegative;
}

int VerifyCommand::Run(CliEnv& env) {
  const Result<DataType> precision = PrecisionFromName(precision_);
  if (!precision.ok()) return Fail(env, name(), precision.error());
  if (calibration_pictures_ < 1) {
    return Fail(
        env, name(),
        Error(ErrorKind::kInvalidArgument,
              fmt::format("--calibration-pictures is {}; it must be at least 1", calibration_pictures_)));
  }
  if (pictures_ < 1) {
    return Fail(env, name(),
                Error(ErrorKind::kInvalidArgument,
                      fmt::format("--pictures is {}; it must be at least 1", pictures_)));
  }
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
  const bool agree =
      std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.agreement.agrees(); });
  return agree ? kExitDone : kExitNegative;
}

}  // namespace sightline::cli
