#include "tests/core/op_table.h"

namespace rill::testing {

OpTable index_ops() { return {}; }

}  // namespace rill::testing
