"""The rules by which faults are planted. A rule is a generator over a file's code that yields edits:
lists of (start, end, new text)."""
import functools
import re

RULES = {}
KEYWORDS = {"return", "if", "for", "while", "else", "do", "switch", "case", "const", "auto", "using",
            "throw", "template", "namespace", "struct", "class", "static", "constexpr", "break",
            "continue", "default", "typename", "public", "private", "friend", "delete", "new",
            "operator", "sizeof", "static_assert", "extern", "inline", "explicit", "virtual"}
# Where the order of arguments changes nothing, or a bit of rounding.
SYMMETRIC = {"min", "max", "add", "mul", "maximum", "minimum", "swap", "eq", "ne", "check_same_dtype",
             "want_same_dtype", "broadcast_shapes"}
# Members that return something of the type that they are called on.
LINKS = {"T", "detach", "unsqueeze", "squeeze", "contiguous", "clone", "to", "transpose", "permute",
         "view", "reshape", "expand", "flatten", "narrow", "requires_grad_", "sum", "pow"}


def rule(function):
    RULES[function.__name__] = function
    return function


def replace(code, i, text):
    return [(code.tokens[i].start, code.tokens[i].end, text)]


def swap(code, first, second):
    """Exchanges two spans of tokens."""
    return [(code.tokens[a].start, code.tokens[b].end, code.span(*other))
            for (a, b), other in ((first, second), (second, first))]


def each_binary(code, table):
    """Operators with two operands that are in the table, but for the heads of loops and texts."""
    for i, token in enumerate(code.tokens):
        strings = "string" in (code.kind(i - 1), code.kind(i + 1))
        if token.text in table and code.spaced(i) and i not in code.loop_heads and not strings:
            for other in table[token.text]:
                yield i, other


