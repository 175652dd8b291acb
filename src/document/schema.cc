#include "src/document/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "src/base/text.h"

namespace sightline::document {
namespace {

// valijson's adapter takes nlohmann::json alone, whose keys are sorted.
using SortedJson = nlohmann::json;

const Json* Resolve(const Json& root, const Json& schema) {
  const auto reference = schema.find("$ref");
  if (reference == schema.end()) return &schema;
  return &root.at(Json::json_pointer(reference->get<std::string>().substr(1)));  // "#/definitions/x"
}

bool Matches(const std::string& key, const std::string& pattern) {
  return key.size() <= 200 && std::regex_search(key, std::regex(pattern));
}

// The schema of a key of an object, or null when it is not allowed.
const Json* SchemaOfKey(const Json& root, const Json& schema, const std::string& key) {
  if (schema.contains("properties") && schema["properties"].contains(key)) {
    return Resolve(root, schema["properties"][key]);
  }
  if (schema.contains("patternProperties")) {
    for (const auto& [pattern, of_pattern] : schema["patternProperties"].items()) {
      if (Matches(key, pattern)) return Resolve(root, of_pattern);
    }
  }
  const auto others = schema.find("additionalProperties");
  return others != schema.end() && others->is_object() ? Resolve(root, *others) : nullptr;
}

const Json& SchemaAt(const Json& root, const Document& document, const Path& path) {
  const Json* schema = Resolve(root, root);
  Path at;
  for (const std::string& step : path) {
    const Json* value = document.Find(at);
    const Json* next = value != nullptr && value->is_array()
                           ? (schema->contains("items") ? Resolve(root, (*schema)["items"]) : nullptr)
                           : SchemaOfKey(root, *schema, step);
    if (next == nullptr) break;
    schema = next;
    at.push_back(step);
  }
  return *schema;
}

std::string UnknownKey(const Json& root, const Json& schema, const std::string& key) {
  // Names a later version of the format knows: {"x-later": {NAME: SENTENCE}}.
  if (root.contains("x-later") && root["x-later"].contains(key)) return root["x-later"][key];
  std::vector<std::string> known;
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [name, of_name] : properties.items()) known.push_back(name);
  const std::string nearest = NearestName(key, known);
  if (!nearest.empty()) return fmt::format("is not known here; did you mean {}?", nearest);
  return fmt::format("is not known here; it can be {}", Join(known));
}

std::string WhatIsThere(const Json& value, const std::string& text) {
  if (value.is_object()) return value.empty() ? "is an empty mapping" : "is a mapping";
  if (value.is_array()) return value.empty() ? "is an empty list" : "is a list";
  if (text.empty()) return "is empty";
  constexpr size_t kShown = 60;
  return fmt::format("'{}' does not fit", text.size() <= kShown ? text : text.substr(0, kShown - 3) + "...");
}

Error Explain(const Json& root, const Document& document, const Path& path) {
  const Json& schema = SchemaAt(root, document, path);
  const Json& value = *document.Find(path);
  if (value.is_object() && schema.contains("properties")) {
    for (const auto& [key, of_key] : value.items()) {
      if (SchemaOfKey(root, schema, key) != nullptr) continue;
      Path child = path;
      child.push_back(key);
      return document.AtKey(child, UnknownKey(root, schema, key));
    }
    for (const Json& required : schema.value("required", Json::array())) {
      const auto key = required.get<std::string>();
      if (value.contains(key)) continue;
      const Json& missing = *Resolve(root, schema["properties"][key]);
      return document.At(
          path, fmt::format("'{}' is missing; write {}: and {}", key, key, missing.value("description", "")));
    }
  }
  const char* words = path.empty() ? "x-begin" : "description";
  const std::string write = schema.value(words, "something else");
  return document.At(path, fmt::format("{}; write {}", WhatIsThere(value, document.TextOf(path)), write));
}

// {"<root>", "[factors]", "[0]"} as a path.
Path PathOf(const std::vector<std::string>& context) {
  Path path;
  for (size_t i = 1; i < context.size(); ++i) path.push_back(context[i].substr(1, context[i].size() - 2));
  return path;
}

// Every ancestor of a mistake reports it once more; the mistakes themselves have the longest paths.
bool IsAbove(const Path& path, const Path& other) {
  return path.size() < other.size() && std::equal(path.begin(), path.end(), other.begin());
}

Path FirstMistake(const Document& document, const std::vector<Path>& paths) {
  std::optional<Path> first;
  for (const Path& path : paths) {
    if (std::any_of(paths.begin(), paths.end(), [&](const Path& p) { return IsAbove(path, p); })) continue;
    if (!first || document.Before(path, *first)) first = path;
  }
  return first.value_or(Path());
}

}  // namespace

Status CheckAgainstSchema(const Document& document, const Json& schema) {
  const SortedJson plain_schema = schema;
  const SortedJson plain_value = document.json();
  valijson::ValidationResults mistakes;
  try {
    valijson::Schema compiled;
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(plain_schema), compiled);
    valijson::Validator validator;
    if (validator.validate(compiled, valijson::adapters::NlohmannJsonAdapter(plain_value), &mistakes)) {
      return OkStatus();
    }
  } catch (const std::exception& failure) {
    return Error(ErrorKind::kInternal,
                 fmt::format("a file could not be held to its schema: {}", failure.what()));
  }
  // A text with very many mistakes is looked at no further than this.
  constexpr size_t kMostMistakes = 500;
  std::vector<Path> paths;
  for (const auto& mistake : mistakes) {
    if (paths.size() < kMostMistakes) paths.push_back(PathOf(mistake.context));
  }
  return Explain(schema, document, FirstMistake(document, paths));
}

}  // namespace sightline::document
