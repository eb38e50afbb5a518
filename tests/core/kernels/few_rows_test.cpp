#include <gtest/gtest.h>

#include <rill/core/kernels/simd/few_rows.h>
#include <cstdint>
#include <utility>

#include "tests/core/kernels/products.h"
#include "tests/core/kernels/simd_levels.h"

namespace rill::kernels {
namespace {

void expect_the_same_bits_of_few_rows_cut(int64_t rows, bool trans_a, bool trans_b) {
  const Shape shape{rows, 203, 300};
  const Case<float> whole(shape, trans_a, trans_b, true), cut(shape, trans_a, trans_b, true);
  multiply(whole.product);
  for (const auto& [column, columns] : {std::pair{0, 64}, std::pair{64, 1}, std::pair{65, 138}}) {
    Product<float> part = cut.product;
    part.n = columns;
    part.b += column * (trans_b ? part.ldb : 1);
    part.c += column;
    part.bias += column;
    multiply(part);
  }
  EXPECT_EQ(cut.c, whole.c) << rows << trans_a << trans_b;
}

// Elements of whole vectors and what is left over are summed by different functions.
TEST(FewRows, GivesTheSameBitsHoweverTheOutputIsCut) {
  const Settings restore;
  for (const SimdLevel level : levels_with_kernels()) {
    set_simd_level(level);
    for (int64_t rows = 1; rows <= most_few_rows; ++rows)
      for (int form = 0; form < 4; ++form)
        expect_the_same_bits_of_few_rows_cut(rows, form & 1, form & 2);
  }
}

void expect_each_row_as_if_alone(bool trans_a, bool trans_b) {
  const int64_t n = 70, k = 300;
  for (int64_t m = 2; m <= most_few_rows; ++m) {
    const Case<float> all({m, n, k}, trans_a, trans_b, true);
    const Case<float> alone({m, n, k}, trans_a, trans_b, true);
    multiply(all.product);
    for (int64_t row = 0; row < m; ++row) {
      Product<float> one = alone.product;
      one.m = 1;
      one.a += row * (trans_a ? 1 : one.lda);
      one.c += row * one.ldc;
      multiply(one);
    }
    EXPECT_EQ(alone.c, all.c) << m << trans_a << trans_b;
  }
}

// So a token that is generated beside up to three others is multiplied as if it were alone.
TEST(FewRows, GivesEachOfFewRowsTheBitsThatItHasAlone) {
  const Settings restore;
  for (const SimdLevel level : levels_with_kernels()) {
    set_simd_level(level);
    for (int form = 0; form < 4; ++form) expect_each_row_as_if_alone(form & 1, form & 2);
  }
}

void expect_the_same_bits_of_few_columns_cut(int64_t columns, bool trans_a, bool trans_b) {
  const Shape shape{90, columns, 300};
  const Case<float> whole(shape, trans_a, trans_b, true), cut(shape, trans_a, trans_b, true);
  multiply(whole.product);
  for (const auto& [row, rows] : {std::pair{0, 5}, std::pair{5, 17}, std::pair{22, 68}}) {
    Product<float> part = cut.product;
    part.m = rows;
    part.a += row * (trans_a ? 1 : part.lda);
    part.c += row * part.ldc;
    multiply(part);
  }
  EXPECT_EQ(cut.c, whole.c) << columns << trans_a << trans_b;
}

// With AVX-512 they are BLAS's, which promises no such thing.
TEST(FewColumns, GiveTheSameBitsHoweverTheRowsAreCut) {
  const Settings restore;
  for (const SimdLevel level : levels_with_kernels()) {
    set_simd_level(level);
    for (int64_t columns = 1; columns < 8 && level != SimdLevel::avx512; ++columns)
      for (int form = 0; form < 4; ++form)
        expect_the_same_bits_of_few_columns_cut(columns, form & 1, form & 2);
  }
}

}  // namespace
}  // namespace rill::kernels
