#include "tests/core/op_table.h"

namespace rill::testing {

const OpTable& op_table() {
  static const OpTable table = [] {
    OpTable all;
    for (OpTable part :
         {elementwise_ops(), reduce_ops(), view_ops(), index_ops(), nn_ops(), further_ops()})
      all.merge(part);
    return all;
  }();
  return table;
}

}  // namespace rill::testing
