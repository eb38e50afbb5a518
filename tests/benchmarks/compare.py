"""Runs step_benchmark and step.py in turn and compares them; see `compare`, which calls this."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Steps of a run that are timed, and those before, after which losses are compared.
STEPS = {"nano": (60, 10), "nano-dropout": (60, 10), "baby": (4, 3), "encoder": (15, 10),
         "tiny": (300, 10), "micro": (2000, 10), "mlp": (5000, 10)}
DROPOUT = ("nano-dropout", "baby")  # each engine drops other elements

# Losses agree within so much of them. Rounding alone moves them by 3e-7 in 10 steps (float32 beside
# float64, both by PyTorch). 1e-5 leaves room for other orders of summation and still finds a learning
# rate that is wrong by a thousandth. Later Adam blows rounding up: after 100 steps of tiny, two forms
# of PyTorch's own AdamW differ by 2 %.
TOLERANCE = 1e-5

COLUMNS = ("model", "threads", "rill_ms", "pytorch_ms", "ratio", "rill_gflops", "peak_gflops",
           "rill_rss_mb", "pytorch_rss_mb")
TENSORS = ("parameters_mb", "gradients_mb", "optimizer_mb", "kept_mb")
DETAILS = ("steps", "fastest_ms", "slowest_ms", "forward_ms", "backward_ms", "optimizer_ms",
           "first_loss_s", "tokens_per_s", *TENSORS, "rss_mb", "bound_mb", "rss_growth_mb",
           "loss_before", "loss_after_warmup")

# What holds rill, OpenBLAS (the peak) and PyTorch with its libraries to an instruction set.
SIMD = {"avx2": {"RILL_SIMD": "avx2", "OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2",
                 "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2"}}


def output_of(command, threads):
    """What the command prints."""
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          env=dict(os.environ, OMP_NUM_THREADS=str(threads)), check=False)
    if done.returncode != 0:
        sys.exit(f"compare: {command[0]} ended with {done.returncode}")
    return done.stdout


class Contest:
    """The runs of one model with one number of threads. `reference` is rill's first result of all:
    its losses depend neither on the run nor on the number of threads, to the last bit."""

    def __init__(self, model, threads, args, task, reference):
        self.model, self.threads, self.reference = model, threads, reference
        steps, warmup = STEPS[model]
        flags = ["--steps", args.steps or steps, "--warmup", warmup]
        step = Path(__file__).with_name("step.py")
        self.commands = {
            "rill": [args.binaries / "step_benchmark", "--model", model, "--save", task, *flags],
            "PyTorch": [sys.executable, step, task, *flags]}
        self.peak_command = [args.binaries / "peak_benchmark"]
        self.runs = {engine: [] for engine in self.commands}
        self.peaks = []

    def play(self, rounds):
        for _ in range(rounds):
            for engine, command in self.commands.items():
                started = ["--started", repr(time.monotonic())]
                self.runs[engine].append(json.loads(output_of(command + started, self.threads)))
            self.peaks.append(float(output_of(self.peak_command, self.threads)))
            self.check()

    def check(self):
        """That the last round's engines did the same work."""
        rill, pytorch = self.runs["rill"][-1], self.runs["PyTorch"][-1]
        self.reference = self.reference or rill
        self.check_equal("threads", rill, "PyTorch", pytorch, 0)
        self.check_equal("loss_before", rill, "PyTorch", pytorch, TOLERANCE)
        if self.model not in DROPOUT:
            self.check_equal("loss_after_warmup", rill, "PyTorch", pytorch, TOLERANCE)
        self.check_equal("loss_after_warmup", rill, "rill's first run", self.reference, 0)

    def check_equal(self, what, rill, other_name, other, tolerance):
        if not abs(rill[what] - other[what]) <= tolerance * abs(other[what]):
            sys.exit(f"compare: {self.model}, threads {self.threads}: {what} is {rill[what]} with "
                     f"rill and {other[what]} with {other_name}, which may differ by {tolerance:g} of "
                     "it: they do not do the same work")

    def medians(self, engine):
        """Of each number, over the rounds."""
        runs = self.runs[engine]
        result = {name: statistics.median(run[name] for run in runs)
                  for name, value in runs[0].items() if isinstance(value, (int, float))}
        steps = [run["step_ms"] for run in runs]
        bound = 1.3 * sum(result[name] for name in TENSORS) + 30  # rill's rss_mb is meant to be below
        return {**result, "bound_mb": bound, "fastest_ms": min(steps), "slowest_ms": max(steps)}

    def line(self):
        rill, pytorch = self.medians("rill"), self.medians("PyTorch")
        gflops = rill["gflop"] / rill["step_ms"] * 1e3
        return (f"{self.model},{self.threads},{rill['step_ms']:.4g},{pytorch['step_ms']:.4g},"
                f"{pytorch['step_ms'] / rill['step_ms']:.2f},{gflops:.1f},"
                f"{statistics.median(self.peaks):.1f},{rill['rss_mb']:.0f},{pytorch['rss_mb']:.0f}")

    def detail_lines(self):
        rill, pytorch = self.medians("rill"), self.medians("PyTorch")
        for name in DETAILS:
            if name in rill and name in pytorch:
                yield f"{self.model},{self.threads},{name},{rill[name]:.7g},{pytorch[name]:.7g}"


