#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <rill/core/io/safetensors.h>

namespace rill::detail {

/// The metadata that lists tied names, one a line.
inline constexpr std::string_view tied_list_name = "rill.tied";

/// For each tied name the one under which its tensor is stored.
using TiedNames = std::map<std::string, std::string>;

/// Those that the metadata of a file notes, as safetensors.h tells; `is_stored` knows its tensors.
TiedNames tied_names_in(const Metadata& metadata,
                        const std::function<bool(std::string_view)>& is_stored);

/// The metadata of a file with notes of `tied`, of which none may be among the metadata already.
Metadata with_tied_names(Metadata metadata, const TiedNames& tied,
                         const std::function<bool(std::string_view)>& is_stored);

/// The metadata without these notes.
Metadata without_tied_names(Metadata metadata, const TiedNames& tied);

/// Whether a list can name it.
bool can_be_tied(std::string_view name);

}  // namespace rill::detail
