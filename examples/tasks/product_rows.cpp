#include <rill/core/ops.h>

#include "groups.h"

using namespace rill;

namespace tasks {
namespace {

Tensor turned(const Tensor& x) { return x.T(); }

Task matmul_rows() {
  std::vector<Case> cases{{{tensor({{1.0}}), tensor({{2.0, 3.0}}), tensor({{4.0}, {5.0}})}},
                          {{tensor({{1.0, 2.0}, {3.0, 4.0}}), tensor({{5.0, 6.0}, {7.0, 9.0}}),
                            tensor({{2.0, -1.0}, {0.0, 3.0}})}},
                          {{some({2, 4}, 1), some({2, 3}, 2), some({3, 4}, 3)}}};
  const auto a = [](const Tensor& dout, const Tensor& b) { return matmul(dout, turned(b)); };
  const auto b = [](const Tensor& dout, const Tensor& a) { return matmul(turned(a), dout); };
  return {
      .name = "matmul_rows",
      .title = "the two gradients of a matrix product",
      .parameters = {"dout", "a", "b"},
      .results = {"gradient of a", "gradient of b"},
      .right =
          [=](Tensor dout, Tensor x, Tensor w) {
            return Tensors{a(dout, w), b(dout, x)};
          },
      .mistakes = {{Kind::transposed, "b is transposed on the way back: dout bᵀ",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{matmul(dout, w), b(dout, x)};
                    }},
                   {Kind::transposed, "a is transposed on the way back: aᵀ dout",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{a(dout, w), matmul(x, dout)};
                    }},
                   {Kind::transposed, "both are transposed on the way back: dout bᵀ and aᵀ dout",
                    [](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{matmul(dout, w), matmul(x, dout)};
                    }},
                   {Kind::transposed, "the gradient of a has the shape of a: dout bᵀ",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{matmul(w, turned(dout)), b(dout, x)};
                    }},
                   {Kind::transposed, "the gradient of b has the shape of b: aᵀ dout",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{a(dout, w), matmul(turned(dout), x)};
                    }},
                   {Kind::transposed, "dout stays as it is: dout bᵀ",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{matmul(turned(dout), w), b(dout, x)};
                    }},
                   {Kind::transposed, "dout stays as it is: dout bᵀ",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{matmul(turned(dout), turned(w)), b(dout, x)};
                    }},
                   {Kind::transposed, "dout stays as it is: aᵀ dout",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{a(dout, w), matmul(turned(x), turned(dout))};
                    }},
                   {Kind::transposed, "dout stays as it is: aᵀ dout",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{a(dout, w), matmul(x, turned(dout))};
                    }},
                   {Kind::overwrites,
                    "a[i][l] gets the sum over all columns j; here the last one is left",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{outer(dout.select(1, -1), w.select(1, -1)), b(dout, x)};
                    }},
                   {Kind::overwrites,
                    "b[l][j] gets the sum over all rows i; here the last one is left",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{a(dout, w), outer(x[-1], dout[-1])};
                    }},
                   {Kind::exchanged, "the order matters: dout bᵀ, for b stood at the right",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{matmul(turned(w), dout), b(dout, x)};
                    }},
                   {Kind::exchanged, "the order matters: aᵀ dout, for a stood at the left",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{a(dout, w), matmul(dout, turned(x))};
                    }},
                   {Kind::exchanged, "the order matters: dout bᵀ and aᵀ dout",
                    [](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{matmul(turned(w), dout), matmul(dout, turned(x))};
                    }},
                   {Kind::exchanged, "first the gradient of a, then that of b",
                    [=](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{b(dout, x), a(dout, w)};
                    }},
                   {Kind::input_for_output, "the gradient of a needs b, and that of b needs a",
                    [](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{matmul(dout, turned(x)), matmul(turned(w), dout)};
                    }},
                   {Kind::missing_part, "dout has its part in both",
                    [](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{matmul(ones_like(dout), turned(w)),
                                     matmul(turned(x), ones_like(dout))};
                    }},
                   {Kind::wrong_place, "a matrix product goes back by matrix products, not by *",
                    [](Tensor dout, Tensor x, Tensor w) {
                      return Tensors{dout * w, dout * x};
                    }}},
      .cases = cases};
}

