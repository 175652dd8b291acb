// Measures both sides of a comparison anew, in rounds: each round every trial of both sides once, in a random
// order, so that a drift of the machine meets both alike. Each launch is a process of its own and is stored
// when it ends, in a study whose trials have a factor `side`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/analyze/match_trials.h"
#include "src/base/result.h"
#include "src/cli/compare_source.h"
#include "src/cli/compare_terms.h"
#include "src/cli/env.h"
#include "src/study/design.h"
#include "src/study/stored_study.h"

namespace sightline::cli {

struct RerunOptions {
  std::string name;                // of the study
  int launches = 0;                // rounds
  uint64_t seed = 0;               // of the order
  std::string duration;            // of each launch; "": as long as stored
  std::string plan_file;           // whose trials two builds are compared on; "": `words`
  std::vector<std::string> words;  // or the arguments of one trial
};

// What will be measured.
struct RerunPlan {
  CompareTerms terms;
  std::vector<study::PlannedTrial> trials;  // A's and B's of each pair in turn, with factor `side`
};

// The pairs of trials of both sides. Fails where there are none, where builds have no trials or stored sides
// too many, and where both sides would be the same program with the same arguments although they are not
// meant to be: that would pass whatever B is.
Result<RerunPlan> PlanRerun(const CompareSource& a, const CompareSource& b, const RerunOptions& options);

// The same sides, programs and trials as a comparison that is stored.
Result<RerunPlan> PlanRerunOf(const StudyContents& comparison, const RerunOptions& options);

// Puts it into the database.
Result<study::StoredStudy> StoreRerun(store::StudyStore& store, const RerunPlan& plan);

// Runs what is left of a stored comparison, with progress on env.err.
Result<study::StudyOutcome> RunRerun(study::StoredStudy& stored, CliEnv& env);

}  // namespace sightline::cli
