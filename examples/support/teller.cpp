#include "teller.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "index_page.h"
#include "screen.h"

namespace examples {
namespace {

void print(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

int64_t widest_line(const std::string& text) {
  int64_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, columns_of(line));
  return widest;
}

/// Each row as lines of its own, the first cell above, then the others behind their columns.
std::string as_lines(const rill::inspect::Table& table) {
  std::string text;
  for (const std::vector<std::string>& row : table.rows) {
    rill::inspect::Table cells{.columns = {"  ", ""}};
    for (size_t i = 1; i < row.size(); ++i) cells.rows.push_back({"  " + table.columns[i], row[i]});
    const std::string lines = cells.text();
    text += row[0] + lines.substr(lines.find('\n'));
  }
  return text;
}

/// The table, or its rows as lines where a terminal is too narrow for it.
std::string fitted(const rill::inspect::Table& table) {
  const std::string text = table.text();
  const int64_t width = terminal_width(STDOUT_FILENO);
  return width == 0 || widest_line(text) <= width ? text : as_lines(table);
}

}  // namespace

Teller::Teller(const std::string& title, const std::string& folder)
    : folder_(folder), page_(title) {}

void Teller::heading(const std::string& text, int level) {
  print("\n" + text + "\n");
  page_.heading(text, level);
}

void Teller::text(const std::string& text) {
  print(text);
  page_.text(text);
}

void Teller::table(const std::string& id, const rill::inspect::Table& table) {
  print("\n" + fitted(table));
  page_.table(id, table);
}

void Teller::write(const std::string& file) const {
  const std::string path = folder_.path(file);
  page_.write(path);
  print("\n" + path + " shows this with charts");
  write_index(path);
}

}  // namespace examples
