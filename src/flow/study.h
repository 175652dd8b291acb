// Studies as plain data: a plan, its trials (one configuration each) and their replicates (one process launch
// each). The planner writes them, the store keeps them, tables are made of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sightline {

// What became of a replicate. The last three are final.
enum class ReplicateStatus : uint8_t {
  kPlanned,
  kRunning,    // its process is at work; left behind by a dead runner it becomes planned again
  kDone,       // has a result
  kFailed,     // see FailureReason; a partial result may be there
  kAbandoned,  // never begun: a stopping rule or a cap of the study left it out
};
std::string_view ReplicateStatusName(ReplicateStatus status);  // "planned"
std::optional<ReplicateStatus> ReplicateStatusFromName(std::string_view name);
bool IsFinished(ReplicateStatus status);

enum class FailureReason : uint8_t {
  kCrashed,
  kTimedOut,
  kOutOfMemory,
  kRefused,      // the program said that it can't: exit code 2
  kBadResult,    // it ended well and left no result that can be read
  kInterrupted,  // a partial result was kept: exit code 3
  kNotStarted,
};
std::string_view FailureReasonName(FailureReason reason);  // "timed_out"
std::optional<FailureReason> FailureReasonFromName(std::string_view name);

struct StudyInfo {
  int64_t id = 0;      // of the database it is in
  std::string uuid;    // the same in every database the study is copied to
  std::string origin;  // name of the device it was measured on, as its user chose it; "": this one
  std::string name;
  std::string plan_text;  // YAML as it was written
  uint64_t seed = 0;
  std::string created_at;  // UTC, ISO 8601
};

// "model=resnet50_v1 batch=4"
std::string FactorText(const std::vector<std::pair<std::string, std::string>>& factors);

struct TrialInfo {
  int64_t id = 0;
  int64_t study_id = 0;
  int index = 0;  // 0, 1, ... within the study
  std::vector<std::pair<std::string, std::string>>
      factors;                         // what varies: name and level, in the plan's order
  std::vector<std::string> arguments;  // what `sightline run` is given
};

struct ReplicateInfo {
  int64_t id = 0;
  int64_t trial_id = 0;
  int number = 0;     // 0, 1, ... within the trial
  int64_t order = 0;  // position in the study's run order
  ReplicateStatus status = ReplicateStatus::kPlanned;
  std::optional<FailureReason> failure;  // exactly when it failed
  std::string reason;                    // one sentence why it failed or was abandoned
  std::optional<int> exit_code;          // of a process that ended by itself
  std::optional<int> signal;             // that ended the process
  std::string started_at;                // UTC, ISO 8601; "" before
  std::string ended_at;
  int64_t wall_ns = 0;
  std::string command_line;
  std::string stderr_tail;
  std::string result_json;  // schema/result.schema.json; "" without a result
};

// Why it failed: "timed_out: took more than 300 s".
std::string FailureText(const ReplicateInfo& replicate);

// A replicate that is still to be: of which trial (its index), which one, and when.
struct NewReplicate {
  int trial_index = 0;
  int number = 0;
  int64_t order = 0;
};

// A study as it is stored.
struct StudyContents {
  StudyInfo study;
  std::vector<TrialInfo> trials;          // by index
  std::vector<ReplicateInfo> replicates;  // in run order
};

// Several devices' measurements of one plan as one study: the first one's, with the factor "origin" ("this
// one" where it has no name) in front of all others, and the trials numbered anew. At least one; all with the
// same factors.
StudyContents JoinStudies(std::vector<StudyContents> studies);

// A study with how far it is.
struct StudyOverview {
  StudyInfo study;
  int64_t trials = 0;
  int64_t planned = 0;  // replicates, those that are running included
  int64_t done = 0;
  int64_t failed = 0;
  int64_t abandoned = 0;
};

}  // namespace sightline
