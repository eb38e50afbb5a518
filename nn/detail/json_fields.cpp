#include <rill/nn/detail/json_fields.h>

#include <algorithm>
#include <limits>

#include <rill/core/error.h>
#include <rill/core/io/detail/read_file.h>

namespace rill::nn::detail {
namespace {

using nlohmann::json;
using rill::detail::in_quotes;

constexpr size_t most_bytes = 1 << 20;
constexpr int most_levels = 8;  // each takes memory; a list of bytes is on the second

std::string shown(const json& value) {
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  if (value.is_string()) return in_quotes(value.get_ref<const std::string&>());
  return value.dump();
}

template <class Texts>
std::string line(const std::string& title, const Texts& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
  return list.empty() ? "" : "\n  " + title + list;
}

bool is_int64(const json& value) {
  return value.is_number_integer() &&
         (!value.is_number_unsigned() ||
          value.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()));
}

bool is_byte(const json& value) {
  return value.is_number_unsigned() && value.get<uint64_t>() < 256;
}

}  // namespace

void FieldWriter::bytes(const char* name, const std::string& value) {
  json_[name] = json::array();
  for (const char c : value) json_[name].push_back(static_cast<unsigned char>(c));
}

std::string FieldWriter::text() const {
  std::string text = json_.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > most_bytes)
    fail<ValueError>("as JSON it has ", text.size(), " bytes, more than the ", most_bytes,
                     " that are read: shorten it");
  return text;
}

FieldReader::FieldReader(std::string_view text) {
  if (text.size() > most_bytes)
    fail<ValueError>("it has ", text.size(), " bytes, more than ", most_bytes);
  std::set<std::string> names;
  const auto note = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > most_levels) fail<ValueError>("it nests more than ", most_levels, " levels deep");
    if (depth == 1 && event == json::parse_event_t::key &&
        !names.insert(value.get<std::string>()).second)
      twice_.insert(in_quotes(value.get<std::string>()));
    return true;
  };
  const size_t nul = text.find('\0');  // which nlohmann-json takes for the end
  try {
    fields_ = json::parse(text.substr(0, nul), note);
  } catch (const json::exception&) {
    fail<ValueError>("it is no JSON");
  }
  if (!fields_.is_object() || nul != std::string_view::npos)
    fail<ValueError>("it is no JSON object");
}

const json* FieldReader::find(const char* name) {
  read_.insert(name);
  const auto found = fields_.find(name);
  if (found != fields_.end()) return &*found;
  missing_.emplace_back(name);
  return nullptr;
}

template <class Value>
void FieldReader::read(const char* name, Value& value, bool (*is_one)(const json&),
                       const char* wanted) {
  const json* field = find(name);
  if (!field) return;
  if (is_one(*field))
    value = field->get<Value>();
  else
    refuse(name, *field, wanted);
}

void FieldReader::refuse(const std::string& name, const json& found, const std::string& wanted) {
  of_another_kind_.push_back(name + " must be " + wanted + ", found " + shown(found));
}

void FieldReader::operator()(const char* name, int64_t& value) {
  read(name, value, is_int64, "a whole number");
}

void FieldReader::operator()(const char* name, double& value) {
  read(
      name, value, [](const json& found) { return found.is_number(); }, "a number");
}

void FieldReader::operator()(const char* name, bool& value) {
  read(
      name, value, [](const json& found) { return found.is_boolean(); }, "true or false");
}

void FieldReader::operator()(const char* name, std::string& value) {
  read(
      name, value, [](const json& found) { return found.is_string(); }, "a text");
}

void FieldReader::bytes(const char* name, std::string& value) {
  const json* field = find(name);
  if (!field) return;
  if (!field->is_array() || !std::ranges::all_of(*field, is_byte))
    return refuse(name, *field, "a list of bytes");
  value.clear();
  for (const json& byte : *field) value += static_cast<char>(byte.get<int>());
}

void FieldReader::want_format(const char* name, int64_t newest) const {
  const auto found = fields_.find(name);
  if (found != fields_.end() && found->is_number_integer() && *found > newest)
    fail<ValueError>("its format is ", found->dump(), ", and this rill knows formats up to ",
                     newest, ": read it by a newer rill");
}

void FieldReader::finish() const {
  std::vector<std::string> unknown;
  for (const auto& [name, value] : fields_.items())
    if (!read_.contains(name)) unknown.push_back(in_quotes(name));
  const std::string wrong = line("missing: ", missing_) + line("unknown: ", unknown) +
                            line("there twice: ", twice_) + line("", of_another_kind_);
  if (!wrong.empty()) fail<ValueError>("its fields are not those of this rill:", wrong);
}

}  // namespace rill::nn::detail
