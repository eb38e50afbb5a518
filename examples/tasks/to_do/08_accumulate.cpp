// Task 8: adding to a gradient that is there.
//
// backward comes to a tensor by one path after another, and later steps of a training come again.
// grad holds what was brought so far; gradient is what comes now. Let grad hold both together.
//
//   grad, gradient: of one shape. Nothing is returned: grad itself is written to.
//
// A Tensor is a handle: `const Tensor& grad` may be written to, by grad += ..., grad -= ...,
// grad.copy_(...), grad.zero_(). That is why zero_grad is called before each step.
#include <rill/core/ops.h>

using namespace rill;

void accumulate(const Tensor& grad, const Tensor& gradient) { todo(); }