/// What a table of `count` rows gets back, by one row at a time.
Tensor rows_back(const Tensor& dout, const Tensor& ids, double count, bool adds) {
  const Tensor table = zeros({static_cast<int64_t>(count), dout.size(-1)});
  for (int64_t i = 0; i < ids.numel(); ++i) {
    const Tensor row = table[ids[i].item<int64_t>()];
    row.copy_(adds ? row + dout[i] : dout[i]);
  }
  return table;
}

Task embedding_row() {
  std::vector<Case> cases{{{tensor({{1.0}, {2.0}}), tensor({1, 1}), 2.0}},
                          {{tensor({{1.0, 2.0}, {3.0, 4.0}}), tensor({1, 0}), 2.0}},
                          {{some({4, 2}, 1), tensor({2, 0, 2, 2}), 3.0}},
                          {{some({3, 3}, 2), tensor({0, 2, 0}), 5.0}}};
  const auto counts = [](const Tensor& ids, double rows) {
    return clamp(bincount(ids, static_cast<int64_t>(rows)).to(float32), 1.0).unsqueeze(1);
  };
  return {
      .name = "embedding_row",
      .title = "the gradient of an embedding",
      .parameters = {"dout", "ids", "rows"},
      .results = {"gradient of the table"},
      .right = [](Tensor dout, Tensor ids,
                  double rows) { return rows_back(dout, ids, rows, true); },
      .mistakes =
          {{Kind::overwrites, "an id that comes twice gets the sum of both rows of dout",
            [](Tensor dout, Tensor ids, double rows) { return rows_back(dout, ids, rows, false); }},
           {Kind::overwrites, "an id that comes twice gets the sum, and the first is left here",
            [](Tensor dout, Tensor ids, double rows) {
              return rows_back(dout.flip({0}), ids.flip({0}), rows, false);
            }},
           {Kind::mean_for_sum, "an id that comes twice gets the sum, not the mean",
            [counts](Tensor dout, Tensor ids, double rows) {
              return rows_back(dout, ids, rows, true) / counts(ids, rows);
            }},
           {Kind::missing_part, "the last row of dout goes back too",
            [](Tensor dout, Tensor ids, double rows) {
              const int64_t n = dout.size(0) - 1;
              return rows_back(dout.narrow(0, 0, n), ids.narrow(0, 0, n), rows, true);
            }},
           {Kind::missing_part, "how often each id comes; it gets the rows of dout",
            [](Tensor dout, Tensor ids, double rows) {
              return rows_back(ones_like(dout), ids, rows, true);
            }},
           {Kind::missing_part, "dout itself has a row for each id; the table has one for each row",
            [](Tensor dout, Tensor, double) { return dout; }},
           {Kind::exchanged, "row i of dout goes to row ids[i], not row ids[i] to row i",
            [](Tensor dout, Tensor ids, double rows) {
              const Tensor table = zeros({static_cast<int64_t>(rows), dout.size(-1)});
              for (int64_t i = 0; i < ids.numel(); ++i) {
                const Tensor row = table[i];
                row += dout[ids[i].item<int64_t>()];
              }
              return table;
            }},
           {Kind::exchanged, "this looks the rows up, as forward does; backward spreads them",
            [](Tensor dout, Tensor ids, double) { return embedding(dout, ids); }},
           {Kind::exchanged, "row i of dout goes to row ids[i]",
            [](Tensor dout, Tensor, double rows) {
              const Tensor table = zeros({static_cast<int64_t>(rows), dout.size(-1)});
              for (int64_t i = 0; i < dout.size(0); ++i) table[i].copy_(dout[i]);
              return table;
            }},
           {Kind::off_by_one, "ids count from 0",
            [](Tensor dout, Tensor ids, double rows) {
              return rows_back(dout, ids, rows, true).roll(1, {0});
            }},
           {Kind::off_by_one, "ids count from 0",
            [](Tensor dout, Tensor ids, double rows) {
              return rows_back(dout, ids - 1.0, rows, true);
            }},
           {Kind::transposed, "one row a word: [rows, d]",
            [](Tensor dout, Tensor ids, double rows) {
              return rows_back(dout, ids, rows, true).T();
            }},
           {Kind::missing_part,
            "the table has as many rows as it is told, also those not looked up",
            [](Tensor dout, Tensor ids, double) {
              return rows_back(dout, ids, ids.max().item() + 1, true);
            }}},
      .cases = cases};
}

}  // namespace

std::vector<Task> product_rows() { return {matmul_rows(), embedding_row()}; }

}  // namespace tasks
