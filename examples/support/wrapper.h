#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace examples {

/// How many columns of a terminal a text takes: two a Chinese character, none an accent on its own.
int64_t columns_of(const std::string& text);

/// Breaks what is written into lines of at most `width` columns, between words where it can. A line
/// that goes on begins where the text of its first one did. What a terminal would take for a
/// command, and what is no UTF-8, becomes "?".
class Wrapper {
 public:
  explicit Wrapper(int64_t width) : width_(width) {}
  /// From the next word on.
  void set_width(int64_t width) { width_ = width; }

  /// What can be written now; a word waits for its end.
  std::string take(std::string_view text);
  /// The word that waits.
  std::string rest();
  /// Whether the next word would be the first of its line.
  bool is_at_line_start() const { return !has_word_ && word_.empty(); }

 private:
  void end_word(std::string& out);
  void place(std::string& out, int64_t columns);
  void break_line(std::string& out);

  int64_t width_;
  int64_t column_ = 0;
  int64_t spaces_ = 0;  // before the word that waits
  int64_t indent_ = 0;  // of a line that goes on
  bool has_word_ = false;
  std::string word_;
};

}  // namespace examples
