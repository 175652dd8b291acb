#include "backends/kit/stderr_capture.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdio>

namespace sightline::kit {
namespace {

constexpr size_t kMostCharacters = 400;

std::mutex& TheMutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

StderrCapture::StderrCapture() : only_(TheMutex()) {
  file_ = memfd_create("sightline_stderr", MFD_CLOEXEC);
  if (file_ < 0) return;
  static_cast<void>(std::fflush(stderr));
  stderr_ = dup(STDERR_FILENO);
  if (stderr_ >= 0) dup2(file_, STDERR_FILENO);
}

StderrCapture::~StderrCapture() {
  Restore();
  if (file_ >= 0) close(file_);
}

void StderrCapture::Restore() {
  if (stderr_ < 0) return;
  static_cast<void>(std::fflush(stderr));
  dup2(stderr_, STDERR_FILENO);
  close(stderr_);
  stderr_ = -1;
}

std::string StderrCapture::Take() {
  Restore();
  std::string text;
  std::array<char, 4 * kMostCharacters> bytes{};
  const ssize_t count = file_ < 0 ? 0 : pread(file_, bytes.data(), bytes.size(), 0);
  for (ssize_t i = 0; i < count && text.size() < kMostCharacters; ++i) {
    const char c = bytes[static_cast<size_t>(i)];
    if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace sightline::kit
