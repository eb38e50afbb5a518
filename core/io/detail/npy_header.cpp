#include <rill/core/io/detail/npy_header.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include <rill/core/io/detail/read_file.h>

namespace rill::detail {
namespace {

class HeaderParser {
 public:
  HeaderParser(const std::string& path, std::string_view text) : path_(path), text_(text) {}

  NpyHeader parse() {
    want('{');
    while (!found('}')) {
      entry();
      if (!found(',') && peek() != '}') refuse("',' or '}'");
    }
    skip_spaces();
    if (!text_.empty()) refuse("nothing more");
    return whole_header();
  }

 private:
  void entry() {
    const std::string_view key = quoted();
    want(':');
    if (key == "descr")
      once(key, descr_, descr());
    else if (key == "fortran_order")
      once(key, fortran_order_, boolean());
    else if (key == "shape")
      once(key, shape_, tuple());
    else
      refuse_to_read(path_, "its header has the key ", in_quotes(key),
                     "; 'descr', 'fortran_order' and 'shape' were expected");
  }

  template <class T>
  void once(std::string_view key, std::optional<T>& place, T value) {
    if (place) refuse_to_read(path_, "its header has the key '", key, "' twice");
    place = std::move(value);
  }

  NpyHeader whole_header() const {
    if (!descr_) refuse_to_read(path_, "its header lacks the key 'descr'");
    if (!fortran_order_) refuse_to_read(path_, "its header lacks the key 'fortran_order'");
    if (!shape_) refuse_to_read(path_, "its header lacks the key 'shape'");
    return {*descr_, *fortran_order_, *shape_};
  }

  std::string descr() {
    if (peek() == '[')
      refuse_to_read(path_, "its elements are structs of several fields; save each by itself");
    return std::string(quoted());
  }

  bool boolean() {
    if (found_word("True")) return true;
    if (found_word("False")) return false;
    refuse("True or False");
  }

  std::vector<int64_t> tuple() {
    std::vector<int64_t> sizes;
    bool has_comma = true;
    want('(');
    while (has_comma && peek() != ')') {
      sizes.push_back(size());
      has_comma = found(',');
    }
    if (sizes.size() == 1 && !has_comma) refuse("',' behind the one size of a tuple");
    want(')');
    return sizes;
  }

  int64_t size() {
    skip_spaces();
    int64_t value = 0;
    const char* const last = text_.data() + text_.size();
    const auto [behind, error] = std::from_chars(text_.data(), last, value);
    if (error == std::errc::result_out_of_range)
      refuse_to_read(path_, "a size in its header is beyond 2^63: ", in_quotes(text_));
    const auto digits = static_cast<size_t>(behind - text_.data());
    const bool has_zeros_in_front = digits > 1 && text_[0] == '0';
    if (error != std::errc() || value < 0 || text_[0] == '-' || has_zeros_in_front)
      refuse("a size");
    text_.remove_prefix(digits);
    return value;
  }

  std::string_view quoted() {
    want('\'');
    const size_t length = text_.find('\'');
    if (length == text_.npos) refuse("a closing quote");
    const std::string_view text = text_.substr(0, length);
    text_.remove_prefix(length + 1);
    return text;
  }

  bool found_word(std::string_view word) {
    skip_spaces();
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }

  bool found(char c) { return found_word({&c, 1}); }

  void want(char c) {
    if (!found(c)) refuse(std::string("'") + c + "'");
  }

  /// The next character that is no space; NUL where there is none.
  char peek() {
    skip_spaces();
    return text_.empty() ? '\0' : text_[0];
  }

  void skip_spaces() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \n"), text_.size()));
  }

  [[noreturn]] void refuse(const std::string& expected) const {
    refuse_to_read(path_, "its header is not what NumPy writes: ", expected,
                   " was expected, found ", in_quotes(text_));
  }

  const std::string& path_;
  std::string_view text_;  // what is not yet read
  std::optional<std::string> descr_;
  std::optional<bool> fortran_order_;
  std::optional<std::vector<int64_t>> shape_;
};

/// "(2, 3)", "(2,)" or "()".
std::string as_tuple(const Shape& shape) {
  std::string text = "(";
  for (int i = 0; i < shape.dims(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.dims() == 1 ? ",)" : ")");
}

}  // namespace

NpyHeader parse_npy_header(const std::string& path, std::string_view text) {
  return HeaderParser(path, text).parse();
}

std::string npy_preamble(std::string_view descr, const Shape& shape) {
  constexpr size_t alignment = 64, before = 10;  // magic, version and size
  std::string header = "{'descr': '" + std::string(descr) +
                       "', 'fortran_order': False, 'shape': " + as_tuple(shape) + ", }";
  header.append(alignment - (before + header.size() + 1) % alignment, ' ');
  header += '\n';
  std::string preamble("\x93NUMPY\x01\x00", 8);
  preamble += static_cast<char>(header.size() & 0xff);
  preamble += static_cast<char>(header.size() >> 8);
  return preamble + header;
}

}  // namespace rill::detail
