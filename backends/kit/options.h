// What an engine is asked to be, checked against what the backend said it can.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "backends/kit/info.h"
#include "backends/kit/status.h"
#include "include/sightline/backend_abi.h"

namespace sightline::kit {

// Every key the backend declared, with the value asked for or its default. Values are known to be allowed.
class OptionValues {
 public:
  OptionValues() = default;
  explicit OptionValues(std::map<std::string, std::string, std::less<>> values)
      : values_(std::move(values)) {}

  // `key` is a declared one; another gives "".
  const std::string& Word(std::string_view key) const;
  // For options with a range; another gives 0.
  int64_t Number(std::string_view key) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// As SlEngineOptions.
struct EngineOptions {
  std::string device = "cpu";
  SlDataType precision = SL_F32;
  int intra_threads = 0;  // 0: the framework's own choice
  int inter_threads = 0;
  int max_batch = 1;  // at least 1
  int instance_count = 1;
  bool profile = false;
  OptionValues values;
};

// Reads `c`, as far as its struct_size goes, and holds device, precision, counts, profile and every option to
// `info`. The error names what was wrong and lists what would have been right.
Result<EngineOptions> ReadEngineOptions(const SlEngineOptions& c, const BackendInfo& info);

}  // namespace sightline::kit
