#pragma once

#include <string>
#include <vector>

#include "../support/teller.h"

namespace segments {

/// How well a referee judged deals that it had never seen, at several steps of its training.
struct Course {
  std::string name;
  std::vector<double> steps = {};
  std::vector<double> right = {};  // in percent
};

/// Cards, and whose they are (0 or 1).
rill::inspect::HeatMap deal_map(const rill::Tensor& cards, const rill::Tensor& segments);
rill::inspect::LineChart course_chart(const std::vector<Course>& courses);
/// What the numbers show.
std::string conclusion(const std::vector<Course>& courses);

/// All of it, beside a deal.
void tell(examples::Teller& teller, const rill::Tensor& cards, const rill::Tensor& segments,
          const std::vector<Course>& courses);

}  // namespace segments
