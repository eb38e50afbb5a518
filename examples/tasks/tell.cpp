#include "tell.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "../support/one_line.h"

using rill::Tensor;

namespace tasks {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string words_of(const Tensor& x) {
  return x.defined() ? examples::one_line(x.detach()) : "nothing";
}

std::string words_of(const Argument& argument) {
  if (const auto* tensor = std::get_if<Tensor>(&argument)) return words_of(*tensor);
  if (const auto* number = std::get_if<double>(&argument)) return fmt::format("{}", *number);
  std::string list;
  for (const Tensor& each : std::get<Tensors>(argument))
    list += (list.empty() ? "" : ", ") + words_of(each);
  return list;
}

/// Shapes are told where they differ: an empty tensor shows nothing else.
std::string words_beside(const Tensor& x, const Tensor& other) {
  const bool has_shape = x.defined() && other.defined() && x.shape() != other.shape();
  return words_of(x) + (has_shape ? fmt::format(" of shape {}", rill::to_string(x.shape())) : "");
}

void add_result(const Verdict& verdict, Lines& lines) {
  if (!verdict.got.is_done || verdict.part >= verdict.expected.parts.size()) return;
  const Part& expected = verdict.expected.parts[verdict.part];
  if (verdict.got.error) {
    lines.emplace_back("throws", *verdict.got.error);
    lines.emplace_back("should give", words_of(expected.value));
    return;
  }
  const Tensor got =
      verdict.part < verdict.got.parts.size() ? verdict.got.parts[verdict.part].value : Tensor();
  lines.emplace_back(expected.name, words_beside(got, expected.value));
  lines.emplace_back("should be", words_beside(expected.value, got));
}

std::string in_columns(const Lines& lines) {
  size_t width = 0;
  for (const auto& line : lines) width = std::max(width, line.first.size());
  std::string text;
  for (const auto& [name, value] : lines) text += fmt::format("  {:<{}}  {}\n", name, width, value);
  return text;
}

std::string sentence(const Finding& finding) {
  if (finding.kind == Kind::other)
    return fmt::format("It looks like {}: {}.", words_for(finding.kind), finding.advice);
  return fmt::format("It looks like: {}; {}.", words_for(finding.kind), finding.advice);
}

}  // namespace

std::string tell(const Task& task, const Verdict& verdict) {
  const std::string file = file_of(task);
  if (verdict.is_right) return fmt::format("{}: right, in {} cases\n", file, task.cases.size());
  if (verdict.finding.kind == Kind::not_done)
    return fmt::format("{}: not done yet; {}\n", file, verdict.finding.advice);
  Lines lines;
  const Arguments& arguments = task.cases[verdict.at].arguments;
  for (size_t i = 0; i < arguments.size(); ++i)
    lines.emplace_back(task.parameters[i], words_of(arguments[i]));
  add_result(verdict, lines);
  return fmt::format("{}: not right yet, in case {} of {}\n{}{}\n", file, verdict.at + 1,
                     task.cases.size(), in_columns(lines), sentence(verdict.finding));
}

}  // namespace tasks
