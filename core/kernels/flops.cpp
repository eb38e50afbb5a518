#include <rill/core/kernels/flops.h>

namespace rill::kernels {

constinit thread_local uint64_t flops = 0;

}  // namespace rill::kernels
