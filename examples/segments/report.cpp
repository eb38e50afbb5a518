#include "report.h"

#include <rill/core/ops.h>
#include <spdlog/fmt/fmt.h>

#include <cmath>

namespace segments {
namespace {

using namespace rill;

/// What may be chance where 4000 deals are judged, in percent.
constexpr double by_chance = 3;

std::string last_of(const Course& course) {
  return fmt::format("{}: {:.1f} % of the deals after {:.0f} steps, {:.1f} % after {:.0f}",
                     course.name, course.right.front(), course.steps.front(), course.right.back(),
                     course.steps.back());
}

std::string worth(const Course& with, const Course& without) {
  const double difference = with.right.back() - without.right.back();
  if (std::abs(difference) <= by_chance) return "The segments make no difference here.";
  return fmt::format("The segments make a difference of {:.1f} points.", difference);
}

}  // namespace

inspect::HeatMap deal_map(const Tensor& cards, const Tensor& segments) {
  const Tensor none = full({cards.numel()}, std::nan(""));
  const auto of = [&](int64_t player) {
    return where(segments == player, cards.to(float32), none);
  };
  return {.title = "A deal",
          .x = {.title = "place"},
          .value = {.title = "card"},
          .values = stack({of(0), of(1)}),
          .row_names = {"first player", "second player"},
          .show_values = true,
          .width = 400,
          .height = 80};
}

inspect::LineChart course_chart(const std::vector<Course>& courses) {
  inspect::LineChart chart{.title = "Deals judged rightly",
                           .x = {.title = "step"},
                           .y = {.title = "accuracy", .unit = "%"}};
  for (const Course& course : courses)
    chart.lines.push_back(
        {.name = course.name, .x = course.steps, .y = course.right, .points = true});
  chart.rules.push_back({.name = "chance", .value = 50});
  return chart;
}

std::string conclusion(const std::vector<Course>& courses) {
  const Course& with = courses.front();
  const Course& without = courses.back();
  std::string said = last_of(with) + ". " + last_of(without) + ". " + worth(with, without);
  if (std::abs(without.right.back() - 50) <= by_chance) said += " Without them it is a guess.";
  return said;
}

void tell(examples::Teller& teller, const Tensor& cards, const Tensor& segments,
          const std::vector<Course>& courses) {
  teller.heading("Who holds the highest card?");
  teller.text(
      "Two hands lie in one row with no gap between them. Where the second begins and where the "
      "highest card "
      "lies are drawn so that neither its place nor its value tells whose it is.");
  teller.chart("deal", deal_map(cards, segments));
  teller.chart("accuracy", course_chart(courses));
  teller.text(conclusion(courses));
}

}  // namespace segments
