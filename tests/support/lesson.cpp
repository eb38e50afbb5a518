#include "tests/support/lesson.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <regex>
#include <sstream>

namespace rill::testing {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// A number, or what stands between two of them.
struct Piece {
  std::string text;
  std::optional<double> number;

  bool is_whole() const { return text.find_first_of(".e") == std::string::npos; }
  bool tells_size() const { return text.find('e') != std::string::npos; }
};

void add_words(std::vector<Piece>& pieces, const std::string& text) {
  std::istringstream stream(text);
  for (std::string word; stream >> word;) pieces.push_back({word, {}});
}

std::vector<Piece> pieces_of(const std::string& text) {
  static const std::regex number(R"([-+]?\d+(\.\d+)?(e[-+]?\d+)?)");
  std::vector<Piece> pieces;
  auto begin = text.begin();
  for (std::sregex_iterator match(text.begin(), text.end(), number), end; match != end; ++match) {
    add_words(pieces, std::string(begin, (*match)[0].first));
    pieces.push_back({match->str(), std::stod(match->str())});
    begin = (*match)[0].second;
  }
  add_words(pieces, std::string(begin, text.end()));
  return pieces;
}

bool same_size(double a, double b) {
  constexpr double rounding = 1e-12;
  if (std::abs(a) < rounding && std::abs(b) < rounding) return true;
  return a != 0 && b / a > 0.1 && b / a < 10;
}

bool is_near(double a, double b, double within) { return std::abs(a - b) <= within * (1 + 1e-9); }

bool agree(const Piece& a, const Piece& b, double within) {
  if (!a.number || !b.number) return a.text == b.text;
  if (a.tells_size() || b.tells_size()) return same_size(*a.number, *b.number);
  return is_near(*a.number, *b.number, a.is_whole() && b.is_whole() ? 0 : within);
}

bool agree(const std::string& wanted, const std::string& printed, double within) {
  std::vector<Piece> a = pieces_of(wanted);
  std::vector<Piece> b = pieces_of(printed);
  if (!a.empty() && a.back().text == "…") {
    a.pop_back();
    b.resize(std::min(a.size(), b.size()));
  }
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](const Piece& x, const Piece& y) { return agree(x, y, within); });
}

/// The command and the tolerance of "COMMAND, within 0.5".
std::pair<std::string, double> split_tolerance(const std::string& text) {
  static const std::regex tolerance(R"((.*), within ([0-9.]+))");
  std::smatch match;
  if (!std::regex_match(text, match, tolerance)) return {text, 0};
  return {match[1], std::stod(match[2])};
}

/// Reads a document line by line.
class Reader {
 public:
  void read(const std::string& line) {
    ++line_;
    if (in_block_)
      read_in_block(line);
    else if (line.starts_with("```"))
      begin_block();
    else if (!read_marker(line))
      read_text(line);
  }
  Lesson take() { return std::move(lesson_); }

 private:
  void begin_block() {
    in_block_ = true;
    if (printed_) lesson_.printed.push_back(*printed_);
  }

  void read_in_block(const std::string& line) {
    in_block_ = !line.starts_with("```");
    if (!printed_) return;
    if (in_block_)
      lesson_.printed.back().lines.push_back(line);
    else
      printed_.reset();
  }

  bool read_marker(const std::string& line) {
    static const std::regex printed("<!-- printed by (.*) -->");
    static const std::regex drawn("<!-- drawn by (.*): (.*) -->");
    std::smatch match;
    if (std::regex_match(line, match, printed)) {
      const auto [command, within] = split_tolerance(match[1]);
      printed_ = Printed{.command = command, .within = within, .line = line_};
      return true;
    }
    if (std::regex_match(line, match, drawn)) {
      const auto [chart, within] = split_tolerance(match[2]);
      lesson_.drawn.push_back(
          {.command = match[1], .chart = chart, .within = within, .line = line_});
      return true;
    }
    return false;
  }

