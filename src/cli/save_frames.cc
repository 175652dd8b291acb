#include "src/cli/save_frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <opencv2/imgcodecs.hpp>
#include <utility>
#include <vector>

#include "src/cli/draw.h"
#include "src/store/files.h"

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kJpegQuality = 90;

// A picture of a format without loss stays without; a video's frames have lost already.
std::string SuffixFor(const fs::path& name, bool encoded) {
  std::string suffix = name.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool jpeg = suffix == ".jpg" || suffix == ".jpeg" || suffix == ".jpe" || suffix == ".jfif";
  return jpeg || !encoded ? ".jpg" : ".png";
}

Result<std::string> Encode(const cv::Mat& picture, const std::string& suffix) {
  std::string why = "no reason is given";
  try {
    std::vector<uchar> bytes;
    if (cv::imencode(suffix, picture, bytes, {cv::IMWRITE_JPEG_QUALITY, kJpegQuality}))
      return std::string(bytes.begin(), bytes.end());
  } catch (const cv::Exception& exception) {
    why = exception.err;
  }
  return Error(ErrorKind::kInternal, fmt::format("OpenCV could not encode a picture of {}x{} as {}: {}",
                                                 picture.cols, picture.rows, suffix.substr(1), why));
}

}  // namespace

Status CheckFramesFolder(const fs::path& folder) {
  std::error_code ignored;  // what can't be looked at can't be written either, and is told below
  if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored)) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("--save-frames: {} is no folder; name one, it is made where it is missing",
                             folder.string()));
  }
  const Status status = store::CheckWritable(folder / "picture.png");
  return status.ok() ? status : status.error().WithContext("--save-frames");
}

FrameSaver::FrameSaver(fs::path folder, source::Source& source, std::span<const std::string> labels,
                       decode::Decoder decoder)
    : folder_(std::move(folder)), source_(source), labels_(labels), decoder_(std::move(decoder)) {}

Result<FrameSaver> FrameSaver::Create(fs::path folder, source::Source& source,
                                      std::span<const std::string> labels) {
  SIGHTLINE_ASSIGN_OR_RETURN(auto decoder, decode::Decoder::Create());
  return FrameSaver(std::move(folder), source, labels, std::move(decoder));
}

std::string FrameSaver::FileName(uint64_t picture) {
  const fs::path name = fs::path(frame_.name).filename();
  const std::string suffix = SuffixFor(name, source_.encoded());
  std::string stem = name.stem().string();
  if (!source_.encoded()) {
    std::replace(stem.begin(), stem.end(), ':', '_');  // "synthetic:640x480"
    stem += fmt::format("_{:05}", picture);
  }
  std::string file = stem + suffix;
  for (int i = 2; !taken_.insert(file).second; ++i) file = fmt::format("{}_{}{}", stem, i, suffix);
  return file;
}

Status FrameSaver::Save(uint64_t picture, const pipeline::Slot& slot) {
  SIGHTLINE_RETURN_IF_ERROR(source_.Visit(static_cast<int64_t>(picture), frame_));
  const bool encoded = !frame_.encoded.empty();
  if (encoded) SIGHTLINE_RETURN_IF_ERROR(decoder_.Decode(frame_.encoded, frame_.name, image_));
  cv::Mat drawn = ToBgr(encoded ? image_.view() : frame_.pixels.view());
  if (slot.top[0].index >= 0) DrawClasses(slot.top, labels_, drawn);
  DrawDetections(slot.detections, labels_, drawn);
  const std::string file = FileName(picture);
  SIGHTLINE_ASSIGN_OR_RETURN(const std::string bytes, Encode(drawn, fs::path(file).extension().string()));
  return store::WriteFile(folder_ / file, bytes);
}

}  // namespace sightline::cli
