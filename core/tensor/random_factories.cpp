#include <numeric>
#include <utility>

#include <rill/core/autograd.h>
#include <rill/core/detail/undo_draws.h>
#include <rill/core/kernels/philox.h>
#include <rill/core/ops.h>
#include <rill/core/option.h>
#include <rill/core/tensor.h>

namespace rill {
namespace {

/// Takes from `generator` what a fill of n elements consumes.
uint64_t reserve_for(int64_t n, Generator& generator) {
  return generator.reserve(static_cast<uint64_t>(kernels::blocks_for(n)));
}

Tensor empty_floating(const Shape& shape, DType dtype) {
  if (!is_floating(dtype))
    fail<DTypeError>("makes floating numbers, not ", dtype, ": use randint, or convert with to");
  return Tensor::empty(shape, dtype);
}

}  // namespace

Tensor rand(const Shape& shape, Generator& generator, DType dtype) {
  Op op("rand");
  const detail::UndoDraws undo(generator);
  const Tensor out = empty_floating(shape, dtype);
  kernels::uniform(dtype, out.numel(), generator.seed(), reserve_for(out.numel(), generator), 0, 1,
                   out.raw_data());
  return op.done(out);
}

Tensor rand(const Shape& shape, DType dtype) { return rand(shape, default_generator(), dtype); }

Tensor randn(const Shape& shape, Generator& generator, DType dtype) {
  Op op("randn");
  const detail::UndoDraws undo(generator);
  const Tensor out = empty_floating(shape, dtype);
  kernels::normal(dtype, out.numel(), generator.seed(), reserve_for(out.numel(), generator), 0, 1,
                  out.raw_data());
  return op.done(out);
}

Tensor randn(const Shape& shape, DType dtype) { return randn(shape, default_generator(), dtype); }

Tensor normal(double mean, double std, const Shape& shape) {
  return empty(shape).normal_(mean, std);
}

Tensor rand_like(const Tensor& other) { return rand(other.shape(), other.dtype()); }
Tensor randn_like(const Tensor& other) { return randn(other.shape(), other.dtype()); }

const Tensor& Tensor::normal_(double mean, double std) const {
  detail::want_finite("normal_: mean", mean);
  detail::want_not_negative("normal_: std", std);
  Generator& generator = default_generator();
  const detail::UndoDraws undo(generator);
  return copy_(randn(shape(), generator, dtype()) * std + mean);
}

const Tensor& Tensor::uniform_(double low, double high) const {
  detail::want_finite("uniform_: low", low);
  detail::want_finite("uniform_: high", high);
  if (low > high) fail<ValueError>("uniform_: low ", low, " is above high ", high);
  detail::want_finite("uniform_: high - low", high - low);
  Generator& generator = default_generator();
  const detail::UndoDraws undo(generator);
  const Tensor drawn = empty_floating(shape(), dtype());
  kernels::uniform(dtype(), numel(), generator.seed(), reserve_for(numel(), generator), low, high,
                   drawn.raw_data());
  return copy_(drawn);
}

Tensor randint(int64_t low, int64_t high, const Shape& shape, Generator& generator) {
  Op op("randint");
  const detail::UndoDraws undo(generator);
  if (low >= high) fail<ValueError>("low must be below high, found ", low, " and ", high);
  const Tensor out = Tensor::empty(shape, int64);
  kernels::random_integers(out.numel(), generator.seed(), reserve_for(out.numel(), generator), low,
                           high, out.data<int64_t>());
  return op.done(out);
}

Tensor randint(int64_t low, int64_t high, const Shape& shape) {
  return randint(low, high, shape, default_generator());
}

Tensor randperm(int64_t n, Generator& generator) {
  Op op("randperm");
  const detail::UndoDraws undo(generator);
  if (n < 0) fail<ValueError>("n cannot be negative, found ", n);
  const Tensor out = Tensor::empty({n}, int64);
  const Tensor drawn = Tensor::empty({n}, int64);
  auto* bits = reinterpret_cast<uint64_t*>(drawn.raw_data());
  kernels::random_bits(n, generator.seed(), reserve_for(n, generator), bits);
  int64_t* numbers = out.data<int64_t>();
  std::iota(numbers, numbers + n, int64_t{0});
  // Fisher & Yates: swap each place with one of those from it on; taking a remainder of 64 bits is
  // uneven by less than n · 2⁻⁶⁴.
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t left = static_cast<uint64_t>(n - i);
    std::swap(numbers[i], numbers[i + static_cast<int64_t>(bits[i] % left)]);
  }
  return op.done(out);
}

Tensor randperm(int64_t n) { return randperm(n, default_generator()); }

}  // namespace rill
