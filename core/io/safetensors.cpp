#include <rill/core/io/safetensors.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <set>

#include <rill/core/detail/warn.h>
#include <rill/core/io/detail/read_file.h>
#include <rill/core/io/detail/safetensors_header.h>
#include <rill/core/io/detail/safetensors_index.h>
#include <rill/core/io/detail/tied_names.h>

namespace rill {
namespace {

using detail::in_quotes;
using detail::refuse_to_read;
using detail::StoredTensor;

/// A file, and what its header says.
struct Part {
  explicit Part(const std::string& path)
      : file(path), header(detail::read_safetensors_header(path, file.bytes())) {}

  detail::ReadFile file;
  detail::SafetensorsHeader header;
};

/// A stored tensor, and the part that has it.
struct Place {
  const Part* part = nullptr;
  const StoredTensor* tensor = nullptr;
};

[[noreturn]] void refuse_dtype(const Place& place) {
  fail<DTypeError>("cannot read ", place.part->file.path(), ": tensor ",
                   in_quotes(place.tensor->name), " is ", place.tensor->dtype->name,
                   ", which rill has no dtype for");
}

DType dtype_of_place(const Place& place) {
  if (!place.tensor->dtype->dtype) refuse_dtype(place);
  return *place.tensor->dtype->dtype;
}

/// Null where it is better copied: a small tensor, one that does not lie as its elements must, one
/// of which the system wants no further mapping.
Ref<Storage> mapped(const Place& place) {
  constexpr size_t least_bytes = 64 * 1024;
  const auto& [part, tensor] = place;
  const auto bytes = static_cast<size_t>(tensor->end - tensor->begin);
  const uint64_t begin = part->header.data_begin + tensor->begin;
  if (tensor->dtype->convert || bytes < least_bytes || begin % (tensor->dtype->bits / 8) != 0)
    return {};
  detail::FileMapping mapping = part->file.map(begin, bytes);
  return mapping.data() ? Storage::over(std::move(mapping)) : Ref<Storage>();
}

void convert(const Place& place, const char* from, const Tensor& to) {
  const auto count = static_cast<size_t>(to.numel());
  if (!place.tensor->dtype->convert(from, to.raw_data(), count))
    refuse_to_read(place.part->file.path(), "tensor ", in_quotes(place.tensor->name), " of ",
                   place.tensor->dtype->name, " has a value that ", to.dtype(), " has not");
}

Tensor copied(const Place& place, DType dtype) {
  const auto& [part, tensor] = place;
  const char* from = part->file.bytes().data() + part->header.data_begin + tensor->begin;
  Tensor out = Tensor::empty(tensor->shape, dtype);
  if (tensor->dtype->convert)
    convert(place, from, out);
  else
    std::memcpy(out.raw_data(), from, static_cast<size_t>(tensor->end - tensor->begin));
  return out;
}

Tensor load_from(const Place& place) {
  const DType dtype = dtype_of_place(place);
  Ref<Storage> storage = mapped(place);
  if (!storage) return copied(place, dtype);
  const Shape& shape = place.tensor->shape;
  return Tensor(Ref<TensorImpl>::adopt(
      new TensorImpl(std::move(storage), dtype, shape, contiguous_strides(shape), 0)));
}

bool is_index(const std::string& path) { return path.ends_with(".json"); }

std::string beside(const std::string& path, const std::string& name) {
  return path.substr(0, path.rfind('/') + 1) + name;
}

void want_tensors_of_index(const std::string& path, const detail::PartOfTensor& part_of,
                           const std::string& file, const Part& part) {
  for (const StoredTensor& tensor : part.header.tensors) {
    const auto entry = part_of.find(tensor.name);
    if (entry == part_of.end() || entry->second != file)
      refuse_to_read(path, file, " has tensor ", in_quotes(tensor.name), ", which the index ",
                     entry == part_of.end() ? "does not name" : "says is in " + entry->second);
  }
}

std::deque<Part> open_parts(const std::string& path) {
  std::deque<Part> parts;
  if (!is_index(path)) {
    parts.emplace_back(path);
    return parts;
  }
  const detail::PartOfTensor part_of = detail::read_safetensors_index(path);
  std::map<std::string, const Part*> opened;
  for (const auto& [name, file] : part_of) {
    const Part*& part = opened[file];
    if (!part) {
      part = &parts.emplace_back(beside(path, file));
      want_tensors_of_index(path, part_of, file, *part);
    }
    if (!part->header.by_name.contains(name))
      refuse_to_read(path, file, " has no tensor ", in_quotes(name),
                     ", which the index says it has");
  }
  return parts;
}

}  // namespace

struct SafetensorsFile::Contents {
  explicit Contents(const std::string& path);

