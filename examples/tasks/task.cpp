#include "task.h"

#include <spdlog/fmt/fmt.h>

#include <map>

#include "groups.h"

namespace tasks {
namespace {

std::vector<Task> in_order() {
  std::vector<Task> all;
  for (const auto group : {elementwise_rows, broadcast_rows, product_rows, probabilities, norms,
                           positions, relative_positions, attention, optimizers})
    for (Task& task : group()) all.push_back(std::move(task));
  return all;
}

}  // namespace

std::string words_for(Kind kind) {
  static const std::map<Kind, std::string> words{
      {Kind::transposed, "transposed"},
      {Kind::missing_sum, "the sum over the broadcast is missing"},
      {Kind::overwrites, "= for +="},
      {Kind::input_for_output, "input for output"},
      {Kind::factor, "a factor"},
      {Kind::sign, "a sign"},
      {Kind::axis, "along another axis"},
      {Kind::mask_side, "the other side of the mask"},
      {Kind::mean_for_sum, "a mean for a sum"},
      {Kind::sum_for_mean, "a sum for a mean"},
      {Kind::detached, "the gradient is cut"},
      {Kind::attached, "a gradient that should be cut"},
      {Kind::overflow, "an overflow"},
      {Kind::off_by_one, "off by one"},
      {Kind::exchanged, "two things exchanged"},
      {Kind::missing_part, "a part is missing"},
      {Kind::wrong_place, "the right step in the wrong place"},
      {Kind::wrong_power, "a square or a root"},
      {Kind::shape, "another shape"},
      {Kind::dtype, "another element type"},
      {Kind::changes_input, "it writes to what it only was to read"},
      {Kind::throws, "an error"},
      {Kind::no_result, "no result"},
      {Kind::not_a_number, "not a number"},
      {Kind::not_done, "not done yet"},
      {Kind::other, "none of the usual mistakes"},
  };
  return words.at(kind);
}

const std::vector<Task>& all_tasks() {
  static const std::vector<Task> all = in_order();
  return all;
}

std::string file_of(const Task& task) {
  const auto number = &task - all_tasks().data() + 1;
  return fmt::format("{:02}_{}.cpp", number, task.name);
}

}  // namespace tasks
