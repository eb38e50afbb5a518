"""Plants faults, one at a time, and tells which of them no test notices; see `tests/mutants`."""
import argparse
import collections
import concurrent.futures
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

import process
from build import Build, DoesNotLink, Workbench
from faults import AREAS, ChangesNothing, all_faults, spread
from trial import Tests

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "mutants"
CAUGHT, SURVIVED, NOTHING, BROKEN = "caught", "survived", "changes nothing", "does not compile"


def say(*words):
    print("mutants:", *words, file=sys.stderr, flush=True)


class Session:
    """Tries faults in order until `count` of those that compile have been tried."""

    def __init__(self, faults, count, tests, known):
        self.faults, self.left, self.tests, self.known = iter(faults), count, tests, known
        self.lock = threading.Lock()
        self.results = collections.defaultdict(list)
        self.log = (FOLDER / "log.txt").open("w", encoding="utf-8")

    def work(self, bench):
        while (fault := self._take()) is not None:
            start = time.monotonic()
            result, why = self._try(bench, fault)
            self._tell(fault, result, f"{result}{why and ': ' + why}, {time.monotonic() - start:.0f} s")

    def _take(self):
        with self.lock:
            fault = next(self.faults, None) if self.left > 0 else None
            self.left -= fault is not None
            return fault

    def _try(self, bench, fault):
        reason = self.known.reason(fault)
        if reason:
            return NOTHING, reason
        if not bench.compile(fault.path, fault.text):
            return BROKEN, ""
        if bench.is_unchanged():
            return NOTHING, "the compiler makes the same of it"
        try:
            witness = self.tests.witness(bench, fault)
        except DoesNotLink:
            return BROKEN, ""
        return (CAUGHT, witness) if witness else (SURVIVED, "")

    def _tell(self, fault, result, text):
        with self.lock:
            self.left += result == BROKEN
            self.results[result].append(fault)
            print(fault, text, *fault.diff, sep="\n  ", file=self.log, flush=True)
            if result != BROKEN:
                done = sum(len(found) for name, found in self.results.items() if name != BROKEN)
                say(f"{done}: {fault}: {text}")

    def print_results(self, untried):
        """`untried` are kept among the survivors."""
        for fault in self.results[SURVIVED]:
            print(fault, *fault.diff, sep="\n  ")
        (FOLDER / "survivors.txt").write_text(
            "".join(f"{fault.name}\n" for fault in [*self.results[SURVIVED], *untried]))
        counts = {name: len(self.results[name]) for name in (CAUGHT, NOTHING, SURVIVED)}
        total = max(sum(counts.values()), 1)
        print(*(f"{count} {name}" for name, count in counts.items()), sep=", ", end="; ")
        print(f"{100 * (total - counts[SURVIVED]) / total:.1f} % caught or shown to change nothing")


def number(text):
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return int(text)


def arguments():
    parser = argparse.ArgumentParser(
        prog="tests/mutants", description="Plants small faults in rill, one at a time, runs the tests "
        "that could see each, and prints those that none noticed. The sources are never touched; leave "
        "them alone while it runs. All results: build/mutants/log.txt.")
    parser.add_argument("--seed", type=int, help="chooses the faults [another each time]")
    parser.add_argument("--count", type=number, help="how many [100; with --again all]")
    parser.add_argument("--only", metavar="GLOB,...",
                        help="files (core/ops/*), names of faults, or areas: rows, " + ", ".join(AREAS))
    parser.add_argument("--again", action="store_true", help="the survivors of the run before")
    parser.add_argument("--list", action="store_true", help="prints them, and tries none")
    parser.add_argument("--jobs", type=number, default=os.cpu_count(), help="at once [one a processor]")
    return parser.parse_args()


def chosen(args):
    """All faults that were asked for, in the order in which they are tried."""
    seed = random.randrange(10**6) if args.seed is None else args.seed
    say(f"--seed {seed}")
    globs = args.only.split(",") if args.only else ["*"]
    if args.again:
        globs = (FOLDER / "survivors.txt").read_text().split()
    build = Build(ROOT, FOLDER)
    faults = [fault for fault in all_faults(ROOT, build.objects_of)
              if any(fault.matches(glob) for glob in globs)]
    say(f"{len(faults)} faults can be planted there")
    return build, spread(faults, ("area", "place", "rule"), random.Random(seed))


def main():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    args = arguments()
    build, faults = chosen(args)
    count = args.count or (len(faults) if args.again else 100)
    if args.list:
        print(*(f"{fault}\n  " + "\n  ".join(fault.diff) for fault in faults[:count]), sep="\n")
        return
    known = ChangesNothing(Path(__file__).with_name("changes_nothing.txt"), ROOT)
    tests = Tests(build)
    say("running the tests without a fault")
    tests.run_without_fault()
    for program, names in tests.failing.items():
        if names:
            say(f"left out, for they fail without a fault: {', '.join(names)}")
    session = Session(faults, count, tests, known)
    stopped = run_all(session, [Workbench(build, FOLDER / f"bench_{i}") for i in range(args.jobs)])
    session.print_results(session.faults if args.again else [])
    sys.exit(130 if stopped else 0)


def interrupt(*_):
    raise KeyboardInterrupt


def run_all(session, benches):
    """True where the user has stopped it before its end."""
    with concurrent.futures.ThreadPoolExecutor(len(benches)) as pool:
        working = [pool.submit(session.work, bench) for bench in benches]
        try:
            for work in concurrent.futures.as_completed(working):
                work.result()
            return False
        except KeyboardInterrupt:
            return True
        finally:
            process.stop_all()
            concurrent.futures.wait(working)
            for bench in benches:
                bench.clear()


try:
    main()
except KeyboardInterrupt:
    sys.exit(130)
