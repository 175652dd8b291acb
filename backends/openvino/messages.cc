#include "backends/openvino/messages.h"

#include <cctype>
#include <regex>
#include <sstream>

namespace sightline::openvino_backend {
namespace {

std::string WithSingleSpaces(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return line;
}

}  // namespace

std::string OneLine(const std::string& text) {
  static const std::regex exception_place(R"(Exception from [^ ]+:\d+: ?)");
  static const std::regex check_place(R"( failed at [^ ]+:\d+:)");
  std::string line = std::regex_replace(WithSingleSpaces(text), exception_place, "");
  line = std::regex_replace(line, check_place, " failed:");
  while (line.ends_with(' ') || line.ends_with(':')) line.pop_back();
  return line.empty() ? "no reason given" : line;
}

std::vector<std::string> MissingOperators(const std::string& text) {
  // "OpenVINO does not support the following ONNX operations: Frobnicate, com.microsoft.Gelu\n..."
  static const std::regex list(R"(not support the following ONNX operations?: *([^\n]*))");
  std::smatch found;
  std::vector<std::string> types;
  if (!std::regex_search(text, found, list)) return types;
  std::istringstream names(found[1].str());
  for (std::string name; std::getline(names, name, ',');) {
    name = WithSingleSpaces(name);
    while (name.ends_with(' ')) name.pop_back();
    name.erase(0, name.find_last_of(".:") + 1);  // npos + 1 is 0: no domain
    if (!name.empty()) types.push_back(name);
  }
  return types;
}

}  // namespace sightline::openvino_backend
