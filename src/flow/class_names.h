// The classes of the data sets that detection networks are published for.
#pragma once

#include <string>
#include <vector>

namespace sightline {

// Names of COCO's classes (Lin et al., ECCV 2014), in the order of a network's score columns:
//   80  the classes that are used, as darknet and MMDetection number them
//   81  the same behind "background" (Caffe's SSD)
//   90  the ids 1 to 90 of the annotations, ten of which were never used and are called "unused 12" and so on
//   91  the same behind "background" (TF-OD, torchvision)
// Other numbers: none.
std::vector<std::string> CocoNames(int columns);

// Names of PASCAL VOC's 20 classes (Everingham et al., IJCV 2010), alphabetically as all use them; 21 behind
// "background". Other numbers: none.
std::vector<std::string> VocNames(int columns);

}  // namespace sightline
