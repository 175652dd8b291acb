// Keeps what a framework writes to standard error while it loads or parses, for the sentence of its failure.
#pragma once

#include <mutex>
#include <string>

namespace sightline::kit {

// From construction to Take or destruction everything this process writes to file descriptor 2 is kept
// instead of shown, that of other threads too: for calls that are short or happen once. One at a time in a
// process; a second one waits. Where the system gives no memory file nothing is captured.
class StderrCapture {
 public:
  StderrCapture();
  ~StderrCapture();
  StderrCapture(const StderrCapture&) = delete;
  StderrCapture& operator=(const StderrCapture&) = delete;

  // Ends it; what was written, its lines joined by single spaces, cut after 400 characters.
  std::string Take();

 private:
  void Restore();

  std::unique_lock<std::mutex> only_;
  int file_ = -1;
  int stderr_ = -1;  // a copy of the real one while capturing
};

}  // namespace sightline::kit
