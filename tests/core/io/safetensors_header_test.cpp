#include <gtest/gtest.h>

#include <rill/core/io/detail/safetensors_header.h>

#include "tests/core/io/safetensors_bytes.h"
#include "tests/support/expect.h"

namespace rill::testing {
namespace {

using detail::SafetensorsHeader;

const std::string a = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
const std::string b = R"("b":{"dtype":"I64","shape":[],"data_offsets":[4,12]})";

SafetensorsHeader read(const std::string& file) {
  return detail::read_safetensors_header("m.safetensors", file);
}

void expect_refused(const std::string& file, const std::string& reason) {
  expect_error<Error>([&] { read(file); }, {"cannot read m.safetensors: ", reason});
}

/// The header has this entry for a tensor, and behind it are `bytes` bytes.
void expect_tensor_refused(const std::string& entry, size_t bytes, const std::string& reason) {
  expect_refused(safetensors_bytes("{" + entry + "}", bytes), reason);
}

/// The fields of tensor 'a', with one number in the place of another.
std::string with_number(const std::string& field, const std::string& number) {
  const bool is_shape = field == "shape";
  return R"("a":{"dtype":"F32","shape":[)" + (is_shape ? number : "1") + R"(],"data_offsets":[)" +
         (is_shape ? "0" : number) + ",4]}";
}

TEST(SafetensorsHeader, TellsNameDtypeShapeAndPlaceInItsOrder) {
  const SafetensorsHeader header =
      read(safetensors_bytes("{" + b + R"(,"__metadata__":{"k":"v"},)" + a + "}  ", 12));
  ASSERT_EQ(header.tensors.size(), 2U);
  EXPECT_EQ(header.tensors[0].name, "b");
  EXPECT_EQ(header.tensors[0].dtype->name, "I64");
  EXPECT_EQ(header.tensors[0].shape, Shape{});
  EXPECT_EQ(header.tensors[1].shape, Shape{1});
  EXPECT_EQ(header.by_name.at("a")->end, 4U);
  EXPECT_EQ(header.metadata, (Metadata{{"k", "v"}}));
  EXPECT_EQ(header.data_begin, 8 + 2 + b.size() + 26 + a.size() + 2);
}

TEST(SafetensorsHeader, MayHoldNoTensorsOrOnlyEmptyOnes) {
  EXPECT_TRUE(read(safetensors_bytes("{}")).tensors.empty());
  const SafetensorsHeader header = read(safetensors_bytes(
      "{" + a +
          R"(,"none":{"dtype":"F64","shape":[0,9223372036854775807,9],"data_offsets":[4,4]}})",
      4));
  EXPECT_EQ(header.tensors[1].shape.numel(), 0);
}

TEST(SafetensorsHeader, RefusesAFileCutAtAnyByte) {
  const std::string whole = safetensors_bytes("{" + a + "," + b + "}", 12);
  read(whole);
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) expect_refused(whole.substr(0, bytes), "");
}

TEST(SafetensorsHeader, RefusesALengthThatCannotBeBeforeItReadsOn) {
  expect_refused(safetensors_bytes(0, ""), "its header is empty");
  expect_refused(safetensors_bytes(1, "{"), "no JSON at byte");
  expect_refused(safetensors_bytes(3, "{}"), "a header of 3 bytes, but only 2 follow");
  expect_refused(safetensors_bytes(100'000'001, "{}"), "more than the 100000000 that are allowed");
  expect_refused(safetensors_bytes(uint64_t{1} << 63, "{}"),
                 "a header of 9223372036854775808 bytes");
  expect_refused(safetensors_bytes(~uint64_t{0}, "{}"), "a header of 18446744073709551615 bytes");
}

TEST(SafetensorsHeader, RefusesAPickleWithHowToConvertIt) {
  expect_refused("PK\x03\x04" + std::string(26, '\0') + "archive/data.pkl" + std::string(99, '\0'),
                 "safetensors");
  expect_refused("\x80\x02}q" + std::string(99, '\0'), "torch.load");
}

TEST(SafetensorsHeader, RefusesWhatIsNoJson) {
  expect_refused(safetensors_bytes(" {}"), "begins with ' ', not with '{'");
  expect_refused(safetensors_bytes("\xef\xbb\xbf{}"), "not with '{'");
  expect_refused(safetensors_bytes("[]"), "begins with '['");
  expect_refused(safetensors_bytes("{} x"), "no JSON at byte 4");
  expect_refused(safetensors_bytes("{}{}"), "no JSON at byte 3");
  expect_refused(safetensors_bytes(std::string("{}\0\0", 4)), "a NUL stands there");
  expect_refused(safetensors_bytes("{\"a\xff\":1}"), "UTF-8");
  expect_refused(safetensors_bytes("{\"\\ud800\":1}"), "no JSON at byte");
  expect_refused(safetensors_bytes("{/**/}"), "no JSON at byte 2");
  expect_refused(safetensors_bytes("{" + a + ",}", 4), "no JSON at byte");
}

TEST(SafetensorsHeader, RefusesNumbersThatAreNoSizesNorPlaces) {
  for (const std::string field : {"shape", "data_offsets"}) {
    for (const std::string number :
         {"1.0", "-1", "-0", "1e2", "18446744073709551616", "\"1\"", "true", "null", "[1]", "{}"})
      expect_tensor_refused(with_number(field, number), 4, "'" + field + "' of tensor 'a' must be");
    expect_tensor_refused(with_number(field, "NaN"), 4, "no JSON at byte");
    expect_tensor_refused(with_number(field, "01"), 4, "no JSON at byte");
  }
  expect_tensor_refused(with_number("shape", "9223372036854775808"), 4, "from 0 to 2^63 - 1");
}

TEST(SafetensorsHeader, RefusesDepthAtItsFirstLevelTooMuch) {
  const std::string deep(1'000'000, '[');
  expect_tensor_refused("\"a\":" + deep, 0, "tensor 'a' must be an object, found an array");
  expect_tensor_refused(R"("a":{"dtype":"F32","shape":)" + deep, 0, "'shape' of tensor 'a'");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  expect_refused(safetensors_bytes(objects), "tensor 'a' has a field 'a'");
  expect_tensor_refused("\"__metadata__\":{\"a\":{\"a\":", 0, "'a' of the metadata must be a text");
}

TEST(SafetensorsHeader, RefusesWhatIsThereTwice) {
  expect_tensor_refused(a + "," + a, 4, "tensor 'a' is there twice");
  expect_tensor_refused(R"("a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]})", 4,
                        "tensor 'a' has 'shape' twice");
  expect_tensor_refused(R"("__metadata__":{},"__metadata__":{})", 0, "its metadata twice");
  expect_tensor_refused(R"("__metadata__":{"k":"1","k":"2"})", 0, "the metadata has 'k' twice");
}

