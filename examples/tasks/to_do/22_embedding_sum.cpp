// Task 22: token, position and segment.
//
// What goes into BERT, for one text of two sentences: each token is the sum of three rows, one
// from each table: that of its id, that of its place, and that of its segment (0 in the first
// sentence, 1 in the second).
//
//   ids, segments: [length] whole numbers; token_table: [V, d]; position_table: [at least length,
//   d]; segment_table: [2, d]; what you return: [length, d].
//
// embedding(table, ids) looks rows up: [length, d].
#include <rill/core/ops.h>

using namespace rill;

Tensor embedding_sum(const Tensor& ids, const Tensor& segments, const Tensor& token_table,
                     const Tensor& position_table, const Tensor& segment_table) {
  todo();
}
