// LibTorch's many words about itself, as few.
#pragma once

#include <string>
#include <string_view>

namespace sightline::torch_backend {

// The version that at::show_config names as the loaded library's; "" where it names none. Debian's package
// 1.13.1 says 1.13.0 of itself.
std::string VersionIn(std::string_view config);
// Of at::show_config and at::get_parallel_info, one line: "OpenMP; oneDNN v2.6.3; BLAS generic; AVX2".
std::string CondenseBuild(std::string_view config, std::string_view parallel);
// The sentence in the message of an exception: the first lines up to the stack of functions, without their
// places in LibTorch's sources, as one line of at most 300 characters.
std::string CondenseMessage(std::string_view message);

}  // namespace sightline::torch_backend
