#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rill::detail {

/// A checksum of bytes that come in pieces, cut anywhere: 16 bytes, in two halves.
///
/// The first is XXH64 with seed 0 (Collet 2012), which any change escapes with a chance of 2^−64.
/// The second is the exclusive or of all words of 8 bytes, the last one filled up with zeros.
/// Bits that flip within 64 neighbouring ones stand each in another place of a word, so that this
/// half tells all of them, for certain: every single bit, and every burst of up to 64.
class Checksum {
 public:
  static constexpr size_t size = 16;

  Checksum();
  void add(std::string_view bytes);
  /// Of all bytes so far, as a file has it: both halves little-endian.
  std::array<char, size> value() const;

 private:
  static constexpr size_t lane_count = 4, stripe = lane_count * sizeof(uint64_t);

  /// Takes whole stripes; returns what is left.
  std::string_view take_stripes(std::string_view bytes);
  uint64_t merged_lanes() const;
  uint64_t hash() const;

  std::array<uint64_t, lane_count> lanes_;
  uint64_t parity_ = 0;
  uint64_t total_ = 0;
  std::string rest_;  // less than a stripe
};

}  // namespace rill::detail
