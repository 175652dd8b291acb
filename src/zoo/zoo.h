// The networks Sightline brings along: architectures as published, weights seeded random at a realistic scale
// (random weights have no accuracy, but cost what trained ones cost; all-zero or constant weights would not:
// denormals, power).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/flow/task.h"
#include "src/network/network.h"

namespace sightline::zoo {

constexpr uint64_t kDefaultWeightSeed = 1;

// One line of `sightline models`.
struct Entry {
  std::string name;         // "mobilenet_v1_1.0_224"
  std::string family;       // "MobileNetV1"
  std::string description;  // what distinguishes it, e.g. where the stride sits
  TaskSpec task;            // input size, preprocessing, classes, published figures and their source
};

// All networks, recognition before detection, each sorted by family, then size. The span lives for the whole
// program.
std::span<const Entry> Entries();

// The entry, or an error that suggests the nearest name.
Result<const Entry*> Find(std::string_view name);

// Builds the network: opset 10, batch open ("N"), input "input" in NCHW. Of a classification network "logits"
// is the input of the final Softmax and "output" its result (the graph output). Of a detection network the
// outputs are what its DetectionSpec reads, before any activation: "box_encodings" [N, anchors, 4] and
// "class_logits" [N, anchors, classes] of an SSD; "map_13" [N, anchors * (5 + classes), 13, 13] and so on of
// a YOLO. Same name and seed: same bytes on every machine.
Result<network::Network> Build(std::string_view name, uint64_t weight_seed = kDefaultWeightSeed);

// The second network of a two-stage detector whose crop is RoiCrop::kBilinear: input "crops" [M, ...],
// outputs "box_encodings" [M, (classes - 1) * 4] and "class_logits" [M, classes]. Other networks have none:
// an error.
Result<network::Network> BuildSecondStage(std::string_view name, uint64_t weight_seed = kDefaultWeightSeed);

// What Build(name).Cost() gives, several times as fast: no weights are drawn.
Result<network::NetworkCost> Count(std::string_view name);
Result<network::NetworkCost> CountSecondStage(std::string_view name);  // for one proposal

}  // namespace sightline::zoo
