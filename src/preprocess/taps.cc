#include "src/preprocess/taps.h"

#include <algorithm>
#include <cmath>

namespace sightline::preprocess {
namespace {

double Scale(const AxisGeometry& axis) {
  return static_cast<double>(axis.source_size) / static_cast<double>(axis.resized_size);
}

void Prepare(const AxisGeometry& axis, int taps, TapTable& table) {
  const auto count = static_cast<size_t>(axis.target_size);
  table.taps = taps;
  table.first.resize(count);
  table.weights.assign(count * static_cast<size_t>(taps), 0.0f);
}

// Two neighbours, weighted by distance; the edge pixel is repeated beyond the edge.
void FillTwoTaps(const AxisGeometry& axis, double centre, TapTable& table) {
  const int last = axis.source_size - 1;
  const int taps = std::min(2, axis.source_size);
  Prepare(axis, taps, table);
  for (int i = 0; i < axis.target_size; ++i) {
    const double position =
        std::clamp((static_cast<double>(axis.window_begin + i) + centre) * Scale(axis) - centre, 0.0,
                   static_cast<double>(last));
    const int lower = std::min(static_cast<int>(position), axis.source_size - taps);
    float* weights = &table.weights[static_cast<size_t>(i) * static_cast<size_t>(taps)];
    table.first[static_cast<size_t>(i)] = axis.source_begin + lower;
    weights[0] = static_cast<float>(1 - (position - lower));
    if (taps == 2) weights[1] = static_cast<float>(position - lower);
  }
}

// The source pixels [begin, end) under a triangle.
struct Window {
  double centre;
  int begin;
  int end;
};

Window WindowOf(const AxisGeometry& axis, int i) {
  const double support = std::max(Scale(axis), 1.0);
  const double centre = (static_cast<double>(axis.window_begin + i) + 0.5) * Scale(axis);
  return {centre, std::max(0, static_cast<int>(std::floor(centre - support + 0.5))),
          std::min(axis.source_size, static_cast<int>(std::floor(centre + support + 0.5)))};
}

void FillTriangles(const AxisGeometry& axis, TapTable& table) {
  int taps = 1;
  for (int i = 0; i < axis.target_size; ++i) {
    const Window window = WindowOf(axis, i);
    taps = std::max(taps, window.end - window.begin);
  }
  Prepare(axis, taps, table);
  const double support = std::max(Scale(axis), 1.0);
  for (int i = 0; i < axis.target_size; ++i) {
    const Window window = WindowOf(axis, i);
    const auto weight_at = [&](int pixel) {
      return std::max(0.0, 1 - std::abs(pixel + 0.5 - window.centre) / support);
    };
    double sum = 0;
    for (int pixel = window.begin; pixel < window.end; ++pixel) sum += weight_at(pixel);
    const int first = std::min(window.begin, axis.source_size - taps);
    float* weights = &table.weights[static_cast<size_t>(i) * static_cast<size_t>(taps)];
    table.first[static_cast<size_t>(i)] = axis.source_begin + first;
    for (int pixel = window.begin; pixel < window.end; ++pixel) {
      weights[pixel - first] = static_cast<float>(weight_at(pixel) / sum);
    }
  }
}

}  // namespace

void FillTaps(const AxisGeometry& axis, ResizeKernel kernel, TapTable& table) {
  switch (kernel) {
    case ResizeKernel::kBilinear:
      return FillTwoTaps(axis, 0.5, table);
    case ResizeKernel::kBilinearTf1:
      return FillTwoTaps(axis, 0.0, table);
    case ResizeKernel::kBilinearAntialias:
      return FillTriangles(axis, table);
  }
}

}  // namespace sightline::preprocess
