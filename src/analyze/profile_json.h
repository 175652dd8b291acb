// A profile as JSON, for programs (schema/profile.schema.json) and for chrome://tracing.
#pragma once

#include <string>

#include "src/analyze/profile.h"
#include "src/flow/run_result.h"

namespace sightline::analyze {

constexpr int kProfileSchemaVersion = 1;

// What was profiled, and how.
struct ProfileReport {
  RunManifest manifest;  // limits are not used
  Profile profile;
  std::string no_roofs;        // why there are no roofs, as a sentence without its end; "" where there are
  std::string partial_reason;  // why there are fewer runs than asked for; ""
};

// Object of schema/profile.schema.json, as text. Times are medians in nanoseconds.
std::string ProfileToJson(const ProfileReport& report);

// One run in the Trace Event Format
// (docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU): complete events ("X"), in
// microseconds, of which chrome://tracing, ui.perfetto.dev and speedscope draw a picture. It is the run whose
// layers together took the median. Layers lie where the framework says they began, those that ran side by
// side on threads of their own; where it doesn't say, end to end in their order. Thread 0 holds the whole
// inference, as long as it took without the profiler.
std::string ProfileToTrace(const ProfileReport& report, const ProfileSamples& samples);

}  // namespace sightline::analyze
