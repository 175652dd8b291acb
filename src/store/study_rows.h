// Rows of the study tables. Inside a transaction of the caller's; calls may throw what SOCI throws.
#pragma once

#include <soci/soci.h>

#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/flow/study.h"

namespace sightline::store {

// What a database takes as text: no NUL, and UTF-8 throughout ('?' stands for what was not).
std::string CleanText(std::string text);

// The new row's id.
int64_t InsertStudy(soci::session& sql, const StudyInfo& study);
int64_t InsertTrial(soci::session& sql, int64_t study_id, const TrialInfo& trial);
int64_t InsertReplicate(soci::session& sql, int64_t trial_id, int number, int64_t order);

// Writes what became of a replicate; false: it is finished already, or not there.
bool UpdateFinished(soci::session& sql, const ReplicateInfo& replicate);

std::optional<int64_t> FindStudyByUuid(soci::session& sql, const std::string& uuid,
                                       const std::string& origin);
std::optional<StudyInfo> SelectStudy(soci::session& sql, int64_t study_id);
// By index.
Result<std::vector<TrialInfo>> SelectTrials(soci::session& sql, int64_t study_id);
// In run order.
Result<std::vector<ReplicateInfo>> SelectReplicates(soci::session& sql, int64_t study_id);

}  // namespace sightline::store
