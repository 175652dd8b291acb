// What a lower precision does to a network's outputs: `sightline verify --precision`.
#pragma once

#include <string>
#include <vector>

#include "src/analyze/deviation.h"
#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/cli/quantized_model.h"
#include "src/flow/tensor.h"

namespace sightline::cli {

struct PrecisionQuestion {
  std::string model;  // zoo name or file
  std::string backend;
  DataType precision = SL_I8;
  std::string input;
  int pictures = 0;
  int batch = 1;
  uint64_t weight_seed = 1;
  Calibration calibration;  // of int8
};

struct PrecisionRow {
  std::string model;
  std::string backend;
  DataType asked = SL_I8;
  DataType ran = SL_F32;  // what the arithmetic of convolutions really was
  std::string note;       // the backend's words on that
  analyze::Deviation deviation;
};

// Runs the same pictures in fp32 and in the precision on one backend.
Result<PrecisionRow> ComparePrecision(const PrecisionQuestion& question, const Clock& clock);

std::string PrecisionTable(const std::vector<PrecisionRow>& rows);
std::string PrecisionJson(const std::vector<PrecisionRow>& rows);

}  // namespace sightline::cli
