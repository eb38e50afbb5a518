#include <rill/core/io/detail/safetensors_layout.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include <nlohmann/json.hpp>

#include <rill/core/detail/quotes.h>
#include <rill/core/grad_mode.h>
#include <rill/core/io/detail/half.h>
#include <rill/core/io/detail/safetensors_header.h>
#include <rill/core/ops.h>

namespace rill::detail {
namespace {

template <class HalfType, class Number>
std::vector<uint16_t> rounded(const Tensor& numbers) {
  const Number* from = numbers.data<Number>();
  std::vector<uint16_t> halves(static_cast<size_t>(numbers.numel()));
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = HalfType::round(from[i]);
  return halves;
}

template <class HalfType>
std::vector<uint16_t> rounded(const Tensor& numbers) {
  return numbers.dtype() == float32 ? rounded<HalfType, float>(numbers)
                                    : rounded<HalfType, double>(numbers);
}

void encode_as_half(EncodedTensor& out, HalfFloat type) {
  const bool is_float16 = type == HalfFloat::float16;
  out.dtype = is_float16 ? "F16" : "BF16";
  out.halves = is_float16 ? rounded<Float16>(out.numbers) : rounded<BFloat16>(out.numbers);
  out.numbers = Tensor();
  out.element_bytes = sizeof(uint16_t);
  out.bytes = {reinterpret_cast<const char*>(out.halves.data()),
               out.halves.size() * sizeof(uint16_t)};
}

/// A text as JSON has it.
std::string json_of(const std::string& path, std::string_view text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    refuse_to_write(path, in_quotes(text), " is no UTF-8");
  }
}

std::string json_of(const std::string& path, const Metadata& metadata) {
  std::string json;
  for (const auto& [key, text] : metadata)
    json += (json.empty() ? "{" : ",") + json_of(path, key) + ":" + json_of(path, text);
  return json + "}";
}

std::string json_of(const std::string& path, const EncodedTensor& tensor, size_t begin) {
  std::string json = json_of(path, tensor.name);
  json.append(":{\"dtype\":\"").append(tensor.dtype).append("\",\"shape\":[");
  for (int i = 0; i < tensor.shape.dims(); ++i)
    json += (i ? "," : "") + std::to_string(tensor.shape[i]);
  return json + "],\"data_offsets\":[" + std::to_string(begin) + "," +
         std::to_string(begin + tensor.bytes.size()) + "]}";
}

/// The tensors' numbers in the order of the file.
std::vector<size_t> longest_elements_first(std::span<const EncodedTensor> tensors) {
  std::vector<size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](size_t i) { return tensors[i].element_bytes; });
  return order;
}

std::string length_and(std::string json, const std::string& path) {
  json.resize((json.size() + 7) / 8 * 8, ' ');
  const uint64_t bytes = json.size();
  if (bytes > most_header_bytes)
    refuse_to_write(path, "its header would have ", bytes, " bytes, more than the ",
                    most_header_bytes,
                    " that are allowed; write an index and parts (\"....safetensors.index.json\")");
  std::string header(sizeof(bytes), '\0');
  std::memcpy(header.data(), &bytes, sizeof(bytes));
  return header + json;
}

}  // namespace

EncodedTensor encode(std::string_view name, const Tensor& tensor,
                     std::optional<HalfFloat> floats_as) {
  const NoGradGuard unrecorded;
  EncodedTensor out{name,
                    stored_dtype_of(tensor.dtype()).name,
                    size_of(tensor.dtype()),
                    tensor.shape(),
                    {},
                    tensor.contiguous(),
                    {}};
  const auto count = static_cast<size_t>(tensor.numel());
  out.bytes = {static_cast<const char*>(out.numbers.raw_data()), count * out.element_bytes};
  if (floats_as && is_floating(tensor.dtype())) encode_as_half(out, *floats_as);
  return out;
}

SafetensorsLayout::SafetensorsLayout(const std::string& path,
                                     std::span<const EncodedTensor> tensors,
                                     const Metadata& metadata) {
  std::vector<size_t> begins(tensors.size());
  pieces_.resize(1);
  size_t end = 0;
  for (const size_t i : longest_elements_first(tensors)) {
    begins[i] = std::exchange(end, end + tensors[i].bytes.size());
    pieces_.push_back(tensors[i].bytes);
  }
  std::string json = "{";
  if (!metadata.empty())
    json += json_of(path, std::string(metadata_name)) + ":" + json_of(path, metadata);
  for (size_t i = 0; i < tensors.size(); ++i)
    json += (json.size() > 1 ? "," : "") + json_of(path, tensors[i], begins[i]);
  header_ = length_and(json + "}", path);
  pieces_.front() = header_;
}

}  // namespace rill::detail
