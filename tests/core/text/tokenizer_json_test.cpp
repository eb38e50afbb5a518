#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include <rill/core/text/tokenizer.h>

#include "tests/support/expect.h"

namespace rill::testing {
namespace {

/// Expects that from_json refuses `json` with a message that holds each of `parts`.
void expect_refused(const std::string& json, const std::vector<std::string>& parts) {
  SCOPED_TRACE(json.substr(0, 200));
  expect_error<ValueError>([&] { Tokenizer::from_json(json); }, parts);
}

std::string of_kind(const std::string& kind, const std::string& fields) {
  return R"({"kind":")" + kind + "\"," + fields + "}";
}

TEST(TokenizerJson, IsTheKindAndListsOfNumbers) {
  EXPECT_EQ(Tokenizer::bytes("a\n\xff").to_json(), R"({"kind":"bytes","bytes":[10,97,255]})");
  EXPECT_EQ(Tokenizer::characters("€a\xff").to_json(),
            R"({"kind":"characters","characters":[97,8364],"bytes":[255]})");
  EXPECT_EQ(Tokenizer::byte_pairs("abc abc", 300).to_json(),
            R"({"kind":"byte_pairs","merges":[97,98,256,99]})");
}

TEST(TokenizerJson, ReadsBackAsTheSameTokenizer) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::string text = all + "the cat—ça the cat 😀";
  for (const Tokenizer& tokenizer :
       {Tokenizer::bytes(text), Tokenizer::characters(text), Tokenizer::byte_pairs(text, 300),
        Tokenizer::bytes(""), Tokenizer::characters(""), Tokenizer::byte_pairs("", 256)}) {
    const Tokenizer read = Tokenizer::from_json(tokenizer.to_json());
    EXPECT_EQ(read, tokenizer);
    EXPECT_EQ(read.kind(), tokenizer.kind());
    EXPECT_EQ(read.vocab_size(), tokenizer.vocab_size());
    if (tokenizer.vocab_size() <= 256) continue;
    EXPECT_EQ(read.encode(text), tokenizer.encode(text));
  }
}

TEST(TokenizerJson, OrderAndWhiteSpaceDoNotCount) {
  EXPECT_EQ(Tokenizer::from_json(" {\n\"bytes\" : [ 97 , 98 ],\t\"kind\":\"bytes\" } "),
            Tokenizer::bytes("ab"));
}

TEST(TokenizerJson, WhatIsNoJsonIsRefused) {
  for (const char* json : {"", "{", "nonsense", "{\"kind\":\"bytes\",\"bytes\":[1,]}",
                           "{\"kind\":\"bytes\",\"bytes\":[1]} {}", "{\"kind\":\"\xff\"}",
                           "{\"kind\":\"\\ud800\"}", "{\"kind\":\"bytes\",\"bytes\":[01]}"})
    expect_refused(json, {"no JSON", "byte "});
}

TEST(TokenizerJson, EachCutOffBeginningIsRefused) {
  const std::string json = Tokenizer::characters("ab\xff").to_json();
  for (size_t size = 0; size < json.size(); ++size)
    expect_refused(json.substr(0, size), {"no JSON"});
}

TEST(TokenizerJson, WhatIsNoObjectIsRefused) {
  for (const char* json : {"[]", "3", "-3", "1.5", "\"bytes\"", "null", "true"})
    expect_refused(json, {"must be an object"});
}

TEST(TokenizerJson, UnknownMissingAndRepeatedFieldsAreNamed) {
  expect_refused("{}", {"no 'kind'"});
  expect_refused(R"({"bytes":[1]})", {"no 'kind'"});
  expect_refused(R"({"kind":"bytes"})", {"no list 'bytes'"});
  expect_refused(R"({"kind":"characters","bytes":[]})", {"no list 'characters'"});
  expect_refused(of_kind("bytes", R"("bytes":[1],"merges":[])"), {"'merges'", "unknown to bytes"});
  expect_refused(of_kind("bytes", R"("bytes":[1],"size":1)"), {"no field 'size'"});
  expect_refused(of_kind("bytes", R"("bytes":[1],"bytes":[1])"), {"'bytes' is there twice"});
  expect_refused(of_kind("bytes", R"("kind":"bytes","bytes":[1])"), {"'kind' is there twice"});
  expect_refused(of_kind("words", R"("bytes":[1])"), {"byte_pairs", "found 'words'"});
}

