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
#include <string>
#include <type_traits>
#include <vector>

#include "src/flow/run_result.h"

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
  void operator()(const std::string& name, Estimate& estimate) {
    json_[name] = estimate.value;
    if (estimate.low) json_[name + "_low"] = *estimate.low;
    if (estimate.high) json_[name + "_high"] = *estimate.high;
  }

 private:
  Json& json_;
};

// Missing fields keep their defaults, since later versions add fields; a field of the wrong type throws
// nlohmann::json::exception, which the caller of the whole reading catches.
class JsonReader {
 public:
  explicit JsonReader(const Json& json) : json_(json) {}
  static constexpr bool kReading = true;

  const Json& json() const { return json_; }
  bool Has(const std::string& name) const { return json_.contains(name); }

  template <typename T>
  void operator()(const std::string& name, T& value) {
    if (!Has(name)) return;
    if constexpr (kIsPlain<T>) {
      json_.at(name).get_to(value);
    } else {
      JsonReader inner(json_.at(name));
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
    for (const Json& item : json_.at(name)) {
      JsonReader inner(item);
      Fields(inner, values.emplace_back());
    }
  }
  void operator()(const std::string& name, Estimate& estimate) {
    (*this)(name, estimate.value);
    (*this)(name + "_low", estimate.low);
    (*this)(name + "_high", estimate.high);
  }

 private:
  const Json& json_;
};

}  // namespace sightline::store
