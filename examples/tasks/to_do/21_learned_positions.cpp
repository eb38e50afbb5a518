// Task 21: the learned encoding.
//
// The other way: a table of positions that is trained like all weights. Row p is added to what
// stands at place p, in each text of the batch. The table may have more rows than the texts are
// long.
//
//   x: [batch, length, d]; table: [at least length, d]; what you return: as x.
//
// x.size(1) is the length; narrow(t, 0, start, n), or t.narrow(0, start, n), is n rows of t from
// start on. The gradient must reach the table.
#include <rill/core/ops.h>

using namespace rill;

Tensor learned_positions(const Tensor& x, const Tensor& table) { todo(); }
