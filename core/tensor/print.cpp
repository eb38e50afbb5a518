#include <rill/core/autograd.h>
#include <rill/core/tensor.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include <spdlog/fmt/fmt.h>

// Prints as PyTorch does: four decimals, one width for all elements, the middle of large tensors
// left out.

namespace rill {
namespace {

constexpr int64_t line_width = 80;
constexpr int64_t largest_whole = 1000;  // more elements are shown by their edges
constexpr int64_t edge_items = 3;

/// The indices shown of a dimension; -1 stands for the dots.
std::vector<int64_t> shown_indices(int64_t size, bool is_summarised) {
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < size; ++i) {
    if (is_summarised && size > 2 * edge_items && i == edge_items) {
      indices.push_back(-1);
      i = size - edge_items;
    }
    indices.push_back(i);
  }
  return indices;
}

class Printer {
 public:
  explicit Printer(const Tensor& tensor)
      : tensor_(tensor), shape_(tensor.shape()), is_summarised_(tensor.numel() > largest_whole) {
    choose_format();
  }

  std::string text(int dim, int64_t first, int64_t indent) const {
    if (dim == shape_.dims()) return element(first);
    if (dim == shape_.dims() - 1) return row(first, indent);
    const int64_t step = tensor_.strides()[dim];
    std::string out = "[";
    for (const int64_t i : shown_indices(shape_[dim], is_summarised_)) {
      if (out.size() > 1) {
        out += "," + std::string(static_cast<size_t>(shape_.dims() - dim - 1), '\n');
        out += std::string(static_cast<size_t>(indent + 1), ' ');
      }
      out += i < 0 ? "..." : text(dim + 1, first + i * step, indent + 1);
    }
    return out + "]";
  }

 private:
  enum class Style { whole, fixed, scientific };

  std::string row(int64_t first, int64_t indent) const {
    const int64_t a_line = std::max<int64_t>(1, (line_width - indent) / (width_ + 2));
    std::string out = "[";
    int64_t in_line = 0;
    for (const int64_t i : shown_indices(shape_.back(), is_summarised_)) {
      if (in_line == a_line) {
        out += ",\n" + std::string(static_cast<size_t>(indent + 1), ' ');
        in_line = 0;
      } else if (out.size() > 1) {
        out += ", ";
      }
      out += i < 0 ? " ..." : element(first + i * tensor_.strides().back());
      ++in_line;
    }
    return out + "]";
  }

  /// Where in memory the elements lie that are shown.
  void gather(int dim, int64_t first, std::vector<int64_t>& shown) const {
    if (dim == shape_.dims()) return shown.push_back(first);
    for (const int64_t i : shown_indices(shape_[dim], is_summarised_))
      if (i >= 0) gather(dim + 1, first + i * tensor_.strides()[dim], shown);
  }

  void choose_format() {
    std::vector<int64_t> shown;
    gather(0, 0, shown);
    const bool floats = is_floating(tensor_.dtype());
    if (floats) choose_style(shown);
    for (const int64_t place : shown)
      if (!floats || (std::isfinite(value(place)) && value(place) != 0))
        width_ = std::max(width_, static_cast<int64_t>(bare(place).size()));
  }

  void choose_style(const std::vector<int64_t>& shown) {
    double largest = 0;
    double smallest = INFINITY;
    bool is_whole = true;
    for (const int64_t place : shown) {
      const double number = value(place);
      if (!std::isfinite(number) || number == 0) continue;
      largest = std::max(largest, std::fabs(number));
      smallest = std::min(smallest, std::fabs(number));
      is_whole = is_whole && number == std::ceil(number);
    }
    const bool is_wide =
        largest / smallest > 1000 || largest > 1e8 || (!is_whole && smallest < 1e-4);
    style_ = is_wide ? Style::scientific : is_whole ? Style::whole : Style::fixed;
  }

  double value(int64_t place) const {
    return tensor_.dtype() == float32 ? static_cast<double>(tensor_.data<float>()[place])
                                      : tensor_.data<double>()[place];
  }

  std::string bare(int64_t place) const {
    // Whole numbers as they are: a double is exact up to 2^53 only.
    if (tensor_.dtype() == int64) return std::to_string(tensor_.data<int64_t>()[place]);
    if (tensor_.dtype() == bool_) return tensor_.data<bool>()[place] ? "True" : "False";
    const double number = value(place);
    if (std::isnan(number)) return "nan";
    if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
    if (style_ == Style::scientific) return fmt::format("{:.4e}", number);
    return style_ == Style::whole ? fmt::format("{:.0f}.", number) : fmt::format("{:.4f}", number);
  }

  std::string element(int64_t place) const {
    const std::string text = bare(place);
    const auto width = static_cast<size_t>(width_);
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
  }

  const Tensor& tensor_;
  const Shape& shape_;
  bool is_summarised_;
  Style style_ = Style::whole;
  int64_t width_ = 1;
};

}  // namespace

std::string Tensor::to_string() const {
  if (!defined()) return "tensor(undefined)";
  std::string text = "tensor(";
  if (numel() == 0) {
    text += "[]";
    if (dims() != 1) {
      const std::string sizes = rill::to_string(shape());
      text += ", size=(" + sizes.substr(1, sizes.size() - 2) + ")";
    }
  } else {
    text += Printer(*this).text(0, 0, static_cast<int64_t>(text.size()));
  }
  if (dtype() == float64) text += ", dtype=float64";
  if (!is_leaf())
    text += std::string(", grad_fn=<") + grad_fn()->name() + ">";
  else if (requires_grad())
    text += ", requires_grad=True";
  return text + ")";
}

std::ostream& operator<<(std::ostream& out, DType dtype) { return out << name_of(dtype); }

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) {
  return out << tensor.to_string();
}

std::ostream& operator<<(std::ostream& out, const ValuesAndIndices& found) {
  return out << "values = " << found.values << "\nindices = " << found.indices;
}

}  // namespace rill
