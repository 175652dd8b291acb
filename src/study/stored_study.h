// A study in the database, as the runner sees it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/flow/study.h"
#include "src/store/study_store.h"
#include "src/study/design.h"
#include "src/study/runner.h"

namespace sightline::study {

class StoredStudy final : public ReplicateStore {
 public:
  // Puts a plan with all its trials and replicates into `store`, which has to outlive this, as all that
  // follows.
  static Result<StoredStudy> Create(store::StudyStore& store, const Plan& plan, const std::string& plan_text,
                                    const std::vector<PlannedTrial>& trials);
  // The same with replicates in an order of the caller's.
  static Result<StoredStudy> Create(store::StudyStore& store, const Plan& plan, const std::string& plan_text,
                                    const std::vector<PlannedTrial>& trials,
                                    std::span<const PlannedReplicate> order);
  // One that is there; `name` as StudyStore::FindStudy takes it.
  static Result<StoredStudy> Load(store::StudyStore& store, const std::string& name);

  // As it was when this was made.
  const StudyContents& contents() const { return contents_; }

  Result<std::vector<ReplicateTask>> Planned() override;
  Result<std::vector<StoredResult>> Finished() override;
  Status Begin(const ReplicateTask& task) override;
  Status Finish(const ReplicateTask& task, const LaunchResult& result) override;
  // Nothing to do: what a writer left running is planned again when the database is opened next.
  Status PutBack(const ReplicateTask& task) override;
  Status Abandon(std::span<const ReplicateTask> tasks, std::string_view why) override;

 private:
  StoredStudy(store::StudyStore& store, StudyContents contents);
  const TrialInfo& TrialOf(const ReplicateInfo& replicate) const;

  store::StudyStore* store_;
  StudyContents contents_;
  std::map<int64_t, size_t> trial_positions_;  // of contents_.trials, by id
  std::map<int64_t, std::string> started_at_;  // by replicate id
};

}  // namespace sightline::study
