#include "backends/tensorrt/engine_cache.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <system_error>

#include "backends/tensorrt/sha256.h"

namespace sightline::tensorrt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "sightline-tensorrt 1";
constexpr size_t kHashDigits = 64;

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// Beside the file itself, so that renaming works, and nobody else's.
fs::path Unfinished(const fs::path& file) {
  static std::atomic<int> count = 0;
  return file.string() + kit::Text('.', getpid(), '.', ++count, ".unfinished");
}

std::string_view AsText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The payload behind `header` and the hash of the payload; nothing where one of them is another.
std::optional<std::vector<std::byte>> PayloadOf(std::string_view file, const std::string& header) {
  if (!file.starts_with(header)) return std::nullopt;
  file.remove_prefix(header.size());
  if (file.size() < kHashDigits) return std::nullopt;
  const std::string_view hash = file.substr(0, kHashDigits);
  const std::string_view payload = file.substr(kHashDigits);
  if (Sha256(payload) != hash) return std::nullopt;
  const auto bytes = std::as_bytes(std::span(payload.data(), payload.size()));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

}  // namespace

std::string Header(const Facts& facts) {
  std::string text = std::string(kFormat) + '\n';
  for (const auto& [name, value] : facts) text += name + '=' + OneLine(value) + '\n';
  return text + '\n';
}

fs::path EngineCache::PathOf(const std::string& kind, const Facts& facts) const {
  return folder_ / (Sha256(Header(facts)) + '.' + kind);
}

std::optional<std::vector<std::byte>> EngineCache::Find(const std::string& kind, const Facts& facts) const {
  if (!on()) return std::nullopt;
  std::ifstream in(PathOf(kind, facts), std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return PayloadOf(file, Header(facts));
}

kit::Status EngineCache::Store(const std::string& kind, const Facts& facts,
                               std::span<const std::byte> payload) const {
  if (!on()) return kit::Ok();
  std::error_code error;
  fs::create_directories(folder_, error);
  const fs::path file = PathOf(kind, facts);
  const fs::path unfinished = Unfinished(file);
  {
    std::ofstream out(unfinished, std::ios::binary);
    out << Header(facts) << Sha256(payload) << AsText(payload);
    out.close();
    if (!out) error = std::make_error_code(std::errc::io_error);
  }
  if (!error) fs::rename(unfinished, file, error);
  if (!error) return kit::Ok();
  std::error_code ignored;
  fs::remove(unfinished, ignored);
  return kit::Unavailable("the engine can't be kept in ", folder_.string(), " (", error.message(),
                          "); name a folder that can be written with --option cache=FOLDER");
}

}  // namespace sightline::tensorrt