@rule
def arithmetic(code):
    for i, other in each_binary(code, {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*"}):
        yield replace(code, i, other)


@rule
def compound(code):
    table = {"+=": ("-=", "="), "-=": ("+=", "="), "*=": ("/=", "="), "/=": ("*=", "=")}
    for i, other in each_binary(code, table):
        yield replace(code, i, other)


@rule
def bits(code):
    if "<iostream>" in code.text or "<sstream>" in code.text or "ostream" in code.text:
        return
    table = {"<<": (">>",), ">>": ("<<",), "&": ("|",), "|": ("&",), "^": ("|", "&")}
    for i, other in each_binary(code, table):
        yield replace(code, i, other)


@rule
def comparison(code):
    table = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",),
             "!=": ("==",)}
    for i, other in each_binary(code, table):
        yield replace(code, i, other)


@rule
def logic(code):
    for i, other in each_binary(code, {"&&": ("||",), "||": ("&&",)}):
        yield replace(code, i, other)


@rule
def sign(code):
    """-x and !x become x."""
    for i, token in enumerate(code.tokens):
        operand = code.kind(i + 1) in ("word", "number") or code.at(i + 1) == "("
        alone = code.kind(i - 1) == "mark" and code.at(i - 1) not in (")", "]") or \
            code.at(i - 1) == "return"
        if token.text in ("-", "!") and code.joined(i) and operand and alone:
            yield replace(code, i, "")


def other_numbers(text):
    whole = re.fullmatch(r"(0[xX][\da-fA-F']+|[\d']+)([uUlL]*)", text)
    if whole:
        digits = whole[1].replace("'", "")
        value = int(digits, 8 if re.fullmatch("0[0-7]+", digits) else 0)
        return [f"{n}{whole[2]}" for n in ({0: (1,), 1: (0, 2)}.get(value, (value - 1, value + 1)))]
    real = re.fullmatch(r"([\d.']+(?:[eE][-+]?\d+)?)([fF]?)", text)
    if not real:
        return []
    value = float(real[1].replace("'", ""))
    return [f"{value * 1.5!r}{real[2]}" if value else f"1.0{real[2]}"]


@rule
def constant(code):
    for i, token in enumerate(code.tokens):
        if token.kind == "number" and code.loop_heads.get(i, 0) == 0:
            for other in other_numbers(token.text):
                yield replace(code, i, other)


@rule
def boolean(code):
    for i, token in enumerate(code.tokens):
        if token.text in ("true", "false"):
            yield replace(code, i, "false" if token.text == "true" else "true")


@rule
def other_function(code):
    table = {"min": "max", "max": "min", "sin": "cos", "cos": "sin", "floor": "ceil", "ceil": "floor",
             "all_of": "any_of", "any_of": "all_of", "lower_bound": "upper_bound",
             "upper_bound": "lower_bound"}
    for i, token in enumerate(code.tokens):
        if token.text in table and code.at(i - 1) == "::" and code.at(i - 2) == "std":
            yield replace(code, i, table[token.text])


@rule
def loop_bound(code):
    """The last turn of a loop is left out."""
    for i, token in enumerate(code.tokens):
        if token.text == "for" and code.at(i + 1) == "(":
            inside = [j for j in range(i + 2, code.partner[i + 1]) if code.loop_heads[j] == 1]
            texts = [code.at(j) for j in inside if code.spaced(j)]
            if ("<" in texts or "<=" in texts) and "&&" not in texts:
                end = code.tokens[inside[-1]].start
                yield [(end, end, " - 1")]


def end_of_chain(code, i):
    """The last token of `a::b<c>(d).e[f]` that begins at i, and its kind."""
    if code.at(i) == "*" and code.joined(i):
        i += 1
    if code.kind(i) != "word" or code.at(i) in KEYWORDS:
        return None
    while True:
        after = code.at(i + 1)
        if after in ("::", ".", "->") and code.kind(i + 2) == "word":
            i += 2
        elif after in ("::", ".", "->") and code.at(i + 2) == "template":
            i += 3
        elif after == "<" and not code.spaced(i + 1) and code.template_end(i + 1):
            i = code.template_end(i + 1)
        elif after in ("(", "["):
            i = code.partner[i + 1]
        else:
            return i


@rule
def dropped_statement(code):
    """A call whose result nobody uses, an assignment, a step of a counter."""
    for i, token in enumerate(code.tokens):
        if not code.starts_statement(i):
            continue
        if token.text in ("++", "--", "break", "continue"):
            end = code.statement_end(i)
        else:
            last = end_of_chain(code, i)
            if last is None:
                continue
            after = code.at(last + 1)
            called = after == ";" and code.at(last) == ")"
            assigned = after in ("=", "+=", "-=", "*=", "/=", "|=", "&=", "++", "--")
            end = code.statement_end(last) if called or assigned else None
        if end is not None:
            yield [(token.start, code.tokens[end].start, "")]


@rule
def condition(code):
    """A branch that is taken in the other case, never, or always."""
    for i, token in enumerate(code.tokens):
        if token.text == "if" and code.at(i + 1) == "(":
            end = code.partner[i + 1]
            inside = [code.at(j) for j in range(i + 2, end)]
            if ";" in inside or "=" in inside:
                continue
            start, stop = code.tokens[i + 1].end, code.tokens[end].start
            for before in ("!(", "false && (", "true || ("):
                yield [(start, start, before), (stop, stop, ")")]


@rule
def choice(code):
    """c ? a : b becomes c ? b : a."""
    for i, token in enumerate(code.tokens):
        if token.text != "?":
            continue
        colon, depth = i + 1, 1
        while depth and code.at(colon):
            depth += {"?": 1, ":": -1}.get(code.at(colon), 0)
            if depth:
                colon = code.partner.get(colon, colon) + 1
        end = colon + 1
        while code.at(end) not in ("", ",", ";", ")", "]", "}"):
            end = code.partner.get(end, end) + 1
        if code.at(end):
            yield swap(code, (i + 1, colon - 1), (colon + 1, end - 1))


def is_plain(text):
    return re.fullmatch(r"[\w.:>\-*!\[\]]+(\(\))?", text) and len(text) <= 40


@rule
def swapped_arguments(code):
    for i, token in enumerate(code.tokens):
        if token.text not in ("(", "{") or code.kind(i - 1) != "word" or not code.joined(i - 1):
            continue
        if code.at(i - 1) in SYMMETRIC | KEYWORDS:
            continue
        arguments = code.arguments(i)
        for first, second in zip(arguments, arguments[1:]):
            a, b = code.span(*first), code.span(*second)
            if a != b and is_plain(a) and is_plain(b):
                yield swap(code, first, second)


@rule
def argument_for_call(code):
    """f(a, ...) becomes a."""
    for i, token in enumerate(code.tokens):
        if token.kind != "word" or token.text in KEYWORDS | {"move"} or token.text[0].isupper():
            continue
        first = i
        while code.at(first - 1) == "::" and code.kind(first - 2) == "word":
            first -= 2
        before = code.at(first - 1)
        opening = i + 1
        if before in (".", "->", "::", ">", "&", "*") and not code.spaced(first - 1):
            continue
        if code.kind(first - 1) == "word" and before != "return" or code.at(opening) != "(":
            continue
        arguments = code.arguments(opening)
        if arguments and not code.starts_statement(first):
            a = code.span(*arguments[0])
            if is_plain(a) and code.kind(arguments[0][0]) == "word":
                yield [(code.tokens[first].start, code.tokens[code.partner[opening]].end, a)]


@rule
def dropped_link(code):
    """a.b().c becomes a.c."""
    for i, token in enumerate(code.tokens):
        if token.text == "." and code.at(i + 1) in LINKS and code.at(i + 2) == "(":
            yield [(token.start, code.tokens[code.partner[i + 2]].end, "")]


@rule
def returned(code):
    """Nothing, or the negative, is returned."""
    for i, token in enumerate(code.tokens):
        end = code.statement_end(i) if token.text == "return" else None
        if end is None or end == i + 1 or code.at(i + 1) in ("{", "*", "[", '""'):
            continue
        start, stop = code.tokens[i + 1].start, code.tokens[end].start
        yield [(start, stop, "{}")]
        if code.kind(i + 1) != "string" and code.at(i + 1) not in ("true", "false", "!"):
            yield [(start, start, "-("), (stop, stop, ")")]


def edits_of(code):
    """(rule, edits) of all faults that can be planted in a file, but for what is frozen."""
    frozen = {offset for i in code.frozen for offset in range(*code.tokens[i][2:])}
    seen = set()
    for name, function in RULES.items():
        for edits in map(sorted, function(code)):
            if str(edits) not in seen and not any(start in frozen for start, _, _ in edits):
                seen.add(str(edits))
                yield name, edits


def apply(text, edits):
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


@functools.cache
def rows_of(code):
    """The spans of the calls row(x, "formula", keep(...), function): the table of gradients."""
    return [(token.start, code.tokens[code.partner[i + 1]].end) for i, token in enumerate(code.tokens)
            if token.text == "row" and code.at(i + 1) == "(" and code.at(i - 1) in ("(", ",", "return")]
