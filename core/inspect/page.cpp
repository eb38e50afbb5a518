#include <rill/core/inspect/page.h>

#include <rill/core/detail/utf8.h>
#include <rill/core/error.h>
#include <rill/core/file.h>
#include <rill/core/inspect/detail/page_parts.h>

namespace rill::inspect {
namespace {

/// JSON inside a <script>: no text in it can end that.
std::string script_json(const std::string& json) {
  std::string out;
  for (const char c : rill::detail::valid_utf8(json)) c == '<' ? out += "\\u003c" : out += c;
  return out;
}

std::string json_element(const std::string& attribute, const std::string& name,
                         const std::string& json) {
  return "<script type=\"application/json\" " + attribute + "=\"" + escape_html(name) + "\">" +
         script_json(json) + "</script>\n";
}

}  // namespace

Page::Page(std::string title) : title_(std::move(title)) {}

Page& Page::add(const std::string& html) {
  if (in_charts_) body_ += "</div>\n";
  in_charts_ = false;
  body_ += html;
  return *this;
}

Page& Page::heading(const std::string& text, int level) {
  if (level < 2 || level > 6)
    fail<ValueError>("a heading has a level from 2 to 6, not ", level, ": 1 is the page's title");
  const std::string tag = "h" + std::to_string(level);
  return add("<" + tag + ">" + escape_html(text) + "</" + tag + ">\n");
}

Page& Page::text(const std::string& text) { return add("<p>" + escape_html(text) + "</p>\n"); }

Page& Page::preformatted(const std::string& text) {
  return add("<pre>\n" + escape_html(text) + "</pre>\n");
}

Page& Page::links(const std::vector<Link>& links) {
  std::string items;
  for (const Link& link : links) {
    const std::string text = escape_html(link.text);
    items += "<li>";
    items += link.address.empty()
                 ? text
                 : "<a href=\"" + escape_html(link.address) + "\">" + text + "</a>";
    items += (link.text.empty() || link.note.empty() ? "" : ": ") + escape_html(link.note);
    items += "</li>\n";
  }
  return add("<ol>\n" + items + "</ol>\n");
}

Page& Page::table(const std::string& id, const Table& table) {
  return add("<div class=\"table\" data-table=\"" + escape_html(id) + "\">\n" + table.html() +
             "</div>\n");
}

Page& Page::section(const Section& section) {
  styles_ += section.style;
  if (!section.script.empty())
    scripts_ += "<script>\n(() => {\n\"use strict\";\n" + section.script + "})();\n</script>\n";
  return add(section.html);
}

Page& Page::chart_of(const std::string& id, const std::string& json) {
  const std::string element = "data-chart=\"" + escape_html(id) + "\"></div>\n";
  if (body_.find(element) != std::string::npos)
    fail<ValueError>("the page has a chart '", id, "' already: give each its own id");
  if (!in_charts_) body_ += "<div class=\"charts\">\n";
  in_charts_ = true;
  body_ += "<div class=\"chart\" " + element;
  specs_ += json_element("data-spec", id, json);
  return *this;
}

std::string Page::html() const {
  const std::string title = escape_html(title_);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n<title>" +
      title + "</title>\n<style>" + detail::page_style() + styles_ +
      "</style>\n</head>\n<body>\n<main>\n<h1>" + title + "</h1>\n" + body_ +
      (in_charts_ ? "</div>\n" : "") + "</main>\n";
  if (!specs_.empty())
    out += specs_ + json_element("data-theme", "light", chart_theme(false)) +
           json_element("data-theme", "dark", chart_theme(true)) + "<script>\n" +
           detail::vega_script(RILL_VEGA_DIR) + "</script>\n<script>\nconst rill = (() => {\n" +
           detail::page_script() +
           "return {views, get ready() { return ready; }};\n})();\n</script>\n";
  return out + scripts_ + "</body>\n</html>\n";
}

void Page::write(const std::string& path) const { replace_file(path, html()); }

}  // namespace rill::inspect
