#pragma once

#include <string>
#include <vector>

namespace rill::testing {

// What a lesson shows is made by the examples. Before a ```text block stands
//   <!-- printed by EXAMPLE FLAGS -->
// and before a picture
//   <!-- drawn by EXAMPLE FLAGS: CHART -->
// in both with ", within 0.5" at the end where the numbers of a training may differ so much from
// one machine to another.

/// Lines that an example prints.
struct Printed {
  std::string command;
  double within = 0;
  int line = 0;  // of the document
  std::vector<std::string> lines = {};
};

/// A picture of a chart on an example's page.
struct Drawn {
  std::string command, chart;
  double within = 0;
  int line = 0;
  std::string picture = "";  // as the document names it
};

struct Lesson {
  std::vector<Printed> printed;
  std::vector<Drawn> drawn;
  std::string prose;  // what stands outside of blocks and `code`
};

Lesson read_lesson(const std::string& markdown);

/// What of the block an example's output lacks; empty where nothing is. The lines of the block
/// stand in the output in this order, others may stand between; a line that ends in … goes on
/// there. Spaces do not count. Words and whole numbers are equal, decimals differ by no more than
/// `within`, and numbers like 1.2e-16 agree in their size: within a factor of 10, or both below
/// 1e-12.
std::string missing_lines(const Printed& printed, const std::string& output);

/// The decimals and percentages of the prose that are not the rounding of a number in a printed
/// block.
std::vector<std::string> unprinted_numbers(const Lesson& lesson);

/// How two pictures, written by the same Vega, differ other than by numbers and shades of colours
/// that differ by no more than `within`; empty where they do not.
std::string picture_difference(const std::string& a, const std::string& b, double within);

}  // namespace rill::testing
