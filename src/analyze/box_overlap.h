// How much of boxes lies in each other.
#pragma once

#include "src/flow/detection.h"

namespace sightline::analyze {

// Both as shares of the picture; 0 of a box that is turned inside out, and of boxes that don't meet.
double Area(const Box& box);
double CommonArea(const Box& a, const Box& b);

// Intersection over union; 0 of boxes without an area.
double Iou(const Box& a, const Box& b);

}  // namespace sightline::analyze
