#include "src/cli/picture_results.h"

#include <filesystem>
#include <iterator>
#include <map>

namespace sightline::cli {
namespace {

std::string NameOf(source::Source& source, uint64_t picture) {
  // A video's frames all have its name.
  if (!source.encoded()) return "frame " + std::to_string(picture);
  Frame frame;
  if (!source.Visit(static_cast<int64_t>(picture), frame).ok() || frame.name.empty())
    return "picture " + std::to_string(picture);
  return std::filesystem::path(frame.name).filename().string();
}

std::string LabelOf(int class_index, std::span<const std::string> labels) {
  const auto at = static_cast<size_t>(class_index);
  return at < labels.size() ? labels[at] : std::string();
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
    if (first.size() > kPicturesShown) first.erase(std::prev(first.end()));
  }));
  std::vector<PictureResult> results;
  for (auto& [picture, result] : first) {
    result.picture = NameOf(source, picture);
    result.label = LabelOf(result.top_class, labels);
    results.push_back(std::move(result));
  }
  return results;
}

PictureResult DetectionsOf(uint64_t picture, const pipeline::Slot& slot, source::Source& source,
                           std::span<const std::string> labels) {
  PictureResult result{.picture = NameOf(source, picture), .label = {}, .detections = {{}}};
  for (const Detection& d : slot.detections) {
    result.detections->push_back({.class_index = d.class_index,
                                  .label = LabelOf(d.class_index, labels),
                                  .score = d.score,
                                  .box = d.box});
  }
  if (result.detections->empty()) return result;
  const DetectedObject& best = result.detections->front();
  result.top_class = best.class_index;
  result.label = best.label;
  result.score = best.score;
  return result;
}

}  // namespace sightline::cli
