#include "task.h"

#include <rill/core/ops.h>

#include <algorithm>

using namespace rill;

namespace length_generalisation {

Batch make_batch(Task task, const std::vector<int64_t>& lengths, Generator& generator) {
  const auto n = static_cast<int64_t>(lengths.size());
  const int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  const std::vector<int64_t> drawn =
      randint(0, letters, {n * longest}, generator).to_vector<int64_t>();
  std::vector<int64_t> ids(static_cast<size_t>(n * 2 * longest), separator);
  std::vector<int64_t> targets(ids.size(), -100);
  for (int64_t row = 0; row < n; ++row) {
    const int64_t length = lengths[static_cast<size_t>(row)];
    const auto prompt = drawn.begin() + row * longest;
    const auto row_ids = ids.begin() + row * 2 * longest;
    const auto answer = targets.begin() + row * 2 * longest + length;
    std::copy_n(prompt, length, row_ids);
    std::copy_n(prompt, length, answer);
    if (task == Task::reverse) std::reverse(answer, answer + length);
    std::copy_n(answer, length - 1, row_ids + length + 1);
  }
  return {from_vector(ids, {n, 2 * longest}), from_vector(targets, {n, 2 * longest})};
}

double share_right(const Tensor& logits, const Tensor& targets) {
  const Tensor asked = ge(targets, 0);
  const Tensor wrong = logical_and(asked, ne(logits.argmax(2), targets)).to(float32).sum({1});
  return eq(wrong, 0).to(float64).mean().item();  // in float32, 9 of 10 is below 0.9
}

}  // namespace length_generalisation
