#include <array>
#include <cstdint>

#include <rill/core/text/detail/words.h>

namespace rill::detail {
namespace {

enum class Class : uint8_t { space, letter, digit, mark };

constexpr Class computed_class(int byte) {
  if (byte == ' ' || (byte >= '\t' && byte <= '\r')) return Class::space;
  if (byte >= '0' && byte <= '9') return Class::digit;
  const bool is_ascii_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  return is_ascii_letter || byte >= 0x80 ? Class::letter : Class::mark;
}

constexpr std::array<Class, 256> classes = [] {
  std::array<Class, 256> all{};
  for (int byte = 0; byte < 256; ++byte) all[byte] = computed_class(byte);
  return all;
}();

Class class_of(char c) { return classes[static_cast<unsigned char>(c)]; }

/// How many bytes from `begin` on are of one class.
size_t run_length(std::string_view text, size_t begin) {
  const Class first = class_of(text[begin]);
  size_t end = begin + 1;
  while (end < text.size() && class_of(text[end]) == first) ++end;
  return end - begin;
}

/// Of an English ending such as 's or 'll; 0 where there is none.
size_t ending_length(std::string_view text) {
  if (text[0] != '\'') return 0;
  for (const std::string_view ending : {"'s", "'t", "'m", "'d", "'re", "'ve", "'ll"})
    if (text.starts_with(ending)) return ending.size();
  return 0;
}

size_t word_length(std::string_view text) {
  if (const size_t ending = ending_length(text); ending > 0) return ending;
  const size_t run = run_length(text, 0);
  if (class_of(text[0]) != Class::space || run == text.size()) return run;
  if (run > 1) return run - 1;  // the last of the white space is left to the word that follows
  return text[0] == ' ' ? 1 + run_length(text, 1) : 1;
}

}  // namespace

std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, word_length(rest));
  rest.remove_prefix(word.size());
  return word;
}

}  // namespace rill::detail
