#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include <rill/core/file.h>
#include <rill/core/io/detail/npy_reader.h>
#include <rill/core/io/npy.h>
#include <rill/core/ops.h>

#include "tests/support/expect.h"
#include "tests/support/own_folder.h"
#include "tests/support/reference.h"

namespace rill::testing {
namespace {

using Npy = OwnFolder;

std::string file_of(const ReferenceCase& reference) {
  const std::string digits = reference.args.text("bytes");
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

std::vector<ReferenceCase> cases() { return reference_cases("npy.json", "npy"); }

std::string file_of(const std::string& name) {
  return file_of(reference_case("npy.json", "npy", name));
}

/// A version 1.0 file of this header and these bytes of elements.
std::string file_with(std::string header, const std::string& elements = "") {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + elements;
}

std::string header_with(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }   \n";
}

Tensor read(const std::string& bytes) { return detail::read_npy(bytes, "some.npy"); }

void expect_refused(const std::string& bytes, std::vector<std::string> parts) {
  parts.insert(parts.begin(), "cannot read some.npy: ");
  expect_error<Error>([&] { read(bytes); }, parts);
}

/// The same numbers, NaN and -0 among them.
void expect_same(const Tensor& actual, const ReferenceTensor& expected) {
  EXPECT_EQ(actual.dtype(), expected.dtype);
  EXPECT_EQ(actual.shape(), Shape(expected.shape));
  EXPECT_TRUE(actual.is_contiguous());
  const std::vector<double> values = actual.to_vector();
  ASSERT_EQ(values.size(), expected.values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(std::signbit(values[i]), std::signbit(expected.values[i])) << "at " << i;
    if (std::isnan(expected.values[i]))
      EXPECT_TRUE(std::isnan(values[i])) << "at " << i;
    else
      EXPECT_EQ(values[i], expected.values[i]) << "at " << i;
  }
}

TEST_F(Npy, HoldsWhatNumPyWrote) {
  int count = 0;
  for (const ReferenceCase& reference : cases()) {
    if (reference.outputs.empty()) continue;
    SCOPED_TRACE(reference.name);
    std::ofstream(folder_ / "a.npy", std::ios::binary) << file_of(reference);
    expect_same(load_npy(path("a.npy")), reference.outputs[0]);
    ++count;
  }
  EXPECT_EQ(count, 26);
}

TEST_F(Npy, IsWrittenByteByByteAsNumPyDoes) {
  int count = 0;
  for (const ReferenceCase& reference : cases()) {
    if (!reference.args.flag("same")) continue;
    SCOPED_TRACE(reference.name);
    save_npy(path("a.npy"), to_tensor(reference.outputs[0].values, reference.outputs[0].shape,
                                      reference.outputs[0].dtype));
    EXPECT_EQ(text_of("a.npy"), file_of(reference));
    ++count;
  }
  EXPECT_EQ(count, 12);
}

TEST_F(Npy, KeepsEveryBitOfATensorOfAnyLayout) {
  const Tensor wide = tensor({{1.5, 2, 3}, {4, -5.25, 6}}, float64);
  const Tensor ids = from_vector(std::vector<int64_t>{std::numeric_limits<int64_t>::min(),
                                                      std::numeric_limits<int64_t>::max()});
  const std::vector<Tensor> tensors{wide,
                                    wide.T(),
                                    wide.narrow(1, 1, 2),
                                    wide[1],
                                    scalar(3.5).expand({2, 2}),
                                    ids,
                                    wide > 2.0,
                                    (wide > 2.0).T(),
                                    zeros({3, 0}),
                                    scalar(-0.0),
                                    ones({2, 3}).requires_grad_()};
  for (const Tensor& saved : tensors) {
    save_npy(path("a.npy"), saved);
    const Tensor loaded = load_npy(path("a.npy"));
    EXPECT_EQ(loaded.dtype(), saved.dtype());
    EXPECT_EQ(loaded.shape(), saved.shape());
    EXPECT_TRUE(equal(loaded, saved)) << loaded.to_string() << " for " << saved.to_string();
    EXPECT_FALSE(loaded.requires_grad());
  }
}

TEST_F(Npy, WhatTensorsCannotHoldIsRefusedByItsType) {
  const std::map<std::string, std::vector<std::string>> refused{
      {"big-endian float32", {"'>f4'", "big-endian", "newbyteorder"}},
      {"big-endian int64", {"'>i8'", "big-endian"}},
      {"objects", {"'|O'", "objects of Python", "pickle"}},
      {"complex", {"'<c8'", "no tensor has"}},
      {"uint64", {"'<u8'", "no tensor has"}},
      {"text", {"'<U2'", "no tensor has"}},
      {"structs", {"structs"}},
      {"nine dimensions", {"9 dimensions", "at most 8"}},
      {"a header over 10000 bytes", {"its header has 10102 bytes", "more than 10000 are refused"}}};
  size_t count = 0;
  for (const ReferenceCase& reference : cases()) {
    if (!reference.outputs.empty()) continue;
    SCOPED_TRACE(reference.name);
    expect_refused(file_of(reference), refused.at(reference.name));
    ++count;
  }
  EXPECT_EQ(count, refused.size());
}

TEST_F(Npy, CutShortAnywhereItIsRefused) {
  for (const char* name : {"float32", "bool", "float16", "Fortran's order", "version 3.0"}) {
    const std::string whole = file_of(name);
    EXPECT_NO_THROW(read(whole));
    for (size_t length = 0; length < whole.size(); ++length) {
      SCOPED_TRACE(std::string(name) + " of " + std::to_string(length) + " bytes");
      expect_refused(whole.substr(0, length), {});
    }
  }
  const std::string whole = file_of("float32");
  expect_refused("", {"it is empty"});
  expect_refused(whole.substr(0, 3), {"begins with \\x93NUMPY", "this with '?NU'"});
  expect_refused(whole.substr(0, 7), {"ends before its version"});
  expect_refused(whole.substr(0, 9), {"ends before the size of its header"});
  expect_refused(whole.substr(0, 100), {"ends in its header", "90 of 118"});
  expect_refused(whole.substr(0, 150), {"cut short", "[2, 3]", "24 bytes", "22 are there"});
}

TEST_F(Npy, OtherMagicAndVersionsAreRefused) {
  std::string bytes = file_of("float32");
  for (const char* version : {"\x00\x00", "\x01\x01", "\x04\x00", "\xff\xff"}) {
    std::copy_n(version, 2, bytes.begin() + 6);
    expect_refused(bytes, {"it has version", "1.0, 2.0 and 3.0 are known"});
  }
  expect_refused("\x93NUMPX" + bytes.substr(6), {"\\x93NUMPY", "'?NUMPX'"});
  expect_refused("PK\x03\x04 a.npy", {"zip archive", ".npz", "unzip"});
}

TEST_F(Npy, KeysMayStandInAnyOrderWithAndWithoutALastComma) {
  for (const char* header :
       {"{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }",
        "{'shape':(2,),'descr':'|u1','fortran_order':False}",
        "{ 'fortran_order' : False , 'shape' : ( 2 , ) , 'descr' : '|u1' , } \n \n"}) {
    SCOPED_TRACE(header);
    expect_values(read(file_with(header, "\x07\xff")), {7, 255});
  }
}

TEST_F(Npy, AHeaderThatNumPyWouldNotWriteIsRefused) {
  const std::vector<std::pair<std::string, std::string>> headers{
      {"", "'{' was expected"},
      {"{", "found ''"},
      {"{}", "lacks the key 'descr'"},
      {"{'descr': '<f4', 'shape': (), }", "lacks the key 'fortran_order'"},
      {"{'descr': '<f4', 'fortran_order': False, }", "lacks the key 'shape'"},
      {"{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (), }", "'descr' twice"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 1, }", "the key 'more'"},
      {"{\"descr\": '<f4', 'fortran_order': False, 'shape': (), }", "''' was expected"},
      {"{'descr': '<f4' 'fortran_order': False, 'shape': (), }", "',' or '}'"},
      {"{'descr', '<f4', 'fortran_order': False, 'shape': (), }", "':' was expected"},
      {"{'descr': 4, 'fortran_order': False, 'shape': (), }", "''' was expected, found '4"},
      {"{'descr': '<f4, }", "a closing quote"},
      {"{'descr': '<f4', 'fortran_order': 0, 'shape': (), }", "True or False"},
      {"{'descr': '<f4', 'fortran_order': false, 'shape': (), }", "True or False"},
      {header_with("<f4", "(3)"), "',' behind the one size"},
      {header_with("<f4", "[3]"), "'(' was expected"},
      {header_with("<f4", "3"), "'(' was expected"},
      {header_with("<f4", "(,)"), "a size was expected"},
      {header_with("<f4", "(2 3)"), "found '3"},
      {header_with("<f4", "(2,, 3)"), "a size was expected"},
      {header_with("<f4", "(-1,)"), "a size was expected"},
      {header_with("<f4", "(-0,)"), "a size was expected"},
      {header_with("<f4", "(+1,)"), "a size was expected"},
      {header_with("<f4", "(1.5,)"), "found '.5"},
      {header_with("<f4", "(03,)"), "a size was expected"},
      {header_with("<f4", "(1L,)"), "found 'L"},
      {header_with("<f4", "(None,)"), "a size was expected"},
      {header_with("<f4", "(2,"), "a size was expected"},
      {header_with("<f4", "()") + "x", "nothing more"},
      {header_with("<f4", "()") + std::string(1, '\0'), "nothing more was expected, found '?'"},
      {std::string(9000, '{'), "''' was expected, found '{{{"},
      {header_with("", "()"), "its type is ''"},
      {header_with("<f5", "()"), "'<f5'"},
      {header_with("\n\xff", "()"),
       "'?"
       "?'"}};
  for (const auto& [header, found] : headers) {
    SCOPED_TRACE(header.substr(0, 80));
    expect_refused(file_with(header, "data"), {found});
  }
}

TEST_F(Npy, SizesThatNoMemoryHoldsAreRefusedBeforeItIsAskedFor) {
  const auto refused = [](const std::string& shape, const std::string& found) {
    SCOPED_TRACE(shape);
    expect_refused(file_with(header_with("<f8", shape), "12345678"), {found});
  };
  refused("(1152921504606846975,)", "cut short");  // 2^63 - 8 bytes
  refused("(1152921504606846976,)", "more bytes than 2^63");
  refused("(4294967296, 4294967296)", "more bytes than 2^63");  // 2^67: 0 in 64 bits
  refused("(9223372036854775807, 3)", "more bytes than 2^63");
  refused("(9223372036854775808,)", "beyond 2^63");
  refused("(99999999999999999999999,)", "beyond 2^63");
  const Tensor none = read(file_with(header_with("<f8", "(0, 9223372036854775807, 3)")));
  EXPECT_EQ(none.shape(), Shape({0, std::numeric_limits<int64_t>::max(), 3}));
}

TEST_F(Npy, ABoolIsZeroOrOne) {
  const std::string header = header_with("|b1", "(3,)");
  expect_values(read(file_with(header, std::string("\1\0\1", 3))), {1, 0, 1});
  expect_refused(file_with(header, std::string("\1\0\2", 3)),
                 {"its bool 2 is 2", "neither 0 nor 1"});
  expect_refused(file_with(header, "\xff\1\1"), {"its bool 0 is 255"});
}

TEST_F(Npy, TheFileIsNamedWhereItCannotBeReadOrWritten) {
  expect_error<Error>([&] { load_npy(path("none.npy")); },
                      {"cannot read", "none.npy", "No such file"});
  expect_error<Error>([&] { load_npy(folder_); }, {"cannot read", folder_.string()});
  expect_error<Error>([&] { load_npy("/dev/zero"); }, {"cannot read /dev/zero"});
  std::ofstream(folder_ / "text.npy") << "1 2 3";
  expect_error<Error>([&] { load_npy(path("text.npy")); }, {"/text.npy: ", "this with '1 2 3"});
  expect_error<Error>([&] { save_npy(path("no/a.npy"), ones(2)); }, {"cannot write", "no/a.npy"});
  replace_file(path("a.npy"), "before");
  expect_error<Error>([&] { save_npy(path("a.npy"), Tensor()); }, {"undefined"});
  EXPECT_EQ(text_of("a.npy"), "before");
  EXPECT_EQ(file_count(), 2);
}

}  // namespace
}  // namespace rill::testing
