// What a comparison that is measured anew is to be, as its study keeps it: in place of a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/flow/trial.h"

namespace sightline::cli {

struct CompareTerms {
  struct Side {
    std::string name;     // for people
    std::string program;  // that measures it, an absolute path; "": the one that runs the comparison
  };
  std::string name = "comparison";  // of the study
  Side a;
  Side b;
  int launches = 0;  // of each trial on each side: rounds
  uint64_t seed = 0;
  Nanoseconds timeout{};  // of a launch
  std::optional<int64_t> memory_bytes;
  // Trials that only one side has, which are not measured.
  std::vector<Factors> only_a;
  std::vector<Factors> only_b;
};

// JSON, which is YAML too, as a plan is.
std::string TermsToText(const CompareTerms& terms);

// `study` is for messages.
Result<CompareTerms> TermsFromText(const std::string& text, const std::string& study);

}  // namespace sightline::cli
