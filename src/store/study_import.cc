#include <map>
#include <utility>

#include "src/store/database.h"
#include "src/store/record_chunk.h"
#include "src/store/study_rows.h"
#include "src/store/study_store.h"

namespace sightline::store {
namespace {

using TrialPlace = std::pair<int64_t, int>;  // trial id and replicate number, both of here

// Takes one study over, inside a transaction of each database.
class StudyImport {
 public:
  StudyImport(Database& from, Database& to, ImportCounts& counts) : from_(from), to_(to), counts_(counts) {}

  Status Run(const StudyContents& theirs, const std::string& origin) {
    StudyInfo study = theirs.study;
    if (!origin.empty()) study.origin = origin;
    const std::optional<int64_t> here = FindStudyByUuid(to_.sql(), study.uuid, CleanText(study.origin));
    study.id = here ? *here : InsertStudy(to_.sql(), study);
    counts_.studies += here ? 0 : 1;
    SIGHTLINE_RETURN_IF_ERROR(MatchTrials(study, theirs.trials));
    SIGHTLINE_RETURN_IF_ERROR(NoteReplicates(study.id));
    for (const ReplicateInfo& replicate : theirs.replicates) SIGHTLINE_RETURN_IF_ERROR(Take(replicate));
    return OkStatus();
  }

 private:
  // Which trial here each of theirs is; those that are not here are added.
  Status MatchTrials(const StudyInfo& study, const std::vector<TrialInfo>& theirs) {
    SIGHTLINE_ASSIGN_OR_RETURN(const std::vector<TrialInfo> ours, SelectTrials(to_.sql(), study.id));
    std::map<int, const TrialInfo*> by_index;
    for (const TrialInfo& trial : ours) by_index[trial.index] = &trial;
    for (const TrialInfo& trial : theirs) {
      const auto found = by_index.find(trial.index);
      if (found == by_index.end()) {
        trials_[trial.id] = InsertTrial(to_.sql(), study.id, trial);
      } else if (found->second->arguments == trial.arguments && found->second->factors == trial.factors) {
        trials_[trial.id] = found->second->id;
      } else {
        return Error(ErrorKind::kInvalidArgument, "trial " + std::to_string(trial.index) + " of study " +
                                                      study.name + " differs between " + from_.name() +
                                                      " and " + to_.name() + ", so they can't be joined");
      }
    }
    return OkStatus();
  }

  Status NoteReplicates(int64_t study_id) {
    SIGHTLINE_ASSIGN_OR_RETURN(const std::vector<ReplicateInfo> ours, SelectReplicates(to_.sql(), study_id));
    for (const ReplicateInfo& replicate : ours) here_[{replicate.trial_id, replicate.number}] = replicate;
    return OkStatus();
  }

  Status Take(const ReplicateInfo& theirs) {
    const int64_t trial_id = trials_.at(theirs.trial_id);
    const auto found = here_.find({trial_id, theirs.number});
    const bool is_here = found != here_.end();
    if (is_here && IsFinished(found->second.status)) return OkStatus();
    ReplicateInfo replicate = theirs;
    replicate.id =
        is_here ? found->second.id : InsertReplicate(to_.sql(), trial_id, theirs.number, theirs.order);
    // What is under way over there is still to be done, as far as can be known here.
    if (!IsFinished(theirs.status)) return OkStatus();
    SIGHTLINE_CHECK(UpdateFinished(to_.sql(), replicate));
    ++counts_.replicates;
    return TakeRecords(theirs.id, replicate.id);
  }

  Status TakeRecords(int64_t from_id, int64_t to_id) {
    for (long long number = 0;; ++number) {
      bool more = false;
      SIGHTLINE_RETURN_IF_ERROR(from_.Try("read raw records", [&] {
        more = from_.dialect().ReadChunk(from_.sql(), from_id, number, chunk_);
        return OkStatus();
      }));
      if (!more) return OkStatus();
      const Result<ChunkHeader> header = decoder_.Verify(chunk_);
      if (!header.ok()) {
        return header.error().WithContext("replicate " + std::to_string(from_id) + " in " + from_.name());
      }
      to_.dialect().InsertChunk(to_.sql(), to_id, number, header->records, chunk_);
    }
  }

  Database& from_;
  Database& to_;
  ImportCounts& counts_;
  std::map<int64_t, int64_t> trials_;  // theirs to ours
  std::map<TrialPlace, ReplicateInfo> here_;
  ChunkDecoder decoder_;
  std::string chunk_;
};

}  // namespace

Result<ImportCounts> StudyStore::Import(StudyStore& other, const std::string& origin) {
  ImportCounts counts;
  SIGHTLINE_ASSIGN_OR_RETURN(const std::vector<StudyOverview> studies, other.ListStudies());
  for (const StudyOverview& overview : studies) {
    SIGHTLINE_ASSIGN_OR_RETURN(const StudyContents contents, other.LoadStudy(overview.study.id));
    // Each error is told by the database it comes from: the inner one writes here.
    SIGHTLINE_RETURN_IF_ERROR(other.database_->Read("read a study", [&](soci::session&) {
      return database_->Write("import study " + overview.study.name, [&](soci::session&) {
        return StudyImport(*other.database_, *database_, counts).Run(contents, origin);
      });
    }));
  }
  return counts;
}

}  // namespace sightline::store
