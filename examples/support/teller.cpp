#include "teller.h"

#include <cstdio>
#include <filesystem>

namespace examples {
namespace {

void print(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

}  // namespace

Teller::Teller(const std::string& title) : page_(title) {}

void Teller::heading(const std::string& text, int level) {
  print("\n" + text + "\n");
  page_.heading(text, level);
}

void Teller::text(const std::string& text) {
  print(text);
  page_.text(text);
}

void Teller::table(const std::string& id, const rill::Table& table) {
  print("\n" + table.text());
  page_.table(id, table);
}

void Teller::write(const std::string& folder, const std::string& file) const {
  std::filesystem::create_directories(folder);
  const std::string path = folder + "/" + file;
  page_.write(path);
  print("\n" + path + " shows this with charts");
}

}  // namespace examples
