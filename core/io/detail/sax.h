#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <rill/core/io/detail/read_file.h>

namespace rill::detail {

/// Reads JSON from outside as it comes, without a tree: a reader takes what its format has, and
/// whatever it does not take is refused by name. The handlers of nlohmann-json return whether to go
/// on; these always do, or throw Error.
class SaxReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit SaxReader(const std::string& path) : path_(path) {}

  /// `text` must be one value and nothing behind it.
  void read(std::string_view text);

  bool null() override { unexpected("null"); }
  bool boolean(bool value) override { unexpected(value ? "true" : "false"); }
  bool number_integer(int64_t value) override { unexpected(std::to_string(value)); }
  bool number_unsigned(uint64_t value) override { unexpected(std::to_string(value)); }
  bool number_float(double, const std::string& text) override { unexpected(text); }
  bool string(std::string& text) override { unexpected(in_quotes(text)); }
  bool binary(binary_t&) override { unexpected("binary data"); }
  bool start_object(size_t) override { unexpected("an object"); }
  bool start_array(size_t) override { unexpected("an array"); }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override;

 protected:
  /// What is read at this place, for errors: "the header", "field 'shape' of tensor 'x'".
  virtual std::string place() const = 0;
  /// What belongs there: "a text".
  virtual std::string wanted() const = 0;

  [[noreturn]] void unexpected(const std::string& found) const {
    refuse(place(), " must be ", wanted(), ", found ", found);
  }
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    refuse_to_read(path_, parts...);
  }

 private:
  const std::string& path_;
};

}  // namespace rill::detail
