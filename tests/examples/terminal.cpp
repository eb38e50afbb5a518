#include "terminal.h"

#include <numeric>

namespace rill::testing {
namespace {

class Terminal {
 public:
  explicit Terminal(int64_t columns) : columns_(columns) {}

  void put(const std::string& character) {
    if (column_ == columns_) {
      ++shown_.broken;
      feed();
    }
    if (column_ == static_cast<int64_t>(cells_.size())) cells_.emplace_back();
    cells_[static_cast<size_t>(column_++)] = character;
  }

  void feed() {
    shown_.lines.push_back(text());
    cells_.clear();
    column_ = 0;
  }

  void go_to_start() { column_ = 0; }

  void erase() {
    if (!cells_.empty()) shown_.passing.push_back(text());
    cells_.resize(static_cast<size_t>(column_));
  }

  Shown end() {
    feed();
    return shown_;
  }

 private:
  std::string text() const { return std::accumulate(cells_.begin(), cells_.end(), std::string()); }

  const int64_t columns_;
  int64_t column_ = 0;
  std::vector<std::string> cells_;
  Shown shown_;
};

bool goes_on(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

Shown shown_on_terminal(const std::string& output, int64_t columns) {
  Terminal terminal(columns);
  for (size_t at = 0; at < output.size();) {
    size_t length = 1;
    while (at + length < output.size() && goes_on(output[at + length])) ++length;
    if (output[at] == '\n')
      terminal.feed();
    else if (output[at] == '\r')
      terminal.go_to_start();
    else if (output.compare(at, 3, "\033[K") == 0)
      terminal.erase(), length = 3;
    else
      terminal.put(output.substr(at, length));
    at += length;
  }
  return terminal.end();
}

}  // namespace rill::testing
