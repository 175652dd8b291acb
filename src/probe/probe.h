// What a measurement runs on, and what disturbs it while it runs.
//
// Both are read from files of /proc and /sys, plus getrusage for this process; nothing is executed, nothing
// needs rights, nothing throws, and a file that is missing or garbled leaves its fact absent. Cost, measured
// on a two-core virtual machine: ProbeMachine 0.5 ms, a DisturbanceProbe 0.2 ms at its construction and 0.1
// ms in End. Machines with sensors pay more (an embedded controller can take milliseconds to answer), so
// probe outside of what is timed.
#pragma once

#include <memory>
#include <string>

#include "src/flow/machine.h"

namespace sightline::probe {

// Which tree of files to read.
struct ProbeRoot {
  std::string path;  // "": this machine; else a folder that holds proc/, sys/ and etc/, for tests
};

// The machine as it stands now, seen from the calling process: call it after the process was held to its
// cores.
MachineFacts ProbeMachine(const ProbeRoot& root = {});

// Watches the machine from construction to End. Hold the process to its cores before, since what happens on
// cores it may not use is not counted. Not synchronized; reads only at construction and in End, never in
// between.
class DisturbanceProbe {
 public:
  explicit DisturbanceProbe(ProbeRoot root = {});
  ~DisturbanceProbe();
  DisturbanceProbe(DisturbanceProbe&&) noexcept;
  DisturbanceProbe& operator=(DisturbanceProbe&&) noexcept;

  // From construction until now; may be asked again later.
  Disturbance End() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sightline::probe
