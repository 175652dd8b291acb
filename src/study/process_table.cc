#include "src/study/process_table.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <memory>

#include "src/probe/tree.h"

namespace sightline::study {
namespace {

std::optional<std::string> ProcText(pid_t pid, std::string_view file) {
  return probe::Tree("").Text(fmt::format("/proc/{}/{}", pid, file));
}

std::optional<int64_t> Kilobytes(pid_t pid, std::string_view file, std::string_view key) {
  const auto text = ProcText(pid, file);
  return text ? probe::KilobytesOf(*text, key) : std::nullopt;
}

}  // namespace

// "PID (NAME) STATE PPID PGRP SESSION ...", where NAME may hold anything, brackets too; the start time is
// field 22.
std::optional<ProcessEntry> ParseProcessStat(std::string_view text) {
  const size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  const auto pid = probe::ParseCount(text.substr(0, text.find(' ')));
  const auto words = probe::Words(text.substr(name_end + 1));
  constexpr size_t kStart = 22 - 3;
  if (!pid || words.size() <= kStart) return std::nullopt;
  const auto parent = probe::ParseCount(words[1]);
  const auto session = probe::ParseInteger(words[3]);
  const auto start = probe::ParseCount(words[kStart]);
  if (!parent || !session || !start) return std::nullopt;
  return ProcessEntry{.pid = static_cast<pid_t>(*pid),
                      .parent = static_cast<pid_t>(*parent),
                      .session = static_cast<pid_t>(*session),
                      .is_zombie = words[0] == "Z" || words[0] == "X",
                      .start_ticks = static_cast<uint64_t>(*start)};
}

std::vector<ProcessEntry> ReadProcessTable() {
  std::vector<ProcessEntry> table;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc"), &closedir);
  if (folder == nullptr) return table;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own
  while (const dirent* entry = readdir(folder.get())) {
    const auto pid = probe::ParseCount(static_cast<const char*>(entry->d_name));
    if (!pid) continue;
    const auto text = ProcText(static_cast<pid_t>(*pid), "stat");
    if (const auto process = text ? ParseProcessStat(*text) : std::nullopt) table.push_back(*process);
  }
  return table;
}

int64_t ResidentBytes(pid_t pid) {
  static const int64_t page_size = sysconf(_SC_PAGESIZE);
  const auto text = ProcText(pid, "statm");
  if (!text) return 0;
  const auto words = probe::Words(*text);
  return words.size() < 2 ? 0 : probe::ParseCount(words[1]).value_or(0) * page_size;
}

std::optional<int64_t> ProportionalBytes(pid_t pid) {
  return Kilobytes(pid, "smaps_rollup", "Pss");
}

std::optional<int64_t> PeakResidentBytes(pid_t pid) {
  return Kilobytes(pid, "status", "VmHWM");
}

bool EnvironmentHolds(pid_t pid, std::string_view entry) {
  const auto text = ProcText(pid, "environ");
  if (!text) return false;
  const std::string all = '\0' + *text + '\0';
  return all.find('\0' + std::string(entry) + '\0') != std::string::npos;
}

std::optional<int64_t> KernelOomKills() {
  const auto text = probe::Tree("").Text("/proc/vmstat");
  const auto value = text ? probe::ValueOf(*text, "oom_kill", ' ') : std::nullopt;
  return value ? probe::ParseCount(*value) : std::nullopt;
}

}  // namespace sightline::study
