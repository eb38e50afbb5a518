# Turns the ```cpp blocks of Markdown files into one file of tests.
#   A block with int main() is a program: its includes go to the top, the rest into a namespace.
#   A block after <!-- from PATH --> must stand in the file PATH, word for word.
#   Any other block is a run of statements, as if inside main with `using namespace rill`.
# A ```text block right after a program or statements is what they print. Files that they write go
# into a folder that is removed at the end.

BEGIN {
  print "#include <gtest/gtest.h>\n\n#include <rill/rill.h>\n"
  print "#include <stdlib.h>\n"
  print "#include <filesystem>\n#include <fstream>\n#include <iostream>\n#include <iterator>"
  print "#include <string>\n"
  print "#include \"test_paths.h\"\n"
  print "struct OwnFolder {"
  print "  OwnFolder() { std::filesystem::current_path(path = mkdtemp(path.data())); }"
  print "  ~OwnFolder() {"
  print "    std::filesystem::current_path(\"/\");"
  print "    std::filesystem::remove_all(path);"
  print "  }"
  print "  std::string path = std::filesystem::temp_directory_path() / \"rill-snippets-XXXXXX\";"
  print "};"
  print "static const OwnFolder own_folder;"
  print "[[maybe_unused]] static std::string text_of(const std::string& path) {"
  print "  std::ifstream file(std::string(RILL_SOURCE_DIR \"/\") + path);"
  print "  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};"
  print "}"
}

FNR == 1 {
  finish()
  suite = FILENAME
  sub(/.*\//, "", suite)
  sub(/\..*/, "", suite)
  suite = substr(suite, 1, 1) tolower(substr(suite, 2))
}

block == "" && /^```cpp/ {
  finish()
  block = "cpp"
  code = ""
  includes = ""
  start = FNR
  next
}
block == "" && /^```text/ && waiting { block = "output"; output = ""; next }
block == "" && /^```/ { finish(); block = "other"; next }
/^```/ {
  if (block == "cpp") waiting = 1
  if (block == "output") { has_output = 1; finish() }
  block = ""
  next
}
block == "cpp" && /^#include/ && source == "" { includes = includes $0 "\n"; next }
block == "cpp" { code = code $0 "\n" }
block == "output" { output = output $0 "\n" }
block == "" && /^<!-- from .* -->$/ { finish(); source = $3; next }
block == "" && /[^ ]/ { if (!waiting) source = "" }

END { finish() }

function raw(text) { return "R\"snippet(" text ")snippet\"" }

# Writes the block that was read last.
function finish(   name, call) {
  if (!waiting) return
  name = "SnippetAtLine" start
  printf "\n"
  if (source != "") {
    printf "#line %d \"%s\"\n", start, FILENAME
    printf "TEST(%s, %s) {\n  EXPECT_NE(text_of(\"%s\").find(%s), std::string::npos)\n", \
           suite, name, source, raw(code)
    printf "      << \"this is no longer what %s says\";\n}\n", source
  } else {
    if (code ~ /int main\(\) {/) {
      sub(/int main\(\) {/, "static void run() {", code)
      gsub(/\n  return 0;\n/, "\n", code)
      printf "%s\nnamespace %s_%s {\n%s}\n", includes, suite, name, code
      call = suite "_" name "::run();"
    } else {
      printf "%s", includes
      call = code
    }
    printf "TEST(%s, %s) {\n  using namespace rill;\n", suite, name
    if (has_output) printf "  testing::internal::CaptureStdout();\n  {\n"
    printf "#line %d \"%s\"\n%s\n", start + 1, FILENAME, call
    if (has_output) {
      printf "  }\n  std::cout.flush();\n"
      printf "  EXPECT_EQ(testing::internal::GetCapturedStdout(), %s);\n", raw(output)
    }
    printf "}\n"
  }
  waiting = 0
  has_output = 0
  source = ""
}
