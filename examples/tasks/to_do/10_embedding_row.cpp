// Task 10: the gradient of an embedding.
//
// Forward: a table [rows, d] is looked up: row i of y is row ids[i] of the table. Backward, each
// row of dout goes back to where it came from. An id may come twice, or never.
//
//   dout: [n, d]; ids: n whole numbers from 0 to rows − 1; what you return: [rows, d].
//
// zeros({rows, d}) to begin with. By a loop: ids[i].item<int64_t>() is a number, table[k] is row
// k, a view: `const Tensor row = table[k];` and then row += dout[i]. Without one: scatter_add, or
// one_hot(ids, rows).to(float32) and a matrix product.
#include <rill/core/ops.h>

using namespace rill;

Tensor embedding_row(const Tensor& dout, const Tensor& ids, int64_t rows) { todo(); }
