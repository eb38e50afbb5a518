#include <rill/core/io/detail/safetensors_header.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <utility>
#include <vector>

#include <rill/core/io/detail/foreign.h>
#include <rill/core/io/detail/sax.h>

namespace rill::detail {
namespace {

/// Reads {"__metadata__": {"key": "text"}, "name": {"dtype": "F32", "shape": [2, 3],
/// "data_offsets": [0, 24]}}.
class HeaderReader final : public SaxReader {
 public:
  HeaderReader(const std::string& path, SafetensorsHeader& header)
      : SaxReader(path), header_(header) {}

  bool start_object(size_t) override {
    return move(
        "an object",
        {{At::header, At::names}, {At::metadata, At::metadata_keys}, {At::tensor, At::fields}});
  }
  bool end_object() override {
    if (at_ == At::fields) want_all_fields();
    return move("its end",
                {{At::names, At::end}, {At::metadata_keys, At::names}, {At::fields, At::names}});
  }
  bool start_array(size_t) override {
    return move("an array", {{At::shape, At::sizes}, {At::offsets, At::bounds}});
  }
  bool end_array() override {
    if (at_ == At::bounds && bounds_ != 2) unexpected(std::to_string(bounds_));
    return move("its end", {{At::sizes, At::fields}, {At::bounds, At::fields}});
  }
  bool key(std::string& name) override {
    if (at_ == At::names)
      begin_tensor(std::move(name));
    else if (at_ == At::fields)
      begin_field(name);
    else
      begin_metadata(std::move(name));
    return true;
  }
  bool string(std::string& text) override {
    if (at_ == At::dtype)
      set_dtype(text);
    else if (at_ == At::metadata_text)
      header_.metadata[key_] = std::move(text);
    else
      unexpected(in_quotes(text));
    at_ = at_ == At::dtype ? At::fields : At::metadata_keys;
    return true;
  }
  bool number_unsigned(uint64_t value) override {
    if (at_ == At::sizes)
      add_size(value);
    else if (at_ == At::bounds)
      add_bound(value);
    else
      unexpected(std::to_string(value));
    return true;
  }

 private:
  /// What comes next: a value, or what stands inside an object or array.
  enum class At {
    header,
    names,
    end,
    metadata,
    metadata_keys,
    metadata_text,
    tensor,
    fields,
    dtype,
    shape,
    sizes,
    offsets,
    bounds
  };
  static constexpr std::array<std::string_view, 3> field_names{"dtype", "shape", "data_offsets"};
  static constexpr std::array<At, 3> field_values{At::dtype, At::shape, At::offsets};

  bool move(const std::string& found, std::initializer_list<std::pair<At, At>> moves) {
    for (const auto& [from, to] : moves)
      if (at_ == from) {
        at_ = to;
        return true;
      }
    unexpected(found);
  }

  StoredTensor& tensor() { return header_.tensors.back(); }
  std::string tensor_name() const { return "tensor " + in_quotes(header_.tensors.back().name); }

  void begin_tensor(std::string name) {
    at_ = name == metadata_name ? At::metadata : At::tensor;
    if (at_ == At::metadata) {
      if (std::exchange(has_metadata_, true)) refuse("the header has its metadata twice");
      return;
    }
    header_.tensors.emplace_back().name = std::move(name);
    if (!header_.by_name.emplace(tensor().name, &tensor()).second)
      refuse(tensor_name(), " is there twice");
    has_field_ = {};
    bounds_ = 0;
  }

  void begin_field(const std::string& name) {
    const auto found = std::ranges::find(field_names, name);
    if (found == field_names.end())
      refuse(tensor_name(), " has a field ", in_quotes(name),
             "; there are 'dtype', 'shape' and 'data_offsets'");
    const auto i = static_cast<size_t>(found - field_names.begin());
    if (std::exchange(has_field_[i], true)) refuse(tensor_name(), " has '", name, "' twice");
    at_ = field_values[i];
  }

  void begin_metadata(std::string name) {
    key_ = std::move(name);
    at_ = At::metadata_text;
    if (header_.metadata.contains(key_)) refuse("the metadata has ", in_quotes(key_), " twice");
  }

  void set_dtype(const std::string& name) {
    tensor().dtype = find_stored_dtype(name);
    if (!tensor().dtype)
      refuse(tensor_name(), " has the dtype ", in_quotes(name),
             ", which safetensors does not know");
  }

  void add_size(uint64_t size) {
    if (!std::in_range<int64_t>(size)) unexpected(std::to_string(size));
    if (tensor().shape.dims() == max_dims)
      refuse(tensor_name(), " has more than ", max_dims, " dimensions, the most that rill takes");
    tensor().shape.push_back(static_cast<int64_t>(size));
  }

  void add_bound(uint64_t bound) {
    if (bounds_ == 2) unexpected("a third, " + std::to_string(bound));
    (bounds_++ == 0 ? tensor().begin : tensor().end) = bound;
  }

  void want_all_fields() {
    for (size_t i = 0; i < field_names.size(); ++i)
      if (!has_field_[i]) refuse(tensor_name(), " has no '", field_names[i], "'");
  }

  std::string place() const override {
    switch (at_) {
      case At::header:
      case At::names:
      case At::end: return "the header";
      case At::metadata:
      case At::metadata_keys: return "the metadata";
      case At::metadata_text: return in_quotes(key_) + " of the metadata";
      case At::tensor:
      case At::fields: return tensor_name();
      case At::dtype: return "'dtype' of " + tensor_name();
      case At::shape:
      case At::sizes: return "'shape' of " + tensor_name();
      case At::offsets:
      case At::bounds: return "'data_offsets' of " + tensor_name();
    }
    return "";
  }
  std::string wanted() const override {
    switch (at_) {
      case At::dtype:
      case At::metadata_text: return "a text";
      case At::shape: return "an array";
      case At::sizes: return "whole numbers from 0 to 2^63 - 1";
      case At::offsets:
      case At::bounds: return "two whole numbers from 0 to 2^64 - 1";
      default: return "an object";
    }
  }

