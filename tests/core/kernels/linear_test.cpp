#include <rill/core/kernels/linear.h>
#include <rill/core/kernels/parallel.h>

#include <array>
#include <cmath>

#include "tests/core/kernels/kernel_test.h"

namespace rill::kernels {
namespace {

struct Sizes {
  int64_t rows, out, in;
};

// Sums of one piece and of two halves, odd and even ones, and nothing at all.
constexpr std::array sizes = {Sizes{1, 1, 1},      Sizes{5, 3, 2},     Sizes{255, 40, 24},
                              Sizes{256, 16, 16},  Sizes{257, 33, 18}, Sizes{301, 130, 65},
                              Sizes{512, 64, 192}, Sizes{0, 3, 2},     Sizes{3, 0, 2},
                              Sizes{300, 20, 0}};

template <class T>
struct Gradients {
  std::vector<T> dx, dweight, dbias;
};

template <class T>
struct Layer {
  Sizes size;
  std::vector<T> dout, x, weight;

  explicit Layer(const Sizes& s)
      : size(s),
        dout(numbers<T>(s.rows * s.out, 1)),
        x(numbers<T>(s.rows * s.in, 2)),
        weight(numbers<T>(s.out * s.in, 3)) {}

  // What it finds there before must not matter.
  Gradients<T> gradients(bool with_bias = true) const {
    constexpr T was = std::numeric_limits<T>::quiet_NaN();
    Gradients<T> g{std::vector(x.size(), was), std::vector(weight.size(), was),
                   std::vector(static_cast<size_t>(size.out), was)};
    linear_backward<T>({size.rows, size.out, size.in, dout.data(), x.data(), weight.data(),
                        g.dx.data(), g.dweight.data(), with_bias ? g.dbias.data() : nullptr});
    return g;
  }
};

// Every `step`th element, from `first` on.
template <class T>
struct Line {
  const std::vector<T>& elements;
  int64_t first;
  int64_t step;

  double operator[](int64_t k) const {
    return static_cast<double>(elements[static_cast<size_t>(first + k * step)]);
  }
};

// Σ over k of a[k] · b[k]
template <class T>
double sum_of_products(int64_t n, const Line<T>& a, const Line<T>& b) {
  double sum = 0;
  for (int64_t k = 0; k < n; ++k) sum += a[k] * b[k];
  return sum;
}

template <class T>
void expect_the_definition(const Layer<T>& layer, double tolerance) {
  const auto [rows, out, in] = layer.size;
  SCOPED_TRACE(testing::Message() << rows << " rows, " << out << " x " << in);
  const Gradients<T> g = layer.gradients();
  const std::vector<T> ones(static_cast<size_t>(rows), T(1));
  for (int64_t i = 0; i < rows * in; ++i)
    ASSERT_NEAR(static_cast<double>(g.dx[static_cast<size_t>(i)]),
                sum_of_products<T>(out, {layer.dout, i / in * out, 1}, {layer.weight, i % in, in}),
                tolerance);
  for (int64_t i = 0; i < out * in; ++i)
    ASSERT_NEAR(static_cast<double>(g.dweight[static_cast<size_t>(i)]),
                sum_of_products<T>(rows, {layer.dout, i / in, out}, {layer.x, i % in, in}),
                tolerance);
  for (int64_t i = 0; i < out; ++i)
    ASSERT_NEAR(static_cast<double>(g.dbias[static_cast<size_t>(i)]),
                sum_of_products<T>(rows, {layer.dout, i, out}, {ones, 0, 1}), tolerance);
}

TEST(LinearBackward, AgreesWithTheDefinition) {
  for (const Sizes& s : sizes) {
    at_every_simd_level([&] { expect_the_definition(Layer<float>(s), 3e-5); });
    expect_the_definition(Layer<double>(s), 1e-12);
  }
}

TEST(LinearBackward, WithoutABiasGivesTheSameOtherwise) {
  for (const Sizes& s : sizes) {
    const Layer<float> layer(s);
    const Gradients<float> with = layer.gradients(), without = layer.gradients(false);
    EXPECT_EQ(with.dx, without.dx);
    EXPECT_EQ(with.dweight, without.dweight);
    for (float value : without.dbias) EXPECT_TRUE(std::isnan(value));
  }
}

TEST(LinearBackward, GivesTheSameBitsForAnyNumberOfThreads) {
  for (const Sizes& s : {Sizes{257, 33, 18}, Sizes{768, 128, 512}, Sizes{512, 65, 64},
                         Sizes{1000, 40, 700}, Sizes{64, 600, 600}})
    at_every_simd_level([&] {
      const Layer<float> layer(s);
      const Threads many(1);
      const auto one = layer.gradients();
      for (const int threads : {5, 16, 64}) {
        set_num_threads(threads);
        const auto found = layer.gradients();
        EXPECT_EQ(found.dx, one.dx);
        EXPECT_EQ(found.dweight, one.dweight);
        EXPECT_EQ(found.dbias, one.dbias);
      }
      std::vector<Gradients<float>> nested(4);
      parallel_for(4, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) nested[static_cast<size_t>(i)] = layer.gradients();
      });
      for (const auto& found : nested) EXPECT_EQ(found.dweight, one.dweight);
      expect_same_bits_on_any_threads([&] { return layer.gradients().dx; });
      expect_same_bits_on_any_threads([&] { return layer.gradients().dweight; });
      expect_same_bits_on_any_threads([&] { return layer.gradients().dbias; });
    });
}

}  // namespace
}  // namespace rill::kernels
