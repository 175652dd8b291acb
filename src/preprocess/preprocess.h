// Pixels to an input tensor, as published for the network: crop, resize, channel order, mean and scale, in
// one pass over the pixels, written straight into the layout the backend asked for.
//
// Method: per row of the input the picture's rows under the kernel are blended into one float row, that row
// is resampled horizontally, then normalized and stored. Everything in between is float, nothing is rounded
// to 8 bits on the way (PIL and OpenCV round after resizing 8-bit pictures; their results differ by up to
// half a grey level from these).
//
// Where the published code says so, rounding of crops follows it:
//
//   kCropThenStretch  tf.image.central_crop: offset = int((side - side * fraction) / 2),
//                     size = side - 2 * offset
//   kShorterThenCrop  longer = int(shorter_side * longer / shorter); offset = (resized - size) / 2, halves to
//                     even (torchvision Resize + CenterCrop) or down (TF-slim vgg_preprocessing, Caffe)
//   kCropKeepAspect   EfficientNet: size = int(fraction * shorter), offset = (side - size + 1) / 2
//   kLetterbox        darknet's letterbox_image: the other side = int(side * target / fitted side), at
//                     least 1; offset = (target - resized) / 2
#pragma once

#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/flow/image.h"
#include "src/flow/task.h"
#include "src/flow/tensor.h"

namespace sightline::preprocess {

// Not thread-safe; each lane has its own.
class Preprocessor {
 public:
  // `type` is SL_F32, or SL_U8 for networks that normalize themselves: then mean and scale are left out and
  // values are rounded to the nearest of 0..255. `layout` is SL_LAYOUT_NCHW or SL_LAYOUT_NHWC. A spec that
  // contradicts itself is kInvalidArgument, another type or layout kUnsupported.
  static Result<Preprocessor> Create(const PreprocessSpec& spec, DataType type, Layout layout);
  Preprocessor(Preprocessor&& other) noexcept;
  Preprocessor& operator=(Preprocessor&& other) noexcept;
  ~Preprocessor();

  // Writes one picture: `out` is [1, 3, height, width] or [1, height, width, 3] of the type and layout given
  // to Create. Any picture of 1 x 1 and more will do. Tables are kept for the last 64 sizes of picture, so
  // that repeated sizes allocate nothing.
  Status Run(const ImageView& picture, const TensorView& out);

 private:
  struct Impl;
  explicit Preprocessor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The smallest picture that need not be enlarged in either direction: what a decoder that can shrink may
// shrink to.
PictureSize SmallestUsefulPicture(const PreprocessSpec& spec);

// For people: "crop 87.5 % of each side, stretch to 224x224 (bilinear), RGB, minus 127.5, times 0.00784314".
std::string Describe(const PreprocessSpec& spec);

}  // namespace sightline::preprocess
