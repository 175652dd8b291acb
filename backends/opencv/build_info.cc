#include "backends/opencv/build_info.h"

#include <array>
#include <sstream>
#include <string_view>

namespace sightline::opencv_backend {
namespace {

struct Line {
  std::string_view key;  // as the report begins the line
  std::string_view word;
};
constexpr std::array<Line, 6> kLines = {{{"Configuration:", "configuration"},
                                         {"Baseline:", "baseline"},
                                         {"Dispatched code generation:", "dispatched"},
                                         {"Parallel framework:", "parallel"},
                                         {"Intel IPP:", "IPP"},
                                         {"Lapack:", "LAPACK"}}};

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

std::string CondenseBuildInformation(const std::string& report) {
  std::string condensed;
  std::istringstream lines(report);
  for (std::string raw; std::getline(lines, raw);) {
    const std::string_view line = Trim(raw);
    for (const Line& wanted : kLines) {
      if (!line.starts_with(wanted.key)) continue;
      if (!condensed.empty()) condensed += "; ";
      condensed.append(wanted.word).append(" ").append(Trim(line.substr(wanted.key.size())));
    }
  }
  return condensed;
}

}  // namespace sightline::opencv_backend
