// The stored replicates of a study to one row per trial.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/flow/run_result.h"
#include "src/flow/study.h"

namespace sightline::analyze {

struct TrialSummary {
  std::vector<std::pair<std::string, std::string>> factors;
  int done = 0;  // replicates by what became of them
  int failed = 0;
  int abandoned = 0;
  int planned = 0;
  // Across launches: the mean of the launches' figures with Student's t interval (stats/across_launches.h).
  // Absent where no launch has the figure; without interval where a single one has.
  std::optional<Estimate> latency_ns_p50;
  std::optional<Estimate> throughput_per_s;
  int latency_launches = 0;  // how many of those done have the figure: a short launch may have no median
  int throughput_launches = 0;
  std::vector<std::string> findings;  // names of warnings and errors of any launch, each once
  struct Failure {
    int launch = 1;   // from 1, as people count
    std::string why;  // "timed_out: took more than 300 s"
  };
  std::vector<Failure> failures;
};

// By trial. Fails when a stored result can't be read, and says of which replicate.
Result<std::vector<TrialSummary>> SummarizeStudy(const StudyContents& contents);

}  // namespace sightline::analyze
