#include "backends/onnxruntime/messages.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sightline::onnxruntime {
namespace {

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

bool IsDigit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// Behind "FILE.cc:LINE " if `word`, which begins at `begin`, is such a place; else `begin`.
size_t EndOfPlace(const std::string& line, size_t begin) {
  const size_t space = std::min(line.find(' ', begin), line.size());
  const std::string_view word = std::string_view(line).substr(begin, space - begin);
  const size_t colon = word.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == word.size()) return begin;
  const std::string_view file = word.substr(0, colon);
  const std::string_view number = word.substr(colon + 1);
  const bool source = file.ends_with(".cc") || file.ends_with(".cpp") || file.ends_with(".h");
  if (!source || !std::all_of(number.begin(), number.end(), IsDigit)) return begin;
  return std::min(space + 1, line.size());
}

// Behind the signature "...onnxruntime::Model::Model(const X&, ...) " that follows a place; `begin` where
// there is none. It ends with the parenthesis that closes the first one opened.
size_t EndOfSignature(const std::string& line, size_t begin) {
  constexpr std::string_view kLambda = "operator() ";
  if (std::string_view(line).substr(begin).starts_with(kLambda)) return begin + kLambda.size();
  const size_t open = line.find('(', begin);
  const size_t scope = line.find("::", begin);
  if (open == std::string::npos || scope == std::string::npos || scope > open) return begin;
  int depth = 0;
  for (size_t i = open; i < line.size(); ++i) {
    if (line[i] == '(') ++depth;
    if (line[i] == ')' && --depth == 0) {
      size_t end = i + 1;
      for (const std::string_view qualifier : {" const", " mutable"}) {
        if (std::string_view(line).substr(end).starts_with(qualifier)) end += qualifier.size();
      }
      return std::min(end + 1, line.size());
    }
  }
  return begin;
}

template <size_t N>
bool ContainsAny(std::string_view text, const std::array<std::string_view, N>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

}  // namespace

std::string OneLine(std::string_view text) {
  const std::string line = WithSingleSpaces(text);
  std::string kept;
  size_t at = 0;
  while (at < line.size()) {
    const size_t end = EndOfPlace(line, at);
    if (end != at) {
      at = EndOfSignature(line, end);
      continue;
    }
    const size_t next = std::min(line.find(' ', at), line.size() - 1) + 1;
    kept.append(line, at, next - at);
    at = next;
  }
  while (kept.ends_with(' ')) kept.pop_back();
  return kept;
}

bool SaysUnsupported(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kParts = {"No Op registered for",
                                                             "is not a registered function/op",
                                                             "NOT_IMPLEMENTED",
                                                             "Could not find an implementation",
                                                             "Unsupported model IR version",
                                                             "is under development and support"};
  return ContainsAny(text, kParts);
}

bool SaysOutOfMemory(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kParts = {"Failed to allocate memory", "bad_alloc",
                                                             "out of memory", "OUT_OF_MEMORY"};
  return ContainsAny(text, kParts);
}

std::string BuildTypeOf(std::string_view build_info) {
  constexpr std::string_view kBegin = "ORT Build Info: ";
  if (build_info.starts_with(kBegin)) build_info.remove_prefix(kBegin.size());
  return WithSingleSpaces(build_info.substr(0, build_info.find(", cmake")));
}

}  // namespace sightline::onnxruntime
