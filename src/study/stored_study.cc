#include "src/study/stored_study.h"

#include <optional>
#include <utility>

#include "src/base/text.h"
#include "src/base/utc.h"

namespace sightline::study {
namespace {

// The database knows the reasons for a failure by the same names.
std::optional<FailureReason> FailureOf(EndReason reason) {
  if (reason == EndReason::kDone) return std::nullopt;
  // Ended because its group was done: only helpers are, and no replicate is one.
  SIGHTLINE_CHECK(reason != EndReason::kEnded);
  return FailureReasonFromName(EndReasonName(reason));
}

}  // namespace

Result<StoredStudy> StoredStudy::Create(store::StudyStore& store, const Plan& plan,
                                        const std::string& plan_text,
                                        const std::vector<PlannedTrial>& trials) {
  return Create(store, plan, plan_text, trials,
                OrderReplicates(static_cast<int>(trials.size()), plan.replicates.max, plan.order, plan.seed));
}

Result<StoredStudy> StoredStudy::Create(store::StudyStore& store, const Plan& plan,
                                        const std::string& plan_text, const std::vector<PlannedTrial>& trials,
                                        std::span<const PlannedReplicate> order) {
  StudyInfo study{.name = plan.name, .plan_text = plan_text, .seed = plan.seed, .created_at = UtcNow()};
  std::vector<TrialInfo> infos;
  for (const PlannedTrial& trial : trials) {
    infos.push_back(
        {.index = static_cast<int>(infos.size()), .factors = trial.factors, .arguments = trial.arguments});
  }
  std::vector<NewReplicate> replicates;
  for (const PlannedReplicate& r : order) {
    replicates.push_back(
        {.trial_index = r.trial, .number = r.number, .order = static_cast<int64_t>(replicates.size())});
  }
  SIGHTLINE_ASSIGN_OR_RETURN(StudyContents contents,
                             store.CreateStudy(std::move(study), std::move(infos), replicates));
  return StoredStudy(store, std::move(contents));
}

Result<StoredStudy> StoredStudy::Load(store::StudyStore& store, const std::string& name) {
  SIGHTLINE_ASSIGN_OR_RETURN(const int64_t id, store.FindStudy(name));
  SIGHTLINE_ASSIGN_OR_RETURN(StudyContents contents, store.LoadStudy(id));
  return StoredStudy(store, std::move(contents));
}

StoredStudy::StoredStudy(store::StudyStore& store, StudyContents contents)
    : store_(&store), contents_(std::move(contents)) {
  for (size_t i = 0; i < contents_.trials.size(); ++i) trial_positions_[contents_.trials[i].id] = i;
}

const TrialInfo& StoredStudy::TrialOf(const ReplicateInfo& replicate) const {
  return contents_.trials[trial_positions_.at(replicate.trial_id)];
}

Result<std::vector<ReplicateTask>> StoredStudy::Planned() {
  std::vector<ReplicateTask> tasks;
  for (const ReplicateInfo& replicate : contents_.replicates) {
    if (IsFinished(replicate.status)) continue;
    const TrialInfo& trial = TrialOf(replicate);
    tasks.push_back({.id = replicate.id,
                     .trial = trial.index,
                     .number = replicate.number,
                     .factors = trial.factors,
                     .arguments = trial.arguments});
  }
  return tasks;
}

Result<std::vector<StoredResult>> StoredStudy::Finished() {
  std::vector<StoredResult> results;
  for (const ReplicateInfo& replicate : contents_.replicates) {
    const bool done = replicate.status == ReplicateStatus::kDone;
    if (!done && replicate.status != ReplicateStatus::kFailed) continue;
    results.push_back({.trial = TrialOf(replicate).index,
                       .done = done,
                       .wall = Nanoseconds(replicate.wall_ns),
                       .result_json = replicate.result_json});
  }
  return results;
}

Status StoredStudy::Begin(const ReplicateTask& task) {
  const std::string& started_at = started_at_[task.id] = UtcNow();
  return store_->MarkRunning(task.id, started_at, ShellCommand("sightline run", task.arguments));
}

Status StoredStudy::Finish(const ReplicateTask& task, const LaunchResult& result) {
  ReplicateInfo replicate{.id = task.id,
                          .number = task.number,
                          .status = ReplicateStatus::kDone,
                          .failure = FailureOf(result.reason),
                          .exit_code = result.exit_code,
                          .signal = result.signal,
                          .started_at = started_at_[task.id],
                          .ended_at = UtcNow(),
                          .wall_ns = result.wall.count(),
                          .command_line = result.command_line,
                          .stderr_tail = result.stderr_tail,
                          .result_json = result.result_json};
  if (replicate.failure) {
    replicate.status = ReplicateStatus::kFailed;
    replicate.reason = result.sentence;
  }
  std::optional<std::filesystem::path> records;
  if (!result.records_file.empty()) records = result.records_file;
  const auto stored = store_->FinishReplicate(replicate, records);
  if (stored.ok() || !records) return stored.status();
  // A damaged record file costs the raw records, not the result.
  replicate.stderr_tail += "raw records not stored: " + stored.error().message() + "\n";
  return store_->FinishReplicate(replicate).status();
}

Status StoredStudy::PutBack(const ReplicateTask&) {
  return OkStatus();
}

Status StoredStudy::Abandon(std::span<const ReplicateTask> tasks, std::string_view why) {
  for (const ReplicateTask& task : tasks) {
    const ReplicateInfo replicate{.id = task.id,
                                  .number = task.number,
                                  .status = ReplicateStatus::kAbandoned,
                                  .reason = std::string(why)};
    SIGHTLINE_RETURN_IF_ERROR(store_->FinishReplicate(replicate).status());
  }
  return OkStatus();
}

}  // namespace sightline::study
