#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include <rill/core/detail/overlap.h>
#include <rill/core/error.h>
#include <rill/nn/detail/module_state.h>
#include <rill/nn/module.h>

// Module::load_state_dict: everything is checked, and what shares memory with the module is copied,
// before anything is written.

namespace rill::nn {
namespace {

/// Collects what is wrong with a state dict, for one message.
class Complaints {
 public:
  void add(std::string& list, const std::string& entry) {
    list += (list.empty() ? "" : ", ") + entry;
  }
  std::string text(bool strict) const {
    return (strict ? line("missing", joined(unmatched.missing)) : "") +
           (strict ? line("unexpected", joined(unmatched.unexpected)) : "") +
           line("given twice", repeated) + line("of another shape", reshaped) +
           line("of another kind of number", retyped) +
           line("without memory for each element", overlapping);
  }

  UnmatchedNames unmatched;
  std::string repeated, reshaped, retyped, overlapping;

 private:
  static std::string joined(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return list;
  }
  static std::string line(const std::string& title, const std::string& list) {
    return list.empty() ? "" : "\n  " + title + ": " + list;
  }
};

/// Whether numbers of one type go into the other without losing what they mean.
bool is_same_kind(DType a, DType b) { return a == b || (is_floating(a) && is_floating(b)); }

void compare(const NamedTensor& own, const Tensor& given, Complaints& complaints) {
  const auto& [name, tensor] = own;
  if (given.shape() != tensor.shape())
    complaints.add(complaints.reshaped, name + " is " + to_string(tensor.shape()) + ", given " +
                                            to_string(given.shape()));
  else if (!is_same_kind(given.dtype(), tensor.dtype()))
    complaints.add(complaints.retyped, name + " is " + std::string(name_of(tensor.dtype())) +
                                           ", given " + std::string(name_of(given.dtype())));
  if (rill::detail::overlaps_itself(tensor)) complaints.add(complaints.overlapping, name);
}

Complaints compare(const StateDict& own, const StateDict& given) {
  Complaints complaints;
  std::map<std::string, const Tensor*> by_name;
  for (const auto& [name, tensor] : given)
    if (!by_name.emplace(name, &tensor).second) complaints.add(complaints.repeated, name);
  for (const NamedTensor& entry : own) {
    const auto found = by_name.extract(entry.name);
    if (found.empty() || !found.mapped()->defined())
      complaints.unmatched.missing.push_back(entry.name);
    else
      compare(entry, *found.mapped(), complaints);
  }
  for (const auto& [name, tensor] : by_name) complaints.unmatched.unexpected.push_back(name);
  return complaints;
}

/// A tensor of the module, and what is to be written to it.
struct Assignment {
  std::string name;
  Tensor target, source;
  const Storage* storage() const { return target.impl()->storage.get(); }
  int64_t first() const { return target.impl()->offset; }
  int64_t last() const {
    int64_t place = first();
    for (int d = 0; d < target.dims(); ++d) place += (target.size(d) - 1) * target.strides()[d];
    return place;
  }
};

/// For all that is given. Sources are of their targets' dtype, and share no memory with any.
std::vector<Assignment> assignments(const StateDict& own, const StateDict& given) {
  std::map<std::string, Tensor> by_name;
  for (const auto& [name, tensor] : given)
    if (tensor.defined()) by_name.emplace(name, tensor.detach());
  std::set<const Storage*> targets;
  for (const auto& [name, tensor] : own) targets.insert(tensor.impl()->storage.get());
  std::vector<Assignment> all;
  for (const auto& [name, tensor] : own) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) continue;
    Tensor source = found->second.to(tensor.dtype());
    if (targets.contains(source.impl()->storage.get())) source = source.clone();
    all.push_back({name, tensor, source});
  }
  return all;
}

bool holds_same_bits(const Tensor& a, const Tensor& b) {
  const Tensor left = a.contiguous(), right = b.contiguous();
  const auto bytes = static_cast<size_t>(left.numel()) * size_of(left.dtype());
  return bytes == 0 || std::memcmp(left.raw_data(), right.raw_data(), bytes) == 0;
}

/// Writes assignments whose targets overlap, in their order, into memory of the same layout: the
/// names of one that a later one has overwritten with other values, and of a later one, or none.
std::vector<std::string> contradiction(const std::vector<Assignment>& group) {
  int64_t first = group.front().first(), last = group.front().last();
  for (const Assignment& one : group) {
    first = std::min(first, one.first());
    last = std::max(last, one.last());
  }
  const Tensor trial = Tensor::empty({last - first + 1}, group.front().target.dtype());
  const auto place_of = [&](const Assignment& one) {
    return make_view(trial, one.target.shape(), one.target.strides(), one.first() - first);
  };
  for (const Assignment& one : group) {
    place_of(one).copy_(one.source);
    for (const Assignment& before : group) {
      if (&before == &one) break;
      if (!holds_same_bits(place_of(before), before.source)) return {before.name, one.name};
    }
  }
  return {};
}

/// Calls visit(group) for assignments whose targets lie, at least with their ends, in each other.
template <class Visit>
void for_each_overlap(std::vector<Assignment> all, const Visit& visit) {
  std::erase_if(all, [](const Assignment& one) { return one.target.numel() == 0; });
  std::ranges::stable_sort(
      all, {}, [](const Assignment& one) { return std::pair(one.storage(), one.first()); });
  std::vector<Assignment> group;
  int64_t end = 0;
  for (const Assignment& one : all) {
    if (group.empty() || group.front().storage() != one.storage() || one.first() > end) {
      if (group.size() > 1) visit(group);
      group.clear();
      end = one.last();
    }
    group.push_back(one);
    end = std::max(end, one.last());
  }
  if (group.size() > 1) visit(group);
}

}  // namespace

UnmatchedNames Module::load_state_dict(const StateDict& state,
                                       const LoadStateDictOptions& options) const {
  const StateDict own = state_dict();
  const Complaints complaints = compare(own, state);
  const std::string wrong = complaints.text(options.strict);
  if (!wrong.empty()) fail<ValueError>("load_state_dict: does not fit ", type_name(), ":", wrong);
  const std::vector<Assignment> all = assignments(own, state);
  for_each_overlap(all, [&](const std::vector<Assignment>& group) {
    const std::vector<std::string> names = contradiction(group);
    if (!names.empty())
      fail<ValueError>("load_state_dict: in this ", type_name(), " '", names[0], "' and '",
                       names[1],
                       "' are one tensor, but the state gives them different values: it is of a "
                       "module in which they are not tied");
  });
  for_each_module(*state_, [](const State& module) { module.was_looked_at = true; });
  for (const Assignment& one : all) one.target.copy_(one.source);
  return complaints.unmatched;
}

}  // namespace rill::nn
