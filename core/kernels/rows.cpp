#include <rill/core/kernels/dispatch.h>
#include <rill/core/kernels/simd/rows.h>

namespace rill::kernels {

RILL_SIMD_PICK(RowTable, row_functions_table)

const RowTable& row_table() { return pick_row_functions_table(); }

}  // namespace rill::kernels
