#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <string>

#include <rill/core/io/detail/checksum.h>

namespace rill::testing {
namespace {

using detail::Checksum;

struct Halves {
  uint64_t hash, parity;
  bool operator==(const Halves&) const = default;
};

Halves halves_of(const Checksum& checksum) { return std::bit_cast<Halves>(checksum.value()); }

Halves halves_of(std::string_view bytes) {
  Checksum checksum;
  checksum.add(bytes);
  return halves_of(checksum);
}

std::string some_bytes(size_t count) {
  std::string bytes;
  for (size_t i = 0; i < count; ++i) bytes += static_cast<char>(i * i * 31 + 7 * i + 3);
  return bytes;
}

TEST(Checksum, FirstHalfIsXxh64AndSecondTheExclusiveOrOfWords) {
  // From Python's xxhash 3, and a loop over words in Python.
  const std::pair<size_t, Halves> known[] = {
      {0, {0xef46db3751d8e999, 0x0000000000000000}},
      {1, {0x1f25c8d0bc1f4bb6, 0x0000000000000003}},
      {3, {0xa020f3294a68c3b2, 0x00000000008d2903}},
      {4, {0x9a05810a0d610553, 0x000000002f8d2903}},
      {8, {0xe400a21c7735e336, 0x23892d0f2f8d2903}},
      {13, {0xf13b06fd9580879e, 0x23892dc8d8e838f8}},
      {31, {0x799631c30d7e3922, 0x3b40a080e0c020e0}},
      {32, {0x6b7ead39b05fcc7c, 0x0040a080e0c020e0}},
      {33, {0xb6d285b00d90e573, 0x0040a080e0c02003}},
      {63, {0x765796fdb42cab38, 0x5b80c080c00040c0}},
      {64, {0x7a9871c22557878c, 0x0080c080c00040c0}},
      {100, {0xb261bdbad1498f82, 0x004060002fed6903}},
      {1000, {0x0b1fe4b92992ed62, 0x03696d2f2f6d6903}},
  };
  for (const auto& [size, halves] : known) {
    EXPECT_EQ(halves_of(some_bytes(size)).hash, halves.hash) << size << " bytes";
    EXPECT_EQ(halves_of(some_bytes(size)).parity, halves.parity) << size << " bytes";
  }
  EXPECT_EQ(halves_of("abc").hash, 0x44bc2cf5ad770999u);  // from the specification's test suite
}

TEST(Checksum, IsTheSameHoweverTheBytesAreCut) {
  const std::string bytes = some_bytes(500);
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    Checksum checksum;
    for (size_t at = 0; at < bytes.size();) {
      const size_t count = std::min<size_t>(random() % 80, bytes.size() - at);
      checksum.add(std::string_view(bytes).substr(at, count));
      at += count;
    }
    EXPECT_EQ(halves_of(checksum), halves_of(bytes));
  }
}

TEST(Checksum, SecondHalfAloneTellsEveryBitAndEveryBurstOf64) {
  std::string bytes = some_bytes(203);
  const Halves before = halves_of(bytes);
  std::mt19937_64 random(1);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto flip = [&](uint64_t burst) {
      for (size_t i = 0; i < 64 && bit + i < bytes.size() * 8; ++i)
        bytes[(bit + i) / 8] = static_cast<char>(bytes[(bit + i) / 8] ^
                                                 static_cast<int>(burst >> i & 1) << (bit + i) % 8);
    };
    for (const uint64_t burst : {uint64_t{1}, ~uint64_t{0}, random() | 1}) {
      flip(burst);
      EXPECT_NE(halves_of(bytes).parity, before.parity) << "bits from " << bit;
      EXPECT_NE(halves_of(bytes).hash, before.hash) << "bits from " << bit;
      flip(burst);
    }
  }
  EXPECT_EQ(halves_of(bytes), before);
}

TEST(Checksum, FirstHalfTellsExchangedWordsAndMissingEnds) {
  const std::string bytes = some_bytes(96);
  std::string exchanged = bytes;
  std::swap_ranges(exchanged.begin(), exchanged.begin() + 8, exchanged.begin() + 64);
  EXPECT_EQ(halves_of(exchanged).parity, halves_of(bytes).parity);
  EXPECT_NE(halves_of(exchanged).hash, halves_of(bytes).hash);
  EXPECT_NE(halves_of(std::string(32, '\0')).hash, halves_of(std::string(40, '\0')).hash);
}

}  // namespace
}  // namespace rill::testing
