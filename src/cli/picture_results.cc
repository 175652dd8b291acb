#include "src/cli/picture_results.h"

#include <filesystem>
#include <iterator>
#include <map>

namespace sightline::cli {
namespace {

constexpr size_t kPictures = 5;

std::string NameOf(source::Source& source, uint64_t picture) {
  Frame frame;
  if (!source.Visit(static_cast<int64_t>(picture), frame).ok() || frame.name.empty())
    return "picture " + std::to_string(picture);
  return std::filesystem::path(frame.name).filename().string();
}

}  // namespace

Result<std::vector<PictureResult>> FirstPictures(const RecordScan& records, source::Source& source,
                                                 std::span<const std::string> labels) {
  std::map<uint64_t, PictureResult> first;
  SIGHTLINE_RETURN_IF_ERROR(records([&](const RequestRecord& record, std::span<const StageSpan>) {
    if (record.outcome != Outcome::kOk || record.top_class.value_or(-1) < 0) return;
    first.try_emplace(
        record.picture,
        PictureResult{.picture = {}, .top_class = *record.top_class, .label = {}, .score = record.top_score});
    if (first.size() > kPictures) first.erase(std::prev(first.end()));
  }));
  std::vector<PictureResult> results;
  for (auto& [picture, result] : first) {
    result.picture = NameOf(source, picture);
    const auto top = static_cast<size_t>(result.top_class);
    if (top < labels.size()) result.label = labels[top];
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace sightline::cli
