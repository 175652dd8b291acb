#include "src/store/study_store.h"

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include "src/store/database.h"
#include "src/store/record_chunk.h"
#include "src/store/record_file.h"
#include "src/store/study_rows.h"

namespace sightline::store {
namespace {

constexpr size_t kShortestUuidStart = 4;

// Version 4 of RFC 4122: random.
std::string NewUuid() {
  std::random_device random;
  std::string uuid;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) uuid += '-';
    uint32_t digit = random() & 15;
    if (i == 12) digit = 4;
    if (i == 16) digit = 8 | (digit & 3);
    uuid += "0123456789abcdef"[digit];
  }
  return uuid;
}

Error NoStudy(const std::string& which, const std::string& where) {
  return Error(ErrorKind::kNotFound, "there is no study " + which + " in " + where);
}

// What a writer that died left behind; it can't be at work, since this one holds its role.
Status PlanAbandonedWorkAgain(Database& database) {
  return database.Write("look for unfinished work", [](soci::session& sql) {
    sql << "UPDATE replicate SET status = 'planned', started_at = '', command_line = '' WHERE status = "
           "'running'";
    return OkStatus();
  });
}

// Copies the chunks of a record file, each checked.
Status CopyRecords(const std::filesystem::path& path, int64_t replicate_id, Database& database,
                   StoredRecords& stored) {
  SIGHTLINE_ASSIGN_OR_RETURN(RecordFileReader reader, RecordFileReader::Open(path));
  while (true) {
    SIGHTLINE_ASSIGN_OR_RETURN(const auto chunk, reader.NextSoundChunk());
    if (!chunk) return OkStatus();
    const auto records = static_cast<long long>(reader.header().records);
    database.dialect().InsertChunk(database.sql(), replicate_id, stored.chunks, records, *chunk);
    ++stored.chunks;
    stored.records += records;
  }
}

std::vector<long long> StudyIds(soci::session& sql) {
  std::vector<long long> ids;
  long long id = 0;
  soci::statement select = (sql.prepare << "SELECT id FROM study ORDER BY id", soci::into(id));
  select.execute();
  while (select.fetch()) ids.push_back(id);
  return ids;
}

StudyOverview CountStudy(soci::session& sql, const StudyInfo& study) {
  StudyOverview overview{.study = study};
  const auto id = static_cast<long long>(study.id);
  long long trials = 0;
  sql << "SELECT count(*) FROM trial WHERE study_id = :s", soci::use(id), soci::into(trials);
  overview.trials = trials;
  std::string status;
  long long count = 0;
  soci::statement select =
      (sql.prepare << "SELECT r.status, count(*) FROM replicate r JOIN trial t ON t.id = r.trial_id "
                      "WHERE t.study_id = :s GROUP BY r.status",
       soci::use(id), soci::into(status), soci::into(count));
  select.execute();
  while (select.fetch()) {
    if (status == "planned" || status == "running") overview.planned += count;
    if (status == "done") overview.done = count;
    if (status == "failed") overview.failed = count;
    if (status == "abandoned") overview.abandoned = count;
  }
  return overview;
}

}  // namespace

StudyStore::StudyStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
StudyStore::StudyStore(StudyStore&& other) noexcept = default;
StudyStore& StudyStore::operator=(StudyStore&& other) noexcept = default;
StudyStore::~StudyStore() = default;

Result<StudyStore> StudyStore::Open(const std::string& where, Access access) {
  SIGHTLINE_ASSIGN_OR_RETURN(auto database, Database::Open(where, access));
  if (access == Access::kWrite) SIGHTLINE_RETURN_IF_ERROR(PlanAbandonedWorkAgain(*database));
  return StudyStore(std::move(database));
}

Result<StudyContents> StudyStore::CreateStudy(StudyInfo study, std::vector<TrialInfo> trials,
                                              const std::vector<NewReplicate>& replicates) {
  if (study.uuid.empty()) study.uuid = NewUuid();
  int64_t study_id = 0;
  const Status status = database_->Write("store study " + study.name, [&](soci::session& sql) {
    study_id = InsertStudy(sql, study);
    for (TrialInfo& trial : trials) trial.id = InsertTrial(sql, study_id, trial);
    for (const NewReplicate& replicate : replicates) {
      const auto trial = std::find_if(trials.begin(), trials.end(),
                                      [&](const TrialInfo& t) { return t.index == replicate.trial_index; });
      SIGHTLINE_CHECK(trial != trials.end());
      InsertReplicate(sql, trial->id, replicate.number, replicate.order);
    }
    return OkStatus();
  });
  if (!status.ok()) return status.error();
  return LoadStudy(study_id);
}

Status StudyStore::MarkRunning(int64_t replicate_id, const std::string& started_at,
                               const std::string& command_line) {
  return database_->Write("store the start of a replicate", [&](soci::session& sql) -> Status {
    const auto id = static_cast<long long>(replicate_id);
    const std::string command = CleanText(command_line);
    soci::statement update =
        (sql.prepare
             << "UPDATE replicate SET status = 'running', started_at = :s, command_line = :c WHERE id = :id "
                "AND status = 'planned'",
         soci::use(started_at), soci::use(command), soci::use(id));
    update.execute(true);
    if (update.get_affected_rows() == 1) return OkStatus();
    return Error(ErrorKind::kInternal, "replicate " + std::to_string(replicate_id) + " is not planned");
  });
}

