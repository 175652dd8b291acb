#include "backends/openvino/types.h"

#include <algorithm>
#include <array>

namespace sightline::openvino_backend {
namespace {

struct TypePair {
  SlDataType ours;
  ov::element::Type_t theirs;
};
constexpr std::array<TypePair, 9> kTypes = {{{SL_F32, ov::element::Type_t::f32},
                                             {SL_F16, ov::element::Type_t::f16},
                                             {SL_BF16, ov::element::Type_t::bf16},
                                             {SL_I8, ov::element::Type_t::i8},
                                             {SL_U8, ov::element::Type_t::u8},
                                             {SL_I32, ov::element::Type_t::i32},
                                             {SL_I64, ov::element::Type_t::i64},
                                             {SL_F64, ov::element::Type_t::f64},
                                             {SL_BOOL, ov::element::Type_t::boolean}}};

}  // namespace

std::optional<SlDataType> FromOpenVino(const ov::element::Type& type) {
  const auto* const pair =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const TypePair& one) { return type == one.theirs; });
  if (pair == kTypes.end()) return std::nullopt;
  return pair->ours;
}

ov::element::Type ToOpenVino(SlDataType type) {
  const auto* const pair =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const TypePair& one) { return one.ours == type; });
  return pair == kTypes.end() ? ov::element::Type_t::dynamic : pair->theirs;
}

}  // namespace sightline::openvino_backend
