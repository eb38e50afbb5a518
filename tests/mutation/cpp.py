"""The tokens of a C++ file, and what rules need to know of them. The sources are formatted by
clang-format, so that blanks tell `a < b` from `keep<a>` and `a * b` from `T* a`."""
import re
from typing import NamedTuple

TOKEN = re.compile(r"""
    (?P<skip>   //[^\n]* | /\*.*?\*/ | ^[ \t]*\#(?:\\\n|[^\n])* )
  | (?P<string> R"(?P<end>[^(]*)\(.*?\)(?P=end)" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+' )
  | (?P<number> \.?\d(?:[eEpP][+-]|'?[\w.])* )
  | (?P<word>   [A-Za-z_]\w* )
  | (?P<mark>   <<=|>>=|::|->|\+\+|--|<<|>>|[-+*/%&|^<>=!]=|&&|\|\||[^\s\w] )
""", re.VERBOSE | re.MULTILINE | re.DOTALL)

PARTNERS = {"(": ")", "[": "]", "{": "}"}
# What stands in their parentheses is for the compiler or for people to read, and no test's business.
FROZEN_CALLS = {"static_assert", "fail", "sizeof", "alignas", "decltype", "noexcept", "warn", "what"}

# Their second argument, the grain, says how much work is worth a thread. That, and what is called a
# grain, nobody sees but by the clock.
PARALLEL = {"parallel_for", "parallel_reduce"}


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


class Code:
    def __init__(self, text):
        self.text = text
        self.tokens = [Token(match.lastgroup if match.lastgroup != "end" else "string", match[0],
                             match.start(), match.end())
                       for match in TOKEN.finditer(text) if match.lastgroup != "skip"]
        self.partner = self._partners()
        self.opening = {closing: opening for opening, closing in self.partner.items()}
        self.frozen = self._frozen()
        self.loop_heads = self._loop_heads()

    def at(self, i):
        """The text of token i, empty beyond the ends."""
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def kind(self, i):
        return self.tokens[i].kind if 0 <= i < len(self.tokens) else ""

    def span(self, first, last):
        """The text from token `first` to token `last`, both included."""
        return self.text[self.tokens[first].start:self.tokens[last].end]

    def spaced(self, i):
        """Blanks on both sides: an operator with two operands."""
        before, after = self.tokens[i].start - 1, self.tokens[i].end
        return self.text[before:before + 1].isspace() and self.text[after:after + 1].isspace()

    def joined(self, i):
        """No blank between token i and the next."""
        return i + 1 < len(self.tokens) and self.tokens[i].end == self.tokens[i + 1].start

    def template_end(self, i):
        """The `>` that closes the `<` at i, or None."""
        depth = 0
        while i < len(self.tokens):
            if self.at(i) == "<":
                depth += 1
            elif self.at(i) in (">", ">>"):
                depth -= len(self.at(i))
                if depth <= 0:
                    return i
            elif self.at(i) in (";", "{", "}", ")", "&&", "||"):
                return None
            i = self.partner.get(i, i) + 1 if self.at(i) in PARTNERS else i + 1
        return None

    def arguments(self, opening):
        """(first, last) token of each argument in the parentheses that open at `opening`."""
        result, first, i, end = [], opening + 1, opening + 1, self.partner[opening]
        while i < end:
            if self.at(i) == ",":
                result.append((first, i - 1))
                first = i + 1
            elif self.at(i) == "<" and not self.spaced(i) and self.template_end(i):
                i = self.template_end(i)
            i = self.partner.get(i, i) + 1 if self.at(i) in PARTNERS else i + 1
        return result + [(first, end - 1)] if first < end else result

    def starts_statement(self, i):
        before = self.at(i - 1)
        if before == ")":
            return self.at(self.opening[i - 1] - 1) in ("if", "for", "while", "constexpr")
        return i == 0 or before in (";", "{", "}", "else")

    def statement_end(self, i):
        """The `;` that ends the statement at i, or None where a bracket closes before."""
        while i < len(self.tokens):
            if self.at(i) == ";":
                return i
            if self.at(i) in (")", "]", "}"):
                return None
            i = self.partner.get(i, i) + 1 if self.at(i) in PARTNERS else i + 1
        return None

    def _partners(self):
        partner, open_ones = {}, []
        for i, token in enumerate(self.tokens):
            if token.kind == "mark" and token.text in PARTNERS:
                open_ones.append(i)
            elif token.kind == "mark" and token.text in PARTNERS.values():
                partner[open_ones.pop()] = i
        return partner

    def _frozen(self):
        """Tokens that no rule touches."""
        frozen = set()
        for i, token in enumerate(self.tokens):
            if token.text in FROZEN_CALLS or token.text.startswith("RILL_"):
                after = i + 1
                if self.at(after) == "<":
                    after = (self.template_end(after) or after) + 1
                if self.at(after) == "(":
                    frozen.update(range(after, self.partner[after] + 1))
            elif token.text in PARALLEL and self.at(i + 1) == "(":
                for first, last in self.arguments(i + 1)[1:2]:
                    frozen.update(range(first, last + 1))
            elif token.text.endswith("grain"):
                frozen.update(range(i, self._definition_end(i) + 1))
            elif token.text == "template" and self.at(i + 1) == "<":
                frozen.update(range(i, (self.template_end(i + 1) or i) + 1))
            elif token.text == "<" and not self.spaced(i) and self.template_end(i):
                frozen.update(range(i, self.template_end(i) + 1))
            elif token.text == "[" and self.at(i + 1) == "[":
                frozen.update(range(i, self.partner[i] + 1))
            elif token.text in ("using", "throw") or (token.text == "enum"):
                frozen.update(range(i, (self.statement_end(i) or i) + 1))
        return frozen

    def _definition_end(self, i):
        """The end of a constant or a function whose name stands at i; i where it is but used."""
        if self.at(i + 1) == "=":
            return self.statement_end(i) or i
        if self.at(i + 1) == "(" and self.at(self.partner[i + 1] + 1) == "{":
            return self.partner[self.partner[i + 1] + 1]
        return i

    def _loop_heads(self):
        """For each token in the head of a `for (a; b; c)`: 0, 1 or 2, the part that it stands in."""
        parts = {}
        for i, token in enumerate(self.tokens):
            if token.text == "for" and self.at(i + 1) == "(":
                part = 0
                for j in range(i + 2, self.partner[i + 1]):
                    parts[j] = part
                    part += self.at(j) == ";"
        return parts
