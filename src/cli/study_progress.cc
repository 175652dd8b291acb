#include "src/cli/study_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <string_view>

#include "src/base/duration.h"
#include "src/flow/run_result.h"
#include "src/flow/study.h"
#include "src/report/run_report.h"
#include "src/store/result_json.h"

namespace sightline::cli {
namespace {

constexpr auto kStatusEvery = std::chrono::seconds(1);

// "p50 161 ±2 ms, 24.8 ±0.3 frames/s"; "" of a result that has no figures.
std::string Figures(const std::string& result_json) {
  const auto result = store::ResultFromJson(result_json, "the result");
  if (!result.ok()) return "";
  const auto median = FigureOf(result->summary, Quantity::kLatencyP50);
  const auto rate = FigureOf(result->summary, Quantity::kThroughput);
  if (!rate) return "";
  const std::string latency =
      median ? fmt::format("p50 {} ms", report::MillisecondsWithError(*median)) : "p50 unknown";
  return fmt::format("{}, {} frames/s", latency, report::RateWithError(*rate));
}

std::string Outcome(const study::LaunchResult& result) {
  const std::string time = DurationText(result.wall);
  if (result.reason != study::EndReason::kDone) {
    return fmt::format("{} after {}: {}", EndReasonName(result.reason), time, result.sentence);
  }
  const std::string figures = Figures(result.result_json);
  return figures.empty() ? "done in " + time : figures + " in " + time;
}

// Cut to so many characters of UTF-8.
std::string Cut(std::string text, int columns) {
  int characters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins && characters++ == columns) return text.substr(0, i);
  }
  return text;
}

}  // namespace

std::string ProgressLine(const study::Progress& p) {
  const std::string left = fmt::format("{} left, about {}", p.left, DurationText(p.time_left));
  if (p.last == nullptr) {
    if (p.left == 0) return "nothing left to do";
    const int before = p.done + p.failed;
    const std::string there = before == 0   ? ""
                              : before == 1 ? "1 replicate is there, "
                                            : fmt::format("{} replicates are there, ", before);
    return fmt::format("{}{} to do, about {}", there,
                       p.left == 1 ? "1 replicate" : fmt::format("{} replicates", p.left),
                       DurationText(p.time_left));
  }
  return fmt::format("[{}/{}] {} launch {}: {}; {}{}", p.done + p.failed, p.done + p.failed + p.left,
                     FactorText(p.last->factors), p.last->number + 1, Outcome(*p.last_result),
                     p.failed > 0 ? fmt::format("{} failed, ", p.failed) : "",
                     p.left > 0 ? left : "none left");
}

std::string StatusLine(const Underway& u, int columns) {
  const Nanoseconds to_go = std::max(u.time_left - u.running, Nanoseconds(0));
  // Factors last: they can be long, and what a narrow terminal lacks of them is in the next line.
  return Cut(fmt::format("[{}/{}] {:.0f} s of at most {}, about {} to go: {} launch {}", u.number, u.all,
                         std::chrono::duration<double>(u.running).count(), DurationText(u.at_most),
                         DurationText(to_go), FactorText(u.task.factors), u.task.number + 1),
             columns);
}

StudyProgress::StudyProgress(std::ostream& err, const Clock& clock, Nanoseconds at_most, int columns)
    : err_(err), clock_(clock), at_most_(at_most), columns_(columns) {}

StudyProgress::~StudyProgress() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    ClearStatus();
  }
  changed_.notify_one();
  if (ticker_.joinable()) ticker_.join();
}

void StudyProgress::Begin(const study::ReplicateTask& task) {
  if (columns_ == 0) return;
  const std::lock_guard lock(mutex_);
  underway_ = {.task = task, .number = ended_ + 1, .all = all_, .at_most = at_most_, .time_left = time_left_};
  begun_ = clock_.Now();
  WriteStatus();
  if (!ticker_.joinable()) ticker_ = std::thread([this] { Tick(); });
}

void StudyProgress::Report(const study::Progress& progress) {
  const std::lock_guard lock(mutex_);
  ended_ = progress.done + progress.failed;
  all_ = ended_ + progress.left;
  time_left_ = progress.time_left;
  underway_.reset();
  ClearStatus();
  err_ << ProgressLine(progress) << '\n' << std::flush;
}

void StudyProgress::Tick() {
  // Ctrl-C is the main thread's, which waits for the replicate and wakes by it.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kStatusEvery, [this] { return ending_; })) WriteStatus();
}

void StudyProgress::WriteStatus() {
  if (!underway_) return;
  underway_->running = clock_.Now() - begun_;
  // One column less than there are: a full line would be broken by some terminals.
  ClearStatus();
  err_ << StatusLine(*underway_, columns_ - 1) << std::flush;
  has_status_ = true;
}

void StudyProgress::ClearStatus() {
  if (!has_status_) return;
  constexpr std::string_view kToLineBeginAndClear = "\r\x1b[K";
  err_ << kToLineBeginAndClear << std::flush;
  has_status_ = false;
}

}  // namespace sightline::cli
