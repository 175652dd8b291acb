// What darknet's detectors share: layers, heads and how their random weights are to answer.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "src/flow/detection.h"
#include "src/zoo/families.h"
#include "src/zoo/graph_builder.h"

namespace sightline::zoo {

// Darknet's convolutional section with batch_normalize=1, pad=1, activation=leaky.
Value DarknetConv(GraphBuilder& b, const std::string& name, const Value& x, int channels, int kernel,
                  int stride = 1);

int AnchorCount(const YoloSpec& spec);

// The maps before the heads, in the order of `spec`, through their 1x1 convolutions: outputs "map_<rows>". Of
// the first, coarsest map one shape of anchor sees an object at about half of the cells, the others hardly
// ever, so that decoding has as little to do as with trained weights; the objects together find about
// kCandidates classes.
std::vector<GraphOutput> YoloOutputs(GraphBuilder& b, std::span<const Value> maps, const YoloSpec& spec,
                                     ScoreKind kind);

Definition Yolo(const std::string& name, const std::string& family, const std::string& description, int size,
                const YoloSpec& spec, ScoreKind kind, const PublishedFigures& published,
                std::function<std::vector<GraphOutput>(GraphBuilder&, const Value& input)> detector);

}  // namespace sightline::zoo
