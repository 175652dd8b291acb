#include "src/cli/compare_source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "src/store/exported_study.h"
#include "src/store/files.h"
#include "src/store/result_json.h"
#include "src/store/study_store.h"

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;

// The first bytes of a file, which tell what it is.
std::string MagicOf(const std::string& file) {
  std::string magic(16, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(magic.data(), static_cast<std::streamsize>(magic.size()));
  magic.resize(static_cast<size_t>(stream.gcount()));
  return magic;
}

bool IsProgram(const std::string& file, const std::string& magic) {
  return (magic.starts_with("\x7f"
                            "ELF") ||
          magic.starts_with("#!")) &&
         access(file.c_str(), X_OK) == 0;
}

// The "schema" of a JSON file; "" where it has none.
std::string SchemaOf(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("schema") || !json["schema"].is_string()) return "";
  return json["schema"].get<std::string>();
}

Result<CompareSource> FromStudy(std::string name, StudyContents contents) {
  CompareSource source;
  if (analyze::HasSides(contents)) {
    source.side.name = std::move(name);
  } else {
    SIGHTLINE_ASSIGN_OR_RETURN(source.side, analyze::SideOfStudy(std::move(name), contents));
  }
  source.study = std::move(contents);
  return source;
}

Result<CompareSource> FromFile(const std::string& file) {
  const std::string magic = MagicOf(file);
  if (IsProgram(file, magic)) {
    CompareSource source;
    source.side.name = file;
    source.program = fs::absolute(file).string();
    return source;
  }
  if (magic.starts_with("SQLite format 3")) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("{0} is a database of studies; say which one: STUDY@{0}", file));
  }
  SIGHTLINE_ASSIGN_OR_RETURN(const std::string text, store::ReadFile(file));
  if (SchemaOf(text) == "sightline.study") {
    SIGHTLINE_ASSIGN_OR_RETURN(StudyContents contents, store::ExportedStudyFromJson(text, file));
    return FromStudy(file, std::move(contents));
  }
  if (SchemaOf(text) == "sightline.result") {
    SIGHTLINE_ASSIGN_OR_RETURN(RunResult result, store::ResultFromJson(text, file));
    return CompareSource{
        .side = analyze::SideOfResults(file, {std::move(result)}), .study = {}, .program = {}};
  }
  if (magic.starts_with("{") && !nlohmann::json::accept(text)) {
    return Error(
        ErrorKind::kInvalidArgument,
        file + " is no whole JSON; it may have been cut off: measure or export it again, or copy it again");
  }
  return Error(ErrorKind::kInvalidArgument,
               file +
                   " is neither a result (`sightline run --json`), nor a study (`sightline study export "
                   "--json`), nor a program");
}

// The .json files of a folder, by name.
Result<std::vector<std::string>> ResultFiles(const std::string& folder) {
  std::error_code code;
  std::vector<std::string> files;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    if (entry->path().extension() == ".json") files.push_back(entry->path().string());
  }
  if (code) return Error(ErrorKind::kUnavailable, "can't read the folder " + folder + ": " + code.message());
  if (files.empty()) {
    return Error(ErrorKind::kNotFound,
                 folder + " holds no .json file; name a folder of results of `sightline run --json`");
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<CompareSource> FromFolder(const std::string& folder) {
  SIGHTLINE_ASSIGN_OR_RETURN(const std::vector<std::string> files, ResultFiles(folder));
  std::map<std::string, std::string> file_of;  // by text
  std::vector<RunResult> results;
  for (const std::string& file : files) {
    SIGHTLINE_ASSIGN_OR_RETURN(std::string text, store::ReadFile(file));
    SIGHTLINE_ASSIGN_OR_RETURN(RunResult result, store::ResultFromJson(text, file));
    // A launch counted twice would make an interval too narrow.
    if (const auto [known, is_new] = file_of.emplace(std::move(text), file); !is_new) {
      return Error(
          ErrorKind::kInvalidArgument,
          fmt::format("{} and {} are the same launch, which counts once; leave one of them out of the folder",
                      known->second, file));
    }
    results.push_back(std::move(result));
  }
  return CompareSource{
      .side = analyze::SideOfResults(folder, std::move(results)), .study = {}, .program = {}};
}

Result<StudyContents> Load(const std::string& study, const std::string& database) {
  SIGHTLINE_ASSIGN_OR_RETURN(auto opened, store::StudyStore::Open(database, store::Access::kRead));
  SIGHTLINE_ASSIGN_OR_RETURN(const int64_t id, opened.FindStudy(study));
  return opened.LoadStudy(id);
}

}  // namespace

StudyPlace PlaceOf(const std::string& what, const std::string& database) {
  const size_t at = what.find('@');
  return {.study = what.substr(0, at), .database = at == std::string::npos ? database : what.substr(at + 1)};
}

Result<CompareSource> OpenCompareSource(const std::string& what, const std::string& database) {
  std::error_code ignored;
  if (fs::is_directory(what, ignored)) return FromFolder(what);
  if (fs::exists(what, ignored)) return FromFile(what);
  const auto [study, where] = PlaceOf(what, database);
  auto contents = Load(study, where);
  if (!contents.ok()) {
    return Error(contents.error().kind(), fmt::format("there is no file or folder {}, and as a study: {}",
                                                      what, contents.error().message()));
  }
  const std::string name =
      fmt::format("{} (study {} in {})", contents->study.name, contents->study.id, where);
  return FromStudy(name, std::move(contents).value());
}

}  // namespace sightline::cli
