// How `sightline run` is told to measure again what a result shows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/flow/run_result.h"

namespace sightline::study {

// The arguments of `sightline run` that measure the trial of this result once more, for as long: every factor
// from the result's configuration, how long and until when from its command line, for as far as that has it.
std::vector<std::string> ArgumentsToRepeat(const RunManifest& manifest);

// The words that somebody would give `sightline run`, in the form of a plan: one word a flag with its value,
// long names ("--batch=4"). Where results go is the launcher's business, so flags for that are refused.
Result<std::vector<std::string>> NormalizedArguments(const std::vector<std::string>& words);

// Of the words of a command line, what says how long is measured: --duration, --iterations, --warm-up and the
// --stop flags, each with its value as one word: "--duration=5s".
std::vector<std::string> LimitArguments(const std::vector<std::string>& words);

// The same arguments with another --duration, and without --iterations, which would end them sooner.
std::vector<std::string> WithDuration(std::vector<std::string> arguments, std::string_view duration);

}  // namespace sightline::study
