// Apart from the other tests of tensors: sanitizers' allocators end the program instead of refusing.
#include <gtest/gtest.h>

#include <cstdint>

#include "src/flow/tensor.h"

namespace sightline {
namespace {

TEST(Tensor, MemoryThatIsNotThereIsAnErrorThatNamesTheBytes) {
  const auto tensor = Tensor::Create(SL_F32, SL_LAYOUT_PLAIN, {int64_t{1} << 50, 4});
  ASSERT_FALSE(tensor.ok());
  EXPECT_EQ(tensor.error().kind(), ErrorKind::kResourceExhausted);
  EXPECT_NE(tensor.error().message().find("takes 4503599627370496 x 4 bytes"), std::string::npos)
      << tensor.error().message();
  const auto fine = Tensor::Create(SL_F32, SL_LAYOUT_PLAIN, {2, 3});
  ASSERT_TRUE(fine.ok());
  EXPECT_EQ(fine->view().bytes(), 24u);
}

}  // namespace
}  // namespace sightline
