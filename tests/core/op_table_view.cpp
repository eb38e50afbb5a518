#include "tests/core/op_table.h"

namespace rill::testing {

OpTable view_ops() { return {}; }

}  // namespace rill::testing
