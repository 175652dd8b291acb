// What stands on one side of `sightline compare`, told apart by what is there.
#pragma once

#include <optional>
#include <string>

#include "src/analyze/compared_side.h"
#include "src/base/result.h"
#include "src/flow/study.h"

namespace sightline::cli {

struct CompareSource {
  analyze::ComparedSide side;          // without trials for a build
  std::optional<StudyContents> study;  // where it is one
  std::string program;                 // of a build: its executable, an absolute path; else ""

  bool is_build() const { return !program.empty(); }
  // A study that holds both sides, as `compare --rerun` measures them; null where it is none.
  const StudyContents* both_sides() const { return study && analyze::HasSides(*study) ? &*study : nullptr; }
};

// A study and the database it is in.
struct StudyPlace {
  std::string study;
  std::string database;
};

// Of STUDY@DATABASE, or STUDY in `database`.
StudyPlace PlaceOf(const std::string& what, const std::string& database);

// `what`: a result file, a folder of them, an exported study, an executable, a study in `database` (name, id,
// start of a uuid), or STUDY@DATABASE. What is there as a file or folder is no study. Errors are one sentence
// that names `what`.
Result<CompareSource> OpenCompareSource(const std::string& what, const std::string& database);

}  // namespace sightline::cli
