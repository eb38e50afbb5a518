// Task 25: the mask that hides the future.
//
// A model that is to write the next token must not see it. Row i, column j of the mask says
// whether place i may see place j: itself and all before it.
//
//   what you return: [length, length] of true and false; true is "may be seen".
//
// (rill has causal_mask; do without.) A comparison of two tensors gives a mask:
// arange(n).unsqueeze(1) is a column 0, 1, 2, ..., and it broadcasts. Or tril(ones({n, n})) > 0.
#include <rill/core/ops.h>

using namespace rill;

Tensor my_causal_mask(int64_t length) { todo(); }
