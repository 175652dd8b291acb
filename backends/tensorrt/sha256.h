// SHA-256 (FIPS 180-4), for telling models apart.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sightline::tensorrt {

// 64 hexadecimal digits.
std::string Sha256(std::span<const std::byte> bytes);
std::string Sha256(std::string_view text);

}  // namespace sightline::tensorrt
