#include <rill/nn/save.h>

#include <algorithm>
#include <set>

#include <rill/core/detail/overlap.h>
#include <rill/core/error.h>
#include <rill/core/grad_mode.h>
#include <rill/nn/detail/file_names.h>

namespace rill::nn {
namespace {

std::set<std::string> names_of(const StateDict& state) {
  std::set<std::string> names;
  for (const NamedTensor& one : state) names.insert(one.name);
  return names;
}

/// Names that `state` lacks get the tensor of another name of theirs.
void add_tied_names(const StateDict& own, StateDict& state) {
  const std::set<std::string> given = names_of(state);
  for (const NamedTensor& missing : own) {
    if (given.contains(missing.name)) continue;
    const auto other = std::ranges::find_if(own, [&](const NamedTensor& one) {
      return given.contains(one.name) && rill::detail::is_same_memory(one.tensor, missing.tensor);
    });
    if (other != own.end()) state.push_back({missing.name, state[other->name]});
  }
}

/// Takes out what `own` has no place for, and fills in from it what is missing.
UnmatchedNames fit_to(const StateDict& own, StateDict& state) {
  UnmatchedNames unmatched;
  const std::set<std::string> known = names_of(own), given = names_of(state);
  std::erase_if(state, [&](const NamedTensor& one) {
    if (known.contains(one.name)) return false;
    unmatched.unexpected.push_back(one.name);
    return true;
  });
  for (const NamedTensor& one : own) {
    if (given.contains(one.name)) continue;
    unmatched.missing.push_back(one.name);
    state.push_back(one);
  }
  return unmatched;
}

}  // namespace

void save(const Module& module, const std::string& path, const SaveOptions& options) {
  save_safetensors(path, module.state_dict(), options);
}

UnmatchedNames load(const Module& module, const std::string& path, const LoadOptions& options) {
  const NoGradGuard unrecorded;
  StateDict state = detail::in_names_of_module(load_safetensors(path), options);
  const StateDict own = module.state_dict();
  add_tied_names(own, state);
  const UnmatchedNames unmatched = options.strict ? UnmatchedNames{} : fit_to(own, state);
  try {
    module.load_state_dict(state);
  } catch (const ValueError& error) {
    fail<ValueError>("cannot load ", path, ": ", error.what());
  }
  return unmatched;
}

}  // namespace rill::nn
