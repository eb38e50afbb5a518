#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include <rill/core/io/safetensors.h>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"
#include "tests/support/reference.h"

// Files that Python's safetensors wrote.

namespace rill::testing {
namespace {

class SafetensorsReference : public OwnFolder {
 protected:
  /// The path of the case's file.
  std::string file_of(const ReferenceCase& reference) const {
    std::ofstream(path("python"), std::ios::binary) << bytes_of(reference);
    return path("python");
  }
  static std::string bytes_of(const ReferenceCase& reference) {
    const std::string digits = reference.args.text("bytes");
    std::string bytes;
    for (size_t i = 0; i < digits.size(); i += 2)
      bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return bytes;
  }
  static std::vector<ReferenceCase> cases(const std::string& op) {
    return reference_cases("safetensors.json", op);
  }
};

void expect_same(const Tensor& found, const ReferenceTensor& expected) {
  EXPECT_EQ(found.dtype(), expected.dtype);
  EXPECT_EQ(found.shape(), Shape(expected.shape));
  const std::vector<double> values = found.to_vector();
  ASSERT_EQ(values.size(), expected.values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(expected.values[i])) {
      EXPECT_TRUE(std::isnan(values[i])) << i;
    } else {
      EXPECT_EQ(values[i], expected.values[i]) << i;
      EXPECT_EQ(std::signbit(values[i]), std::signbit(expected.values[i])) << i;
    }
  }
}

TEST_F(SafetensorsReference, FilesAreReadWithTheirValues) {
  for (const ReferenceCase& reference : cases("safetensors")) {
    SCOPED_TRACE(reference.label());
    ::testing::internal::CaptureStderr();
    const StateDict found = load_safetensors(file_of(reference));
    ::testing::internal::GetCapturedStderr();  // which dtypes are read as others
    EXPECT_EQ(found.size(), reference.outputs.size());
    for (const ReferenceTensor& tensor : reference.outputs) expect_same(found[tensor.name], tensor);
  }
}

TEST_F(SafetensorsReference, EveryDtypeIsNamed) {
  const ReferenceCase& reference = reference_case("safetensors.json", "safetensors", "every dtype");
  const SafetensorsFile file(file_of(reference));
  EXPECT_EQ(file.names().size(), 13U);
  for (const std::string& dtype : file.names()) EXPECT_EQ(file.stored_dtype(dtype), dtype);
}

TEST_F(SafetensorsReference, TiedWeightsOfAModelAreOneTensor) {
  const ReferenceCase& reference = reference_case("safetensors.json", "safetensors", "save_model");
  const StateDict found = load_safetensors(file_of(reference));
  EXPECT_EQ(found["head.weight"].impl(), found["embed.weight"].impl());
  EXPECT_TRUE(SafetensorsFile(path("python")).metadata().empty());
}

TEST_F(SafetensorsReference, FilesOfOneTensorAreWrittenWithTheSameBytes) {
  for (const ReferenceCase& reference : cases("safetensors")) {
    if (!reference.args.flag("same")) continue;
    SCOPED_TRACE(reference.label());
    const Metadata metadata = SafetensorsFile(file_of(reference)).metadata();
    const ReferenceTensor& tensor = reference.outputs[0];
    save_safetensors(path("rill"), {{tensor.name, to_tensor(tensor, tensor.dtype)}},
                     {.metadata = metadata});
    EXPECT_EQ(text_of("rill"), bytes_of(reference));
  }
}

TEST_F(SafetensorsReference, RoundedTensorsAreWrittenWithTheSameBytes) {
  for (const ReferenceCase& reference : cases("rounded safetensors")) {
    SCOPED_TRACE(reference.label());
    const ReferenceTensor& tensor = reference.outputs[0];
    const bool is_bfloat16 = reference.name.ends_with("bfloat16");
    save_safetensors(path("rill"), {{"a", to_tensor(tensor, tensor.dtype)}},
                     {.floats_as = is_bfloat16 ? HalfFloat::bfloat16 : HalfFloat::float16});
    EXPECT_EQ(text_of("rill"), bytes_of(reference));
  }
}

}  // namespace
}  // namespace rill::testing
