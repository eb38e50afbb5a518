#include <rill/core/state_dict.h>

#include <algorithm>

#include <rill/core/grad_mode.h>
#include <rill/core/ops.h>

namespace rill {
namespace {

constexpr size_t most_shown = 12;

std::string names_of(const StateDict& state) {
  std::string names;
  for (size_t i = 0; i < std::min(state.size(), most_shown); ++i)
    names += (i ? ", " : "") + state[i].name;
  return names + (state.size() > most_shown ? ", ..." : "");
}

}  // namespace

bool StateDict::contains(std::string_view name) const {
  return std::ranges::any_of(*this, [&](const NamedTensor& one) { return one.name == name; });
}

Tensor StateDict::operator[](std::string_view name) const {
  for (const NamedTensor& one : *this)
    if (one.name == name) return one.tensor;
  fail<ValueError>("the state has no '", name, "'; it has ", names_of(*this));
}

StateDict StateDict::clone() const {
  const NoGradGuard unrecorded;
  StateDict copies;
  for (const auto& [name, tensor] : *this)
    copies.push_back({name, tensor.defined() ? tensor.clone() : tensor});
  return copies;
}

}  // namespace rill
