#include <rill/core/error.h>
#include <rill/core/kernels/dispatch.h>
#include <rill/core/kernels/parallel.h>
#include <rill/core/kernels/philox.h>
#include <rill/core/kernels/philox_table.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace rill::kernels {

RILL_SIMD_PICK(PhiloxTable, philox)

namespace {

constexpr int64_t blocks_at_once = 16, words_at_once = PhiloxTable::group;
constexpr int64_t groups_worth_threads = 64;

// Calls f(group, words) for groups of 64 words, enough for n elements of `per_group` each.
template <class F>
void for_groups(int64_t n, int64_t per_group, uint64_t key, uint64_t offset, F f) {
  parallel_for((n + per_group - 1) / per_group, groups_worth_threads,
               [&](int64_t begin, int64_t end) {
                 uint32_t words[words_at_once];
                 for (int64_t group = begin; group < end; ++group) {
                   const auto first = static_cast<uint64_t>(group * blocks_at_once);
                   pick_philox().words(key, offset + first, 0, words);
                   f(group, words);
                 }
               });
}

// out[i] = of(word of element i): one word each, 64 elements a group.
template <class T, class F>
void from_words(int64_t n, uint64_t key, uint64_t offset, T* out, F of) {
  for_groups(n, words_at_once, key, offset, [&](int64_t group, const uint32_t* words) {
    const int64_t first = group * words_at_once, count = std::min(words_at_once, n - first);
    for (int64_t i = 0; i < count; ++i) out[first + i] = of(words[i]);
  });
}

// out[i] = of(64 bits of element i): two words each, 32 elements a group.
template <class T, class F>
void from_word_pairs(int64_t n, uint64_t key, uint64_t offset, T* out, F of) {
  constexpr int64_t per_group = words_at_once / 2;
  for_groups(n, per_group, key, offset, [&](int64_t group, const uint32_t* words) {
    const int64_t first = group * per_group, count = std::min(per_group, n - first);
    for (int64_t i = 0; i < count; ++i) {
      out[first + i] = of(static_cast<uint64_t>(words[i + per_group]) << 32 | words[i]);
    }
  });
}

[[noreturn]] void refuse(const char* what, DType dtype) {
  fail<DTypeError>(what, ": needs float32 or float64, not ", dtype);
}

// Of the 2³² words, those below take part with probability p.
uint64_t threshold(const char* what, double p) {
  if (!(p >= 0 && p <= 1)) {
    fail<ValueError>(what, ": the probability is ", p, ", but must lie in [0, 1]");
  }
  return static_cast<uint64_t>(std::llround(std::ldexp(p, 32)));
}

// low + fraction · (high - low), which rounding must not take to `high`.
template <class T>
T between(double fraction, double low, double high) {
  const T value = static_cast<T>(low + fraction * (high - low)), bound = static_cast<T>(high);
  return value < bound || !(low < high) ? value : std::nextafter(bound, static_cast<T>(low));
}

// Element i takes the cosine and element i + half the sine of one pair of uniforms.
template <class T, class Uniform>
void box_muller(int64_t half, double mean, double deviation, Uniform uniform, int64_t count,
                T* out) {
  for (int64_t i = 0; i < std::min(half, count); ++i) {
    const double radius = deviation * std::sqrt(-2.0 * std::log(uniform(i)));
    const double angle = 2.0 * std::numbers::pi * uniform(i + half);
    out[i] = static_cast<T>(mean + radius * std::cos(angle));
    if (i + half < count) out[i + half] = static_cast<T>(mean + radius * std::sin(angle));
  }
}

template <class T>
void normal_as(int64_t n, uint64_t key, uint64_t offset, double mean, double deviation, T* out) {
  constexpr int64_t per_group = sizeof(T) == 4 ? words_at_once : words_at_once / 2;
  for_groups(n, per_group, key, offset, [&](int64_t group, const uint32_t* words) {
    const auto uniform = [&](int64_t i) {  // in (0, 1)
      if constexpr (sizeof(T) == 4) return (words[i] + 0.5) * 0x1p-32;
      const uint64_t bits = static_cast<uint64_t>(words[i + words_at_once / 2]) << 32 | words[i];
      return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
    };
    const int64_t first = group * per_group;
    box_muller(per_group / 2, mean, deviation, uniform, std::min(per_group, n - first),
               out + first);
  });
}

template <class T, class Kernel>
void dropout_as(Kernel kernel, int64_t n, uint64_t key, uint64_t offset, double p, const T* x,
                T* out) {
  const uint64_t dropped = threshold("dropout", p);
  if (dropped > std::numeric_limits<uint32_t>::max()) return std::fill_n(out, n, T(0)), void();
  const T scale = static_cast<T>(1 / (1 - p));
  parallel_for((n + words_at_once - 1) / words_at_once, groups_worth_threads,
               [&](int64_t begin, int64_t end) {
                 kernel(begin * words_at_once, std::min(n, end * words_at_once), key, offset,
                        static_cast<uint32_t>(dropped), scale, x, out);
               });
}

}  // namespace