TEST(TokenizerJson, ANameInAnErrorIsShortAndHarmless) {
  const std::string long_name(1000, 'x');
  const std::string message =
      message_of<ValueError>([&] { Tokenizer::from_json("{\"" + long_name + "\":1}"); });
  EXPECT_LT(message.size(), 160u);
  expect_refused(R"({"\u001b[2J":1})", {"'?[2J'"});
}

TEST(TokenizerJson, WhatIsNoListOfWholeNumbersIsRefused) {
  for (const char* value : {"1", "\"1\"", "null", "true", "{}", "[1.5]", "[-1]", "[\"a\"]", "[[1]]",
                            "[null]", "[{}]", "[4294967296]", "[99999999999999999999]", "[1e3]"})
    expect_refused(of_kind("bytes", "\"bytes\":" + std::string(value)),
                   {"'bytes' must be a list of whole numbers", "found"});
  for (const char* value : {"1", "[]", "[\"bytes\"]", "{}", "null"})
    expect_refused("{\"kind\":" + std::string(value) + "}", {"'kind' must be a string"});
}

TEST(TokenizerJson, DeepNestingIsRefusedAtItsSecondLevel) {
  expect_refused(std::string(1'000'000, '['), {"must be an object"});
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"bytes\":";
  expect_refused(objects, {"'bytes' must be a list", "found an object"});
}

TEST(TokenizerJson, NumbersThatCannotStandThereAreNamedWithTheirPlace) {
  const auto bytes = [](const std::string& list) { return of_kind("bytes", "\"bytes\":" + list); };
  expect_refused(bytes("[10,256]"), {"bytes[1]", "found 256"});
  expect_refused(bytes("[10,10]"), {"bytes must rise", "found 10 behind 10 at 1"});
  expect_refused(bytes("[10,9]"), {"found 9 behind 10"});
  const auto characters = [](const std::string& list, const std::string& loose) {
    return of_kind("characters", "\"characters\":" + list + ",\"bytes\":" + loose);
  };
  expect_refused(characters("[97,1114112]", "[]"), {"characters[1]", "1114112"});
  expect_refused(characters("[97,55296,60000]", "[]"), {"characters[1]", "surrogate", "55296"});
  expect_refused(characters("[57343]", "[]"), {"surrogate"});
  expect_refused(characters("[97,97]", "[]"), {"characters must rise"});
  expect_refused(characters("[97]", "[127]"), {"bytes[0]", "128", "found 127"});
}

TEST(TokenizerJson, MergesThatCannotBeAreNamedWithTheirPlace) {
  const auto merges = [](const std::string& list) {
    return of_kind("byte_pairs", "\"merges\":" + list);
  };
  expect_refused(merges("[97]"), {"pairs", "found 1"});
  expect_refused(merges("[97,256]"), {"merges[1]", "256 tokens", "found 256"});
  expect_refused(merges("[97,98,257,99]"), {"merges[2]", "257 tokens", "found 257"});
  expect_refused(merges("[97,98,1,2,97,98]"), {"merges[4]", "there before"});
  EXPECT_EQ(Tokenizer::from_json(merges("[97,98,256,256]")).vocab_size(), 258);
}

TEST(TokenizerJson, MergesThatDoubleEndlesslyAreRefused) {
  std::string list = "97,97";
  for (int token = 256; token < 271; ++token)
    list.append(",").append(std::to_string(token)).append(",").append(std::to_string(token));
  const std::string head = R"({"kind":"byte_pairs","merges":[)";
  EXPECT_EQ(Tokenizer::from_json(head + list + "]}").decode(271).size(), 65536u);
  expect_refused(head + list + ",271,97]}", {"merges[32]", "65536 bytes"});
}

TEST(TokenizerJson, ALongListIsRefusedBeforeItFillsTheMemory) {
  std::string list = "0";
  for (int i = 0; i < 2'200'000; ++i) list += ",0";
  expect_refused(of_kind("byte_pairs", "\"merges\":[" + list + "]"), {"too many numbers"});
}

TEST(TokenizerJson, ChangedBytesAreRefusedOrMakeATokenizerThatWorks) {
  const std::string json = Tokenizer::byte_pairs("the cat the cat", 300).to_json();
  std::mt19937 draw(1);
  for (int trial = 0; trial < 20000; ++trial) {
    std::string changed = json;
    for (unsigned i = 0; i <= draw() % 3; ++i)
      changed[draw() % changed.size()] = "0123456789,[]{}\":x\xff"[draw() % 19];
    try {
      const Tokenizer tokenizer = Tokenizer::from_json(changed);
      EXPECT_EQ(tokenizer.decode(tokenizer.encode("the cat")), "the cat");
    } catch (const ValueError&) {
    }
  }
}

}  // namespace
}  // namespace rill::testing
