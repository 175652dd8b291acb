#include "src/cli/verify_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/analyze/agreement.h"
#include "src/backend/backend.h"
#include "src/cli/local_pipeline.h"
#include "src/cli/model.h"
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

// The first `pictures` pictures of `input` through the whole pipeline, in batches of up to kVerifyBatch.
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
  while (static_cast<int>(scores.size()) < pictures) {
    std::vector<pipeline::Slot*> slots;
    const int count = std::min(kVerifyBatch, pictures - static_cast<int>(scores.size()));
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

// Every backend against the first.
Result<std::vector<Row>> VerifyModel(const std::string& name, const std::vector<std::string>& backends,
                                     const std::string& input, int pictures, uint64_t seed,
                                     const Clock& clock) {
  SIGHTLINE_ASSIGN_OR_RETURN(LoadedModel model, LoadModel(name, seed, clock));
  if (!model.network) {
    return Error(ErrorKind::kUnsupported,
                 name +
                     " is in a framework's own format, which only that framework opens; "
                     "give an ONNX file or a zoo name to compare frameworks");
  }
  SIGHTLINE_RETURN_IF_ERROR(PrepareBatch(model, kVerifyBatch));
  std::vector<Row> rows;
  Scores reference;
  for (const std::string& backend : backends) {
    auto scores = ComputeScores(model, backend, input, pictures, clock);
    if (!scores.ok()) return scores.error().WithContext(name + " in " + backend);
    if (reference.empty()) {
      reference = std::move(scores).value();
      continue;
    }
    Row row{.model = model.name,
            .backend = backend,
            .reference = backends[0],
            .agreement = {},
            .pictures = pictures};
    for (size_t i = 0; i < reference.size(); ++i) {
      if ((*scores)[i].size() != reference[i].size()) {
        return Error(ErrorKind::kInternal,
                     fmt::format("{}: {} gives {} scores and {} gives {}", name, backends[0],
                                 reference[i].size(), backend, (*scores)[i].size()));
      }
      row.agreement.Worsen(analyze::CompareScores(reference[i], (*scores)[i], model.task.output_kind));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// All that were built but `null`, which computes nothing.
std::vector<std::string> AvailableBackends() {
  std::vector<std::string> names;
  for (const backend::BackendEntry& entry : backend::FindBackends()) {
    if (!entry.library.empty() && entry.name != "null") names.push_back(entry.name);
  }
  return names;
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
    table.AddRow({row.model, row.backend, row.reference,
                  fmt::format("{:.1e}", a.logit_range > 0 ? a.logit_difference_max / a.logit_range : 0),
                  fmt::format("{:.1e}", a.softmax_difference_max),
                  fmt::format("{:.1e}", a.softmax_relative_max), fmt::format("{:.2f}", a.logit_deviation),
                  std::to_string(a.top5_swaps), a.agrees() ? "agree" : "DISAGREE"});
  }
  return table.ToString();
}

Json ToJson(const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows) {
    list.push_back({{"model", row.model},
                    {"backend", row.backend},
                    {"reference", row.reference},
                    {"pictures", row.pictures},
                    {"logit_difference_max", row.agreement.logit_difference_max},
                    {"logit_range", row.agreement.logit_range},
                    {"logit_deviation", row.agreement.logit_deviation},
                    {"softmax_difference_max", row.agreement.softmax_difference_max},
                    {"softmax_relative_max", row.agreement.softmax_relative_max},
                    {"top5_swaps", row.agreement.top5_swaps},
                    {"agree", row.agreement.agrees()}});
  }
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
  app.add_option("--weight-seed", weight_seed_, "seed of a zoo network's weights")->capture_default_str();
  app.add_flag("--json", json_, "print JSON");
}

int VerifyCommand::Run(CliEnv& env) {
  if (pictures_ < 1) {
    return Fail(env, name(),
                Error(ErrorKind::kInvalidArgument,
                      fmt::format("--pictures is {}; it must be at least 1", pictures_)));
  }
  const std::vector<std::string> backends = backends_.empty() ? AvailableBackends() : backends_;
  if (backends.size() < 2) {
    return Fail(env, name(),
                Error(ErrorKind::kUnavailable,
                      "two backends are needed to compare; `sightline doctor` says which are there and how "
                      "to get more"));
  }
  std::vector<std::string> models = models_;
  if (models == std::vector<std::string>{"all"}) {
    models.clear();
    for (const zoo::Entry& entry : zoo::Entries()) models.push_back(entry.name);
  }
  std::vector<Row> rows;
  bool agree = true;
  for (const std::string& model : models) {
    if (env.stop) break;
    env.err << "verify: " << model << "\n" << std::flush;
    auto some = VerifyModel(model, backends, input_, pictures_, weight_seed_, env.clock);
    if (!some.ok()) return Fail(env, name(), some.error());
    for (Row& row : *some) {
      agree = agree && row.agreement.agrees();
      rows.push_back(std::move(row));
    }
  }
  env.out << (json_ ? store::JsonText(ToJson(rows)) : Table(rows));
  if (env.stop) return kExitPartial;
  return agree ? kExitDone : kExitNegative;
}

}  // namespace sightline::cli
