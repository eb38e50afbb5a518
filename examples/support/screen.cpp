#include "screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <streambuf>
#include <utility>

namespace examples {
namespace {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    text.remove_prefix(static_cast<size_t>(std::max<ssize_t>(written, 0)));
  }
  return true;
}

#ifdef __GLIBC__

template <int descriptor>
ssize_t write_cookie(void*, const char* text, size_t size) {
  return Screen::get().write(descriptor, {text, size}) ? static_cast<ssize_t>(size) : 0;
}

/// For std::cout and std::cerr, which would go on writing to the files that C had at the start.
class StandardFile final : public std::streambuf {
 public:
  explicit StandardFile(FILE*& file) : file_(file) {}

 private:
  int overflow(int c) override { return c == EOF ? 0 : std::fputc(c, file_); }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    return static_cast<std::streamsize>(std::fwrite(text, 1, static_cast<size_t>(size), file_));
  }
  int sync() override { return std::fflush(file_); }

  FILE*& file_;
};

/// What goes to `file` or `stream` goes to the screen, where that is a terminal.
template <int descriptor>
void redirect(FILE*& file, std::ostream& stream, int buffering) {
  if (terminal_width(descriptor) == 0) return;
  std::fflush(file);
  FILE* const to_screen =
      fopencookie(nullptr, "w", {nullptr, write_cookie<descriptor>, nullptr, nullptr});
  if (!to_screen) return;
  std::setvbuf(to_screen, nullptr, buffering, BUFSIZ);
  file = to_screen;
  stream.rdbuf(new StandardFile(file));  // which prints until the very end
}

bool redirect_all() {
  redirect<STDOUT_FILENO>(stdout, std::cout, _IOLBF);
  redirect<STDERR_FILENO>(stderr, std::cerr, _IONBF);
  return true;
}

#else

bool redirect_all() { return false; }

#endif

}  // namespace

int64_t terminal_width(int descriptor) {
  if (isatty(descriptor) != 1) return 0;
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* const columns = std::getenv("COLUMNS");
  const int64_t told = columns ? std::atoi(columns) : 0;
  return told > 0 ? told : 80;
}

Screen& Screen::get() {
  static Screen* const screen = new Screen;  // what outlives main prints too
  return *screen;
}

void Screen::take_over() { has_taken_over_ = redirect_all(); }

bool Screen::can_show() const {
  const char* const kind = std::getenv("TERM");
  const bool obeys = !kind || std::string_view(kind) != "dumb";
  return has_taken_over_ && obeys && terminal_width(STDERR_FILENO) > 0;
}

/// A terminal goes on to the next line at the latest after its last column.
int64_t Screen::width() const { return terminal_width(STDERR_FILENO) - 1; }

void Screen::show(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (!can_show() || !wrapper_.is_at_line_start()) return;
  is_shown_ = write_all(STDERR_FILENO, "\r\033[K" + line);
}

void Screen::clear() {
  const std::lock_guard lock(mutex_);
  write_all(STDERR_FILENO, without_line());
}

bool Screen::write(int descriptor, std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (descriptor != writing_) write_all(writing_, wrapper_.rest());
  writing_ = descriptor;
  wrapper_.set_width(terminal_width(descriptor));
  const std::string out = wrapper_.take(text);
  return out.empty() || write_all(descriptor, without_line() + out);
}

void Screen::finish() {
  const std::lock_guard lock(mutex_);
  write_all(writing_, without_line() + wrapper_.rest());
}

/// The codes that take the line away, where there is one.
std::string Screen::without_line() { return std::exchange(is_shown_, false) ? "\r\033[K" : ""; }

}  // namespace examples
