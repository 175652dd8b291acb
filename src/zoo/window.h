// Windows of convolutions and pooling: how large, how far apart, and what lies around the picture.
#pragma once

namespace sightline::zoo {

// What is put around a picture before a window slides over it.
enum class Padding {
  kSame,       // TensorFlow's SAME: ceil(size / stride) positions, an odd row or column goes to the end
  kValid,      // nothing
  kSymmetric,  // (kernel - 1) / 2 on all sides, as PyTorch and Caffe models write it
  kCeil,       // at the end only, so that Caffe's ceil((size - kernel) / stride) + 1 positions fit
};

struct Window {
  int height = 1;
  int width = 1;
  int stride = 1;
  Padding padding = Padding::kSame;
  int dilation = 1;  // distance of a window's taps; of convolutions
};

constexpr Window Square(int size, int stride, Padding padding) {
  return {size, size, stride, padding};
}

// Along one axis: zeros (or nothing, for a maximum) put before and after, and the number of positions.
struct Extent {
  int before = 0;
  int after = 0;
  int positions = 0;
};

// From the first to past the last tap.
constexpr int DilatedKernel(int kernel, int dilation) {
  return (kernel - 1) * dilation + 1;
}

// `kernel` with its dilation. A kernel that doesn't fit into the padded size is a fault of the program and
// ends in a CHECK.
Extent Slide(int size, int kernel, int stride, Padding padding);

}  // namespace sightline::zoo
