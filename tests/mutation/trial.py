"""Runs the tests that could see a fault, the nearest first."""
import re
import resource
from pathlib import Path

import process
from build import PROGRAMS

# Who could see a fault in a folder; optim knows nothing of nn, nor core of either.
WITNESSES = {"core": ("rill_core_tests", "rill_nn_tests", "rill_optim_tests", "rill_memory_tests"),
             "nn": ("rill_nn_tests", "rill_optim_tests", "rill_memory_tests"),
             "optim": ("rill_optim_tests", "rill_nn_tests", "rill_memory_tests")}
BROWSER = "*Browser*"  # takes seconds a test


class Tests:
    def __init__(self, build):
        self.build = build
        self.limits, self.failing = {}, {}
        self.suites = {}  # {"softmax": {"Softmax"}}: by the name of the file
        for file in (build.root / "tests").rglob("*_test.cpp"):
            names = re.findall(r"^TEST(?:_F|_P)?\((\w+)", file.read_text(), re.MULTILINE)
            self.suites.setdefault(file.name.removesuffix("_test.cpp"), set()).update(names)

    def run_without_fault(self):
        """Learns how long they take, and which fail of themselves."""
        for program in PROGRAMS:
            start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            status, output = process.run([self.build.folder / "tests" / program,
                                          "--gtest_color=no", f"--gtest_filter=-{BROWSER}"],
                                         600, self.build.folder, OMP_WAIT_POLICY="passive")
            used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start
            self.limits[program] = int(10 + 3 * used)
            self.failing[program] = sorted(set(re.findall(r"\[  FAILED  \] ([\w/.]+)", output)))
            if status != 0 and not self.failing[program]:
                raise SystemExit(f"mutants: {program} ends with {status}:\n{output[-2000:]}")

    def near(self, path, text):
        """A filter for those that are named like the file or like its ops."""
        suites = set()
        for name in (Path(path).stem, *re.findall(r'class (\w+) final', text)):
            suites |= self.suites.get(name, set())
        ops = sorted(set(re.findall(r'Op op\("(\w+)"\)', text)))
        return [f"*{suite}.*" for suite in sorted(suites)] + [f"Ops/*/{op}_*" for op in ops]

    def witness(self, bench, fault):
        """The test that notices the fault, or None."""
        first, *others = WITNESSES[fault.path.split("/")[0]]
        near = self.near(fault.path, fault.code.text)
        everything = [first, *others]
        for program in everything:
            path = bench.link(program)
            if program == first and near:
                found = self._run(bench, path, ":".join(near))
                if found:
                    return found
            found = self._run(bench, path, "*", browser="inspect" in fault.path)
            if found:
                return found
        return None

    def _run(self, bench, program, wanted, browser=False):
        name = program.name
        excluded = self.failing[name] + ([] if browser else [BROWSER])
        scratch = bench.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        status, output = process.run(
            [program, "--gtest_color=no", "--gtest_fail_fast",
             f"--gtest_filter={wanted}-{':'.join(excluded)}"],
            self.limits[name], scratch, limited=not browser, TMPDIR=scratch, OMP_WAIT_POLICY="passive")
        if status == 0:
            return None
        failed = re.search(r"\[  FAILED  \] ([\w/.]+)", output)
        if failed:
            return failed[1]
        ran = re.findall(r"\[ RUN      \] ([\w/.]+)", output)
        how = "hangs" if status == process.TIMEOUT else f"ends with {status}"
        return f"{ran[-1] if ran else name} ({how})"
