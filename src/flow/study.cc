#include "src/flow/study.h"

#include <algorithm>
#include <iterator>

#include "src/base/check.h"

namespace sightline {
namespace {

constexpr std::string_view kStatusNames[] = {"planned", "running", "done", "failed", "abandoned"};
constexpr std::string_view kFailureNames[] = {"crashed",    "timed_out",   "out_of_memory", "refused",
                                              "bad_result", "interrupted", "not_started"};

// The enumerator whose name this is.
template <typename Enum, size_t n>
std::optional<Enum> FromName(const std::string_view (&names)[n], std::string_view name) {
  const auto* found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<Enum>(found - std::begin(names));
}

}  // namespace

std::string_view ReplicateStatusName(ReplicateStatus status) {
  SIGHTLINE_CHECK(static_cast<size_t>(status) < std::size(kStatusNames));
  return kStatusNames[static_cast<size_t>(status)];
}
std::optional<ReplicateStatus> ReplicateStatusFromName(std::string_view name) {
  return FromName<ReplicateStatus>(kStatusNames, name);
}

bool IsFinished(ReplicateStatus status) {
  return status != ReplicateStatus::kPlanned && status != ReplicateStatus::kRunning;
}

std::string_view FailureReasonName(FailureReason reason) {
  SIGHTLINE_CHECK(static_cast<size_t>(reason) < std::size(kFailureNames));
  return kFailureNames[static_cast<size_t>(reason)];
}
std::optional<FailureReason> FailureReasonFromName(std::string_view name) {
  return FromName<FailureReason>(kFailureNames, name);
}

std::string FailureText(const ReplicateInfo& replicate) {
  const std::string_view how = replicate.failure ? FailureReasonName(*replicate.failure) : "failed";
  return std::string(how) + ": " + replicate.reason;
}

std::string FactorText(const std::vector<std::pair<std::string, std::string>>& factors) {
  std::string text;
  for (const auto& [name, level] : factors) {
    if (!text.empty()) text += ' ';
    text += name;
    text += '=';
    text += level;
  }
  return text;
}

StudyContents JoinStudies(std::vector<StudyContents> studies) {
  SIGHTLINE_CHECK(!studies.empty());
  StudyContents joined;
  joined.study = studies.front().study;
  for (StudyContents& part : studies) {
    const std::string& origin = part.study.origin;
    for (TrialInfo& trial : part.trials) {
      trial.index = static_cast<int>(joined.trials.size());
      trial.factors.insert(trial.factors.begin(), {"origin", origin.empty() ? "this one" : origin});
      joined.trials.push_back(std::move(trial));
    }
    std::move(part.replicates.begin(), part.replicates.end(), std::back_inserter(joined.replicates));
  }
  return joined;
}

}  // namespace sightline
