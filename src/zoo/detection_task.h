// What the detectors of the zoo have in common besides their graphs: how their answers are weeded out, and
// how their heads' random weights are to answer.
//
// The cost of suppression depends on how many candidates there are. Random weights around zero would make
// every anchor a candidate for every class. So the classes' logits get biases that leave about kCandidates
// (anchor, class) pairs of a photograph above the family's score threshold: foreseen from the moments, spread
// by the seed and the picture; zoo_detection_scale_test.cc looks at what a framework then computes.
#pragma once

#include <vector>

#include "src/flow/task.h"
#include "src/zoo/graph_builder.h"

namespace sightline::zoo {

// As many as a trained detector finds on a street scene or a table laid for dinner at the thresholds programs
// use: some ten objects, each seen by some ten anchors.
constexpr double kCandidates = 100;

constexpr int kCocoClasses = 80;
constexpr int kCocoIds = 91;  // TF-OD: ids 1..90 of COCO, 10 of them unused, and the background

// How many deviations above the mean a normal value has to lie so that `share` of them (0..0.5) lie higher
// (Abramowitz, Stegun, "Handbook of Mathematical Functions", 26.2.23: to 5e-4). Rounded to thousandths: no
// machine's logarithm shows in the weights.
double DeviationsAbove(double share);

// Of a logit: `share` of the values lie above `threshold`.
ChannelAim AimForShareAbove(double share, double threshold, double deviation);

// TF-OD's models as their authors froze them for the zoo (tf1_detection_zoo.md: 0.3; their training
// configurations say 1e-8, for mAP).
NmsSpec TfOdNms();
// `darknet detect`; 0.005 in `valid`, for mAP. It has no limits: `anchors` of them never bind.
NmsSpec DarknetNms(int anchors);

// The whole picture stretched to size x size, RGB in [-1, 1]
// (research/object_detection/models/ssd_mobilenet_v1_feature_extractor.py).
PreprocessSpec TfOdSsdPreprocess(int size);
// Letterboxed on middle grey, RGB in [0, 1] (darknet src/image.c). Darknet's own bilinear kernel puts corners
// on corners; ours is half-pixel.
PreprocessSpec DarknetPreprocess(int size);

TaskSpec DetectionTask(const PreprocessSpec& preprocess, int classes, bool has_background_class,
                       const DetectionSpec& detection, const PublishedFigures& published);

}  // namespace sightline::zoo
