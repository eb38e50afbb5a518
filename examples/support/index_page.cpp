#include "index_page.h"

#include <rill/core/inspect/page.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "catalogue.h"

namespace examples {
namespace {

namespace fs = std::filesystem;
using rill::inspect::Link;

constexpr const char* title = "rill: lessons and pages";

/// In the order to learn in.
const std::vector<std::string> lessons = {"examples/word_order/why_position.md",
                                          "examples/walk_through/sines_and_cosines.md",
                                          "examples/scale/how_large.md",
                                          "examples/walk_through/building_both.md",
                                          "examples/learned_positions/learned_and_segments.md",
                                          "examples/encoding_league/rotary_and_relative.md",
                                          "examples/encoding_league/recap.md",
                                          "examples/gradients/how_gradients_flow.md"};

/// The nearest folder "out", else nothing.
fs::path out_of(const std::string& folder) {
  for (fs::path path = fs::absolute(folder).lexically_normal(); path.has_relative_path();
       path = path.parent_path())
    if (path.filename() == "out") return path;
  return {};
}

/// "why position"
std::string title_of(const std::string& lesson) {
  std::string title = fs::path(lesson).stem();
  std::ranges::replace(title, '_', ' ');
  return title;
}

std::vector<Link> lesson_links(const fs::path& out) {
  std::vector<Link> links;
  for (const std::string& lesson : lessons) {
    const bool is_there = fs::exists(lesson);
    links.push_back({title_of(lesson), is_there ? fs::relative(lesson, out).string() : "",
                     is_there ? "" : lesson});
  }
  return links;
}

/// From the first example along what each names as next.
std::vector<Entry> in_order() {
  std::vector<Entry> order;
  for (Entry entry = entry_of("00_backward"); !entry.text.empty(); entry = entry_of(entry.next)) {
    if (std::ranges::count(order, entry.name, &Entry::name) > 0) break;
    order.push_back(entry);
  }
  for (const Entry& entry : catalogue())
    if (std::ranges::count(order, entry.name, &Entry::name) == 0) order.push_back(entry);
  return order;
}

/// The pages in the example's own folder, those of tiny_transformer in "out" itself.
std::vector<fs::path> pages_of(const fs::path& out, const std::string& example) {
  const fs::path folder = example == "tiny_transformer" ? out : out / example;
  std::vector<fs::path> pages;
  if (!fs::is_directory(folder)) return pages;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(folder, ignored))
    if (file.path().extension() == ".html" && file.path().filename() != "index.html")
      pages.push_back(file.path());
  std::ranges::sort(pages);
  return pages;
}

std::vector<Link> example_links(const fs::path& out) {
  std::vector<Link> links;
  for (const Entry& entry : in_order()) {
    const std::vector<fs::path> pages = pages_of(out, entry.name);
    if (pages.empty()) links.push_back({"", "", "examples/run " + entry.name + ": " + entry.text});
    for (const fs::path& page : pages)
      links.push_back({entry.name + ": " + page.stem().string(), fs::relative(page, out).string(),
                       page == pages.front() ? entry.text : ""});
  }
  return links;
}

/// Whether there is another file of that name, which is not ours to replace.
bool is_of_others(const fs::path& index) {
  std::ifstream file(index);
  if (!file) return false;
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return text.find(std::string("<title>") + title + "</title>") == std::string::npos;
}

}  // namespace

void write_index(const std::string& folder) {
  const fs::path out = out_of(folder);
  if (out.empty() || is_of_others(out / "index.html")) return;
  rill::inspect::Page(title)
      .heading("Lessons, in the order to learn in")
      .links(lesson_links(out))
      .heading("Examples, and the pages they wrote")
      .links(example_links(out))
      .write((out / "index.html").string());
}

}  // namespace examples
