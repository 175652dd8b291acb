// What `sightline verify --precision` prints.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "src/cli/precision_deviation.h"
#include "src/report/text_table.h"
#include "src/store/json_text.h"

namespace sightline::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string SqnrText(const PrecisionRow& row) {
  if (!row.finite()) return "not finite";
  const auto sqnr = row.sqnr_db();
  return sqnr ? fmt::format("{:.1f}", *sqnr) : "no difference";
}

std::string AgreementText(const analyze::Deviation& deviation) {
  return fmt::format("{} of {} best classes", deviation.top1_agreements(), deviation.pictures());
}

std::string AgreementText(const analyze::DetectionDeviation& deviation) {
  return fmt::format("{} of {} boxes ({} at IoU 0.5)", deviation.same(), deviation.detections(),
                     deviation.overlapping());
}

std::string GainText(const std::optional<PrecisionGain>& gain) {
  if (!gain) return "-";
  if (!gain->interval) return fmt::format("{:.2f}", gain->speedup);
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", gain->speedup, gain->interval->low, gain->interval->high);
}

void AddFields(const analyze::Deviation& deviation, Json& json) {
  json["top1_agreements"] = deviation.top1_agreements();
}

void AddFields(const analyze::DetectionDeviation& deviation, Json& json) {
  json["detections"] = deviation.detections();
  json["detections_same"] = deviation.same();
  json["detections_overlapping"] = deviation.overlapping();
}

void AddFields(const PrecisionGain& gain, Json& json) {
  json["speedup"] = gain.speedup;
  if (gain.interval) {
    json["speedup_low"] = gain.interval->low;
    json["speedup_high"] = gain.interval->high;
  }
  json["speedup_rounds"] = gain.rounds;
}

Json ToJson(const PrecisionRow& row) {
  Json json = {{"model", row.model},
               {"backend", row.backend},
               {"precision", std::string(DataTypeName(row.asked))},
               {"precision_run", std::string(DataTypeName(row.ran))},
               {"precision_note", row.note},
               {"pictures", row.pictures},
               {"batch", row.batch},
               {"finite", row.finite()}};
  if (const auto sqnr = row.sqnr_db()) json["sqnr_db"] = *sqnr;
  std::visit([&](const auto& deviation) { AddFields(deviation, json); }, row.deviation);
  if (row.gain) AddFields(*row.gain, json);
  return json;
}

}  // namespace

std::string PrecisionTable(const std::vector<PrecisionRow>& rows) {
  report::TextTable table({{"model", report::Align::kLeft},
                           {"backend", report::Align::kLeft},
                           {"asked", report::Align::kLeft},
                           {"ran in", report::Align::kLeft},
                           {"SQNR dB"},
                           {"as in fp32"},
                           {"times as fast"}});
  for (const PrecisionRow& row : rows) {
    const std::string agreement =
        std::visit([](const auto& deviation) { return AgreementText(deviation); }, row.deviation);
    table.AddRow({row.model, row.backend, std::string(DataTypeName(row.asked)),
                  std::string(DataTypeName(row.ran)), SqnrText(row), agreement, GainText(row.gain)});
  }
  return table.ToString();
}

std::string PrecisionJson(const std::vector<PrecisionRow>& rows) {
  Json list = Json::array();
  for (const PrecisionRow& row : rows) list.push_back(ToJson(row));
  return store::JsonText(list);
}

}  // namespace sightline::cli
