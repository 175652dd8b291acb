#include "backends/torch/library_facts.h"

#include <gtest/gtest.h>

namespace sightline::torch_backend {
namespace {

// As Debian's LibTorch says it.
constexpr const char* kConfig =
    "PyTorch built with:\n  - GCC 12.2\n  - Intel(R) MKL-DNN v2.6.3 (Git Hash N/A)\n"
    "  - CPU capability usage: AVX2\n"
    "  - Build settings: BLAS_INFO=generic, LAPACK_INFO=generic, TORCH_VERSION=1.13.0, USE_CUDA=OFF, \n";
constexpr const char* kParallel =
    "ATen/Parallel:\n\tat::get_num_threads() : 1\nATen parallel backend: OpenMP\n";

TEST(LibraryFactsTest, CondensesTheBuild) {
  EXPECT_EQ(CondenseBuild(kConfig, kParallel), "OpenMP; oneDNN v2.6.3; BLAS generic; AVX2");
  EXPECT_EQ(CondenseBuild("", ""), "");
}

TEST(LibraryFactsTest, FindsTheVersion) {
  EXPECT_EQ(VersionIn(kConfig), "1.13.0");
  EXPECT_EQ(VersionIn("nothing of the kind"), "");
}

TEST(LibraryFactsTest, CondensesWhatIsThrown) {
  EXPECT_EQ(CondenseMessage("The following operation failed in the TorchScript interpreter.\n"
                            "Traceback of TorchScript (most recent call last):\n"
                            "  File \"a.py\", line 3, in forward\n    ~~~~ <--- HERE\n"
                            "RuntimeError: sizes differ\n"),
            "The following operation failed in the TorchScript interpreter. RuntimeError: sizes differ");
  EXPECT_EQ(CondenseMessage(std::string(400, 'x')).size(), 303u);
}

}  // namespace
}  // namespace sightline::torch_backend
