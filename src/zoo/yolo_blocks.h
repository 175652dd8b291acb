// What darknet's detectors share: layers, heads and how their random weights are to answer.
#pragma once

#include <functional>
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

// The aims of one anchor's channels: tx, ty, tw, th, objectness, classes. Of the anchors kCandidates have an
// objectness above a half, and each of these finds about one class.
std::vector<ChannelAim> YoloAims(int anchors, ScoreKind kind);

// The 1x1 convolution that ends in a map, as an output "map_<rows>".
GraphOutput YoloOutput(GraphBuilder& b, const std::string& name, const Value& x, const YoloHead& head,
                       const std::vector<ChannelAim>& aims);

Definition Yolo(const std::string& name, const std::string& family, const std::string& description, int size,
                const YoloSpec& spec, ScoreKind kind, const PublishedFigures& published,
                std::function<std::vector<GraphOutput>(GraphBuilder&, const Value& input)> detector);

}  // namespace sightline::zoo
