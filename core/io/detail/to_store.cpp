#include <rill/core/io/detail/to_store.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <rill/core/detail/overlap.h>
#include <rill/core/detail/quotes.h>
#include <rill/core/io/detail/safetensors_header.h>

namespace rill::detail {
namespace {

void check_tensors(const std::string& path, const StateDict& state) {
  std::unordered_set<std::string_view> names;
  names.reserve(state.size());
  for (const auto& [name, tensor] : state) {
    if (!tensor.defined()) refuse_to_write(path, "tensor ", in_quotes(name), " is undefined");
    if (name == metadata_name)
      refuse_to_write(path, "no tensor can be named ", in_quotes(name),
                      ", under which the metadata stands");
    if (!names.insert(name).second)
      refuse_to_write(path, "two tensors are named ", in_quotes(name));
  }
}

}  // namespace

Metadata ToStore::with_ties(const Metadata& metadata) const {
  std::unordered_set<std::string_view> names;
  for (const EncodedTensor& one : tensors) names.insert(one.name);
  return with_tied_names(metadata, tied,
                         [&](std::string_view name) { return names.contains(name); });
}

ToStore to_store(const std::string& path, const StateDict& state, const Metadata& metadata,
                 std::optional<HalfFloat> floats_as) {
  check_tensors(path, state);
  ToStore out;
  out.tensors.reserve(state.size());
  std::unordered_multimap<const void*, const NamedTensor*> stored;
  for (const NamedTensor& one : state) {
    const auto [begin, end] = stored.equal_range(one.tensor.raw_data());
    const auto same = std::find_if(begin, end, [&](const auto& entry) {
      return is_same_memory(entry.second->tensor, one.tensor);
    });
    const bool is_stored = same != end;
    if (!is_stored) stored.emplace(one.tensor.raw_data(), &one);
    if (is_stored && can_be_tied(one.name) && !metadata.contains(one.name))
      out.tied.emplace(one.name, same->second->name);
    else
      out.tensors.push_back(encode(one.name, one.tensor, floats_as));
  }
  return out;
}

}  // namespace rill::detail
