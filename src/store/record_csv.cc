#include "src/store/record_csv.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "src/store/csv_cell.h"
#include "src/store/files.h"

namespace sightline::store {
namespace {

constexpr std::string_view kFixedColumns =
    "request_id,query_id,frame_id,picture,batch_id,batch_size,batch_position,instance,phase,outcome,reason,"
    "top_class,top_label,top_score,bytes_up,bytes_down,candidates_before_nms,candidates_after_nms,"
    "dropped_spans,clock_offset_ns,clock_offset_error_ns";

Result<std::vector<StageKey>> KeysIn(const RecordScan& records) {
  std::set<StageKey> keys;
  SIGHTLINE_RETURN_IF_ERROR(records([&](const RequestRecord&, std::span<const StageSpan> spans) {
    for (const StageSpan& span : spans) keys.insert(span.key);
  }));
  return std::vector<StageKey>(keys.begin(), keys.end());
}

std::string Header(const std::vector<StageKey>& keys) {
  std::string line(kFixedColumns);
  for (int i = 0; i < kMomentCount; ++i)
    line += "," + std::string(MomentName(static_cast<Moment>(i))) + "_ns";
  for (const StageKey key : keys) {
    const std::string name = StageKeyName(key);
    line += "," + name + "_clock," + name + "_begin_ns," + name + "_end_ns";
  }
  return line + "\n";
}

template <typename T>
std::string Optional(const std::optional<T>& value) {
  return value ? std::to_string(*value) : std::string();
}

std::string Optional(const Stamp& stamp) {
  return stamp.has_value() ? std::to_string(stamp.value()) : std::string();
}

std::string Label(const RequestRecord& r, std::span<const std::string> labels) {
  const bool known = r.top_class && *r.top_class >= 0 && static_cast<size_t>(*r.top_class) < labels.size();
  return known ? CsvCell(labels[static_cast<size_t>(*r.top_class)]) : std::string();
}

std::string SpanCells(std::span<const StageSpan> spans, StageKey key) {
  const auto span =
      std::find_if(spans.begin(), spans.end(), [&](const StageSpan& s) { return s.key == key; });
  if (span == spans.end()) return ",,,";
  return "," + std::string(ClockName(span->clock)) + "," + std::to_string(span->begin_ns) + "," +
         std::to_string(span->end_ns);
}

std::string Line(const RequestRecord& r, std::span<const StageSpan> spans, const std::vector<StageKey>& keys,
                 std::span<const std::string> labels) {
  const std::string cells[] = {std::to_string(r.request_id),
                               std::to_string(r.query_id),
                               std::to_string(r.frame_id),
                               std::to_string(r.picture),
                               std::to_string(r.batch_id),
                               std::to_string(r.batch_size),
                               std::to_string(r.batch_position),
                               std::to_string(r.instance),
                               std::string(PhaseName(r.phase)),
                               std::string(OutcomeName(r.outcome)),
                               std::string(OutcomeReasonName(r.reason)),
                               Optional(r.top_class),
                               Label(r, labels),
                               r.top_class ? std::to_string(r.top_score) : std::string(),
                               std::to_string(r.bytes_up),
                               std::to_string(r.bytes_down),
                               Optional(r.candidates_before_nms),
                               Optional(r.candidates_after_nms),
                               std::to_string(r.dropped_spans),
                               Optional(r.clock_offset_ns),
                               Optional(r.clock_offset_error_ns)};
  std::string line;
  for (const std::string& cell : cells) line += (&cell == cells ? "" : ",") + cell;
  for (const Stamp& moment : r.moments) line += "," + Optional(moment);
  for (const StageKey key : keys) line += SpanCells(spans, key);
  return line + "\n";
}

}  // namespace

Status WriteRecordsCsv(const std::filesystem::path& path, const RecordScan& records,
                       std::span<const std::string> labels) {
  SIGHTLINE_ASSIGN_OR_RETURN(FileWriter writer, FileWriter::Create(path));
  SIGHTLINE_ASSIGN_OR_RETURN(const std::vector<StageKey> keys, KeysIn(records));
  writer.Write(Header(keys));
  SIGHTLINE_RETURN_IF_ERROR(records([&](const RequestRecord& record, std::span<const StageSpan> spans) {
    writer.Write(Line(record, spans, keys, labels));
  }));
  return writer.Close();
}

}  // namespace sightline::store
