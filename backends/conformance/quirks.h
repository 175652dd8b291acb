// Where a backend differs from what the suite asks for, with the reason. A difference is declared here and
// held by the suite in the declared form; nothing is skipped.
#pragma once

#include <string_view>

namespace sightline::conformance {

struct Quirks {
  std::string_view backend;
  bool computes = true;         // false: outputs are left as the caller had them
  bool knows_operators = true;  // false: any operator is taken
  bool fp32_only = false;       // true: inputs and outputs of other types are refused
  // The device it needs where it does not run on the CPU; "": it does. On a machine without that device it
  // says so when it is loaded, and takes no part in the rest of the suite.
  std::string_view device;
  bool int8_by_model = false;  // true: int8 is for models that are quantized; others are refused it
  // An option that makes a run take an hour, for what is to be cancelled; "": there is none, and runs are
  // cancelled before they begin only.
  std::string_view slow_option;
  std::string_view slow_value;
  std::string_view reason;
};

// Those of `backend`; one that is not in the table has none.
const Quirks& QuirksOf(std::string_view backend);

}  // namespace sightline::conformance
