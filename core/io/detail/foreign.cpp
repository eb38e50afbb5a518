#include <rill/core/io/detail/foreign.h>

#include <filesystem>

#include <rill/core/error.h>

namespace rill::detail {
namespace {

/// The first file of the archive that torch.save writes is NAME/data.pkl.
bool is_archive_of_a_pickle(std::string_view bytes) {
  return bytes.starts_with("PK\x03\x04") && bytes.find("data.pkl") != bytes.npos;
}

/// A safetensors file begins with the size of its header, 8 bytes, and the header with a brace. So
/// one whose header has 640 bytes begins with the same two bytes as a pickle.
bool looks_like_safetensors(std::string_view bytes) {
  return bytes.size() > 8 && bytes.substr(4, 4) == std::string_view("\0\0\0\0", 4) &&
         bytes[8] == '{';
}

/// The opcode that names the protocol, 2 to 5, stands first. (Protocols 0 and 1 have none, but
/// nothing has written them by itself since Python 2.)
bool is_raw_pickle(std::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5 &&
         !looks_like_safetensors(bytes);
}

}  // namespace

void refuse_pickle(const std::string& path, std::string_view first_bytes) {
  if (!is_archive_of_a_pickle(first_bytes) && !is_raw_pickle(first_bytes)) return;
  const std::string converted = std::filesystem::path(path).replace_extension(".safetensors");
  fail<Error>("cannot read ", path, ": it is a pickle of Python, a program that may do anything; ",
              "in Python it becomes a file that rill reads by\n  tensors = torch.load(\"", path,
              "\", weights_only=True)\n  safetensors.torch.save_file(tensors, \"", converted,
              "\")");
}

}  // namespace rill::detail
