#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rill::detail {

/// How many of a file's first bytes tell whether it is a pickle.
inline constexpr size_t telling_bytes = 512;

/// Throws Error, which says how to convert it, where these first bytes of the file `path` are those
/// of a pickle of Python: raw, or in the archive that `torch.save` writes. rill reads none: a
/// pickle is a program, which may do anything.
void refuse_pickle(const std::string& path, std::string_view first_bytes);

}  // namespace rill::detail
