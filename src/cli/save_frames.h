// `run --save-frames`: pictures with what the network said drawn on them, for people to look at.
#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <string>

#include "src/base/result.h"
#include "src/decode/decode.h"
#include "src/flow/frame.h"
#include "src/pipeline/pipeline.h"
#include "src/source/source.h"

namespace sightline::cli {

// Whether pictures can be expected to find room in `folder`: to be asked before a long measurement. Leaves
// nothing.
Status CheckFramesFolder(const std::filesystem::path& folder);

// Writes one file per picture: as JPEG where the picture is one, or comes from a video, else as PNG. Named
// after the picture, and a video's frames with their number ("street_00017.jpg"); of equal names in different
// folders all but the first get a number.
class FrameSaver {
 public:
  // `source` and `labels` (names of the classes, may be empty) are not owned.
  static Result<FrameSaver> Create(std::filesystem::path folder, source::Source& source,
                                   std::span<const std::string> labels);

  // `slot` holds what the network said of picture `picture` of the source. Decodes that anew, in full.
  Status Save(uint64_t picture, const pipeline::Slot& slot);

 private:
  FrameSaver(std::filesystem::path folder, source::Source& source, std::span<const std::string> labels,
             decode::Decoder decoder);
  std::string FileName(uint64_t picture);  // of the one in frame_

  std::filesystem::path folder_;
  source::Source& source_;
  std::span<const std::string> labels_;
  decode::Decoder decoder_;
  Frame frame_;
  Image image_;
  std::set<std::string> taken_;
};

}  // namespace sightline::cli
