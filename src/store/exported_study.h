// A study as `sightline study export --json` wrote it, read again.
#pragma once

#include <string>

#include "src/base/result.h"
#include "src/flow/study.h"

namespace sightline::store {

// Ids are given anew, from 1. Whole results stay JSON text, to be read where they are needed. `name` is for
// messages: "s.json: replicates[3].trial: ...".
Result<StudyContents> ExportedStudyFromJson(const std::string& text, const std::string& name);

}  // namespace sightline::store
