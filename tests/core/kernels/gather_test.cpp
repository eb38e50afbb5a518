#include <gtest/gtest.h>

#include <rill/core/kernels/gather.h>
#include <tests/core/kernels/kernel_test.h>

namespace rill::kernels {
namespace {

TEST(FirstOutOfRange, FindsNegativeAndTooLargeIndices) {
  const int64_t indices[] = {0, 4, 2, -1, 5};
  EXPECT_EQ(first_out_of_range(3, indices, 5), -1);
  EXPECT_EQ(first_out_of_range(5, indices, 5), 3);
  EXPECT_EQ(first_out_of_range(5, indices, 4), 1);
  EXPECT_EQ(first_out_of_range(0, indices, 0), -1);
}

TEST(IndexSelect, TakesSlicesOfTheMiddleDim) {
  const std::vector<int64_t> x = {0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15};  // [2, 3, 2]
  const int64_t index[] = {2, 2, 0, 1};
  std::vector<int64_t> out(16);
  index_select(2, 3, 2, x.data(), 4, index, out.data());
  EXPECT_EQ(out, (std::vector<int64_t>{4, 5, 4, 5, 0, 1, 2, 3, 14, 15, 14, 15, 10, 11, 12, 13}));
}

TEST(IndexAdd, SumsRepeatedIndices) {
  std::vector<double> out = {1, 1, 1, 1, 1, 1};
  const std::vector<double> source = {1, 2, 3, 4, 5, 6};
  const int64_t index[] = {2, 0, 2};
  index_add(1, 3, 2, 3, index, source.data(), out.data());
  EXPECT_EQ(out, (std::vector<double>{4, 5, 1, 1, 7, 9}));
}

TEST(IndexAdd, AgreesWithTheDefinitionAndItselfOnAnyNumberOfThreads) {
  const int64_t n = 768, size = 65;
  std::vector<int64_t> index(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) index[static_cast<size_t>(i)] = i * i % 17 + i % 40;
  for (int64_t inner : {1, 70, 384}) {
    const auto source = numbers(2 * n * inner, 1);
    const auto make = [&] {
      std::vector<float> out(static_cast<size_t>(2 * size * inner), 0.0f);
      index_add(2, size, inner, n, index.data(), source.data(), out.data());
      return out;
    };
    std::vector<double> expected(static_cast<size_t>(2 * size * inner), 0.0);
    for (int64_t i = 0; i < 2 * n * inner; ++i) {
      const int64_t row = i / (n * inner) * size + index[static_cast<size_t>(i / inner % n)];
      expected[static_cast<size_t>(row * inner + i % inner)] += source[static_cast<size_t>(i)];
    }
    expect_near(make(), expected, 1e-5);
    expect_same_bits_on_any_threads(make);
  }
}

// x [3, 4] = 0 .. 11 read with strides, index smaller than x along the other dim.
TEST(Gather, AlongEitherDimWithASmallerIndex) {
  std::vector<float> x(12);
  for (size_t i = 0; i < 12; ++i) x[i] = static_cast<float>(i);
  const int64_t sizes[] = {2, 2}, strides[] = {4, 1};
  const int64_t index[] = {2, 0, 1, 1};
  std::vector<float> out(4);
  gather(2, sizes, 0, x.data(), strides, index, out.data());
  EXPECT_EQ(out, (std::vector<float>{8, 1, 4, 5}));
  gather(2, sizes, 1, x.data(), strides, index, out.data());
  EXPECT_EQ(out, (std::vector<float>{2, 0, 5, 5}));
  const int64_t transposed[] = {1, 4};
  gather(2, sizes, 1, x.data(), transposed, index, out.data());
  EXPECT_EQ(out, (std::vector<float>{8, 0, 5, 5}));
}

TEST(ScatterAdd, AddsWhatGatherWouldRead) {
  std::vector<float> out(12, 0.0f);
  const int64_t sizes[] = {2, 2}, strides[] = {4, 1}, source_strides[] = {2, 1};
  const int64_t index[] = {2, 0, 2, 1};
  const std::vector<float> source = {1, 2, 3, 4};
  scatter_add(2, sizes, 0, index, source.data(), source_strides, out.data(), strides);
  EXPECT_EQ(out, (std::vector<float>{0, 2, 0, 0, 0, 4, 0, 0, 4, 0, 0, 0}));
  std::fill(out.begin(), out.end(), 0.0f);
  const int64_t same[] = {2, 2, 2, 1};
  scatter_add(2, sizes, 1, same, source.data(), source_strides, out.data(), strides);
  EXPECT_EQ(out, (std::vector<float>{0, 0, 3, 0, 0, 4, 3, 0, 0, 0, 0, 0}));
}

TEST(Gather, OfThreeDimsAlongTheMiddleAndOfAScalar) {
  std::vector<int64_t> x(24);
  for (size_t i = 0; i < 24; ++i) x[i] = static_cast<int64_t>(i);
  const int64_t sizes[] = {2, 2, 2}, strides[] = {12, 4, 1};
  const int64_t index[] = {0, 1, 2, 2, 1, 1, 0, 2};
  std::vector<int64_t> out(8);
  gather(3, sizes, 1, x.data(), strides, index, out.data());
  EXPECT_EQ(out, (std::vector<int64_t>{0, 5, 8, 9, 16, 17, 12, 21}));
  const int64_t zero = 0;
  gather<int64_t>(0, nullptr, 0, x.data() + 7, nullptr, &zero, out.data());
  EXPECT_EQ(out[0], 7);
}

TEST(OneHot, MarksOneClassARow) {
  const int64_t ids[] = {2, 0};
  std::vector<int64_t> out(6, 9);
  one_hot(2, 3, ids, out.data());
  EXPECT_EQ(out, (std::vector<int64_t>{0, 0, 1, 1, 0, 0}));
}

}  // namespace
}  // namespace rill::kernels
