// ONNX's own operator tests that a backend does not pass.
#pragma once

#include <span>
#include <string_view>

namespace sightline::conformance {

// What is not possible in a backend, or not the same: the beginning of the test's name, and a part of what is
// said of it ("wrong" of a result). Each must be true of some test.
struct Exception {
  std::string_view test;
  std::string_view verdict;
};
// Defined by each backend's tests, in backends/NAME/tests/onnx_exceptions.cc.
std::span<const Exception> OperatorExceptions();

}  // namespace sightline::conformance