  SafetensorsHeader& header_;
  At at_ = At::header;
  bool has_metadata_ = false;
  std::string key_;  // of the metadata
  std::array<bool, 3> has_field_{};
  int bounds_ = 0;
};

/// The length that the first 8 bytes give.
uint64_t header_bytes(const std::string& path, std::string_view file) {
  uint64_t bytes = 0;
  if (file.size() < sizeof(bytes))
    refuse_to_read(path, "it has ", file.size(),
                   " bytes; a safetensors file begins with 8 that tell ", "how long its header is");
  std::memcpy(&bytes, file.data(), sizeof(bytes));
  if (bytes > most_header_bytes)
    refuse_to_read(path, "its first 8 bytes tell of a header of ", bytes, " bytes, more than the ",
                   most_header_bytes, " that are allowed; is it a safetensors file?");
  if (bytes > file.size() - sizeof(bytes))
    refuse_to_read(path, "its first 8 bytes tell of a header of ", bytes, " bytes, but only ",
                   file.size() - sizeof(bytes), " follow; it was cut, or is no safetensors file");
  return bytes;
}

void want_brace(const std::string& path, std::string_view json) {
  if (json.empty()) refuse_to_read(path, "its header is empty");
  if (json.front() != '{')
    refuse_to_read(path, "its header begins with ", in_quotes(json.substr(0, 1)), ", not with '{'");
}

/// The bits of a tensor's elements; nothing where they are 2^63 or more.
std::optional<int64_t> bits_of(const StoredTensor& tensor) {
  if (std::ranges::count(tensor.shape, 0) > 0) return 0;
  auto bits = static_cast<int64_t>(tensor.dtype->bits);
  for (const int64_t size : tensor.shape)
    if (__builtin_mul_overflow(bits, size, &bits)) return {};
  return bits;
}

[[noreturn]] void refuse_bytes(const std::string& path, const StoredTensor& tensor,
                               const std::optional<int64_t>& bits) {
  const std::string name = "tensor " + in_quotes(tensor.name);
  if (tensor.begin > tensor.end)
    refuse_to_read(path, name, " ends at byte ", tensor.end,
                   " behind the header, before its begin, ", tensor.begin);
  const auto shape = to_string(tensor.shape) + " of " + std::string(tensor.dtype->name);
  if (!bits) refuse_to_read(path, name, " of shape ", shape, " has more bits than 2^63");
  if (*bits % 8 != 0) refuse_to_read(path, name, " of shape ", shape, " ends within a byte");
  refuse_to_read(path, name, " of shape ", shape, " has ", *bits / 8, " bytes, but lies from ",
                 tensor.begin, " to ", tensor.end);
}

void want_bytes_of_shape(const std::string& path, const StoredTensor& tensor) {
  const std::optional<int64_t> bits = bits_of(tensor);
  if (tensor.begin > tensor.end || !bits || *bits % 8 != 0 ||
      static_cast<uint64_t>(*bits) / 8 != tensor.end - tensor.begin)
    refuse_bytes(path, tensor, bits);
}

/// The tensors as they lie in the file.
std::vector<const StoredTensor*> by_place(const SafetensorsHeader& header) {
  std::vector<const StoredTensor*> sorted;
  sorted.reserve(header.tensors.size());
  for (const StoredTensor& tensor : header.tensors) sorted.push_back(&tensor);
  std::ranges::sort(sorted, {}, [](const auto* one) { return std::pair(one->begin, one->end); });
  return sorted;
}

[[noreturn]] void refuse_place(const std::string& path, const StoredTensor& tensor,
                               uint64_t before) {
  const std::string name = "tensor " + in_quotes(tensor.name);
  if (tensor.begin < before)
    refuse_to_read(path, name, " begins at byte ", tensor.begin,
                   " behind the header, but another ends only at ", before);
  refuse_to_read(path, name, " begins at byte ", tensor.begin, " behind the header; those from ",
                 before, " on belong to no tensor");
}

/// Each of the `bytes` behind the header must belong to one tensor.
void want_no_gaps(const std::string& path, const SafetensorsHeader& header, uint64_t bytes) {
  uint64_t end = 0;
  for (const StoredTensor* tensor : by_place(header)) {
    if (tensor->begin != end) refuse_place(path, *tensor, end);
    end = tensor->end;
    if (end > bytes)
      refuse_to_read(path, "tensor ", in_quotes(tensor->name), " ends at byte ", end,
                     " behind the header, but only ", bytes, " follow; the file was cut");
  }
  if (end != bytes)
    refuse_to_read(path, bytes - end, " bytes behind the last tensor belong to none");
}

}  // namespace

SafetensorsHeader read_safetensors_header(const std::string& path, std::string_view file) {
  refuse_pickle(path, file.substr(0, telling_bytes));
  constexpr size_t length = sizeof(uint64_t);
  const std::string_view json = file.substr(length, header_bytes(path, file));
  want_brace(path, json);
  SafetensorsHeader header;
  HeaderReader(path, header).read(json);
  header.data_begin = length + json.size();
  for (const StoredTensor& tensor : header.tensors) want_bytes_of_shape(path, tensor);
  want_no_gaps(path, header, file.size() - header.data_begin);
  return header;
}

}  // namespace rill::detail
