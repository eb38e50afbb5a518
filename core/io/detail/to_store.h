#pragma once

#include <optional>
#include <string>
#include <vector>

#include <rill/core/io/detail/safetensors_layout.h>
#include <rill/core/io/detail/tied_names.h>
#include <rill/core/state_dict.h>

namespace rill::detail {

/// What a file stores of a state, and under which names else: of tensors that are the same memory
/// the first.
struct ToStore {
  std::vector<EncodedTensor> tensors;
  TiedNames tied;

  /// The metadata of the file with notes of what is tied.
  Metadata with_ties(const Metadata& metadata) const;
};

/// The names of `state` must outlive what is returned. Throws ValueError for undefined tensors and
/// for names that are there twice or mean the metadata. The path is for errors.
ToStore to_store(const std::string& path, const StateDict& state, const Metadata& metadata,
                 std::optional<HalfFloat> floats_as = {});

}  // namespace rill::detail
