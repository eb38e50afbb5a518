#pragma once

#include <string>
#include <utility>
#include <vector>

#include <rill/core/inspect/chart.h>
#include <rill/core/inspect/table.h>

namespace rill::inspect {

/// A part of a page that answers to its reader: HTML, a style sheet and a script, as they are.
struct Section {
  std::string html = "";
  std::string style = "";   // follows the page's own, whose colours are var(--text) and its like
  std::string script = "";  // runs when the page is there, in a function of its own
};

/// To another file, with a note behind it; without an address, text alone.
struct Link {
  std::string text = "";
  std::string address = "";
  std::string note = "";
};

/// A page of headings, texts, tables and charts: one HTML file that holds all it needs, so that it
/// opens without a network, in light and dark mode.
///
///   Page page("Training");
///   page.heading("Loss").text("What it learned.").chart("loss", chart).write("report.html");
///
/// Charts that follow each other stand side by side where there is room. A script finds a chart's
/// Vega view as `rill.views["loss"]` and a table as `[data-table="accuracy"]`; `rill.ready` is a
/// promise that is kept when all charts are drawn.
class Page {
 public:
  explicit Page(std::string title);

  /// Level 2 stands under the title, level 3 under a heading of level 2.
  Page& heading(const std::string& text, int level = 2);
  /// A paragraph.
  Page& text(const std::string& text);
  /// Text as it is, line by line: what a program printed, what a model wrote.
  Page& preformatted(const std::string& text);
  /// A numbered list.
  Page& links(const std::vector<Link>& links);
  Page& table(const std::string& id, const Table& table);
  /// No text in `section` is escaped.
  Page& section(const Section& section);
  /// Any chart that has json(). Throws ValueError where the page has a chart `id` already.
  template <class Chart>
  Page& chart(const std::string& id, const Chart& chart) {
    return chart_of(id, chart.json());
  }

  /// Throws Error where Vega was not found (Debian's package libjs-vega) and there are charts.
  std::string html() const;
  /// Writes the file in one piece, as replace_file does. Throws Error where that fails, and as
  /// html().
  void write(const std::string& path) const;

 private:
  Page& chart_of(const std::string& id, const std::string& json);
  Page& add(const std::string& html);

  std::string title_;
  std::string body_;
  std::string specs_;             // a <script> for each chart
  std::string styles_, scripts_;  // of sections
  bool in_charts_ = false;
};

}  // namespace rill::inspect
