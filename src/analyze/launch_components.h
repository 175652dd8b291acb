// What the variance of a trial's launches consists of: how much launches differ from each other, and how much
// of that the frames within them explain (stats/across_launches.h, Kalibera and Jones). Of mean latencies,
// made from the raw records, since only they tell how frames follow each other.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/base/result.h"
#include "src/flow/study.h"
#include "src/stats/across_launches.h"
#include "src/store/study_store.h"

namespace sightline::analyze {

// One launch: its steady frames' latencies in ns, in the order of time, and what it took.
struct LaunchSamples {
  std::vector<double> latency_ns;
  double measured_s = 0;  // of its steady part
  double wall_s = 0;      // from the process's start to its end
};

struct LaunchComponents {
  int64_t launches = 0;  // with two measured frames or more among their raw records
  // Of two launches and more, as all that follows. Absent figures are unknown, not 0.
  std::optional<stats::VarianceComponents> variance;
  // Shares of the variance of the launches' means, 0..1, which together are 1: what launches differ by, and
  // what the frames within them leave open. Absent too when all means are the same.
  std::optional<double> between;
  std::optional<double> within;
  // What it costs, in the mean: a launch besides its measuring (start-up, load, warm-up), a measured frame.
  double launch_cost_s = 0;
  double frame_cost_s = 0;
  // So many frames are worth measuring in a launch; beyond them another launch narrows the interval across
  // launches more than the same time spent on this one. Absent when launches don't differ: then one is
  // enough.
  std::optional<int64_t> worthwhile_frames;
};

LaunchComponents ComponentsOf(std::vector<LaunchSamples> launches);

// By trial of `contents`, which is of `store`. Reads the raw records of every launch that is done, one
// trial's at a time in memory. Fails when they can't be read.
Result<std::vector<LaunchComponents>> StudyComponents(store::StudyStore& store,
                                                      const StudyContents& contents);

}  // namespace sightline::analyze
