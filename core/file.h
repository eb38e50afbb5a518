#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace rill {

/// Writes the file in one piece: it is there as a whole, or as it was before, also where the
/// process is killed or the machine loses power meanwhile; once this returns, it is on the disk.
/// It keeps its mode (and its owner, where this process may give files away), a new one has what
/// the umask leaves, and a link stays a link to it. Two that write it at once each write all of it:
/// the later one stays.
///
/// Throws Error, with the reason, where that fails: the file is as it was, and nothing else is
/// left. Only where the folder's own sync fails is the new file there, and the error says so.
/// A process that is killed may leave a file beside it, which the next save into the same folder
/// removes, as remove_stray_files does.
void replace_file(const std::string& path, std::string_view bytes);
/// The pieces one after another: small ones gathered, large ones written from where they lie.
void replace_file(const std::string& path, std::span<const std::string_view> pieces);
/// After the pieces what `end` gives, which is asked for when they are written.
void replace_file(const std::string& path, std::span<const std::string_view> pieces,
                  const std::function<std::string_view()>& end);

/// Removes from `folder` what processes left there that were killed in replace_file, and nothing
/// that a live one still writes: those hold locks, which go with the process. Where the file system
/// has no locks, nothing is removed. Returns how many files it were.
int64_t remove_stray_files(const std::string& folder);

/// Adds `bytes` to the end of a file that is there: all of them, or none where that throws Error.
/// A process that is killed meanwhile may leave a part of them.
void append_to_file(const std::string& path, std::string_view bytes);

}  // namespace rill
