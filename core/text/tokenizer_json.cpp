#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include <rill/core/detail/quotes.h>
#include <rill/core/error.h>
#include <rill/core/text/detail/tokenizer_model.h>
#include <rill/core/text/tokenizer.h>

namespace rill {
namespace {

using detail::in_quotes;
using detail::Numbers;
using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(const auto&... parts) {
  fail<ValueError>("Tokenizer::from_json: ", parts...);
}

/// Reads an object of one string, "kind", and lists of whole numbers.
class Reader {
 public:
  std::optional<std::string> kind;
  std::map<std::string, Numbers> lists;

  // What nlohmann::json::sax_parse calls.
  using number_integer_t = Json::number_integer_t;
  using number_unsigned_t = Json::number_unsigned_t;
  using number_float_t = Json::number_float_t;
  using string_t = Json::string_t;
  using binary_t = Json::binary_t;

  bool start_object(size_t) {
    if (depth_ > 0) refuse_value("an object");
    depth_ = 1;
    return true;
  }
  bool end_object() { return true; }

  bool key(string_t& name) {
    const auto known = {"kind", "bytes", "characters", "merges"};
    if (std::ranges::find(known, name) == known.end())
      refuse("there is no field ", in_quotes(name));
    const bool is_new = name == "kind" ? !kind : lists.try_emplace(name).second;
    if (!is_new) refuse(in_quotes(name), " is there twice");
    field_ = name;
    return true;
  }

  bool string(string_t& text) {
    if (field_ != "kind") refuse_value("a string");
    kind = text;
    return true;
  }

  bool start_array(size_t) {
    if (depth_ != 1 || field_ == "kind") refuse_value("a list");
    depth_ = 2;
    list_ = &lists.at(field_);
    return true;
  }
  bool end_array() {
    depth_ = 1;
    return true;
  }

  bool number_unsigned(number_unsigned_t value) {
    if (depth_ != 2 || value > std::numeric_limits<uint32_t>::max())
      refuse_value(std::to_string(value));
    Numbers& numbers = *list_;
    if (numbers.size() == 2 * detail::most_tokens)
      refuse(in_quotes(field_), " has too many numbers");
    numbers.push_back(static_cast<uint32_t>(value));
    return true;
  }

  bool number_integer(number_integer_t value) { refuse_value(std::to_string(value)); }
  bool number_float(number_float_t, const string_t&) {
    refuse_value("a number that is not whole, or too large");
  }
  bool boolean(bool value) { refuse_value(value ? "true" : "false"); }
  bool null() { refuse_value("null"); }
  bool binary(binary_t&) { refuse_value("binary data"); }
  bool parse_error(size_t position, const std::string&, const Json::exception&) {
    refuse("it is no JSON, as byte ", position, " shows");
  }

 private:
  [[noreturn]] void refuse_value(const std::string& found) const {
    if (depth_ == 0) refuse("it must be an object, found ", found);
    const char* wanted =
        field_ == "kind" ? " must be a string" : " must be a list of whole numbers";
    refuse(in_quotes(field_), wanted, ", found ", found);
  }

  int depth_ = 0;  // 1 in the object, 2 in a list
  std::string field_;
  Numbers* list_ = nullptr;
};

using Lists = std::map<std::string, Numbers>;

/// The lists that a kind wants, and what makes it of them.
struct Kind {
  std::set<std::string> fields;
  detail::TokenizerHandle (*make)(Lists& lists);
};

const std::map<std::string, Kind>& kinds() {
  using namespace detail;
  static const std::map<std::string, Kind> all{
      {"bytes", {{"bytes"}, [](Lists& lists) { return byte_tokens(std::move(lists["bytes"])); }}},
      {"characters",
       {{"characters", "bytes"},
        [](Lists& lists) {
          return character_tokens(std::move(lists["characters"]), std::move(lists["bytes"]));
        }}},
      {"byte_pairs", {{"merges"}, [](Lists& lists) { return byte_pair_tokens(lists["merges"]); }}}};
  return all;
}

void want_fields(const std::string& kind, const std::set<std::string>& wanted, const Lists& found) {
  for (const std::string& name : wanted)
    if (!found.contains(name))
      refuse("there is no list ", in_quotes(name), ", which ", kind, " wants");
  for (const auto& [name, numbers] : found)
    if (!wanted.contains(name)) refuse("there is a list ", in_quotes(name), ", unknown to ", kind);
}

}  // namespace

Tokenizer Tokenizer::from_json(std::string_view json) {
  Reader reader;
  // nlohmann-json takes a NUL for the end of its input, and what follows it for nothing.
  if (const size_t nul = json.find('\0'); nul != json.npos)
    refuse("byte ", nul, " is NUL, which is no JSON");
  Json::sax_parse(json, &reader);
  if (!reader.kind) refuse("there is no 'kind'");
  const auto found = kinds().find(*reader.kind);
  if (found == kinds().end())
    refuse("kind must be bytes, characters or byte_pairs, found ", in_quotes(*reader.kind));
  const auto& [name, kind] = *found;
  want_fields(name, kind.fields, reader.lists);
  return Tokenizer(kind.make(reader.lists));
}

std::string Tokenizer::to_json() const {
  Json json{{"kind", kind()}};
  for (const auto& [name, numbers] : model_->lists()) json[name] = numbers;
  return json.dump();
}

}  // namespace rill
