#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace rill::inspect {

/// Rows of texts under the names of their columns:
///   Table{.columns = {"encoding", "accuracy"}, .rows = {{"none", "50.2 %"}, {"rotary", "99.7 %"}}}
/// Columns of numbers (with units, ± and the like behind them) are set to the right.
struct Table {
  std::vector<std::string> columns = {};
  std::vector<std::vector<std::string>> rows = {};
  std::string caption = "";

  /// Aligned for a terminal, a line for each row. Throws ShapeError where a row does not fit.
  std::string text() const;
  /// As a table of HTML, escaped. Throws ShapeError where a row does not fit.
  std::string html() const;
};
/// Writes the text.
std::ostream& operator<<(std::ostream& out, const Table& table);

/// The shortest decimal with at most `digits` digits after the point, as in "0.5"; "nan", "inf".
std::string format_number(double value, int digits = 4);

/// `text` for use inside HTML: & < > " ' are escaped, what is no UTF-8 becomes U+FFFD.
std::string escape_html(const std::string& text);

}  // namespace rill::inspect
