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

# Steps of a run: some seconds each.
STEPS = {"nano": 60, "nano-dropout": 60, "baby": 4, "encoder": 15, "tiny": 300, "micro": 2000,
         "mlp": 5000}
DROPOUT = ("nano-dropout", "baby")
COLUMNS = ("model", "threads", "rill_ms", "pytorch_ms", "ratio", "rill_gflops", "peak_gflops",
           "rill_rss_mb", "pytorch_rss_mb")
DETAILS = ("forward_ms", "backward_ms", "optimizer_ms", "first_loss_s", "tokens_per_s",
           "rss_growth_mb", "loss_before", "loss_after")


def output_of(command, threads):
    """What the command prints."""
    done = subprocess.run(command, env=dict(os.environ, OMP_NUM_THREADS=str(threads)), text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"compare: {' '.join(command)} ended with {done.returncode}")
    return done.stdout


def measure(command, threads):
    return json.loads(output_of([*command, "--started", repr(time.monotonic())], threads))


def check_losses(model, rill, pytorch):
    """The same weights on the same batch give the same loss, but for rounding; over the steps, in
    which the loss falls by nats, rounding grows. Dropout draws other numbers in each engine."""
    limits = {"loss_before": 1e-4} if model in DROPOUT else {"loss_before": 1e-4, "loss_after": 1e-2}
    for name, limit in limits.items():
        if not abs(rill[name] - pytorch[name]) <= limit:
            sys.exit(f"compare: {model}: {name} is {rill[name]} with rill and {pytorch[name]} with "
                     f"PyTorch: they do not do the same work")


def medians(runs):
    """Of each number, over the rounds."""
    return {name: statistics.median(run[name] for run in runs)
            for name, value in runs[0].items() if isinstance(value, (int, float))}


def compare(model, threads, args, task):
    steps = ["--steps", str(args.steps or STEPS[model])]
    rill, pytorch = [], []
    for _ in range(args.rounds):
        rill.append(measure([str(args.binaries / "step_benchmark"), "--model", model, "--save", task,
                             *steps], threads))
        pytorch.append(measure([sys.executable, str(Path(__file__).with_name("step.py")), task,
                                *steps], threads))
        check_losses(model, rill[-1], pytorch[-1])
    return medians(rill), medians(pytorch)


def line(model, threads, rill, pytorch, peak):
    gflops = rill["gflop"] / rill["step_ms"] * 1e3
    return (f"{model},{threads},{rill['step_ms']:.3f},{pytorch['step_ms']:.3f},"
            f"{pytorch['step_ms'] / rill['step_ms']:.2f},{gflops:.1f},{peak:.1f},"
            f"{rill['rss_mb']:.0f},{pytorch['rss_mb']:.0f}")


def detail_lines(model, threads, rill, pytorch):
    for name in DETAILS:
        if name in rill and name in pytorch:
            yield f"{model},{threads},{name},{rill[name]:.6g},{pytorch[name]:.6g}"


def chosen(text):
    models = text.split(",")
    unknown = [model for model in models if model not in STEPS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {unknown[0]}; there are {', '.join(STEPS)}")
    return models


def counts(text):
    return [int(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(prog="compare", description="rill beside PyTorch: the time of a "
                                     "training step, GFLOP/s beside the peak, memory")
    parser.add_argument("--only", type=chosen, default=list(STEPS), metavar="MODEL,...",
                        help=f"which models [{','.join(STEPS)}]")
    parser.add_argument("--threads", type=counts, default=[2, 1], metavar="N,...",
                        help="numbers of threads [2,1]")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn [3]")
    parser.add_argument("--steps", type=int, help="steps of a run, instead of some seconds' worth")
    parser.add_argument("--details", type=Path, metavar="FILE",
                        help="writes phases, losses, time to the first loss and sampling speed")
    parser.add_argument("--binaries", type=Path, required=True, help=argparse.SUPPRESS)
    args = parser.parse_args()
    details = ["model,threads,what,rill,pytorch"]
    print(",".join(COLUMNS), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for threads in args.threads:
            peak = float(output_of([str(args.binaries / "peak_benchmark")], threads))
            for model in args.only:
                rill, pytorch = compare(model, threads, args, folder + "/task")
                print(line(model, threads, rill, pytorch, peak), flush=True)
                details += detail_lines(model, threads, rill, pytorch)
    if args.details:
        args.details.write_text("\n".join(details) + "\n")


main()
