"""The faults that can be planted in rill, and which of them are tried."""
import difflib
import fnmatch
import hashlib
import itertools
import re
import sys

import rules
from cpp import Code

# Each area gets as many faults as any other. A file stands in the first area that names it; what
# stands in a row of an op's table of gradients stands in "rows".
AREAS = {
    "inspectors": ("core/inspect/*", "nn/summary.cpp", "nn/scale_report.cpp", "nn/attention_watch.*",
                   "nn/positions/check_encoding.cpp"),
    "samplers": ("core/ops/sample.cpp", "core/random*", "nn/generate.cpp", "nn/key_value_cache.*",
                 "nn/init.cpp", "core/kernels/philox*"),
    "vector kernels": ("core/kernels/simd/*",),
    "kernels": ("core/kernels/*",),
    "ops": ("core/ops/*",),
    "engine": ("core/autograd.*", "core/backward.h", "core/node.*", "core/fused.h", "core/observer.*",
               "core/refcount.*", "core/tensor/tensor_graph.cpp", "core/gradcheck.*"),
    "tensors": ("core/*",),
    "layers": ("nn/*",),
    "optimizers": ("optim/*",),
}


# How charts look: colours, sizes of letters, distances. A test could only repeat them.
LOOKS = ("core/inspect/chart_theme.cpp",)


class Fault:
    def __init__(self, path, code, area, rule, edits):
        self.path, self.code, self.rule, self.edits = path, code, rule, edits
        offset = edits[0][0]
        self.line = code.text.count("\n", 0, offset) + 1
        row = next((start for start, end in rules.rows_of(code) if start <= offset < end), None)
        self.area, self.place = (area, path) if row is None else ("rows", (path, row))

    @property
    def text(self):
        """The file with the fault in it."""
        return rules.apply(self.code.text, self.edits)

    @property
    def diff(self):
        lines = difflib.unified_diff(self.code.text.splitlines(), self.text.splitlines(), n=0,
                                     lineterm="")
        return [line for line in lines if line[0] in "-+" and line[:3] not in ("---", "+++")]

    @property
    def name(self):
        """The same for as long as its lines stay as they are, wherever they move."""
        return hashlib.sha1("\n".join([self.path, *self.diff]).encode()).hexdigest()[:8]

    def __str__(self):
        return f"{self.path}:{self.line} {self.rule} {self.name}"

    def matches(self, glob):
        return fnmatch.fnmatch(self.path, glob) or glob == self.area or glob == self.name


def all_faults(root, is_affordable):
    for folder in ("core", "nn", "optim"):
        for file in sorted((root / folder).rglob("*.*")):
            path = str(file.relative_to(root))
            if path not in LOOKS and is_affordable(path):
                code = Code(file.read_text())
                area = next(area for area, globs in AREAS.items()
                            if any(fnmatch.fnmatch(path, glob) for glob in globs))
                for rule, edits in rules.edits_of(code):
                    yield Fault(path, code, area, rule, edits)


def in_turn(lists):
    """The first of each list, then the second of each, ..."""
    for turn in itertools.zip_longest(*lists):
        yield from (item for item in turn if item is not None)


def spread(faults, keys, generator):
    """In random order, but so that every area, in it every place, and there every rule has its turn."""
    if not keys:
        return generator.sample(faults, len(faults))
    groups = {}
    for fault in faults:
        groups.setdefault(getattr(fault, keys[0]), []).append(fault)
    groups = list(groups.values())
    generator.shuffle(groups)
    return list(in_turn([spread(group, keys[1:], generator) for group in groups]))


class ChangesNothing:
    """The reviewed list of changes that change nothing. A paragraph each:
        FILE
        - the line
        + the line as changed, or * for any change of it
        = why"""

    def __init__(self, file, root):
        self.reasons = {}
        for paragraph in re.split(r"\n\s*\n", file.read_text()):
            lines = [line for line in paragraph.splitlines() if line and line[0] != "#"]
            if lines:
                self._add(root, lines[0], *(self._side(lines[1:], sign) for sign in "-+="))

    def _add(self, root, path, before, after, why):
        if not (before and after and why):
            sys.exit(f"mutants: changes_nothing.txt: {path}: - {before}\n  wants lines with -, + and =")
        source = root / path
        if not source.exists() or before not in " ".join(source.read_text().split()):
            print(f"mutants: changes_nothing.txt: {path} has no longer the line\n  {before}",
                  file=sys.stderr)
        self.reasons[path, before, after] = why

    @staticmethod
    def _side(lines, sign):
        return " ".join(" ".join(line[1:] for line in lines if line[0] == sign).split())

    def reason(self, fault):
        before, after = (self._side(fault.diff, sign) for sign in "-+")
        return self.reasons.get((fault.path, before, after)) or \
            self.reasons.get((fault.path, before, "*"))
