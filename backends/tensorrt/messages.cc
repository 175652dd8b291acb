#include "backends/tensorrt/messages.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace sightline::tensorrt {
namespace {

constexpr size_t kMostMessages = 3;
constexpr size_t kMostCharacters = 400;

std::string WithSingleSpaces(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

// Behind "[builder.cpp::buildEngine::123] " or "2: ", with which messages begin.
std::string WithoutPlace(std::string line) {
  const size_t number = line.find_first_not_of("0123456789");
  if (number > 0 && number != std::string::npos && line.compare(number, 2, ": ") == 0)
    line.erase(0, number + 2);
  const size_t end = line.find("] ");
  if (line.starts_with('[') && end != std::string::npos && line.find("::") < end) line.erase(0, end + 2);
  return line;
}

}  // namespace

void Messages::Add(std::string_view message) {
  std::string line = WithoutPlace(WithSingleSpaces(message));
  const std::lock_guard lock(mutex_);
  const bool known = std::find(kept_.begin(), kept_.end(), line) != kept_.end();
  if (!line.empty() && !known && kept_.size() < kMostMessages) kept_.push_back(std::move(line));
}

std::string Messages::Take(std::string_view otherwise) {
  std::vector<std::string> kept;
  {
    const std::lock_guard lock(mutex_);
    kept = std::exchange(kept_, {});
  }
  std::string text;
  for (const std::string& line : kept) text += (text.empty() ? "" : "; ") + line;
  if (text.empty()) return std::string(otherwise);
  if (text.size() > kMostCharacters) text = text.substr(0, kMostCharacters) + "...";
  return text;
}

}  // namespace sightline::tensorrt