  Place find(std::string_view name) const;
  /// The same of tied names too. Throws ValueError.
  Place at(std::string_view name) const;

  std::string path;
  std::deque<Part> parts;
  std::vector<std::string> names;
  detail::TiedNames tied;
  Metadata metadata;
};

SafetensorsFile::Contents::Contents(const std::string& opened)
    : path(opened), parts(open_parts(opened)) {
  for (const Part& part : parts) {
    for (const StoredTensor& tensor : part.header.tensors) names.push_back(tensor.name);
    metadata.insert(part.header.metadata.begin(), part.header.metadata.end());
  }
  tied = detail::tied_names_in(metadata,
                               [&](std::string_view name) { return find(name).part != nullptr; });
  for (const auto& [name, kept] : tied) names.push_back(name);
  metadata = detail::without_tied_names(std::move(metadata), tied);
}

Place SafetensorsFile::Contents::find(std::string_view name) const {
  for (const Part& part : parts) {
    const auto found = part.header.by_name.find(name);
    if (found != part.header.by_name.end()) return {&part, found->second};
  }
  return {};
}

Place SafetensorsFile::Contents::at(std::string_view name) const {
  Place place = find(name);
  if (place.part) return place;
  const auto tie = tied.find(std::string(name));
  if (tie == tied.end()) fail<ValueError>(path, " has no tensor ", in_quotes(name));
  return find(tie->second);
}

SafetensorsFile::SafetensorsFile(const std::string& path)
    : contents_(std::make_unique<const Contents>(path)) {}
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;
SafetensorsFile::~SafetensorsFile() = default;

const std::vector<std::string>& SafetensorsFile::names() const { return contents_->names; }
const Metadata& SafetensorsFile::metadata() const { return contents_->metadata; }

bool SafetensorsFile::contains(std::string_view name) const {
  return contents_->find(name).part || contents_->tied.contains(std::string(name));
}
const std::string& SafetensorsFile::stored_name(std::string_view name) const {
  return contents_->at(name).tensor->name;
}
const Shape& SafetensorsFile::shape(std::string_view name) const {
  return contents_->at(name).tensor->shape;
}
std::string SafetensorsFile::stored_dtype(std::string_view name) const {
  return std::string(contents_->at(name).tensor->dtype->name);
}
DType SafetensorsFile::dtype(std::string_view name) const {
  return dtype_of_place(contents_->at(name));
}
Tensor SafetensorsFile::load(std::string_view name) const { return load_from(contents_->at(name)); }

namespace {

/// Names of a file that are tied to others, and the tensors of those others.
using TiedTo = std::unordered_map<std::string_view, Tensor>;

TiedTo tied_to(const SafetensorsFile& file) {
  TiedTo tensors;
  for (const std::string& name : file.names())
    if (const std::string& stored = file.stored_name(name); stored != name) tensors[stored];
  return tensors;
}

/// Tells which tensors are not what their file has.
void warn_of_conversions(const std::string& path, const SafetensorsFile& file) {
  std::map<std::pair<std::string, DType>, int64_t> counts;
  for (const std::string& name : file.names()) {
    const std::pair read(file.stored_dtype(name), file.dtype(name));
    if (detail::stored_dtype_of(read.second).name != read.first) ++counts[read];
  }
  std::string text;
  for (const auto& [read, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " of " + read.first + " as " +
            name_of(read.second);
  if (!text.empty()) detail::warn(path, ": tensors are read in another dtype: ", text);
}

}  // namespace

StateDict load_safetensors(const std::string& path) {
  const SafetensorsFile file(path);
  TiedTo shared = tied_to(file);
  StateDict all;
  all.reserve(file.names().size());
  for (const std::string& name : file.names()) {
    const auto kept = shared.find(file.stored_name(name));
    if (kept == shared.end())
      all.push_back({name, file.load(name)});
    else if (kept->first == name)
      all.push_back({name, kept->second = file.load(name)});
    else
      all.push_back({name, kept->second});
  }
  warn_of_conversions(path, file);
  return all;
}

}  // namespace rill