  void read_text(const std::string& line) {
    static const std::regex picture(R"(\]\(([^)]*\.svg)\))");
    static const std::regex code("`[^`]*`");
    std::smatch match;
    if (std::regex_search(line, match, picture) && !lesson_.drawn.empty() &&
        lesson_.drawn.back().picture.empty())
      lesson_.drawn.back().picture = match[1];
    lesson_.prose += std::regex_replace(line, code, "") + "\n";
  }

  Lesson lesson_;
  std::optional<Printed> printed_;
  bool in_block_ = false;
  int line_ = 0;
};

/// The output's line that has the same words, to show beside what is missing.
std::string similar_line(const std::string& wanted, const std::vector<std::string>& printed) {
  constexpr double any = 1e300;
  for (const std::string& line : printed)
    if (agree(wanted, line, any)) return "; it prints: " + line;
  return "";
}

std::string with_decimal_colors(const std::string& svg) {
  static const std::regex color("#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\"");
  std::string out;
  auto begin = svg.begin();
  for (std::sregex_iterator match(svg.begin(), svg.end(), color), end; match != end; ++match) {
    out.append(begin, (*match)[0].first);
    for (const int i : {1, 2, 3})
      out.append(" ").append(std::to_string(std::stoi((*match)[i], nullptr, 16)));
    out += " \"";
    begin = (*match)[0].second;
  }
  return out.append(begin, svg.end());
}

}  // namespace

Lesson read_lesson(const std::string& markdown) {
  Reader reader;
  for (const std::string& line : lines_of(markdown)) reader.read(line);
  return reader.take();
}

std::string missing_lines(const Printed& printed, const std::string& output) {
  const std::vector<std::string> said = lines_of(output);
  std::string missing;
  auto from = said.begin();
  for (const std::string& line : printed.lines) {
    if (pieces_of(line).empty()) continue;
    const auto found = std::find_if(from, said.end(), [&](const std::string& candidate) {
      return agree(line, candidate, printed.within);
    });
    if (found == said.end())
      missing += printed.command + " does not print: " + line + similar_line(line, said) + "\n";
    else
      from = found + 1;
  }
  return missing;
}

std::vector<std::string> unprinted_numbers(const Lesson& lesson) {
  std::vector<double> known;
  for (const Printed& printed : lesson.printed)
    for (const std::string& line : printed.lines)
      for (const Piece& piece : pieces_of(line))
        if (piece.number) known.push_back(*piece.number);
  static const std::regex number(R"((-?\d+\.(\d+)|-?\d+(?=\s*%)))");
  std::vector<std::string> unknown;
  for (std::sregex_iterator match(lesson.prose.begin(), lesson.prose.end(), number), end;
       match != end; ++match) {
    const double half = 0.5 * std::pow(10, -static_cast<double>((*match)[2].length()));
    const double value = std::stod(match->str());
    if (std::none_of(known.begin(), known.end(), [&](double k) { return is_near(k, value, half); }))
      unknown.push_back(match->str());
  }
  return unknown;
}

std::string picture_difference(const std::string& a, const std::string& b, double within) {
  const std::vector<std::string> left = lines_of(with_decimal_colors(a));
  const std::vector<std::string> right = lines_of(with_decimal_colors(b));
  if (left.size() != right.size())
    return "one has " + std::to_string(left.size()) + " elements, the other " +
           std::to_string(right.size());
  for (size_t i = 0; i < left.size(); ++i) {
    const std::vector<Piece> x = pieces_of(left[i]);
    const std::vector<Piece> y = pieces_of(right[i]);
    const auto near = [&](const Piece& p, const Piece& q) {
      return p.number && q.number ? is_near(*p.number, *q.number, within) : p.text == q.text;
    };
    if (!std::equal(x.begin(), x.end(), y.begin(), y.end(), near))
      return left[i] + "\nbut now\n" + right[i];
  }
  return "";
}

}  // namespace rill::testing
