// How far a study is, while it runs: a line for each replicate that ended, and on a terminal one more that is
// written over every second, about the one under way.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <thread>

#include "src/base/clock.h"
#include "src/study/runner.h"

namespace sightline::cli {

// "[3/24] model=resnet50_v1 batch=4 launch 2: p50 161 ±2 ms, 24.8 ±0.3 frames/s in 9.4 s; 1 failed, 21 left,
// about 3 min" for the replicate that has just ended, or what there is to do when none has. Figures are the
// medians and rates of its result, as tables show them.
std::string ProgressLine(const study::Progress& progress);

// The replicate under way.
struct Underway {
  study::ReplicateTask task;
  int number = 1;           // which of all
  int all = 1;              // replicates of the study
  Nanoseconds running{};    // since it was launched
  Nanoseconds at_most{};    // then it is ended
  Nanoseconds time_left{};  // of the study, when it was launched
};

// "[4/24] 12 s of at most 3 min, about 4 min to go: model=... launch 2", at most `columns` characters.
std::string StatusLine(const Underway& underway, int columns);

// Writes both. Calls from one thread; the status line comes from a thread of its own, which begins with the
// first replicate.
class StudyProgress {
 public:
  // `at_most`: how long a replicate may take. `columns`: of the terminal that `err` is, 0: it is none. All
  // are used until this is gone; nobody else writes to `err` before.
  StudyProgress(std::ostream& err, const Clock& clock, Nanoseconds at_most, int columns);
  // Removes the status line.
  ~StudyProgress();
  StudyProgress(const StudyProgress&) = delete;
  StudyProgress& operator=(const StudyProgress&) = delete;

  void Begin(const study::ReplicateTask& task);
  void Report(const study::Progress& progress);

 private:
  void Tick();
  void WriteStatus();
  void ClearStatus();

  std::ostream& err_;
  const Clock& clock_;
  const Nanoseconds at_most_;
  const int columns_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  bool has_status_ = false;  // the terminal's last line is ours
  std::optional<Underway> underway_;
  TimePoint begun_{};
  int ended_ = 0;
  int all_ = 0;
  Nanoseconds time_left_{};
  std::thread ticker_;
};

}  // namespace sightline::cli
