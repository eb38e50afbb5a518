#include "teller.h"

#include <cstdio>

namespace examples {
namespace {

void print(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
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
  print("\n" + table.text());
  page_.table(id, table);
}

void Teller::write(const std::string& file) const {
  const std::string path = folder_.path(file);
  page_.write(path);
  print("\n" + path + " shows this with charts");
}

}  // namespace examples
