// One list of fields per struct, used for writing and for reading, so that the two can't drift apart:
//
//     template <typename Archive> void Fields(Archive& a, ColdStart& c) { a("first_inference_ns",
//     c.first_inference_ns); }
//
// Absent values (std::optional without value) are left out. An Estimate NAME becomes NAME, NAME_low and
// NAME_high.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "src/flow/run_result.h"
#include "src/store/json_text.h"

namespace sightline::store {

using Json = nlohmann::ordered_json;

template <typename T>
constexpr bool kIsPlain =
    std::is_arithmetic_v<T> || std::is_same_v<T, std::string> || std::is_same_v<T, std::vector<int>> ||
    std::is_same_v<T, std::vector<std::string>> || std::is_same_v<T, std::map<std::string, std::string>> ||
    std::is_same_v<T, std::map<std::string, int64_t>>;

class JsonWriter {
 public:
  explicit JsonWriter(Json& json) : json_(json) {}
  static constexpr bool kReading = false;

  template <typename T>
  void operator()(const std::string& name, T& value) {
    if constexpr (kIsPlain<T>) {
      json_[name] = value;
    } else {
      json_[name] = Json::object();
      JsonWriter inner(json_[name]);
      Fields(inner, value);
    }
  }
  template <typename T>
  void operator()(const std::string& name, std::optional<T>& value) {
    if (value) (*this)(name, *value);
  }
  template <typename T>
    requires(!kIsPlain<std::vector<T>>)
  void operator()(const std::string& name, std::vector<T>& values) {
    json_[name] = Json::array();
    for (T& value : values) {
      JsonWriter inner(json_[name].emplace_back(Json::object()));
      Fields(inner, value);
    }
  }
  void operator()(const std::string& name, Estimate& estimate) { AddEstimate(json_, name, estimate); }

 private:
  Json& json_;
};

// What is wrong with which field: "stages.infer.count: type must be number, but is string". Thrown by
// JsonReader, caught by the caller of the whole reading; it never leaves this room.
class FieldError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Without nlohmann's "[json.exception.type_error.302] " in front.
inline std::string WithoutTag(std::string_view what) {
  const size_t end = what.starts_with('[') ? what.find("] ") : std::string_view::npos;
  return std::string(end == std::string_view::npos ? what : what.substr(end + 2));
}

// Missing fields keep their defaults, since later versions add fields; a field of the wrong type throws
// FieldError.
class JsonReader {
 public:
  // `place`: of `json` in the document, for messages; "" for all of it.
  explicit JsonReader(const Json& json, std::string place = "") : json_(json), place_(std::move(place)) {}
  static constexpr bool kReading = true;

  const Json& json() const { return json_; }
  bool Has(const std::string& name) const { return json_.contains(name); }
  // "stages.infer" for the field "infer" of "stages".
  std::string PlaceOf(const std::string& name) const { return place_.empty() ? name : place_ + "." + name; }
  [[noreturn]] void Refuse(const std::string& name, const std::string& why) const {
    throw FieldError(PlaceOf(name) + ": " + why);
  }

  template <typename T>
  void operator()(const std::string& name, T& value) {
    if (!Has(name)) return;
    if constexpr (kIsPlain<T>) {
      try {
        json_.at(name).get_to(value);
      } catch (const Json::exception& error) {
        Refuse(name, WithoutTag(error.what()));
      }
    } else {
      JsonReader inner = Inner(json_.at(name), name);
      Fields(inner, value);
    }
  }
  template <typename T>
  void operator()(const std::string& name, std::optional<T>& value) {
    if (!Has(name)) return;
    value.emplace();
    (*this)(name, *value);
  }
  template <typename T>
    requires(!kIsPlain<std::vector<T>>)
  void operator()(const std::string& name, std::vector<T>& values) {
    if (!Has(name)) return;
    if (!json_.at(name).is_array()) Refuse(name, "it must be an array");
    for (const Json& item : json_.at(name)) {
      JsonReader inner = Inner(item, name + "[" + std::to_string(values.size()) + "]");
      Fields(inner, values.emplace_back());
    }
  }
  void operator()(const std::string& name, Estimate& estimate) {
    (*this)(name, estimate.value);
    (*this)(name + "_low", estimate.low);
    (*this)(name + "_high", estimate.high);
  }

  // For a part of this object, `json`, called `name`.
  JsonReader Inner(const Json& json, const std::string& name) const {
    if (!json.is_object()) Refuse(name, "it must be an object");
    return JsonReader(json, PlaceOf(name));
  }

 private:
  const Json& json_;
  std::string place_;
};

}  // namespace sightline::store
