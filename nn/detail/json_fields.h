#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace rill::nn::detail {

template <class Value>
using Names = std::vector<std::pair<std::string, Value>>;

/// Writes an object of JSON. It and FieldReader have the same calls, so that one function can name
/// the fields for both: `fields("n_layer", options.n_layer)`.
class FieldWriter {
 public:
  template <class Value>
  void operator()(const char* name, const Value& value) {
    json_[name] = value;
  }
  template <class Value>
  void operator()(const char* name, const std::optional<Value>& value) {
    json_[name] = value ? nlohmann::ordered_json(*value) : nullptr;
  }
  template <class Value>
  void choice(const char* name, const Value& value, const Names<Value>& names) {
    for (const auto& [text, named] : names)
      if (named == value) json_[name] = text;
  }
  /// Bytes that need be no UTF-8, as a list of numbers.
  void bytes(const char* name, const std::string& value);

  /// What is no UTF-8 becomes U+FFFD, and NaN and infinities null. Throws ValueError where it has
  /// more bytes than FieldReader takes.
  std::string text() const;

 private:
  nlohmann::ordered_json json_ = nlohmann::ordered_json::object();
};

/// Reads an object of JSON from outside, field by field, and tells all that is wrong at once.
class FieldReader {
 public:
  /// Throws ValueError unless it is an object of JSON of at most 1 MB.
  explicit FieldReader(std::string_view text);

  // Each leaves `value` as it is where there is no such field of its kind.
  void operator()(const char* name, int64_t& value);
  void operator()(const char* name, double& value);
  void operator()(const char* name, bool& value);
  void operator()(const char* name, std::string& value);
  template <class Value>
  void operator()(const char* name, std::optional<Value>& value) {
    const auto found = fields_.find(name);
    if (found == fields_.end() || !found->is_null()) return (*this)(name, value.emplace());
    read_.insert(name);
    value.reset();
  }
  template <class Value>
  void choice(const char* name, Value& value, const Names<Value>& names) {
    std::string wanted, text;
    for (const auto& [known, named] : names) wanted += (wanted.empty() ? "" : ", ") + known;
    const nlohmann::json* field = find(name);
    if (!field) return;
    for (const auto& [known, named] : names)
      if (*field == known) return void(value = named);
    refuse(name, *field, "one of " + wanted);
  }
  void bytes(const char* name, std::string& value);

  /// Throws ValueError where the whole number `name` is above `newest`.
  void want_format(const char* name, int64_t newest) const;
  /// Throws ValueError, naming fields that are missing, unknown, there twice or of another kind.
  void finish() const;

 private:
  const nlohmann::json* find(const char* name);
  template <class Value>
  void read(const char* name, Value& value, bool (*is_one)(const nlohmann::json&),
            const char* wanted);
  void refuse(const std::string& name, const nlohmann::json& found, const std::string& wanted);

  nlohmann::json fields_;
  std::set<std::string> read_, twice_;
  std::vector<std::string> missing_, of_another_kind_;
};

}  // namespace rill::nn::detail
