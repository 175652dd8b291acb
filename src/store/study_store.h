// Studies and what was measured in them, kept for good: in an SQLite file, or on a PostgreSQL server for a
// team. Everything here is done wholly or not at all, whenever the program or the machine stops, and is on
// the disk when the call returns. One writer, any number of readers beside it. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/flow/record.h"
#include "src/flow/study.h"
#include "src/store/access.h"

namespace sightline::store {

class Database;

// How many raw records were stored, or read.
struct StoredRecords {
  int64_t records = 0;
  int64_t chunks = 0;
};

struct ImportCounts {
  int64_t studies = 0;     // that were not here
  int64_t replicates = 0;  // finished ones that were not here, or not finished here
};

class StudyStore {
 public:
  // `where`: a file, or "postgresql://USER@HOST/DATABASE". For writing, a file that is not there is made, and
  // replicates that a writer left running when it died become planned again. Errors (each one sentence): it
  // is written by another process, was made by a later version, can't be written, is something else.
  static Result<StudyStore> Open(const std::string& where, Access access);
  StudyStore(StudyStore&& other) noexcept;
  StudyStore& operator=(StudyStore&& other) noexcept;
  ~StudyStore();

  // `study`'s id and the trials' ids are given out here; an empty uuid too. All replicates are planned.
  Result<StudyContents> CreateStudy(StudyInfo study, std::vector<TrialInfo> trials,
                                    const std::vector<NewReplicate>& replicates);

  // Planned -> running.
  Status MarkRunning(int64_t replicate_id, const std::string& started_at, const std::string& command_line);

  // Everything of `replicate` but its place in the study is stored; its status has to be a final one, and the
  // stored one must not be. The records of `record_file` go with it, chunk by chunk, up to where the file is
  // torn; a damaged one is an error, and nothing is stored.
  Result<StoredRecords> FinishReplicate(const ReplicateInfo& replicate,
                                        const std::optional<std::filesystem::path>& record_file = {});

  Result<std::vector<StudyOverview>> ListStudies();  // by id
  Result<StudyContents> LoadStudy(int64_t study_id);
  // The id of the study with this name, uuid, start of a uuid (4 characters and more), or id in digits; of
  // several with one name the latest that was measured here, or else the latest.
  Result<int64_t> FindStudy(const std::string& name);
  // The study so named, for looking at. One that is asked for by its name is joined with what other devices
  // measured by the same plan, the latest of each (JoinStudies).
  Result<StudyContents> LoadForReading(const std::string& name);

  // Every record of the replicate, lane by lane in order, lanes mixed chunk by chunk; none where none were
  // kept. Holds one chunk in memory.
  Result<StoredRecords> ForEachRecord(int64_t replicate_id, const RecordVisitor& visit);

  // Takes over the studies of another database with their finished replicates and records. A study is known
  // by its uuid and origin: one that is here is joined, replicates that are finished here stay. `origin`
  // names the device the other database comes from; "": what it says itself.
  Result<ImportCounts> Import(StudyStore& other, const std::string& origin);

 private:
  explicit StudyStore(std::unique_ptr<Database> database);

  std::unique_ptr<Database> database_;
};

}  // namespace sightline::store
