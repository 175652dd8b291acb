#include "src/probe/roof_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#else
#include <array>
#include <cmath>
#endif

namespace sightline::probe {
namespace {

// A fused multiply-add takes 4 or 5 cycles and two of them begin in each, so 8 to 10 chains keep both units
// busy; 12 leave registers (16 below AVX-512) for the factor and the addend.
constexpr int kChains = 12;

// x = x * kFactor + kAddend stays near 1 for ever: no denormal, no infinity, whose arithmetic may be slower.
constexpr float kFactor = 0.5F;
constexpr float kAddend = 0.5F;

// What is computed has to be used, or the compiler leaves it out.
void Use(float value) {
  asm volatile("" : : "m"(value));
}

int64_t Rounds(int64_t count, int64_t per_round) {
  return (count + per_round - 1) / per_round;
}

#if defined(__x86_64__)

// Always inlined, so that each of its callers compiles it for its own vectors.
[[gnu::always_inline]] inline void TriadLoop(float* __restrict a, const float* __restrict b,
                                             const float* __restrict c, float factor, size_t n) {
  for (size_t i = 0; i < n; ++i) a[i] = b[i] + factor * c[i];
}

[[gnu::target("avx512f")]] int64_t MultiplyAddsAvx512(int64_t count) {
  constexpr int64_t kPerRound = int64_t{kChains} * 16;
  const int64_t rounds = Rounds(count, kPerRound);
  const __m512 factor = _mm512_set1_ps(kFactor);
  const __m512 addend = _mm512_set1_ps(kAddend);
  __m512 x[kChains];
  for (auto& chain : x) chain = _mm512_set1_ps(1.5F);
  for (int64_t round = 0; round < rounds; ++round) {
    for (auto& chain : x) chain = _mm512_fmadd_ps(chain, factor, addend);
  }
  for (int i = 1; i < kChains; ++i) x[0] = _mm512_add_ps(x[0], x[i]);
  Use(_mm512_cvtss_f32(x[0]));
  return rounds * kPerRound;
}

[[gnu::target("avx512f")]] void TriadAvx512(float* a, const float* b, const float* c, float factor,
                                            size_t n) {
  TriadLoop(a, b, c, factor, n);
}

[[gnu::target("avx2,fma")]] int64_t MultiplyAddsAvx2(int64_t count) {
  constexpr int64_t kPerRound = int64_t{kChains} * 8;
  const int64_t rounds = Rounds(count, kPerRound);
  const __m256 factor = _mm256_set1_ps(kFactor);
  const __m256 addend = _mm256_set1_ps(kAddend);
  __m256 x[kChains];
  for (auto& chain : x) chain = _mm256_set1_ps(1.5F);
  for (int64_t round = 0; round < rounds; ++round) {
    for (auto& chain : x) chain = _mm256_fmadd_ps(chain, factor, addend);
  }
  for (int i = 1; i < kChains; ++i) x[0] = _mm256_add_ps(x[0], x[i]);
  Use(_mm256_cvtss_f32(x[0]));
  return rounds * kPerRound;
}

[[gnu::target("avx2,fma")]] void TriadAvx2(float* a, const float* b, const float* c, float factor, size_t n) {
  TriadLoop(a, b, c, factor, n);
}

int64_t MultiplyAddsSse2(int64_t count) {
  constexpr int64_t kPerRound = int64_t{kChains} * 4;
  const int64_t rounds = Rounds(count, kPerRound);
  const __m128 factor = _mm_set1_ps(kFactor);
  const __m128 addend = _mm_set1_ps(kAddend);
  __m128 x[kChains];
  for (auto& chain : x) chain = _mm_set1_ps(1.5F);
  for (int64_t round = 0; round < rounds; ++round) {
    for (auto& chain : x) chain = _mm_add_ps(_mm_mul_ps(chain, factor), addend);
  }
  for (int i = 1; i < kChains; ++i) x[0] = _mm_add_ps(x[0], x[i]);
  Use(_mm_cvtss_f32(x[0]));
  return rounds * kPerRound;
}

void TriadSse2(float* a, const float* b, const float* c, float factor, size_t n) {
  TriadLoop(a, b, c, factor, n);
}

#else

// On aarch64 every machine has a fused multiply-add for vectors of four, and the compiler makes it of this.
int64_t MultiplyAddsPlain(int64_t count) {
  constexpr size_t kLanes = size_t{kChains} * 4;
  const int64_t rounds = Rounds(count, kLanes);
  std::array<float, kLanes> x;
  x.fill(1.5F);
  for (int64_t round = 0; round < rounds; ++round) {
    for (float& lane : x) lane = std::fma(lane, kFactor, kAddend);
  }
  float sum = 0;
  for (const float lane : x) sum += lane;
  Use(sum);
  return rounds * static_cast<int64_t>(kLanes);
}

void TriadPlain(float* __restrict a, const float* __restrict b, const float* __restrict c, float factor,
                size_t n) {
  for (size_t i = 0; i < n; ++i) a[i] = b[i] + factor * c[i];
}

#endif

}  // namespace

std::vector<RoofKernels> UsableRoofKernels() {
#if defined(__x86_64__)
  std::vector<RoofKernels> usable;
  if (__builtin_cpu_supports("avx512f")) usable.push_back({"AVX-512", MultiplyAddsAvx512, TriadAvx512});
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    usable.push_back({"AVX2 with FMA", MultiplyAddsAvx2, TriadAvx2});
  }
  usable.push_back({"SSE2", MultiplyAddsSse2, TriadSse2});
  return usable;
#else
  return {{"as compiled", MultiplyAddsPlain, TriadPlain}};
#endif
}

}  // namespace sightline::probe
