// Small text helpers for messages.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sightline {

// The candidate with the smallest Levenshtein distance to `word`, or "" when none is near enough to be a
// likely slip (distance at most a third of the longer length, at least 2).
std::string NearestName(std::string_view word, std::span<const std::string> candidates);

// "a, b, c"
std::string Join(std::span<const std::string> parts, std::string_view separator = ", ");

// Words as a shell would have to be given them: those with blanks or other characters of the shell's own are
// put in quotes.
std::string ShellQuoted(std::span<const std::string> words);

// The words of such a line, as a shell reads it: blanks separate, quotes and backslashes protect; nothing is
// expanded. Absent when a quote is left open.
std::optional<std::vector<std::string>> ShellWords(std::string_view line);

// The command line of a program, its arguments quoted so.
std::string ShellCommand(std::string_view program, std::span<const std::string> arguments);

// Splits at `separator`; "" gives no parts.
std::vector<std::string> Split(std::string_view text, char separator);

}  // namespace sightline
