// The Inception networks as data: a block is a list of branches over the same input, a branch a list of
// steps, and the block's output their concatenation.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/zoo/graph_builder.h"

namespace sightline::zoo {

struct Step {
  enum class Kind {
    kConv,  // convolution, batch normalization, activation
    kMaxPool,
    kAveragePool,
    kFork,  // 1x3 and 3x1 convolutions of the same input, `channels` each, concatenated
  };
  Kind kind = Kind::kConv;
  int channels = 0;                                         // kConv, kFork
  Window window;                                            // all but kFork
  PaddingInMean padding_in_mean = PaddingInMean::kLeftOut;  // kAveragePool
};

using Branch = std::vector<Step>;
using Block = std::vector<Branch>;

inline Step ConvStep(int channels, int size, int stride = 1, Padding padding = Padding::kSame) {
  return {Step::Kind::kConv, channels, Square(size, stride, padding)};
}
inline Step ConvStep1x7(int channels) {
  return {Step::Kind::kConv, channels, {1, 7}};
}
inline Step ConvStep7x1(int channels) {
  return {Step::Kind::kConv, channels, {7, 1}};
}
inline Step ConvStep1x3(int channels) {
  return {Step::Kind::kConv, channels, {1, 3}};
}
inline Step ConvStep3x1(int channels) {
  return {Step::Kind::kConv, channels, {3, 1}};
}
inline Step ForkStep(int channels) {
  return {Step::Kind::kFork, channels, {}};
}
inline Step MaxPoolStep(int size, int stride, Padding padding = Padding::kSame) {
  return {Step::Kind::kMaxPool, 0, Square(size, stride, padding)};
}
inline Step AveragePoolStep(int size, PaddingInMean padding = PaddingInMean::kLeftOut) {
  return {Step::Kind::kAveragePool, 0, Square(size, 1, Padding::kSame), padding};
}

// Steps one after the other, named "<name>/0", "<name>/1", ...
Value ApplyBranch(GraphBuilder& b, const std::string& name, const Value& x, const Branch& branch);

// Branches side by side, named "<name>/branch0", ..., concatenated as "<name>".
Value ApplyBlock(GraphBuilder& b, const std::string& name, const Value& x, const Block& block);

}  // namespace sightline::zoo
