# Turns what the first comment of each example says into a list in C++:
#   // examples/NAME.cpp: TEXT, over as many lines as it takes.
#   // Next: NAME
# A Markdown file in an example's folder is its lesson.

FNR == 1 {
  finish()
  name = FILENAME
  sub(/\/[^\/]*\.md$/, "", name)
  sub(/\/main\.cpp$/, "", name)
  sub(/.*\//, "", name)
  sub(/\.cpp$/, "", name)
  is_comment = FILENAME !~ /\.md$/
  if (!is_comment) lesson[name] = FILENAME
}
is_comment && /^\/\/ Next: / { next_of[name] = substr($0, 10); next }
is_comment && /^\/\/ / { said = said " " substr($0, 4); next }
{ is_comment = 0 }

function finish() {
  if (said != "") {
    sub(/^[^:]*: /, "", said)
    text[name] = said
  }
  said = ""
}

BEGIN {
  print "// Made by cmake/catalogue.awk.\n#include \"examples/support/catalogue.h\"\n"
  print "namespace examples {\n\nconst std::vector<Entry>& catalogue() {"
  print "  static const std::vector<Entry> entries{"
}
END {
  finish()
  for (name in text)
    printf "      {\"%s\",\n       R\"rill(%s)rill\",\n       \"%s\", \"%s\"},\n", name, text[name], next_of[name], lesson[name]
  print "  };\n  return entries;\n}\n\n}  // namespace examples"
}
