#include "src/store/study_rows.h"

#include <nlohmann/json.hpp>

namespace sightline::store {
namespace {

using Json = nlohmann::ordered_json;

// How many bytes the character that begins here takes; 0: it is no UTF-8.
size_t CharacterLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const size_t length = byte(0) < 0x80   ? 1
                        : byte(0) < 0xc2 ? 0
                        : byte(0) < 0xe0 ? 2
                        : byte(0) < 0xf0 ? 3
                        : byte(0) < 0xf5 ? 4
                                         : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and beyond U+10FFFF.
  if ((byte(0) == 0xe0 && byte(1) < 0xa0) || (byte(0) == 0xed && byte(1) > 0x9f) ||
      (byte(0) == 0xf0 && byte(1) < 0x90) || (byte(0) == 0xf4 && byte(1) > 0x8f)) {
    return 0;
  }
  return length;
}

// An optional number as SOCI binds it.
struct NullableNumber {
  long long value = 0;
  soci::indicator indicator = soci::i_null;

  explicit NullableNumber(std::optional<int> number = {}) {
    if (!number) return;
    value = *number;
    indicator = soci::i_ok;
  }
  std::optional<int> get() const {
    return indicator == soci::i_ok ? std::optional(static_cast<int>(value)) : std::nullopt;
  }
};

Error BadRow(const std::string& which) {
  return Error(ErrorKind::kInvalidArgument,
               "the database holds a " + which + " that this sightline can't read");
}

std::optional<TrialInfo> ParseTrial(TrialInfo trial, const std::string& factors,
                                    const std::string& arguments) {
  try {
    trial.factors = Json::parse(factors).get<decltype(trial.factors)>();
    trial.arguments = Json::parse(arguments).get<decltype(trial.arguments)>();
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
  return trial;
}

// JSON text is UTF-8; whatever is not is replaced.
template <typename T>
std::string ToJsonText(const T& value) {
  return Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string CleanText(std::string text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = CharacterLength(std::string_view(text).substr(at));
    if (length == 0 || text[at] == '\0') text[at] = '?';
    at += length == 0 ? 1 : length;
  }
  return text;
}

int64_t InsertStudy(soci::session& sql, const StudyInfo& study) {
  long long id = 0;
  const std::string name = CleanText(study.name);
  const std::string origin = CleanText(study.origin);
  const std::string plan = CleanText(study.plan_text);
  const auto seed = static_cast<long long>(study.seed);
  sql << "INSERT INTO study (uuid, origin, name, plan_text, seed, created_at) VALUES (:u, :o, :n, :p, :s, "
         ":c) "
         "RETURNING id",
      soci::use(study.uuid), soci::use(origin), soci::use(name), soci::use(plan), soci::use(seed),
      soci::use(study.created_at), soci::into(id);
  return id;
}

int64_t InsertTrial(soci::session& sql, int64_t study_id, const TrialInfo& trial) {
  long long id = 0;
  const auto study = static_cast<long long>(study_id);
  const long long number = trial.index;
  const std::string factors = ToJsonText(trial.factors);
  const std::string arguments = ToJsonText(trial.arguments);
  sql << "INSERT INTO trial (study_id, number, factors, arguments) VALUES (:s, :n, :f, :a) RETURNING id",
      soci::use(study), soci::use(number), soci::use(factors), soci::use(arguments), soci::into(id);
  return id;
}

int64_t InsertReplicate(soci::session& sql, int64_t trial_id, int number, int64_t order) {
  long long id = 0;
  const auto trial = static_cast<long long>(trial_id);
  const long long which = number;
  const auto run_order = static_cast<long long>(order);
  const std::string status(ReplicateStatusName(ReplicateStatus::kPlanned));
  sql << "INSERT INTO replicate (trial_id, number, run_order, status) VALUES (:t, :n, :o, :s) RETURNING id",
      soci::use(trial), soci::use(which), soci::use(run_order), soci::use(status), soci::into(id);
  return id;
}

bool UpdateFinished(soci::session& sql, const ReplicateInfo& replicate) {
  const std::string status(ReplicateStatusName(replicate.status));
  std::string failure;
  soci::indicator has_failure = soci::i_null;
  if (replicate.failure) {
    failure = FailureReasonName(*replicate.failure);
    has_failure = soci::i_ok;
  }
  const std::string reason = CleanText(replicate.reason);
  NullableNumber exit_code(replicate.exit_code);
  NullableNumber signal(replicate.signal);
  const auto wall_ns = static_cast<long long>(replicate.wall_ns);
  const std::string command_line = CleanText(replicate.command_line);
  const std::string stderr_tail = CleanText(replicate.stderr_tail);
  const std::string result_json = CleanText(replicate.result_json);
  const auto id = static_cast<long long>(replicate.id);
  soci::statement update =
      (sql.prepare
           << "UPDATE replicate SET status = :status, failure = :failure, reason = :reason, exit_code = "
              ":exit_code, signal = :signal, started_at = :started_at, ended_at = :ended_at, wall_ns = "
              ":wall_ns, command_line = :command_line, stderr_tail = :stderr_tail, result_json = "
              ":result_json WHERE id = :id AND status IN ('planned', 'running')",
       soci::use(status), soci::use(failure, has_failure), soci::use(reason),
       soci::use(exit_code.value, exit_code.indicator), soci::use(signal.value, signal.indicator),
       soci::use(replicate.started_at), soci::use(replicate.ended_at), soci::use(wall_ns),
       soci::use(command_line), soci::use(stderr_tail), soci::use(result_json), soci::use(id));
  update.execute(true);
  return update.get_affected_rows() == 1;
}

std::optional<int64_t> FindStudyByUuid(soci::session& sql, const std::string& uuid,
                                       const std::string& origin) {
  long long id = 0;
  sql << "SELECT id FROM study WHERE uuid = :u AND origin = :o", soci::use(uuid), soci::use(origin),
      soci::into(id);
  return sql.got_data() ? std::optional<int64_t>(id) : std::nullopt;
}

std::optional<StudyInfo> SelectStudy(soci::session& sql, int64_t study_id) {
  StudyInfo study{.id = study_id};
  const auto id = static_cast<long long>(study_id);
  long long seed = 0;
  sql << "SELECT uuid, origin, name, plan_text, seed, created_at FROM study WHERE id = :id", soci::use(id),
      soci::into(study.uuid), soci::into(study.origin), soci::into(study.name), soci::into(study.plan_text),
      soci::into(seed), soci::into(study.created_at);
  if (!sql.got_data()) return std::nullopt;
  study.seed = static_cast<uint64_t>(seed);
  return study;
}

Result<std::vector<TrialInfo>> SelectTrials(soci::session& sql, int64_t study_id) {
  const auto study = static_cast<long long>(study_id);
  long long id = 0;
  long long number = 0;
  std::string factors;
  std::string arguments;
  soci::statement select =
      (sql.prepare << "SELECT id, number, factors, arguments FROM trial WHERE study_id = :s ORDER BY number",
       soci::use(study), soci::into(id), soci::into(number), soci::into(factors), soci::into(arguments));
  select.execute();
  std::vector<TrialInfo> trials;
  while (select.fetch()) {
    const TrialInfo row{.id = id, .study_id = study_id, .index = static_cast<int>(number)};
    const std::optional<TrialInfo> trial = ParseTrial(row, factors, arguments);
    if (!trial) return BadRow("trial (" + std::to_string(id) + ")");
    trials.push_back(*trial);
  }
  return trials;
}

Result<std::vector<ReplicateInfo>> SelectReplicates(soci::session& sql, int64_t study_id) {
  const auto study = static_cast<long long>(study_id);
  ReplicateInfo row;
  long long id = 0;
  long long trial_id = 0;
  long long number = 0;
  long long order = 0;
  long long wall_ns = 0;
  std::string status;
  std::string failure;
  soci::indicator has_failure = soci::i_null;
  NullableNumber exit_code;
  NullableNumber signal;
  soci::statement select =
      (sql.prepare
           << "SELECT r.id, r.trial_id, r.number, r.run_order, r.status, r.failure, r.reason, r.exit_code, "
              "r.signal, r.started_at, r.ended_at, r.wall_ns, r.command_line, r.stderr_tail, r.result_json "
              "FROM replicate r JOIN trial t ON t.id = r.trial_id WHERE t.study_id = :s "
              "ORDER BY r.run_order, r.id",
       soci::use(study), soci::into(id), soci::into(trial_id), soci::into(number), soci::into(order),
       soci::into(status), soci::into(failure, has_failure), soci::into(row.reason),
       soci::into(exit_code.value, exit_code.indicator), soci::into(signal.value, signal.indicator),
       soci::into(row.started_at), soci::into(row.ended_at), soci::into(wall_ns),
       soci::into(row.command_line), soci::into(row.stderr_tail), soci::into(row.result_json));
  select.execute();
  std::vector<ReplicateInfo> replicates;
  while (select.fetch()) {
    const auto known_status = ReplicateStatusFromName(status);
    row.failure = has_failure == soci::i_ok ? FailureReasonFromName(failure) : std::nullopt;
    if (!known_status || (has_failure == soci::i_ok && !row.failure)) {
      return BadRow("replicate (" + std::to_string(id) + ")");
    }
    row.id = id;
    row.trial_id = trial_id;
    row.number = static_cast<int>(number);
    row.order = order;
    row.status = *known_status;
    row.exit_code = exit_code.get();
    row.signal = signal.get();
    row.wall_ns = wall_ns;
    replicates.push_back(row);
  }
  return replicates;
}

}  // namespace sightline::store
