#include <rill/core/io/safetensors.h>

#include <cstdio>
#include <deque>
#include <filesystem>

#include <rill/core/detail/quotes.h>
#include <rill/core/file.h>
#include <rill/core/io/detail/safetensors_index.h>
#include <rill/core/io/detail/to_store.h>

namespace rill {
namespace {

using detail::EncodedTensor;
using detail::in_quotes;
using detail::refuse_to_write;

void check_options(const std::string& path, const StateDict& tensors,
                   const SaveSafetensorsOptions& options) {
  if (options.metadata.contains(std::string(detail::tied_list_name)))
    refuse_to_write(path, "metadata ", in_quotes(detail::tied_list_name), " is for rill itself");
  if (!options.metadata.empty() && tensors.empty())
    refuse_to_write(path, "metadata without a tensor is not read everywhere; add one");
  const bool is_index = path.ends_with(detail::index_suffix);
  if (path.ends_with(".json") && !is_index)
    refuse_to_write(path, "the name of an index must end with ", detail::index_suffix);
  if (options.max_part_bytes && !is_index)
    refuse_to_write(path, "max_part_bytes is for files in parts, whose path ends with ",
                    detail::index_suffix);
  if (options.max_part_bytes && *options.max_part_bytes < 1)
    refuse_to_write(path, "max_part_bytes is ", *options.max_part_bytes, ", it must be at least 1");
}

void write_file(const std::string& path, std::span<const EncodedTensor> tensors,
                const Metadata& metadata) {
  const detail::SafetensorsLayout layout(path, tensors, metadata);
  replace_file(path, layout.pieces());
}

/// The tensors cut into parts of at most so many bytes, at least one tensor each.
std::vector<std::span<const EncodedTensor>> parts_of(std::span<const EncodedTensor> tensors,
                                                     int64_t most_bytes) {
  std::vector<std::span<const EncodedTensor>> parts;
  size_t begin = 0;
  uint64_t bytes = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (i > begin && bytes + tensors[i].bytes.size() > static_cast<uint64_t>(most_bytes)) {
      parts.push_back(tensors.subspan(begin, i - begin));
      begin = i;
      bytes = 0;
    }
    bytes += tensors[i].bytes.size();
  }
  parts.push_back(tensors.subspan(begin));
  return parts;
}

/// "model-00001-of-00003.safetensors".
std::string part_name(const std::string& model, size_t number, size_t count) {
  char suffix[64];
  std::snprintf(suffix, sizeof(suffix), "-%05zu-of-%05zu.safetensors", number, count);
  return model + suffix;
}

void remove_index(const std::string& path) {
  std::error_code error;
  const std::filesystem::path index = std::filesystem::weakly_canonical(path, error);
  if (!std::filesystem::is_regular_file(index, error)) return;
  std::filesystem::remove(index, error);
  if (error) fail<Error>("cannot write ", path, ": ", error.message());
}

/// Nothing is written before all of it is known to be fit for a file.
void write_parts(const std::string& path, std::span<const EncodedTensor> tensors,
                 const Metadata& metadata, int64_t most_bytes) {
  const std::string stem = path.substr(0, path.size() - detail::index_suffix.size());
  const size_t folder_size = stem.rfind('/') + 1;
  const auto parts = parts_of(tensors, most_bytes);
  std::deque<detail::SafetensorsLayout> layouts;
  detail::PartOfTensor part_of;
  int64_t total = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string part = part_name(stem, i + 1, parts.size());
    layouts.emplace_back(part, parts[i], metadata);
    for (const EncodedTensor& tensor : parts[i]) {
      part_of.emplace(tensor.name, part.substr(folder_size));
      total += static_cast<int64_t>(tensor.bytes.size());
    }
  }
  const std::string index = detail::index_text(part_of, total);
  remove_index(path);
  for (size_t i = 0; i < parts.size(); ++i)
    replace_file(part_name(stem, i + 1, parts.size()), layouts[i].pieces());
  replace_file(path, index);
}

}  // namespace

void save_safetensors(const std::string& path, const StateDict& tensors,
                      const SaveSafetensorsOptions& options) {
  constexpr int64_t most_bytes = 5'000'000'000;
  check_options(path, tensors, options);
  const detail::ToStore stored =
      detail::to_store(path, tensors, options.metadata, options.floats_as);
  const Metadata metadata = stored.with_ties(options.metadata);
  if (path.ends_with(detail::index_suffix))
    write_parts(path, stored.tensors, metadata, options.max_part_bytes.value_or(most_bytes));
  else
    write_file(path, stored.tensors, metadata);
}

}  // namespace rill
