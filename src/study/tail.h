// The end of what a process wrote.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sightline::study {

// Keeps the last `capacity` bytes of any number; takes at most twice that.
class Tail {
 public:
  explicit Tail(size_t capacity = 4096) : capacity_(capacity) {}
  void Append(std::string_view text);
  // What was kept as valid UTF-8: begins at a line when something was cut, invalid bytes and control
  // characters other than tab and line end are "?".
  std::string Text() const;

 private:
  size_t capacity_;
  bool cut_ = false;
  std::string kept_;
};

// Replaces what is not valid UTF-8 (RFC 3629) and control characters other than tab and line end by "?"; a
// carriage return, which draws progress on a terminal, becomes a line end.
std::string Printable(std::string_view text);

// The last line that is not empty, without white space at its ends.
std::string LastLine(std::string_view text);

}  // namespace sightline::study
