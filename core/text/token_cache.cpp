#include <rill/core/text/token_cache.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include <rill/core/error.h>
#include <rill/core/file.h>
#include <rill/core/io/detail/read_file.h>

namespace rill {
namespace {

namespace fs = std::filesystem;

/// FNV-1a: of `bytes`, behind those of `hash`.
uint64_t hash_of(std::string_view bytes, uint64_t hash = 0xcbf29ce484222325) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// What stands at the beginning of the file. A machine with another order of bytes finds another
/// format, and makes the file anew.
struct Header {
  uint64_t format = 0x31736e656b6f7472;  // "rtokens1"
  uint64_t tokenizer_hash, text_size, text_hash;
  uint64_t bytes_per_id;
  uint64_t ids_size = 0, ids_hash = 0;  // of what follows

  bool is_of_the_same(const Header& other) const {
    return format == other.format && tokenizer_hash == other.tokenizer_hash &&
           text_size == other.text_size && text_hash == other.text_hash &&
           bytes_per_id == other.bytes_per_id;
  }
};

Header header_of(const Tokenizer& tokenizer, std::string_view text) {
  return {.tokenizer_hash = hash_of(tokenizer.to_json()),
          .text_size = text.size(),
          .text_hash = hash_of(text),
          .bytes_per_id = tokenizer.vocab_size() <= 1 << 16 ? sizeof(uint16_t) : sizeof(uint32_t)};
}

std::string_view bytes_of(const Header& header) {
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

fs::path path_of(const Header& header, const std::string& text_path) {
  constexpr const char* digits = "0123456789abcdef";
  const uint64_t hash = hash_of(bytes_of(header));
  std::string name = "." + fs::path(text_path).filename().string() + ".";
  for (int shift = 60; shift >= 0; shift -= 4) name += digits[hash >> shift & 0xf];
  return fs::path(text_path).replace_filename(name + ".tokens");
}

template <class Id>
std::string packed(const std::vector<int64_t>& ids) {
  const std::vector<Id> small(ids.begin(), ids.end());
  return {reinterpret_cast<const char*>(small.data()), small.size() * sizeof(Id)};
}

template <class Id>
std::vector<int64_t> unpacked(std::string_view bytes) {
  std::vector<Id> small(bytes.size() / sizeof(Id));
  std::copy_n(bytes.data(), small.size() * sizeof(Id), reinterpret_cast<char*>(small.data()));
  return {small.begin(), small.end()};
}

std::optional<detail::ReadFile> open_if_there(const fs::path& path) try {
  return detail::ReadFile(path);
} catch (const Error&) {
  return {};
}

/// Nothing where the file is not there, damaged, or of something else.
std::optional<std::vector<int64_t>> ids_of_file(const fs::path& path, const Header& wanted) {
  const std::optional<detail::ReadFile> file = open_if_there(path);
  if (!file || file->bytes().size() < sizeof(Header)) return {};
  Header found;
  std::memcpy(&found, file->bytes().data(), sizeof found);
  const std::string_view ids = file->bytes().substr(sizeof found);
  if (!found.is_of_the_same(wanted) || found.ids_size != ids.size() ||
      found.ids_hash != hash_of(ids))
    return {};
  return wanted.bytes_per_id == sizeof(uint16_t) ? unpacked<uint16_t>(ids)
                                                 : unpacked<uint32_t>(ids);
}

/// Begins an empty file that only those can read who can read the text, as its ids tell the text;
/// what replaces it keeps its mode.
void begin_like(const fs::path& text, const fs::path& kept) {
  std::error_code error;
  const fs::file_status status = fs::status(text, error);
  if (error || fs::exists(kept, error)) return;
  std::ofstream(kept).close();
  fs::permissions(kept, status.permissions() & fs::perms(0666), error);
}

void keep(const std::vector<int64_t>& ids, Header header, const fs::path& text,
          const fs::path& path) {
  const std::string bytes =
      header.bytes_per_id == sizeof(uint16_t) ? packed<uint16_t>(ids) : packed<uint32_t>(ids);
  header.ids_size = bytes.size();
  header.ids_hash = hash_of(bytes);
  begin_like(text, path);
  try {
    replace_file(path.string(), std::string(bytes_of(header)) + bytes);
  } catch (const Error&) {
    std::error_code error;  // the next run encodes again
    if (fs::is_empty(path, error) && !fs::is_directory(path, error)) fs::remove(path, error);
  }
}

}  // namespace

std::vector<int64_t> encode_cached(const Tokenizer& tokenizer, std::string_view text,
                                   const std::string& path) {
  const Header header = header_of(tokenizer, text);
  const fs::path kept = path_of(header, path);
  if (std::optional<std::vector<int64_t>> ids = ids_of_file(kept, header)) return std::move(*ids);
  std::vector<int64_t> ids = tokenizer.encode(text);
  keep(ids, header, path, kept);
  return ids;
}

std::vector<int64_t> encode_file(const Tokenizer& tokenizer, const std::string& path) {
  return encode_cached(tokenizer, detail::ReadFile(path).bytes(), path);
}

}  // namespace rill
