#include "src/flow/record.h"

#include <algorithm>
#include <charconv>

namespace sightline {
namespace {

constexpr size_t kBlockListReserve = 1024;  // 4 M records before the list of blocks itself grows

constexpr std::string_view kStageNames[kStageCount] = {"acquire", "decode", "preprocess",  "uplink",  "queue",
                                                       "batch",   "infer",  "postprocess", "downlink"};
constexpr std::string_view kSubStageNames[] = {"",        "bind",           "host_to_device",
                                               "compute", "device_to_host", "collect"};
constexpr std::string_view kOutcomeNames[] = {"ok", "error", "timeout", "refused", "dropped"};
constexpr std::string_view kReasonNames[] = {"",           "backend",     "decode", "peer",    "queue_full",
                                             "deadline",   "oldest",      "newest", "skipped", "source",
                                             "preprocess", "postprocess", "batch"};
constexpr std::string_view kClockNames[] = {"client", "server"};
constexpr std::string_view kPhaseNames[] = {"cold_start", "warm_up", "measure", "drain"};
constexpr std::string_view kMomentNames[kMomentCount] = {"scheduled",       "released",      "sent",
                                                         "server_received", "server_queued", "server_batched",
                                                         "server_sent",     "completed"};

template <size_t n>
std::string_view NameAt(const std::string_view (&names)[n], size_t index) {
  SIGHTLINE_CHECK(index < n);
  return names[index];
}

}  // namespace

std::string_view StageName(StageId stage) {
  return NameAt(kStageNames, static_cast<size_t>(stage));
}
std::string_view OutcomeName(Outcome outcome) {
  return NameAt(kOutcomeNames, static_cast<size_t>(outcome));
}
std::string_view OutcomeReasonName(OutcomeReason reason) {
  return NameAt(kReasonNames, static_cast<size_t>(reason));
}
std::string_view PhaseName(Phase phase) {
  return NameAt(kPhaseNames, static_cast<size_t>(phase));
}
std::string_view ClockName(ClockId clock) {
  return NameAt(kClockNames, static_cast<size_t>(clock));
}
std::string_view MomentName(Moment moment) {
  return NameAt(kMomentNames, static_cast<size_t>(moment));
}

std::string StageKeyName(StageKey key) {
  std::string name(StageName(key.stage));
  if (key.occurrence > 0) name += "#" + std::to_string(key.occurrence);
  if (key.sub_stage > 0) name += "." + std::string(NameAt(kSubStageNames, key.sub_stage));
  return name;
}

std::optional<StageKey> StageKeyFromName(std::string_view name) {
  StageKey key;
  if (const size_t dot = name.find('.'); dot != std::string_view::npos) {
    const auto* sub = std::find(std::begin(kSubStageNames), std::end(kSubStageNames), name.substr(dot + 1));
    if (sub == std::begin(kSubStageNames) || sub == std::end(kSubStageNames)) return std::nullopt;
    key.sub_stage = static_cast<uint8_t>(sub - std::begin(kSubStageNames));
    name = name.substr(0, dot);
  }
  if (const size_t hash = name.find('#'); hash != std::string_view::npos) {
    const std::string_view digits = name.substr(hash + 1);
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), key.occurrence);
    if (code != std::errc() || end != digits.data() + digits.size() || key.occurrence == 0)
      return std::nullopt;
    name = name.substr(0, hash);
  }
  const auto* stage = std::find(std::begin(kStageNames), std::end(kStageNames), name);
  if (stage == std::end(kStageNames)) return std::nullopt;
  key.stage = static_cast<StageId>(stage - std::begin(kStageNames));
  return key;
}

void RecordBlock::Reserve() {
  rows.reserve(kRows);
  spans.reserve(kSpans);
}

RecordLog::RecordLog() {
  blocks_.reserve(kBlockListReserve);
  AddBlock();
}

void RecordLog::Append(const RequestRecord& record, std::span<const StageSpan> spans) {
  if (!blocks_.back().HasRoomFor(spans.size())) AddBlock();
  blocks_.back().Append(record, spans);
  ++size_;
}

}  // namespace sightline
