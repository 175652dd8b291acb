#include "src/cli/precision_deviation.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "src/cli/each_picture.h"
#include "src/cli/local_pipeline.h"
#include "src/report/text_table.h"
#include "src/store/json_text.h"

namespace sightline::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Outputs {
  std::vector<std::vector<float>> scores;  // of each picture
  DataType ran = SL_F32;
  std::string note;
};

Result<Outputs> RunPictures(backend::Backend& backend, const backend::EngineOptions& options,
                            const PrecisionQuestion& question, const Clock& clock, LoadedModel& model) {
  SIGHTLINE_ASSIGN_OR_RETURN(auto source, source::OpenSource(question.input));
  SIGHTLINE_ASSIGN_OR_RETURN(const Engines engines, CreateEngines(backend, model, options));
  SIGHTLINE_RETURN_IF_ERROR(CompleteTask(engines.info(), model));
  const pipeline::PipelineSpec spec{.task = model.task, .max_batch = options.max_batch};
  SIGHTLINE_ASSIGN_OR_RETURN(auto pipeline, MakePipeline(spec, backend, engines, source.get(), clock));
  Outputs outputs{.ran = engines.info().precision_run, .note = engines.info().precision_note};
  const auto count = std::min<int64_t>(question.pictures, source->pictures());
  SIGHTLINE_RETURN_IF_ERROR(
      ForEachPicture(*pipeline, count, options.max_batch, [&](const pipeline::Slot& slot) {
        const TensorView& scores = slot.outputs[0];
        outputs.scores.emplace_back(scores.f32(), scores.f32() + scores.shape.elements());
        return OkStatus();
      }));
  return outputs;
}

}  // namespace

Result<PrecisionRow> ComparePrecision(const PrecisionQuestion& question, const Clock& clock) {
  SIGHTLINE_ASSIGN_OR_RETURN(LoadedModel model, LoadModel(question.model, question.weight_seed, clock));
  if (model.second_network) {
    return Error(
        ErrorKind::kUnsupported,
        model.name + " has two networks, one for each stage; precisions are compared on single ones");
  }
  SIGHTLINE_RETURN_IF_ERROR(PrepareBatch(model, question.batch));
  SIGHTLINE_ASSIGN_OR_RETURN(auto backend, backend::Backend::Load(question.backend));
  backend::EngineOptions options;
  options.max_batch = question.batch;
  SIGHTLINE_ASSIGN_OR_RETURN(const Outputs reference, RunPictures(*backend, options, question, clock, model));
  options.precision = question.precision;
  if (question.precision == SL_I8 && IsQuantizedHere(backend->info(), model)) {
    options.precision = SL_F32;
    SIGHTLINE_RETURN_IF_ERROR(QuantizeModel(*backend, options, question.calibration, clock, model));
  }
  SIGHTLINE_ASSIGN_OR_RETURN(Outputs lower, RunPictures(*backend, options, question, clock, model));
  PrecisionRow row{.model = model.name,
                   .backend = question.backend,
                   .asked = question.precision,
                   .ran = lower.ran,
                   .note = std::move(lower.note)};
  for (size_t i = 0; i < reference.scores.size(); ++i) {
    row.deviation.Add(reference.scores[i], lower.scores[i], model.task.output_kind);
  }
  return row;
}

std::string PrecisionTable(const std::vector<PrecisionRow>& rows) {
  report::TextTable table({{"model", report::Align::kLeft},
                           {"backend", report::Align::kLeft},
                           {"asked", report::Align::kLeft},
                           {"ran in", report::Align::kLeft},
                           {"SQNR dB"},
                           {"top-1 as fp32"}});
  for (const PrecisionRow& row : rows) {
    const auto sqnr = row.deviation.sqnr_db();
    const std::string ratio =
        sqnr ? fmt::format("{:.1f}", *sqnr) : (row.deviation.finite() ? "no difference" : "not finite");
    table.AddRow({row.model, row.backend, std::string(DataTypeName(row.asked)),
                  std::string(DataTypeName(row.ran)), ratio,
                  fmt::format("{} of {}", row.deviation.top1_agreements(), row.deviation.pictures())});
  }
  return table.ToString();
}

std::string PrecisionJson(const std::vector<PrecisionRow>& rows) {
  Json list = Json::array();
  for (const PrecisionRow& row : rows) {
    Json json = {{"model", row.model},
                 {"backend", row.backend},
                 {"precision", std::string(DataTypeName(row.asked))},
                 {"precision_run", std::string(DataTypeName(row.ran))},
                 {"precision_note", row.note},
                 {"pictures", row.deviation.pictures()},
                 {"finite", row.deviation.finite()}};
    if (const auto sqnr = row.deviation.sqnr_db()) json["sqnr_db"] = *sqnr;
    json["top1_agreements"] = row.deviation.top1_agreements();
    list.push_back(std::move(json));
  }
  return store::JsonText(list);
}

}  // namespace sightline::cli
