#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include <rill/core/autograd.h>
#include <rill/core/inspect/gradient_audit.h>

namespace rill::nn {

using inspect::GradientAudit;
using inspect::GradientFault;
using inspect::GradientFinding;
/// One way in which a block can be wrong.
using Step = std::function<Tensor(const Tensor&)>;

template <class Model>
GradientAudit audit_of(const Model& model, const std::function<Tensor()>& loss) {
  GradientAudit audit(model);
  const ObserverGuard watching(audit);
  loss().backward();
  return audit;
}

inline GradientFinding only(const GradientAudit& audit) {
  const std::vector<GradientFinding> found = audit.findings();
  EXPECT_EQ(found.size(), 1U) << audit.text();
  return found.empty() ? GradientFinding{} : found[0];
}

inline void expect_words(const GradientFinding& finding, const std::vector<std::string>& words) {
  for (const std::string& word : words)
    EXPECT_NE(finding.text.find(word), std::string::npos) << word << " is not in: " << finding.text;
}

}  // namespace rill::nn
