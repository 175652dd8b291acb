// What the detectors of the zoo have in common besides their graphs: how their answers are weeded out, and
// how their heads' random weights are to answer.
//
// The cost of suppression depends on how many candidates there are. Random weights around zero would make
// every anchor a candidate for every class. So the heads' biases leave about kCandidates (anchor, class)
// pairs of a photograph above the family's score threshold. How often a class is found is mostly its bias,
// and the picture decides where: a tail left to the picture alone would be empty in one network and crowded
// in the next, as the activations' scale is foreseen to some 20 % only. zoo_detection_scale_test.cc looks at
// what a framework then computes.
#pragma once

#include <vector>

#include "src/flow/task.h"
#include "src/zoo/graph_builder.h"

namespace sightline::zoo {

// At the thresholds programs use, of about the number that trained detectors find on busy pictures: some ten
// objects, each seen by some ten anchors.
constexpr double kCandidates = 100;

constexpr int kCocoClasses = 80;
constexpr int kCocoIds = 91;  // TF-OD: ids 1..90 of COCO, 10 of them unused, and the background

// Of the logits of the classes of an anchor, `classes` of them with standard deviation `deviation` over all:
// about `share` lie above `threshold`.
ChannelAim ClassAim(double share, double threshold, double deviation, int classes);

// TF-OD's models as their authors froze them for the zoo (tf1_detection_zoo.md: 0.3; their training
// configurations say 1e-8, for mAP).
NmsSpec TfOdNms();
// weiliu89/caffe examples/ssd/ssd_coco.py: what it evaluates with; there is no other limit per class.
NmsSpec CaffeNms();
// `darknet detect`; 0.005 in `valid`, for mAP. It has no limits: `anchors` of them never bind.
NmsSpec DarknetNms(int anchors);

// The whole picture stretched to size x size, RGB in [-1, 1]
// (research/object_detection/models/ssd_mobilenet_v1_feature_extractor.py).
PreprocessSpec TfOdSsdPreprocess(int size);
// The whole picture stretched to size x size, BGR less the mean colour (ssd_coco.py).
PreprocessSpec CaffeSsdPreprocess(int size);
// Letterboxed on middle grey, RGB in [0, 1] (darknet src/image.c). Darknet's own bilinear kernel puts corners
// on corners; ours is half-pixel.
PreprocessSpec DarknetPreprocess(int size);

TaskSpec DetectionTask(const PreprocessSpec& preprocess, int classes, bool has_background_class,
                       const DetectionSpec& detection, const PublishedFigures& published);

}  // namespace sightline::zoo