TEST(SafetensorsHeader, RefusesFieldsThatAreMissingOrUnknown) {
  expect_tensor_refused(R"("a":{"shape":[1],"data_offsets":[0,4]})", 4,
                        "tensor 'a' has no 'dtype'");
  expect_tensor_refused(R"("a":{"dtype":"F32","data_offsets":[0,4]})", 4, "has no 'shape'");
  expect_tensor_refused(R"("a":{"dtype":"F32","shape":[1]})", 4, "has no 'data_offsets'");
  expect_tensor_refused(R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1})", 4,
                        "tensor 'a' has a field 'x'");
  expect_tensor_refused(R"("a":["F32",[1],[0,4]])", 4, "must be an object");
  expect_tensor_refused(R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0]})", 4, "found 1");
  expect_tensor_refused(R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]})", 4,
                        "a third, 4");
}

TEST(SafetensorsHeader, RefusesDtypesThatItDoesNotKnowAndMetadataThatIsNoText) {
  expect_tensor_refused(R"("a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]})", 4,
                        "tensor 'a' has the dtype 'F99'");
  expect_tensor_refused(R"("a":{"dtype":4,"shape":[1],"data_offsets":[0,4]})", 4,
                        "'dtype' of tensor 'a' must be a text, found 4");
  for (const std::string value : {"1", "1.5", "null", "true", "{}", "[]"})
    expect_tensor_refused("\"__metadata__\":{\"k\":" + value + "}", 0,
                          "'k' of the metadata must be a text");
  expect_tensor_refused("\"__metadata__\":null", 0, "the metadata must be an object, found null");
}

