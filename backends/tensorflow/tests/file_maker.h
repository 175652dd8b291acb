// TensorFlow's own files, written byte by byte: no TensorFlow, and no Python, where tests run.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sightline::tensorflow {

// A GraphDef: Placeholder "image" [?, 2, 2, 3], Relu "rectified" and Neg "negated", which nobody reads.
std::string MakeGraphDef();
// Placeholder "image" [?, 2, 2, 3], turned to fp16, times itself (BatchMatMulV2), back to fp32 as "product".
// With `mixed` the same product in fp32 beside it.
std::string MakeHalfGraphDef(bool mixed);
// Placeholder "image" [?, 2, 2, 3] and the indices of what is not zero in it, "where" int64 [as many, 4].
std::string MakeWhereGraphDef();
// Placeholder "image" [?, 2, 2, 3] and "same", the same values with a shape that the graph doesn't tell.
std::string MakeShapelessGraphDef();
// A small SSD as TF-OD exports its detectors: Placeholder "image_tensor" uint8 [?, 64, 64, 3]; for each of 4
// x 4 cells of 16 x 16 pixels a box around it and a score for each of 3 classes, by colour;
// CombinedNonMaxSuppression to 10 boxes. Gives "detection_boxes" [?, 10, 4], "detection_classes" [?, 10] from
// 1 on, "detection_scores" [?, 10] and "num_detections" [?], all fp32.
std::string MakeDetectorGraphDef();
// Placeholder "image" and "odd" of type Frobnicate, which there is not.
std::string MakeUnknownOpGraphDef();
// A SavedModel with that graph and two signatures: "serving_default" (image -> rectified, where the caller's
// words are "picture" and "result") and "opposite" (image -> negated).
std::string MakeSavedModel();

void WriteFile(const std::filesystem::path& path, std::string_view bytes);

// A folder of this test's own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace sightline::tensorflow