def tell_conditions():
    """On standard error, since they decide what the times mean."""
    load, processors = os.getloadavg()[0], os.cpu_count()
    waiting = [f"{name}={os.environ[name]}" for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
               if name in os.environ] or ["OpenMP waits as it does by itself"]
    print(f"compare: {processors} processors, load {load:.1f}", *waiting, sep=", ", file=sys.stderr)
    return load / processors


def warn_of_others(load_of_processor):
    if load_of_processor > 0.5:
        print("compare: other programs are running: threads that spin lose to them many times over",
              file=sys.stderr)


def chosen(text):
    models = text.split(",")
    unknown = [model for model in models if model not in STEPS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {unknown[0]}; there are {', '.join(STEPS)}")
    return models


def count(text):
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return int(text)


def counts(text):
    return [count(part) for part in text.split(",")]


def arguments():
    parser = argparse.ArgumentParser(prog="compare", description="rill beside PyTorch: the time of a "
                                     "training step, GFLOP/s beside the peak, memory; medians of the "
                                     "rounds' medians")
    parser.add_argument("--only", type=chosen, default=list(STEPS), metavar="MODEL,...",
                        help=f"which models [{','.join(STEPS)}]")
    every = sorted({os.cpu_count(), 1}, reverse=True)
    parser.add_argument("--threads", type=counts, default=every, metavar="N,...",
                        help=f"numbers of threads [{','.join(map(str, every))}]")
    parser.add_argument("--rounds", type=count, default=3, help="runs of each, in turn [3]")
    parser.add_argument("--simd", choices=SIMD, help="holds both engines, and the peak, to this "
                        "instruction set; the best of the processor unless given")
    parser.add_argument("--steps", type=count,
                        help="steps of a run, instead of some seconds' worth (at most 10 s of them)")
    parser.add_argument("--details", type=Path, metavar="FILE",
                        help="writes phases, losses, memory, time to the first loss, sampling speed")
    parser.add_argument("--binaries", type=Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    args = arguments()
    os.environ.update(SIMD.get(args.simd, {}))
    warn_of_others(tell_conditions())
    details = ["model,threads,what,rill,pytorch"]
    references = {}
    print(",".join(COLUMNS), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for threads in args.threads:
            for model in args.only:
                contest = Contest(model, threads, args, folder + "/task", references.get(model))
                contest.play(args.rounds)
                references[model] = contest.reference
                print(contest.line(), flush=True)
                details += contest.detail_lines()
    if args.details:
        args.details.write_text("\n".join(details) + "\n")
    tell_conditions()


main()
