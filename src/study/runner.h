// Runs the planned replicates of a study, one after the other, and keeps the books.
//
// The runner decides: which replicate is next, how its end is called, when a trial has had launches enough,
// when time is up. It touches neither processes nor files: a Launcher runs one replicate, a ReplicateStore
// keeps what came out, so that a study that is killed at any moment goes on from its store.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/study/process.h"
#include "src/study/schedule.h"

namespace sightline::study {

// One launch of one trial, as the store knows it.
struct ReplicateTask {
  int64_t id = 0;                                            // of the store
  int trial = 0;                                             // index, for schedule.h
  int number = 0;                                            // which launch of the trial, from 0
  std::vector<std::pair<std::string, std::string>> factors;  // for messages
  std::vector<std::string> arguments;                        // of `sightline run`
};

// What one launch came to.
struct LaunchResult {
  EndReason reason = EndReason::kNotStarted;
  std::string sentence;  // why, in words
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::optional<int64_t> peak_memory_bytes;
  Nanoseconds wall{};
  std::string command_line;
  std::string stderr_tail;
  std::string result_json;   // "" when it left none
  std::string records_file;  // "" when it left none; the launcher's, valid until its next Launch
};

class Launcher {
 public:
  virtual ~Launcher() = default;
  // Blocks until the replicate has ended, whatever way: a launch that fails is a result. `stop` ends it early
  // with kInterrupted. An error is one that would meet every replicate, such as a full disk.
  virtual Result<LaunchResult> Launch(const ReplicateTask& task, const std::atomic<bool>& stop) = 0;
};

// A finished replicate of an earlier session, or of this one.
struct StoredResult {
  int trial = 0;
  bool done = false;  // else it failed
  Nanoseconds wall{};
  std::string result_json;  // of those done
};

// Where replicates are kept. After each call that returns OK, a power failure loses nothing of it. An error
// ends the runner with it.
class ReplicateStore {
 public:
  virtual ~ReplicateStore() = default;
  // Those still to run, in the order to run them.
  virtual Result<std::vector<ReplicateTask>> Planned() = 0;
  // Those that were finished before.
  virtual Result<std::vector<StoredResult>> Finished() = 0;
  virtual Status Begin(const ReplicateTask& task) = 0;
  // Done when the reason is kDone, else failed.
  virtual Status Finish(const ReplicateTask& task, const LaunchResult& result) = 0;
  // Planned again: it was interrupted, not by its own fault.
  virtual Status PutBack(const ReplicateTask& task) = 0;
  // Left out for good, and why.
  virtual Status Abandon(std::span<const ReplicateTask> tasks, std::string_view why) = 0;
};

// When a trial has been launched often enough: between `min` and `max` successful launches, as soon as
// `narrow_enough` says so of the quantity's values. The planned replicates hold `max` of each trial.
struct LaunchRule {
  int min = 3;
  int max = 3;
  // The quantity of a result, from its JSON; absent when the result lacks it. Needed when max > min, like the
  // next.
  std::function<std::optional<double>(const std::string& result_json)> quantity;
  std::function<bool(std::span<const double> values)> narrow_enough;
};

struct Progress {
  int done = 0;  // with a result; all counts include earlier sessions
  int failed = 0;
  int left = 0;             // planned still
  Nanoseconds time_left{};  // for all that is left, as far as known; an upper bound under a LaunchRule
  const ReplicateTask* last = nullptr;  // the replicate that has just ended; null at the beginning
  const LaunchResult* last_result = nullptr;
};

struct RunnerOptions {
  LaunchRule rule;
  std::optional<Nanoseconds> total;                 // of this session: no replicate is begun after it
  std::function<void(const ReplicateTask&)> begun;  // a replicate is about to be launched
  std::function<void(const Progress&)> progress;
};

enum class StudyEnd {
  kComplete,  // nothing is planned any more
  kTotalCap,  // the total cap came first; the rest is abandoned
  kStopped,   // asked to stop; the rest is planned still
};

struct StudyOutcome {
  StudyEnd end = StudyEnd::kComplete;
  int done = 0;  // in this session, like the next two
  int failed = 0;
  int abandoned = 0;
};

class StudyRunner {
 public:
  // All are used until the runner is gone. `times` knows how long launches take by guess.
  StudyRunner(ReplicateStore& store, Launcher& launcher, const Clock& clock, LaunchTimes times,
              RunnerOptions options);

  // Runs until nothing is left, the cap, or `stop`. Fails when the store or the launcher does; every
  // replicate finished before is in the store then.
  Result<StudyOutcome> Run(const std::atomic<bool>& stop);

 private:
  Status Load();
  Status RunOne(const std::atomic<bool>& stop);
  // Adds a finished replicate to the books.
  void Count(const StoredResult& result);
  bool HasEnough(int trial) const;
  Status AbandonTrial(int trial);
  Status AbandonRest();
  void Report(const ReplicateTask* last, const LaunchResult* result) const;

  ReplicateStore& store_;
  Launcher& launcher_;
  const Clock& clock_;
  LaunchTimes times_;
  RunnerOptions options_;
  std::vector<ReplicateTask> left_;  // in reverse, the next one last
  std::map<int, std::vector<double>> values_;
  int done_ = 0;
  int failed_ = 0;
  StudyOutcome outcome_;
};

// A launch that ended well must have left a result: kDone without a JSON object becomes kBadResult.
void CheckResult(LaunchResult& result);

}  // namespace sightline::study
