#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "wrapper.h"

namespace examples {

/// The columns of the terminal behind a descriptor: as it says itself, else as COLUMNS says, else
/// 80. 0 where there is no terminal.
int64_t terminal_width(int descriptor);

/// The terminal that standard output and standard error show, once both go through here: texts are
/// broken between words, and below them stands one line that is written over. Where one of the two
/// is a pipe or a file, nothing changes for that one.
class Screen {
 public:
  /// The one of this program.
  static Screen& get();

  /// From now on what is printed, by C or C++, goes through it.
  void take_over();
  /// Whether it does, and standard error is a terminal, on which a line can be written over
  /// (TERM=dumb says that it cannot).
  bool can_show() const;
  /// The columns that such a line may have.
  int64_t width() const;
  /// Writes it over the last one.
  void show(const std::string& line);
  /// Takes it away.
  void clear();

  /// Writes text; false where the terminal is gone.
  bool write(int descriptor, std::string_view text);
  /// Writes the word that still waits.
  void finish();

 private:
  Screen() = default;
  std::string without_line();

  std::mutex mutex_;
  Wrapper wrapper_{80};
  int writing_ = 1;  // the descriptor of the word that waits
  bool is_shown_ = false;
  bool has_taken_over_ = false;
};

}  // namespace examples
