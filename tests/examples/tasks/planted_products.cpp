#include <rill/rill.h>

#include <cmath>

#include "planted.h"

using namespace rill;

namespace planted {
namespace {

using Both = std::vector<Tensor>;

Forms matmul_rows() {
  return {"matmul_rows",
          {[](Tensor dout, Tensor a, Tensor b) {
             return Both{matmul(dout, b.transpose(0, 1)), matmul(a.transpose(0, 1), dout)};
           },
           [](Tensor dout, Tensor a, Tensor b) {
             return Both{matmul(b, dout.T()).T(), matmul(dout.T(), a).T()};
           },
           [](Tensor dout, Tensor a, Tensor b) {
             const Tensor da = zeros_like(a), db = zeros_like(b);
             for (int64_t i = 0; i < a.size(0); ++i)
               for (int64_t j = 0; j < b.size(1); ++j)
                 for (int64_t l = 0; l < a.size(1); ++l) {
                   da[i][l] += dout[i][j] * b[l][j];
                   db[l][j] += dout[i][j] * a[i][l];
                 }
             return Both{da, db};
           }},
          {{Kind::transposed,
            [](Tensor dout, Tensor a, Tensor b) {
              return Both{dout.matmul(b), a.matmul(dout)};
            }},
           {Kind::transposed,
            [](Tensor dout, Tensor a, Tensor b) {
              return Both{dout.matmul(b.T()), a.matmul(dout)};
            }},
           {Kind::transposed,
            [](Tensor dout, Tensor a, Tensor b) {
              return Both{b.matmul(dout.T()), dout.T().matmul(a)};
            }},
           {Kind::transposed,
            [](Tensor dout, Tensor a, Tensor b) {
              return Both{dout.T().matmul(b.T()), a.T().matmul(dout)};
            }},
           {Kind::exchanged,
            [](Tensor dout, Tensor a, Tensor b) {
              return Both{b.T().matmul(dout), dout.matmul(a.T())};
            }},
           {Kind::exchanged,
            [](Tensor dout, Tensor a, Tensor b) {
              return Both{a.T().matmul(dout), dout.matmul(b.T())};
            }},
           {Kind::sign,
            [](Tensor dout, Tensor a, Tensor b) {
              return Both{-dout.matmul(b.T()), a.T().matmul(dout)};
            }},
           {Kind::overwrites, [](Tensor dout, Tensor a, Tensor b) {
              const Tensor da = zeros_like(a);
              for (int64_t i = 0; i < a.size(0); ++i)
                for (int64_t j = 0; j < b.size(1); ++j)
                  for (int64_t l = 0; l < a.size(1); ++l) da[i][l].copy_(dout[i][j] * b[l][j]);
              return Both{da, a.T().matmul(dout)};
            }}}};
}

Forms embedding_row() {
  return {"embedding_row",
          {[](Tensor dout, Tensor ids, int64_t rows) {
             return matmul(one_hot(ids, rows).to(float32).T(), dout);
           },
           [](Tensor dout, Tensor ids, int64_t rows) {
             const Tensor at = ids.unsqueeze(1).expand(dout.shape());
             return scatter_add(zeros({rows, dout.size(1)}), 0, at, dout);
           },
           [](Tensor dout, Tensor ids, int64_t rows) {
             const Tensor table = zeros({rows, dout.size(1)}).requires_grad_();
             embedding(table, ids).backward(dout);
             return table.grad();
           }},
          {{Kind::overwrites,
            [](Tensor dout, Tensor ids, int64_t rows) {
              const Tensor table = zeros({rows, dout.size(1)});
              for (int64_t i = 0; i < ids.size(0); ++i)
                table[ids[i].item<int64_t>()].copy_(dout[i]);
              return table;
            }},
           {Kind::mean_for_sum,
            [](Tensor dout, Tensor ids, int64_t rows) {
              const Tensor hot = one_hot(ids, rows).to(float32);
              return matmul(hot.T(), dout) / hot.sum(0).clamp_min(1).unsqueeze(1);
            }},
           {Kind::transposed,
            [](Tensor dout, Tensor ids, int64_t rows) {
              return matmul(dout.T(), one_hot(ids, rows).to(float32));
            }},
           {Kind::missing_part,
            [](Tensor dout, Tensor ids, int64_t rows) {
              return bincount(ids, rows).to(float32).unsqueeze(1).expand({rows, dout.size(1)});
            }},
           {Kind::exchanged,
            [](Tensor dout, Tensor ids, int64_t rows) {
              const Tensor table = zeros({rows, dout.size(1)});
              for (int64_t i = 0; i < ids.size(0); ++i) table[i] += dout[ids[i].item<int64_t>()];
              return table;
            }},
           {Kind::exchanged, [](Tensor dout, Tensor ids, int64_t) { return dout[ids]; }},
           {Kind::sign, [](Tensor dout, Tensor ids, int64_t rows) {
              const Tensor table = zeros({rows, dout.size(1)});
              for (int64_t i = 0; i < ids.size(0); ++i) table[ids[i].item<int64_t>()] -= dout[i];
              return table;
            }}}};
}

}  // namespace

std::vector<Forms> products() { return {matmul_rows(), embedding_row()}; }

}  // namespace planted
