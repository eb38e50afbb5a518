#include <rill/core/inspect/gradient_audit.h>

#include <algorithm>
#include <ostream>

#include <rill/core/autograd.h>
#include <rill/core/inspect/detail/audit_findings.h>
#include <rill/core/inspect/detail/step_record.h>

namespace rill::inspect {

GradientAudit::GradientAudit(const std::vector<NamedTensor>& parameters)
    : record_(std::make_unique<detail::StepRecord>()) {
  record_->parameters = parameters;
  for (size_t i = 0; i < parameters.size(); ++i)
    record_->parameter_of.emplace(parameters[i].tensor.impl()->number, static_cast<int64_t>(i));
}

GradientAudit::~GradientAudit() = default;
GradientAudit::GradientAudit(GradientAudit&&) noexcept = default;

void GradientAudit::expect(const std::vector<Tensor>& inputs) {
  for (const Tensor& input : inputs) record_->expected.push_back(input.impl()->number);
}

void GradientAudit::read_graph(const Tensor& loss) {
  for (const auto& [name, tensor] : record_->parameters) {
    const int64_t value = record_->see(tensor);
    if (!tensor.grad().defined()) continue;
    record_->has_walked = true;
    if (tensor.requires_grad()) record_->finish(*tensor.grad_fn(), tensor.grad());
    static_cast<void>(value);
  }
  record_->graph(loss);
}

GradientAudit gradient_audit(const Tensor& loss, const std::vector<NamedTensor>& parameters) {
  GradientAudit audit(parameters);
  audit.read_graph(loss);
  return audit;
}

void GradientAudit::on_begin(const char*) {
  if (record_->walks == 0) record_->running.push_back({static_cast<int64_t>(record_->ops.size())});
}

void GradientAudit::on_end(const char*, const Tensor&) {
  if (record_->walks == 0 && !record_->running.empty()) record_->running.pop_back();
}

void GradientAudit::on_output(const char* op, const Tensor& out, std::span<const Tensor> inputs) {
  if (record_->walks == 0 && !record_->running.empty()) record_->output(op, out, inputs);
}

void GradientAudit::on_record(const Node& node) {
  if (record_->walks == 0 && !record_->running.empty()) record_->running.back().node = node.id();
}

void GradientAudit::on_enter(const Named& module) {
  if (record_->walks == 0) record_->enter(module);
}

void GradientAudit::on_leave(const Named&) {
  if (record_->walks == 0 && !record_->running_calls.empty()) record_->running_calls.pop_back();
}

void GradientAudit::on_begin_walk() { record_->is_beginning = ++record_->walks == 1; }

void GradientAudit::on_end_walk() {
  record_->walks = std::max(0, record_->walks - 1);
  record_->is_beginning = false;
  record_->has_walked = true;
}

void GradientAudit::on_begin(const Node&) { record_->is_beginning = false; }

void GradientAudit::on_accumulate(const Node& node, const Tensor&) {
  const auto value = record_->value_of_node.find(node.id());
  if (record_->is_beginning && value != record_->value_of_node.end())
    record_->roots.push_back(value->second);
}

void GradientAudit::on_gradient(const Node& node, int row, const Tensor& incoming,
                                const Tensor& outgoing) {
  if (record_->walks == 1) record_->flow(node, row, incoming, outgoing);
}

void GradientAudit::on_finish(const Node& node, const Tensor& gradient) {
  if (record_->walks == 1) record_->finish(node, gradient);
}

std::vector<GradientFinding> GradientAudit::findings() const {
  return detail::audit_findings(*record_);
}

bool GradientAudit::is_well() const {
  return std::ranges::all_of(findings(), &GradientFinding::is_note);
}

std::ostream& operator<<(std::ostream& out, const GradientAudit& audit) {
  return out << audit.text();
}

std::string GradientAudit::text() const {
  const std::vector<GradientFinding> found = findings();
  std::string text;
  if (std::ranges::all_of(found, &GradientFinding::is_note)) text = detail::all_is_well(*record_);
  for (const GradientFinding& finding : found)
    text +=
        (text.empty() ? "" : "\n") + std::string(finding.is_note ? "note: " : "") + finding.text;
  return text;
}

}  // namespace rill::inspect
