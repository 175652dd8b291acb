// The layers of one configuration: what each takes, beside what it has to do.
//
// Times are medians over runs with the interval of stats/quantile.h. A layer that stands for several nodes of
// the network, or a node that runs as several layers, is one row (layer_groups.h); its bytes are those of its
// weights and of the tensors that pass its border, not of those that live and die within.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/analyze/layer_graph.h"
#include "src/analyze/roofline.h"
#include "src/flow/run_result.h"

namespace sightline::analyze {

// A layer of the framework over all runs; one entry per run, 0 where the run had no such layer.
struct LayerSeries {
  std::string name;
  std::string type;
  std::vector<double> durations_ns;
  std::vector<int64_t> begins_ns;  // 0: the framework doesn't say
};

struct ProfileSamples {
  std::vector<LayerSeries> layers;   // in the order of their first appearance
  std::vector<double> inference_ns;  // whole inferences without the profiler
  std::vector<double> profiled_ns;   // whole inferences with it, one per run of `layers`
};

struct ProfileRow {
  // Of the node with most multiply-adds, else of the one that reads most; of the layer where no node fits.
  std::string name;
  std::string operators;            // "Conv + Relu" of the network; the framework's type where no node fits
  std::string type;                 // what rows are summed up by: the operator of the node that gave the name
  std::vector<std::string> nodes;   // of the network, none for a layer of the framework's own
  std::vector<std::string> layers;  // as the framework calls them
  std::vector<std::string> layer_types;  // one for each of `layers`
  Estimate duration_ns;
  double share = 0;  // of the inference without the profiler
  LayerWork work;
  RooflinePoint roofline;
  int count = 1;  // rows summed up in this one
};

struct Profile {
  std::vector<ProfileRow> rows;   // in the order in which the framework gave them
  std::vector<ProfileRow> types;  // the same summed up by type, longest first; without verdicts
  int64_t runs = 0;               // with the profiler
  Estimate inference_ns;          // without the profiler
  Estimate profiled_ns;           // with it
  Estimate layers_ns;             // sum of the layers of a run
  // inference_ns less layers_ns; below 0 where layers run side by side, or take longer for being watched. Its
  // interval allows for both of theirs at once.
  Estimate unattributed_ns;
  std::vector<std::string> nodes_without_time;
  std::optional<Roofs> roofs;  // none: no verdicts
};

// `samples`: at least one run with and one without the profiler. `graph` is empty for a model in a
// framework's own format, of which the host knows nothing.
Profile MakeProfile(const ProfileSamples& samples, const LayerGraph& graph,
                    const std::optional<Roofs>& roofs);

// The median of `samples`, at least one, with its interval where they allow for one.
Estimate MedianEstimate(std::span<const double> samples);

// A roof from sampled rates, at least one: the best of them, as STREAM reports it, since whatever else runs
// can only slow a sample down. Its low end is their 90th percentile: where one sample in ten comes near the
// best the roof is well known, and on a busy machine it isn't.
Estimate RoofEstimate(std::span<const double> rates);

// The run whose layers together took the median: the one to show as an example.
size_t TypicalRun(const ProfileSamples& samples);

}  // namespace sightline::analyze
