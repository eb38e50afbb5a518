#include "wrapper.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace examples {
namespace {

/// A character as it is written, and its columns.
struct Character {
  std::string bytes;
  int64_t columns;
};

using Range = std::pair<char32_t, char32_t>;
constexpr Range without_width[] = {{0x300, 0x36f}, {0x200b, 0x200f}, {0xfe00, 0xfe0f}};
constexpr Range of_double_width[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                                     {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                                     {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};

template <size_t n>
bool is_in(const Range (&ranges)[n], char32_t code) {
  return std::any_of(ranges, ranges + n,
                     [&](const Range& r) { return code >= r.first && code <= r.second; });
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

/// How many bytes a character has that begins with this one; 0 where none does.
size_t length_of(unsigned char first) {
  return first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/// The character that begins at `at`, of whose bytes `length` are there.
char32_t code_of(const std::string& text, size_t at, size_t length) {
  char32_t code =
      static_cast<unsigned char>(text[at]) & (length == 1 ? 0x7f : 0xff >> (length + 1));
  for (size_t i = 1; i < length; ++i)
    code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3f);
  return code;
}

bool is_whole(const std::string& text, size_t at, size_t length) {
  if (length == 0 || at + length > text.size()) return false;
  return std::all_of(text.begin() + static_cast<int64_t>(at) + 1,
                     text.begin() + static_cast<int64_t>(at + length),
                     [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; });
}

std::vector<Character> characters_of(const std::string& text) {
  std::vector<Character> characters;
  for (size_t at = 0; at < text.size();) {
    const size_t length = length_of(static_cast<unsigned char>(text[at]));
    const bool whole = is_whole(text, at, length);
    const char32_t code = whole ? code_of(text, at, length) : 0;
    if (is_control(code))
      characters.push_back({"?", 1});
    else
      characters.push_back({text.substr(at, length), is_in(without_width, code)     ? 0
                                                     : is_in(of_double_width, code) ? 2
                                                                                    : 1});
    at += whole ? length : 1;
  }
  return characters;
}

int64_t columns_of(const std::vector<Character>& characters) {
  int64_t columns = 0;
  for (const Character& character : characters) columns += character.columns;
  return columns;
}

}  // namespace

int64_t columns_of(const std::string& text) { return columns_of(characters_of(text)); }

std::string Wrapper::take(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' || c == ' ' || c == '\t') end_word(out);
    if (c == '\n') {
      out += '\n';
      column_ = spaces_ = indent_ = 0;
      has_word_ = false;
    } else if (c == ' ') {
      ++spaces_;
    } else if (c == '\t') {
      spaces_ += 8 - (column_ + spaces_) % 8;
    } else if (c != '\r') {
      word_ += c;
    }
  }
  return out;
}

std::string Wrapper::rest() {
  std::string out;
  end_word(out);
  return out;
}

void Wrapper::end_word(std::string& out) {
  if (word_.empty()) return;
  const std::vector<Character> characters = characters_of(std::exchange(word_, ""));
  place(out, columns_of(characters));
  for (const Character& character : characters) {
    if (column_ + character.columns > width_) break_line(out);
    out += character.bytes;
    column_ += character.columns;
  }
  has_word_ = true;
}

/// Goes where the next word, of so many columns, begins. Two spaces begin a column of text, under
/// which a line goes on where that leaves it half of the width.
void Wrapper::place(std::string& out, int64_t columns) {
  const bool fits = column_ + spaces_ + columns <= width_;
  if (!fits && has_word_) break_line(out);
  if (fits) out.append(static_cast<size_t>(spaces_), ' ');
  if (fits) column_ += spaces_;
  if (fits && (!has_word_ || spaces_ > 1) && column_ <= width_ / 2) indent_ = column_;
  spaces_ = 0;
}

void Wrapper::break_line(std::string& out) {
  out += '\n';
  out.append(static_cast<size_t>(indent_), ' ');
  column_ = indent_;
}

}  // namespace examples
