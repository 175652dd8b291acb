#include "src/flow/run_result.h"

namespace sightline {

std::string PercentileName(int per_mille) {
  std::string name = "p" + std::to_string(per_mille / 10);
  if (per_mille % 10 != 0) name += "_" + std::to_string(per_mille % 10);
  return name;
}

std::string_view SeverityName(Severity severity) {
  constexpr std::string_view kNames[] = {"info", "warning", "error"};
  return kNames[static_cast<size_t>(severity)];
}

}  // namespace sightline
