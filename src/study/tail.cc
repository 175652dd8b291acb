#include "src/study/tail.h"

#include <algorithm>
#include <cstdint>

namespace sightline::study {
namespace {

// Bytes of the valid UTF-8 character `text` begins with, or 0. RFC 3629, section 4.
size_t CharacterLength(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  const auto continues = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return !overlong && !surrogate && continues(1) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool too_large = first == 0xF4 && byte(1) > 0x8F;
    return !overlong && !too_large && continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

void Tail::Append(std::string_view text) {
  if (text.size() > capacity_) {
    cut_ = true;
    kept_.clear();
    text.remove_prefix(text.size() - capacity_);
  }
  kept_ += text;
  if (kept_.size() > 2 * capacity_) {
    kept_.erase(0, kept_.size() - capacity_);
    cut_ = true;
  }
}

std::string Tail::Text() const {
  std::string_view text = kept_;
  bool cut = cut_;
  if (text.size() > capacity_) {
    text.remove_prefix(text.size() - capacity_);
    cut = true;
  }
  if (cut) {
    // A line longer than all that is kept stays; its beginning may be half a character.
    const size_t end = text.find('\n');
    if (end != std::string_view::npos && end + 1 < text.size()) text.remove_prefix(end + 1);
    while (!text.empty() && (static_cast<uint8_t>(text[0]) & 0xC0) == 0x80) text.remove_prefix(1);
  }
  return Printable(text);
}

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    const char first = text[0];
    if (first == '\r') {
      if (text.size() < 2 || text[1] != '\n') printable += '\n';
    } else if (length == 0 || (length == 1 && (static_cast<uint8_t>(first) < 0x20 || first == 0x7F) &&
                               first != '\n' && first != '\t')) {
      printable += '?';
    } else {
      printable += text.substr(0, length);
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return printable;
}

std::string LastLine(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t end = text.find_last_not_of(kSpace);
  if (end == std::string_view::npos) return "";
  text = text.substr(0, end + 1);
  text = text.substr(text.find_last_of('\n') + 1);
  return std::string(text.substr(text.find_first_not_of(kSpace)));
}

}  // namespace sightline::study
