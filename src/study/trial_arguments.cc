#include "src/study/trial_arguments.h"

#include <algorithm>
#include <array>
#include <utility>

#include "src/study/flags.h"

namespace sightline::study {
namespace {

// Short flags with their long names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kShort = {
    {{"-m", "--model"}, {"-b", "--batch"}, {"-d", "--device"}}};

constexpr std::array<std::string_view, 8> kOutputs = {"--json",  "--csv", "--records", "--raw",
                                                      "--quiet", "-q",    "--strict",  "--save-frames"};

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

std::vector<std::string> ArgumentsToRepeat(const RunManifest& manifest) {
  std::vector<std::string> arguments;
  for (const auto& [name, level] : ConfigurationOf(manifest.trial)) {
    if (auto argument = ArgumentFor(name, level)) arguments.push_back(*std::move(argument));
  }
  if (!manifest.limits) return arguments;
  for (std::string& argument : ArgumentsFor(*manifest.limits)) arguments.push_back(std::move(argument));
  return arguments;
}

std::vector<std::string> WithDuration(std::vector<std::string> arguments, std::string_view duration) {
  std::erase_if(arguments, [](const std::string& argument) {
    return argument.starts_with("--duration=") || argument.starts_with("--iterations=") ||
           argument.starts_with("--stop-");
  });
  arguments.push_back("--duration=" + std::string(duration));
  return arguments;
}

}  // namespace sightline::study
