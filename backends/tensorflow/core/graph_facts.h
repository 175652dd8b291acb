// What a GraphDef says of itself without being imported (tensorflow/core/framework/graph.proto): in which
// types it computes, and whether sizes depend on the data. Function libraries, in which TensorFlow 2 keeps
// nearly everything, are looked through too.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "include/sightline/backend_abi.h"

namespace sightline::tensorflow {

struct PlaceholderFacts {
  std::string name;
  SlDataType type = SL_F32;
};

struct GraphFacts {
  std::set<SlDataType> compute_types;   // of convolutions and matrix products
  bool functions_size_by_data = false;  // a function's result may have as many elements as the data wants
  std::vector<PlaceholderFacts> placeholders;  // of the graph itself, in the file's order
};

// Damaged bytes give what could be read before the damage.
GraphFacts ReadGraphFacts(std::string_view graph_def);
// The GraphDef of a MetaGraphDef; "" where there is none.
std::string_view GraphDefOf(std::string_view meta_graph_def);
// The name of the first node of type `op`, in the graph or in a function; "" where there is none.
std::string NodeOfType(std::string_view graph_def, std::string_view op);

// Operations whose result has as many elements as the data wants.
bool SizedByData(std::string_view op);

}  // namespace sightline::tensorflow
