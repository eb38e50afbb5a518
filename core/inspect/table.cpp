#include <rill/core/inspect/table.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <ostream>

#include <rill/core/detail/utf8.h>
#include <rill/core/error.h>
#include <spdlog/fmt/fmt.h>

namespace rill::inspect {
namespace {

void check(const Table& table) {
  for (size_t i = 0; i < table.rows.size(); ++i)
    if (table.rows[i].size() != table.columns.size())
      fail<ShapeError>("row ", i, " of the table has ", table.rows[i].size(),
                       " cells, but there are ", table.columns.size(), " columns");
}

bool is_number(const std::string& cell) {
  const size_t sign = !cell.empty() && (cell[0] == '-' || cell[0] == '+') ? 1 : 0;
  return cell.size() > sign && std::isdigit(static_cast<unsigned char>(cell[sign])) != 0;
}

/// Whether each cell of the column is a number or has none, and one is.
bool holds_numbers(const Table& table, size_t column) {
  bool found = false;
  for (const std::vector<std::string>& row : table.rows) {
    const std::string& cell = row[column];
    if (is_number(cell))
      found = true;
    else if (!cell.empty() && cell != "–" && cell != "nan" && cell != "inf" && cell != "-inf")
      return false;
  }
  return found;
}

/// The characters of UTF-8.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string padded(const std::string& text, size_t width, bool right) {
  const std::string space(width - std::min(width, width_of(text)), ' ');
  return right ? space + text : text + space;
}

struct Column {
  size_t width;
  bool right;
};

std::vector<Column> columns_of(const Table& table) {
  std::vector<Column> columns;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    size_t width = width_of(table.columns[i]);
    for (const std::vector<std::string>& row : table.rows)
      width = std::max(width, width_of(row[i]));
    columns.push_back({width, holds_numbers(table, i)});
  }
  return columns;
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<Column>& columns) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i)
    line += (i > 0 ? "  " : "") + padded(cells[i], columns[i].width, columns[i].right);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string html_row(const std::vector<std::string>& cells, const char* tag,
                     const std::vector<Column>& columns) {
  std::string row = "<tr>";
  for (size_t i = 0; i < cells.size(); ++i)
    row += std::string("<") + tag + (columns[i].right ? " class=\"number\">" : ">") +
           escape_html(cells[i]) + "</" + tag + ">";
  return row + "</tr>\n";
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Table& table) { return out << table.text(); }

std::string Table::text() const {
  check(*this);
  const std::vector<Column> sizes = columns_of(*this);
  std::string out = line_of(columns, sizes);
  for (const std::vector<std::string>& row : rows) out += line_of(row, sizes);
  return out;
}

std::string Table::html() const {
  check(*this);
  const std::vector<Column> sizes = columns_of(*this);
  std::string out = "<table>\n";
  if (!caption.empty()) out += "<caption>" + escape_html(caption) + "</caption>\n";
  out += "<thead>\n" + html_row(columns, "th", sizes) + "</thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : rows) out += html_row(row, "td", sizes);
  return out + "</tbody>\n</table>\n";
}

std::string format_number(double value, int digits) {
  if (std::isnan(value)) return "nan";
  std::string out = fmt::format("{:.{}f}", value, digits);
  if (out.find('.') != std::string::npos) {
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
  }
  return out == "-0" ? "0" : out;
}

std::string escape_html(const std::string& text) {
  std::string out;
  for (const char c : rill::detail::valid_utf8(text)) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  return out;
}

}  // namespace rill::inspect
