#include "src/study/runner.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

#include "src/base/check.h"

namespace sightline::study {

StudyRunner::StudyRunner(ReplicateStore& store, Launcher& launcher, const Clock& clock, LaunchTimes times,
                         RunnerOptions options)
    : store_(store),
      launcher_(launcher),
      clock_(clock),
      times_(std::move(times)),
      options_(std::move(options)) {
  const LaunchRule& rule = options_.rule;
  SIGHTLINE_CHECK(rule.max <= rule.min || (rule.quantity && rule.narrow_enough));
}

Result<StudyOutcome> StudyRunner::Run(const std::atomic<bool>& stop) {
  const TimePoint begin = clock_.Now();
  SIGHTLINE_RETURN_IF_ERROR(Load());
  Report(nullptr, nullptr);
  while (!left_.empty()) {
    if (stop.load()) {
      outcome_.end = StudyEnd::kStopped;
      return outcome_;
    }
    if (options_.total && clock_.Now() - begin >= *options_.total) {
      outcome_.end = StudyEnd::kTotalCap;
      SIGHTLINE_RETURN_IF_ERROR(AbandonRest());
      return outcome_;
    }
    SIGHTLINE_RETURN_IF_ERROR(RunOne(stop));
  }
  return outcome_;
}

Status StudyRunner::Load() {
  SIGHTLINE_ASSIGN_OR_RETURN(const std::vector<StoredResult> finished, store_.Finished());
  for (const StoredResult& result : finished) Count(result);
  SIGHTLINE_ASSIGN_OR_RETURN(left_, store_.Planned());
  std::reverse(left_.begin(), left_.end());
  // A session may have ended between a trial's last launch and the decision that it was the last.
  std::vector<int> enough;
  for (const auto& [trial, values] : values_) {
    if (HasEnough(trial)) enough.push_back(trial);
  }
  for (const int trial : enough) SIGHTLINE_RETURN_IF_ERROR(AbandonTrial(trial));
  return OkStatus();
}

Status StudyRunner::RunOne(const std::atomic<bool>& stop) {
  const ReplicateTask task = left_.back();
  SIGHTLINE_RETURN_IF_ERROR(store_.Begin(task));
  if (options_.begun) options_.begun(task);
  auto launched = launcher_.Launch(task, stop);
  if (!launched.ok()) {
    // The launcher's error is the one to report; should putting back fail too, the store's resume does it.
    const Status put_back = store_.PutBack(task);
    return put_back.ok() ? launched.status() : launched.error().WithContext(put_back.error().message());
  }
  LaunchResult result = std::move(launched).value();
  CheckResult(result);
  if (result.reason == EndReason::kInterrupted && stop.load()) return store_.PutBack(task);
  SIGHTLINE_RETURN_IF_ERROR(store_.Finish(task, result));
  left_.pop_back();
  const bool done = result.reason == EndReason::kDone;
  ++(done ? outcome_.done : outcome_.failed);
  Count({task.trial, done, result.wall, done ? result.result_json : ""});
  if (HasEnough(task.trial)) SIGHTLINE_RETURN_IF_ERROR(AbandonTrial(task.trial));
  Report(&task, &result);
  return OkStatus();
}

void StudyRunner::Count(const StoredResult& result) {
  ++(result.done ? done_ : failed_);
  times_.Add({result.trial, result.wall});
  if (!result.done || !options_.rule.quantity) return;
  if (const auto value = options_.rule.quantity(result.result_json)) values_[result.trial].push_back(*value);
}

bool StudyRunner::HasEnough(int trial) const {
  const LaunchRule& rule = options_.rule;
  const auto values = values_.find(trial);
  if (rule.max <= rule.min || values == values_.end()) return false;
  return values->second.size() >= static_cast<size_t>(rule.min) && rule.narrow_enough(values->second);
}

Status StudyRunner::AbandonTrial(int trial) {
  std::vector<ReplicateTask> rest;
  for (const ReplicateTask& task : std::views::reverse(left_)) {
    if (task.trial == trial) rest.push_back(task);
  }
  if (rest.empty()) return OkStatus();
  SIGHTLINE_RETURN_IF_ERROR(store_.Abandon(rest, "the interval across launches is narrow enough"));
  std::erase_if(left_, [&](const ReplicateTask& task) { return task.trial == trial; });
  outcome_.abandoned += static_cast<int>(rest.size());
  return OkStatus();
}

Status StudyRunner::AbandonRest() {
  std::reverse(left_.begin(), left_.end());
  SIGHTLINE_RETURN_IF_ERROR(store_.Abandon(left_, "the study's total time was over"));
  outcome_.abandoned += static_cast<int>(left_.size());
  left_.clear();
  return OkStatus();
}

void StudyRunner::Report(const ReplicateTask* last, const LaunchResult* result) const {
  if (!options_.progress) return;
  std::vector<PlannedReplicate> left;
  for (const ReplicateTask& task : left_) left.push_back({task.trial, task.number});
  options_.progress({.done = done_,
                     .failed = failed_,
                     .left = static_cast<int>(left.size()),
                     .time_left = times_.Sum(left),
                     .last = last,
                     .last_result = result});
}

void CheckResult(LaunchResult& result) {
  if (result.reason != EndReason::kDone) return;
  const auto json = nlohmann::json::parse(result.result_json, nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return;
  result.reason = EndReason::kBadResult;
  result.sentence = result.result_json.empty() ? "it ended well but left no result"
                                               : "it ended well but what it left is not JSON";
}

}  // namespace sightline::study
