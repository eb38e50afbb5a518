#include <rill/core/io/detail/npy_reader.h>

#include <algorithm>

#include <rill/core/io/detail/foreign.h>
#include <rill/core/io/detail/npy_elements.h>
#include <rill/core/io/detail/npy_header.h>
#include <rill/core/io/detail/read_file.h>
#include <rill/core/ops.h>

namespace rill::detail {
namespace {

/// The bytes of a file, from the first to the last.
class Input {
 public:
  Input(std::string_view bytes, const std::string& name) : path(name), bytes_(bytes) {}

  /// The next ones, of which there must be as many.
  std::string_view read(uint64_t count) {
    const std::string_view bytes = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return bytes;
  }
  uint64_t left() const { return bytes_.size(); }

  const std::string& path;

 private:
  std::string_view bytes_;
};

constexpr std::string_view magic = "\x93NUMPY";

void want_npy(const std::string& path, std::string_view first_bytes) {
  refuse_pickle(path, first_bytes);
  if (first_bytes.empty()) refuse_to_read(path, "it is empty");
  if (first_bytes.starts_with("PK\x03\x04"))
    refuse_to_read(path, "it is a zip archive; the arrays in one (.npz) are .npy files: unzip it");
  const std::string_view found = first_bytes.substr(0, magic.size());
  if (found != magic)
    refuse_to_read(path, "a .npy file begins with \\x93NUMPY, this with ", in_quotes(found));
}

/// The size of the header, of 2 bytes in version 1.0 and of 4 in 2.0 and 3.0.
uint64_t read_header_size(Input& file) {
  if (file.left() < magic.size() + 2) refuse_to_read(file.path, "it ends before its version");
  const std::string_view start = file.read(magic.size() + 2);
  const int major = static_cast<unsigned char>(start[6]),
            minor = static_cast<unsigned char>(start[7]);
  if (major < 1 || major > 3 || minor != 0)
    refuse_to_read(file.path, "it has version ", major, ".", minor, "; 1.0, 2.0 and 3.0 are known");
  const uint64_t digits = major == 1 ? 2 : 4;
  if (file.left() < digits) refuse_to_read(file.path, "it ends before the size of its header");
  uint64_t size = 0;
  const std::string_view bytes = file.read(digits);
  for (uint64_t i = digits; i-- > 0;) size = size << 8 | static_cast<unsigned char>(bytes[i]);
  return size;
}

NpyHeader read_header(Input& file) {
  constexpr uint64_t most = 10000;
  const uint64_t size = read_header_size(file);
  if (size > most)
    refuse_to_read(file.path, "its header has ", size, " bytes; more than ", most, " are refused");
  if (size > file.left())
    refuse_to_read(file.path, "it ends in its header: ", file.left(), " of ", size,
                   " bytes are there");
  return parse_npy_header(file.path, file.read(size));
}

const NpyType& type_of(const std::string& path, const std::string& descr) {
  if (const NpyType* type = npy_type_of(descr)) return *type;
  const std::string found = "its type is " + in_quotes(descr) + ", ";
  if (descr.starts_with("|O"))
    refuse_to_read(path, found,
                   "objects of Python, which stand there as a pickle; only numbers "
                   "and bools can be read");
  if (descr.starts_with(">"))
    refuse_to_read(path, found,
                   "big-endian; in Python, a.astype(a.dtype.newbyteorder('<')) gives "
                   "what can be read");
  refuse_to_read(path, found,
                 "which no tensor has; in Python, a.astype('<f4') and its like give "
                 "what can be read");
}

Shape shape_of(const std::string& path, const std::vector<int64_t>& sizes) {
  if (sizes.size() > static_cast<size_t>(max_dims))
    refuse_to_read(path, "its array has ", sizes.size(), " dimensions, a tensor at most ",
                   max_dims);
  return Shape(sizes);
}

/// What the header promises, which must be there before memory is taken for it.
uint64_t byte_count(const Input& file, const Shape& shape, size_t element_size) {
  int64_t bytes = static_cast<int64_t>(element_size);
  const bool is_empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  if (is_empty) return 0;
  for (const int64_t size : shape)
    if (__builtin_mul_overflow(bytes, size, &bytes))
      refuse_to_read(file.path, "its shape ", shape, " has more bytes than 2^63");
  const auto count = static_cast<uint64_t>(bytes);
  if (count > file.left())
    refuse_to_read(file.path, "it is cut short: its shape ", shape, " takes ", count, " bytes, ",
                   file.left(), " are there");
  return count;
}

void want_bools(const std::string& path, const Tensor& tensor) {
  const auto* const bytes = static_cast<const unsigned char*>(tensor.raw_data());
  const auto* const last = bytes + tensor.numel();
  const auto* const found = std::find_if(bytes, last, [](unsigned char byte) { return byte > 1; });
  if (found != last)
    refuse_to_read(path, "its bool ", found - bytes, " is ", int{*found}, ", neither 0 nor 1");
}

Tensor read_elements(Input& file, const NpyType& type, const Shape& shape) {
  const std::string_view bytes = file.read(byte_count(file, shape, type.bytes));
  Tensor out = Tensor::empty(shape, type.dtype);
  if (type.convert)
    type.convert(bytes.data(), out.raw_data(), bytes.size() / type.bytes);
  else
    std::ranges::copy(bytes, static_cast<char*>(out.raw_data()));
  if (type.dtype == bool_) want_bools(file.path, out);
  return out;
}

Shape reversed(const Shape& shape) {
  Shape out = shape;
  std::reverse(out.data(), out.data() + out.dims());
  return out;
}

/// Fortran's order is that of the transposed array.
Tensor read_transposed(Input& file, const NpyType& type, const Shape& shape) {
  Shape dims;
  for (int i = shape.dims() - 1; i >= 0; --i) dims.push_back(i);
  return contiguous(permute(read_elements(file, type, reversed(shape)), dims));
}

}  // namespace

Tensor read_npy(std::string_view bytes, const std::string& path) {
  want_little_endian(path);
  want_npy(path, bytes.substr(0, telling_bytes));
  Input file(bytes, path);
  const NpyHeader header = read_header(file);
  const NpyType& type = type_of(path, header.descr);
  const Shape shape = shape_of(path, header.shape);
  return header.fortran_order ? read_transposed(file, type, shape)
                              : read_elements(file, type, shape);
}

}  // namespace rill::detail
