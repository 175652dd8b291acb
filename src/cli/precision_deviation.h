// What a lower precision does to a network's outputs and to its speed: `sightline verify --precision`.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/analyze/detection_deviation.h"
#include "src/analyze/deviation.h"
#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/cli/precision_gain.h"
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
  int rounds = 0;  // of inferences in turn, for the gain; 0: it is left out
  uint64_t weight_seed = 1;
  Calibration calibration;  // of int8
};

struct PrecisionRow {
  std::string model;
  std::string backend;
  DataType asked = SL_I8;
  DataType ran = SL_F32;  // what the arithmetic of convolutions really was
  std::string note;       // the backend's words on that
  int64_t pictures = 0;
  int batch = 1;  // of the gain, and the most that the outputs were computed in
  std::variant<analyze::Deviation, analyze::DetectionDeviation> deviation;
  std::optional<PrecisionGain> gain;

  bool finite() const {
    return std::visit([](const auto& d) { return d.finite(); }, deviation);
  }
  std::optional<double> sqnr_db() const {
    return std::visit([](const auto& d) { return d.sqnr_db(); }, deviation);
  }
};

// Runs the same pictures in fp32 and in the precision on one backend. A true `stop` ends the rounds of the
// gain only.
Result<PrecisionRow> ComparePrecision(const PrecisionQuestion& question, const Clock& clock,
                                      const std::atomic<bool>& stop);

std::string PrecisionTable(const std::vector<PrecisionRow>& rows);
// Array of schema/precision.schema.json, as text.
std::string PrecisionJson(const std::vector<PrecisionRow>& rows);

}  // namespace sightline::cli