TEST(SafetensorsHeader, RefusesPlacesThatAreNotThoseOfTheShape) {
  const std::string a_from = R"("a":{"dtype":"F32","shape":[1],"data_offsets":)";
  expect_tensor_refused(a_from + "[4,0]}", 4,
                        "ends at byte 0 behind the header, before its begin, 4");
  expect_tensor_refused(a_from + "[0,3]}", 3, "has 4 bytes, but lies from 0 to 3");
  expect_tensor_refused(a_from + "[0,8]}", 8, "tensor 'a' of shape [1] of F32 has 4 bytes");
  expect_tensor_refused(R"("a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]})", 2,
                        "within a byte");
  EXPECT_EQ(read(safetensors_bytes(R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}})", 1))
                .tensors.size(),
            1U);
}

TEST(SafetensorsHeader, RefusesShapesWhoseBytesOverflow) {
  for (const std::string shape : {"1099511627776,1099511627776", "4611686018427387904",
                                  "4294967296,4294967296,4294967296", "9223372036854775807"})
    expect_tensor_refused(R"("a":{"dtype":"F32","shape":[)" + shape + R"(],"data_offsets":[0,0]})",
                          0, "has more bits than 2^63");
  expect_tensor_refused(R"("a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]})",
                        4, "more than 8 dimensions");
}

TEST(SafetensorsHeader, RefusesTensorsThatOverlapLeaveHolesOrLeadBeyondTheFile) {
  const auto at = [](const std::string& place) {
    return R"("b":{"dtype":"U8","shape":[4],"data_offsets":)" + place + "}";
  };
  expect_tensor_refused(a + "," + at("[2,6]"), 6,
                        "tensor 'b' begins at byte 2 behind the header, but");
  expect_tensor_refused(a + "," + at("[0,4]"), 4, "begins at byte 0 behind the header, but");
  expect_tensor_refused(a + "," + at("[5,9]"), 9, "those from 4 on belong to no tensor");
  expect_tensor_refused(at("[1,5]"), 5, "those from 0 on belong to no tensor");
  expect_tensor_refused(a + "," + at("[4,8]"), 7,
                        "'b' ends at byte 8 behind the header, but only 7");
  expect_tensor_refused(a + "," + at("[4,8]"), 10, "2 bytes behind the last tensor belong to none");
  expect_tensor_refused("", 1, "1 bytes behind the last tensor");
  expect_tensor_refused(at("[18446744073709551612,18446744073709551615]"), 4, "has 4 bytes, but");
  expect_tensor_refused(a + R"(,"z":{"dtype":"F32","shape":[0],"data_offsets":[2,2]})", 4,
                        "tensor 'z' begins at byte 2");
}

TEST(SafetensorsHeader, ShowsLongNamesInPart) {
  const std::string name(1'000'000, 'n');
  const std::string message =
      message_of<Error>([&] { read(safetensors_bytes("{\"" + name + "\":1}")); });
  EXPECT_LT(message.size(), 300U) << message.substr(0, 1000);
  EXPECT_LT(message_of<Error>([&] { read(safetensors_bytes("{\"" + name + "\" x}")); }).size(),
            300U);
}

TEST(SafetensorsHeader, ReadsASixthOfAMillionTensorsInLinearTime) {
  constexpr int count = 160'000;  // with every tensor compared to every other it would take minutes
  std::string json = "{";
  for (int i = count; i-- > 0;)
    json += (json.size() > 1 ? ",\"" : "\"") + std::to_string(i) +
            R"(":{"dtype":"U8","shape":[1],"data_offsets":[)" + std::to_string(i) + "," +
            std::to_string(i + 1) + "]}";
  EXPECT_EQ(read(safetensors_bytes(json + "}", count)).by_name.at("77")->begin, 77U);
}

}  // namespace
}  // namespace rill::testing
