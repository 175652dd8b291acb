#include "src/study/trial_arguments.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "src/base/text.h"
#include "src/study/flags.h"

namespace sightline::study {
namespace {

constexpr std::array<std::string_view, 6> kLimits = {
    "--duration", "--iterations", "--warm-up", "--stop-quantity", "--stop-half-width", "--stop-min-duration"};

// Short flags with their long names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kShort = {
    {{"-m", "--model"}, {"-b", "--batch"}, {"-d", "--device"}}};

constexpr std::array<std::string_view, 7> kOutputs = {"--json",  "--csv", "--records", "--raw",
                                                      "--quiet", "-q",    "--strict"};

// "-b4" and "-b" become "--batch=4" and "--batch".
std::string LongForm(const std::string& word) {
  for (const auto& [from, to] : kShort) {
    if (!word.starts_with(from) || word.starts_with("--")) continue;
    const std::string value = word.substr(from.size());
    return std::string(to) + (value.empty() || value[0] == '=' ? value : "=" + value);
  }
  return word;
}

bool IsSwitch(std::string_view flag) {
  const auto flags = Flags();
  return std::any_of(flags.begin(), flags.end(),
                     [&](const FlagSpec& spec) { return spec.is_switch && spec.flag == flag; });
}

bool IsLimit(std::string_view flag) {
  return std::find(kLimits.begin(), kLimits.end(), flag) != kLimits.end();
}

}  // namespace

Result<std::vector<std::string>> NormalizedArguments(const std::vector<std::string>& words) {
  std::vector<std::string> arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    std::string word = LongForm(words[i]);
    const std::string flag = word.substr(0, word.find('='));
    if (std::find(kOutputs.begin(), kOutputs.end(), flag) != kOutputs.end()) {
      return Error(ErrorKind::kInvalidArgument,
                   flag + " among the arguments of the trial: every launch gets its own; leave it out");
    }
    const bool wants_value = word.starts_with("--") && word == flag && !IsSwitch(flag);
    if (wants_value && i + 1 < words.size()) word += "=" + words[++i];
    arguments.push_back(std::move(word));
  }
  return arguments;
}

std::vector<std::string> LimitArguments(const std::vector<std::string>& words) {
  std::vector<std::string> limits;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (IsLimit(word.substr(0, word.find('=')))) {
      const bool has_value = word.find('=') != std::string::npos;
      if (!has_value && i + 1 == words.size()) break;
      limits.push_back(has_value ? word : word + "=" + words[++i]);
    }
  }
  return limits;
}

std::vector<std::string> ArgumentsToRepeat(const RunManifest& manifest) {
  std::vector<std::string> arguments;
  for (const auto& [name, level] : ConfigurationOf(manifest.trial)) {
    if (auto argument = ArgumentFor(name, level)) arguments.push_back(*std::move(argument));
  }
  const auto words = ShellWords(manifest.command_line);
  const std::vector<std::string> limits = LimitArguments(words.value_or(std::vector<std::string>()));
  arguments.insert(arguments.end(), limits.begin(), limits.end());
  return arguments;
}

std::vector<std::string> WithDuration(std::vector<std::string> arguments, std::string_view duration) {
  std::erase_if(arguments, [](const std::string& argument) {
    return argument.starts_with("--duration=") || argument.starts_with("--iterations=");
  });
  arguments.push_back("--duration=" + std::string(duration));
  return arguments;
}

}  // namespace sightline::study
