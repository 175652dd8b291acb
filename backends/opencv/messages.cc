#include "backends/opencv/messages.h"

#include <cctype>
#include <string_view>

namespace sightline::opencv_backend {
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

// Takes out every "OpenCV(VERSION) FILE:LINE: error: ".
void DropSourcePlaces(std::string& line) {
  constexpr std::string_view kBegin = "OpenCV(";
  constexpr std::string_view kEnd = ": error: ";
  for (size_t at = line.find(kBegin); at != std::string::npos; at = line.find(kBegin, at)) {
    const size_t end = line.find(kEnd, at);
    if (end == std::string::npos) return;
    line.erase(at, end + kEnd.size() - at);
  }
}

}  // namespace

std::string OneLine(const std::string& text) {
  std::string line = WithSingleSpaces(text);
  DropSourcePlaces(line);
  while (line.starts_with("> ")) line.erase(0, 2);
  while (line.ends_with(' ') || line.ends_with(" >")) line.pop_back();
  return line;
}

}  // namespace sightline::opencv_backend
