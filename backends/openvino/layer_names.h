// From the names of OpenVINO's layers to those of the ONNX nodes they came from.
#pragma once

#include <map>
#include <string>

#include "include/sightline/backend_abi.h"

namespace sightline::openvino_backend {

class LayerNames {
 public:
  // `graph` is read now and may go; null: names are left as they are.
  explicit LayerNames(const SlGraph* graph);

  // OpenVINO calls a layer as the ONNX value it makes; this is the node that makes it.
  const std::string& Of(const std::string& layer) const;

 private:
  std::map<std::string, std::string> nodes_;
};

}  // namespace sightline::openvino_backend
