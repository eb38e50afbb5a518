#include <rill/core/io/detail/checksum.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace rill::detail {
namespace {

static_assert(std::endian::native == std::endian::little, "files of tensors are little-endian");

constexpr uint64_t prime1 = 0x9e3779b185ebca87, prime2 = 0xc2b2ae3d27d4eb4f,
                   prime3 = 0x165667b19e3779f9, prime4 = 0x85ebca77c2b2ae63,
                   prime5 = 0x27d4eb2f165667c5;

template <class Word>
uint64_t word_at(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

uint64_t round(uint64_t lane, uint64_t word) {
  return std::rotl(lane + word * prime2, 31) * prime1;
}

uint64_t with_rest(uint64_t hash, std::string_view rest) {
  for (; rest.size() >= 8; rest.remove_prefix(8))
    hash = std::rotl(hash ^ round(0, word_at<uint64_t>(rest.data())), 27) * prime1 + prime4;
  if (rest.size() >= 4) {
    hash = std::rotl(hash ^ word_at<uint32_t>(rest.data()) * prime1, 23) * prime2 + prime3;
    rest.remove_prefix(4);
  }
  for (const char c : rest)
    hash = std::rotl(hash ^ static_cast<unsigned char>(c) * prime5, 11) * prime1;
  return hash;
}

uint64_t avalanche(uint64_t hash) {
  hash = (hash ^ hash >> 33) * prime2;
  hash = (hash ^ hash >> 29) * prime3;
  return hash ^ hash >> 32;
}

uint64_t parity_of(std::string_view rest) {
  uint64_t parity = 0;
  for (; !rest.empty(); rest.remove_prefix(std::min<size_t>(rest.size(), 8))) {
    uint64_t word = 0;
    std::memcpy(&word, rest.data(), std::min<size_t>(rest.size(), 8));
    parity ^= word;
  }
  return parity;
}

}  // namespace

Checksum::Checksum() : lanes_{prime1 + prime2, prime2, 0, 0 - prime1} {}

std::string_view Checksum::take_stripes(std::string_view bytes) {
  std::array<uint64_t, lane_count> lanes = lanes_;
  uint64_t parity = parity_;
  for (; bytes.size() >= stripe; bytes.remove_prefix(stripe))
    for (size_t i = 0; i < lane_count; ++i) {
      const uint64_t word = word_at<uint64_t>(bytes.data() + i * sizeof(word));
      lanes[i] = round(lanes[i], word);
      parity ^= word;
    }
  lanes_ = lanes;
  parity_ = parity;
  return bytes;
}

void Checksum::add(std::string_view bytes) {
  total_ += bytes.size();
  if (!rest_.empty()) {
    const size_t missing = std::min(stripe - rest_.size(), bytes.size());
    rest_ += bytes.substr(0, missing);
    bytes.remove_prefix(missing);
    if (rest_.size() < stripe) return;
    take_stripes(rest_);
  }
  rest_ = take_stripes(bytes);
}

uint64_t Checksum::merged_lanes() const {
  const auto& [a, b, c, d] = lanes_;
  uint64_t hash = std::rotl(a, 1) + std::rotl(b, 7) + std::rotl(c, 12) + std::rotl(d, 18);
  for (const uint64_t lane : lanes_) hash = (hash ^ round(0, lane)) * prime1 + prime4;
  return hash;
}

uint64_t Checksum::hash() const {
  const uint64_t begun = total_ < stripe ? prime5 : merged_lanes();
  return avalanche(with_rest(begun + total_, rest_));
}

std::array<char, Checksum::size> Checksum::value() const {
  const std::array<uint64_t, 2> halves{hash(), parity_ ^ parity_of(rest_)};
  return std::bit_cast<std::array<char, size>>(halves);
}

}  // namespace rill::detail