Result<StoredRecords> StudyStore::FinishReplicate(const ReplicateInfo& replicate,
                                                  const std::optional<std::filesystem::path>& record_file) {
  SIGHTLINE_CHECK(IsFinished(replicate.status));
  SIGHTLINE_CHECK(replicate.failure.has_value() == (replicate.status == ReplicateStatus::kFailed));
  StoredRecords stored;
  const Status status = database_->Write("store a replicate", [&](soci::session& sql) -> Status {
    if (!UpdateFinished(sql, replicate)) {
      return Error(ErrorKind::kInternal,
                   "replicate " + std::to_string(replicate.id) + " is finished already");
    }
    return record_file ? CopyRecords(*record_file, replicate.id, *database_, stored) : OkStatus();
  });
  if (!status.ok()) return status.error();
  return stored;
}

Result<std::vector<StudyOverview>> StudyStore::ListStudies() {
  std::vector<StudyOverview> studies;
  const Status status = database_->Read("list the studies", [&](soci::session& sql) -> Status {
    for (const long long id : StudyIds(sql)) {
      const std::optional<StudyInfo> study = SelectStudy(sql, id);
      SIGHTLINE_CHECK(study.has_value());
      studies.push_back(CountStudy(sql, *study));
    }
    return OkStatus();
  });
  if (!status.ok()) return status.error();
  return studies;
}

Result<StudyContents> StudyStore::LoadStudy(int64_t study_id) {
  StudyContents contents;
  const Status status = database_->Read("load a study", [&](soci::session& sql) -> Status {
    const std::optional<StudyInfo> study = SelectStudy(sql, study_id);
    if (!study) return NoStudy(std::to_string(study_id), database_->name());
    contents.study = *study;
    SIGHTLINE_ASSIGN_OR_RETURN(contents.trials, SelectTrials(sql, study_id));
    SIGHTLINE_ASSIGN_OR_RETURN(contents.replicates, SelectReplicates(sql, study_id));
    return OkStatus();
  });
  if (!status.ok()) return status.error();
  return contents;
}

Result<int64_t> StudyStore::FindStudy(const std::string& name) {
  std::optional<int64_t> found;
  bool several = false;
  const Status status = database_->Read("look for a study", [&](soci::session& sql) {
    bool found_own = false;
    for (const long long id : StudyIds(sql)) {
      const std::optional<StudyInfo> study = SelectStudy(sql, id);
      if (!study || (study->name != name && study->uuid != name && std::to_string(id) != name)) continue;
      const bool own = study->origin.empty();
      if (own || !found_own) found = id;
      found_own = found_own || own;
    }
    if (found || name.size() < kShortestUuidStart) return OkStatus();
    for (const long long id : StudyIds(sql)) {
      const std::optional<StudyInfo> study = SelectStudy(sql, id);
      if (!study || !study->uuid.starts_with(name)) continue;
      several = found.has_value();
      found = id;
    }
    return OkStatus();
  });
  if (!status.ok()) return status.error();
  if (several)
    return Error(ErrorKind::kInvalidArgument, "several studies begin with " + name + "; give more of it");
  if (!found) return NoStudy(name, database_->name());
  return *found;
}

Result<StudyContents> StudyStore::LoadForReading(const std::string& name) {
  SIGHTLINE_ASSIGN_OR_RETURN(const int64_t id, FindStudy(name));
  SIGHTLINE_ASSIGN_OR_RETURN(StudyContents contents, LoadStudy(id));
  if (contents.study.name != name) return contents;
  SIGHTLINE_ASSIGN_OR_RETURN(const std::vector<StudyOverview> studies, ListStudies());
  std::map<std::string, int64_t> others;  // the latest of each origin
  for (const StudyOverview& other : studies) {
    const StudyInfo& info = other.study;
    const bool same_plan = info.name == name && info.plan_text == contents.study.plan_text;
    if (same_plan && info.origin != contents.study.origin) others[info.origin] = info.id;
  }
  if (others.empty()) return contents;
  std::vector<StudyContents> parts = {std::move(contents)};
  for (const auto& [origin, other_id] : others) {
    SIGHTLINE_ASSIGN_OR_RETURN(StudyContents part, LoadStudy(other_id));
    parts.push_back(std::move(part));
  }
  return JoinStudies(std::move(parts));
}

Result<StoredRecords> StudyStore::ForEachRecord(int64_t replicate_id, const RecordVisitor& visit) {
  ChunkDecoder decoder;
  RecordBlock block;
  std::string chunk;
  StoredRecords seen;
  const Status status = database_->Read("read raw records", [&](soci::session& sql) -> Status {
    while (database_->dialect().ReadChunk(sql, replicate_id, seen.chunks, chunk)) {
      if (const Status decoded = decoder.Decode(chunk, block); !decoded.ok()) {
        return decoded.error().WithContext("replicate " + std::to_string(replicate_id) + " in " +
                                           database_->name());
      }
      block.ForEach(visit);
      ++seen.chunks;
      seen.records += static_cast<int64_t>(block.rows.size());
    }
    return OkStatus();
  });
  if (!status.ok()) return status.error();
  return seen;
}

}  // namespace sightline::store
