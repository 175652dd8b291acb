#include "src/cli/compare_terms.h"

#include <nlohmann/json.hpp>

#include "src/store/json_text.h"

namespace sightline::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kVersionKey = "sightline_comparison";
constexpr int kVersion = 1;

Json SideJson(const CompareTerms::Side& side) {
  return {{"name", side.name}, {"program", side.program}};
}

CompareTerms::Side SideFrom(const Json& json) {
  return {.name = json.at("name"), .program = json.at("program")};
}

Json TrialsJson(const std::vector<Factors>& trials) {
  Json list = Json::array();
  for (const Factors& factors : trials) list.push_back(factors);
  return list;
}

}  // namespace

std::string TermsToText(const CompareTerms& terms) {
  Json json = {{kVersionKey, kVersion},
               {"name", terms.name},
               {"a", SideJson(terms.a)},
               {"b", SideJson(terms.b)},
               {"launches", terms.launches},
               {"seed", terms.seed},
               {"timeout_ns", terms.timeout.count()}};
  if (terms.memory_bytes) json["memory_bytes"] = *terms.memory_bytes;
  json["only_a"] = TrialsJson(terms.only_a);
  json["only_b"] = TrialsJson(terms.only_b);
  return store::JsonText(json);
}

Result<CompareTerms> TermsFromText(const std::string& text, const std::string& study) {
  try {
    const Json json = Json::parse(text);
    if (json.at(kVersionKey).get<int>() > kVersion) {
      return Error(ErrorKind::kUnsupported,
                   study + " was made by a later version of sightline; compare it with that one");
    }
    CompareTerms terms{.name = json.at("name"),
                       .a = SideFrom(json.at("a")),
                       .b = SideFrom(json.at("b")),
                       .launches = json.at("launches"),
                       .seed = json.at("seed"),
                       .timeout = Nanoseconds(json.at("timeout_ns").get<int64_t>()),
                       .memory_bytes = {},
                       .only_a = json.at("only_a"),
                       .only_b = json.at("only_b")};
    if (json.contains("memory_bytes")) terms.memory_bytes = json["memory_bytes"].get<int64_t>();
    return terms;
  } catch (const Json::exception&) {
    return Error(ErrorKind::kInvalidArgument,
                 study +
                     " has two sides, but was not made by `sightline compare --rerun`; compare its trials "
                     "as two studies");
  }
}

}  // namespace sightline::cli
