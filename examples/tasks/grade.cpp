#include "grade.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>

namespace tasks {
namespace {

using Observations = std::vector<Observation>;

bool are_same(const Observations& a, const Observations& b) {
  return std::ranges::equal(a, b,
                            [](const Observation& x, const Observation& y) { return same(x, y); });
}

const Part* part_of(const Observation& seen, size_t part) {
  return part < seen.parts.size() ? &seen.parts[part] : nullptr;
}

bool is_part_same(const Observation& a, const Observation& b, size_t part) {
  const Part *const p = part_of(a, part), *const q = part_of(b, part);
  return p && q ? same(p->value, q->value) : !p && !q;
}

/// Whether two are the same up to this part, what follows aside. Calls that threw tell nothing, as
/// long as one did not.
bool are_same_up_to(const Observations& a, const Observations& b, size_t part) {
  bool is_seen = false;
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t each = 0; each <= part; ++each)
      if (!is_part_same(a[i], b[i], each)) return false;
    is_seen = is_seen || part_of(a[i], part);
  }
  return is_seen;
}

size_t first_wrong_part(const Observation& got, const Observation& expected) {
  size_t part = 0;
  while (part < expected.parts.size() && is_part_same(got, expected, part)) ++part;
  return part;
}

/// The mistake of the task that gives the same, in all parts or up to the one that is wrong.
std::optional<Finding> known(const Task& task, const Observations& got, size_t part) {
  std::vector<Observations> all;
  for (const Mistake& mistake : task.mistakes) all.push_back(observe_all(task, mistake.function));
  for (size_t i = 0; i < all.size(); ++i)
    if (are_same(all[i], got)) return Finding{task.mistakes[i].kind, task.mistakes[i].advice};
  for (size_t i = 0; i < all.size(); ++i)
    if (are_same_up_to(all[i], got, part))
      return Finding{task.mistakes[i].kind, task.mistakes[i].advice};
  return {};
}

std::vector<Pair> pairs_of(const Task& task, const Observations& got, const Observations& expected,
                           size_t part) {
  std::vector<Pair> pairs;
  for (size_t i = 0; i < got.size(); ++i)
    if (part_of(got[i], part) && part_of(expected[i], part))
      pairs.push_back({got[i].parts[part], expected[i].parts[part], &task.cases[i]});
  return pairs;
}

/// What needs no numbers.
std::optional<Finding> at_once(const Task& task, const Observation& got,
                               const Observation& expected) {
  if (!got.is_done) return Finding{Kind::not_done, "write what stands in the place of todo()"};
  if (got.changed)
    return Finding{Kind::changes_input, "it writes to " + task.parameters[*got.changed] +
                                            ", which belongs to the caller"};
  if (!got.error && got.parts.size() != expected.parts.size())
    return Finding{Kind::no_result,
                   fmt::format("results: {}, where {} are wanted: the {}", got.parts.size(),
                               expected.parts.size(), fmt::join(task.results, " and the "))};
  return {};
}

Finding find(const Task& task, const Observations& all, const Observations& expected,
             const Verdict& verdict) {
  if (const auto found = at_once(task, verdict.got, verdict.expected)) return *found;
  if (const auto found = known(task, all, verdict.part)) return *found;
  if (verdict.got.error) return {Kind::throws, "read what the error says of shapes and types"};
  return compare(pairs_of(task, all, expected, verdict.part));
}

}  // namespace

Verdict grade(const Task& task, const Function& function) {
  const Observations expected = observe_all(task, task.right), got = observe_all(task, function);
  Verdict verdict;
  while (verdict.at < got.size() && same(got[verdict.at], expected[verdict.at])) ++verdict.at;
  verdict.is_right = verdict.at == got.size();
  if (verdict.is_right) return verdict;
  verdict.got = got[verdict.at];
  verdict.expected = expected[verdict.at];
  verdict.part = first_wrong_part(verdict.got, verdict.expected);
  verdict.finding = find(task, got, expected, verdict);
  return verdict;
}

}  // namespace tasks