std::array<uint32_t, 4> philox_block(uint64_t key, uint64_t counter, uint64_t counter_high) {
  uint32_t words[words_at_once];
  pick_philox().words(key, counter, counter_high, words);
  return {words[0], words[blocks_at_once], words[2 * blocks_at_once], words[3 * blocks_at_once]};
}

void uniform(DType dtype, int64_t n, uint64_t key, uint64_t offset, double low, double high,
             void* out) {
  if (dtype == DType::float32) {
    return from_words(n, key, offset, static_cast<float*>(out), [=](uint32_t word) {
      return between<float>((word >> 8) * 0x1p-24, low, high);
    });
  }
  if (dtype != DType::float64) refuse("uniform", dtype);
  from_word_pairs(n, key, offset, static_cast<double*>(out), [=](uint64_t bits) {
    return between<double>(static_cast<double>(bits >> 11) * 0x1p-53, low, high);
  });
}

void normal(DType dtype, int64_t n, uint64_t key, uint64_t offset, double mean, double deviation,
            void* out) {
  if (dtype == DType::float32) {
    return normal_as(n, key, offset, mean, deviation, static_cast<float*>(out));
  }
  if (dtype != DType::float64) refuse("normal", dtype);
  normal_as(n, key, offset, mean, deviation, static_cast<double*>(out));
}

void dropout(DType dtype, int64_t n, uint64_t key, uint64_t offset, double p, const void* x,
             void* out) {
  if (dtype == DType::float32) {
    return dropout_as(pick_philox().dropout_float, n, key, offset, p, static_cast<const float*>(x),
                      static_cast<float*>(out));
  }
  if (dtype != DType::float64) refuse("dropout", dtype);
  dropout_as(pick_philox().dropout_double, n, key, offset, p, static_cast<const double*>(x),
             static_cast<double*>(out));
}

void random_integers(int64_t n, uint64_t key, uint64_t offset, int64_t low, int64_t high,
                     int64_t* out) {
  if (low >= high) {
    fail<ValueError>("random_integers: there is no whole number in [", low, ", ", high, ")");
  }
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  // The high 64 bits of bits · range, from products of 32-bit halves.
  from_word_pairs(n, key, offset, out, [=](uint64_t bits) {
    const uint64_t bits_high = bits >> 32, bits_low = bits & 0xffffffffu;
    const uint64_t range_high = range >> 32, range_low = range & 0xffffffffu;
    const uint64_t cross = bits_high * range_low + (bits_low * range_low >> 32);
    const uint64_t middle = bits_low * range_high + (cross & 0xffffffffu);
    const uint64_t value = bits_high * range_high + (cross >> 32) + (middle >> 32);
    return static_cast<int64_t>(static_cast<uint64_t>(low) + value);
  });
}

void random_bits(int64_t n, uint64_t key, uint64_t offset, uint64_t* out) {
  from_word_pairs(n, key, offset, out, [](uint64_t bits) { return bits; });
}

}  // namespace rill::kernels
