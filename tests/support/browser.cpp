#include "tests/support/browser.h"
#include "tests/support/text_of.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <rill/core/detail/system_memory.h>

namespace rill::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const char* const result_begin = "<script type=\"application/json\" id=\"result\">";

/// Leaves {value, requests} or {error} in the page, for --dump-dom. A page without a screen has few
/// frames: virtual time ends before a slow machine has drawn one, so frames come by virtual time
/// too.
const char* const probe = R"js(<script>
globalThis.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 16);
const drawn = (id, type) => {
  const found = [];
  const walk = (mark) => {
    for (const item of mark.items || []) {
      if (mark.marktype === type && mark.role === "mark") {
        const {x, y, x2, y2, width, height, text, fill, opacity, stroke, strokeDash} = item;
        found.push({x, y, x2, y2, width, height, text, fill, opacity, stroke, strokeDash, datum: {...item.datum}});
      }
      if (mark.marktype === "group") for (const inner of item.items || []) walk(inner);
    }
  };
  walk(rill.views[id].scenegraph().root);
  return found;
};
const cells = (id) => [...document.querySelectorAll(`[data-table="${id}"] tr`)].map(
    (row) => [...row.children].map((cell) => cell.textContent));
(async () => {
  const result = {};
  try {
    if (document.readyState !== "complete")
      await new Promise((loaded) => addEventListener("load", loaded));
    if (typeof rill !== "undefined") await rill.ready;
    result.value = await (EXPRESSION);
  } catch (error) {
    result.error = String(error);
  }
  result.requests = performance.getEntriesByType("resource").map((entry) => entry.name);
  const element = document.createElement("script");
  element.type = "application/json";
  element.id = "result";
  element.textContent = JSON.stringify(result).replaceAll("<", "\\u003c");
  (parent === self ? document : parent.document).body.append(element);
})();
</script>)js";

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "rill-browser-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a folder like " + name);
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

// Chromium's own windows are wider.
constexpr int narrowest_window = 500;

/// The page as it is in a window of this width.
std::string framed(const std::string& html, int width) {
  std::string text = json(html).dump();
  for (size_t at = 0; (at = text.find('<', at)) != std::string::npos;)
    text.replace(at, 1, "\\u003c");
  return "<!DOCTYPE html><html style=\"color-scheme: light dark\"><body style=\"margin: 0\">"
         "<iframe style=\"border: 0; height: 1000px; width: " +
         std::to_string(width) +
         "px\"></iframe><script>document.querySelector('iframe').srcdoc = " + text +
         ";</script></body></html>";
}

void write_with_probe(const fs::path& path, std::string html, const std::string& expression,
                      int width) {
  const size_t end = html.rfind("</body>");
  if (end == std::string::npos) throw std::runtime_error("this is no page: it has no </body>");
  std::string script = probe;
  script.replace(script.find("EXPRESSION"), 10, expression);
  html.insert(end, script);
  std::ofstream(path, std::ios::binary) << (width < narrowest_window ? framed(html, width) : html);
}

std::string command(const fs::path& folder, const BrowserOptions& options) {
  return "timeout 120 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage "
         "--no-first-run --disable-extensions --disable-sync --disable-background-networking "
         "--disable-component-update --enable-logging=stderr --host-resolver-rules='MAP * "
         "~NOTFOUND' "
         "--user-data-dir=" +
         (folder / "profile").string() + " --window-size=" + std::to_string(options.width) +
         ",1000" + " --blink-settings=preferredColorScheme=" + (options.dark ? "0" : "1") +
         " --virtual-time-budget=20000 --dump-dom file://" + (folder / "page.html").string() +
         " </dev/null >" + (folder / "dom").string() + " 2>" + (folder / "log").string();
}

std::string console_messages(const std::string& log) {
  std::istringstream lines(log);
  std::string found;
  for (std::string line; std::getline(lines, line);)
    if (line.find(":CONSOLE") != std::string::npos) found += line + "\n";
  return found;
}

json result_of(const std::string& dom, const std::string& log) {
  const size_t begin = dom.rfind(result_begin);
  if (begin == std::string::npos)
    throw std::runtime_error("Chromium gave no result; it says:\n" + log);
  const size_t from = begin + std::string(result_begin).size();
  return json::parse(dom.substr(from, dom.find("</script>", from) - from));
}

}  // namespace

bool has_browser() {
  return !rill::detail::is_sanitized && std::system("command -v chromium >/dev/null 2>&1") == 0;
}

json evaluate_in_browser(const std::string& page, const std::string& expression,
                         BrowserOptions options) {
  const Folder folder;
  write_with_probe(folder.path / "page.html", text_of(page), expression, options.width);
  const int status = std::system(command(folder.path, options).c_str());
  const std::string log = text_of(folder.path / "log");
  EXPECT_EQ(status, 0) << log;
  EXPECT_EQ(console_messages(log), "");
  const json result = result_of(text_of(folder.path / "dom"), log);
  EXPECT_FALSE(result.contains("error")) << result;
  EXPECT_EQ(result["requests"], json::array()) << "the page asks for more than itself";
  return result.value("value", json());
}

}  // namespace rill::testing
