#include "src/store/exported_study.h"

#include <optional>

#include "src/store/json_fields.h"

namespace sightline::store {
namespace {

constexpr const char* kSchemaName = "sightline.study";
constexpr int kSchemaVersion = 1;

TrialInfo ReadTrial(JsonReader& reader) {
  TrialInfo trial{.study_id = 1};
  reader("index", trial.index);
  reader("arguments", trial.arguments);
  trial.id = trial.index + 1;
  if (!reader.Has("factors")) return trial;
  const JsonReader factors = reader.Inner(reader.json().at("factors"), "factors");
  for (const auto& [name, level] : factors.json().items()) {
    if (!level.is_string()) factors.Refuse(name, "a level is a text");
    trial.factors.emplace_back(name, level.get<std::string>());
  }
  return trial;
}

ReplicateStatus ReadStatus(JsonReader& reader) {
  std::string name;
  reader("status", name);
  const auto status = ReplicateStatusFromName(name);
  if (!status) reader.Refuse("status", "'" + name + "' is no word this version knows");
  return *status;
}

std::optional<FailureReason> ReadFailure(JsonReader& reader) {
  if (!reader.Has("failure")) return std::nullopt;
  std::string name;
  reader("failure", name);
  const auto failure = FailureReasonFromName(name);
  if (!failure) reader.Refuse("failure", "'" + name + "' is no word this version knows");
  return failure;
}

ReplicateInfo ReadReplicate(JsonReader& reader, size_t trials) {
  int trial = -1;
  reader("trial", trial);
  if (trial < 0 || static_cast<size_t>(trial) >= trials) {
    reader.Refuse("trial", "there is no trial " + std::to_string(trial));
  }
  ReplicateInfo replicate{.trial_id = trial + 1};
  reader("launch", replicate.number);
  reader("order", replicate.order);
  replicate.status = ReadStatus(reader);
  replicate.failure = ReadFailure(reader);
  reader("reason", replicate.reason);
  reader("exit_code", replicate.exit_code);
  reader("signal", replicate.signal);
  reader("started_at", replicate.started_at);
  reader("ended_at", replicate.ended_at);
  reader("wall_ns", replicate.wall_ns);
  reader("command_line", replicate.command_line);
  reader("stderr_tail", replicate.stderr_tail);
  if (reader.Has("result")) replicate.result_json = reader.json().at("result").dump();
  return replicate;
}

// The items of an array of objects, each read by `read`.
template <typename Read>
void ReadItems(const JsonReader& reader, const std::string& name, Read read) {
  if (!reader.Has(name)) reader.Refuse(name, "it is missing");
  const Json& list = reader.json().at(name);
  if (!list.is_array()) reader.Refuse(name, "it must be an array");
  for (size_t i = 0; i < list.size(); ++i) {
    JsonReader item = reader.Inner(list[i], name + "[" + std::to_string(i) + "]");
    read(item);
  }
}

StudyContents ReadContents(JsonReader& reader) {
  StudyContents contents;
  StudyInfo& study = contents.study;
  study.id = 1;
  reader("uuid", study.uuid);
  reader("origin", study.origin);
  reader("name", study.name);
  reader("plan", study.plan_text);
  reader("seed", study.seed);
  reader("created_at", study.created_at);
  ReadItems(reader, "trials", [&](JsonReader& item) {
    contents.trials.push_back(ReadTrial(item));
    if (contents.trials.back().index != static_cast<int>(contents.trials.size()) - 1)
      item.Refuse("index", "trials have to be numbered in their order");
  });
  ReadItems(reader, "replicates", [&](JsonReader& item) {
    contents.replicates.push_back(ReadReplicate(item, contents.trials.size()));
    contents.replicates.back().id = static_cast<int64_t>(contents.replicates.size());
  });
  return contents;
}

}  // namespace

Result<StudyContents> ExportedStudyFromJson(const std::string& text, const std::string& name) {
  const std::string what = " is not a study of `sightline study export --json`";
  try {
    const Json json = Json::parse(text);
    if (!json.is_object() || json.value("schema", "") != kSchemaName)
      return Error(ErrorKind::kInvalidArgument, name + what);
    JsonReader reader(json);
    int version = 0;
    reader("schema_version", version);
    if (version > kSchemaVersion) {
      return Error(ErrorKind::kUnsupported, name + " was written by a later version (schema " +
                                                std::to_string(version) + "); read it with that version");
    }
    return ReadContents(reader);
  } catch (const FieldError& error) {
    return Error(ErrorKind::kInvalidArgument,
                 name + ": " + error.what() +
                     "; the file was not written by `sightline study export`, or was changed since");
  } catch (const Json::exception& error) {
    return Error(ErrorKind::kInvalidArgument, name + what + ": " + WithoutTag(error.what()));
  }
}

}  // namespace sightline::store
