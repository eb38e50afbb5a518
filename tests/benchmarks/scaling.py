#!/usr/bin/env python3
"""Measures a training step on 1 rank and on 2, and says what a model of it predicts, for more machines too.

  tests/benchmarks/scaling.py                 baby, with the default MPI
  tests/benchmarks/scaling.py --model nano --tcp   over loopback TCP in place of shared memory (Open MPI)

It needs the build of `cmake --preset benchmarks`, two cores, and a machine on which nothing else runs. The model
knows 1 rank of one thread, and of 2 ranks only how long a message and a sum of the size of the gradients take while
nothing else goes on: never their step.
"""
import argparse
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "build/benchmarks/benchmarks/ranks_benchmark"
ROWS = 8  # of a batch of baby: no more machines than these have work
ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMP_WAIT_POLICY": "passive",
               "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_hwloc_base_binding_policy": "core",
               "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
               "PRTE_MCA_hwloc_default_binding_policy": "core"}


def run(options, ranks, threads, micro_batches, steps=None):
    environment = os.environ | ENVIRONMENT | {"OMP_NUM_THREADS": str(threads)}
    if options.tcp:
        environment["OMPI_MCA_btl"] = "tcp,self"
    launcher = [options.mpirun, "-n", str(ranks)] if ranks > 1 else []
    command = [*launcher, options.program, "--model", options.model, "--micro-batches", str(micro_batches),
               "--steps", str(options.steps if steps is None else steps)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def parts(first, end):
    """How many pieces a rank sends that has batches `first` to before `end`: as parts_of of sum_tree.cpp has it."""
    count = 0
    while first < end:
        fits = (end - first).bit_length() - 1
        aligned = (first & -first).bit_length() - 1 if first else fits
        first += 1 << min(fits, aligned)
        count += 1
    return count


def moved(ranks, batches):
    """How often the rank that does most of it sends, or receives, as much as all gradients are in a sum: first a slice
    of each of its parts to each other rank, then its slice of the sum."""
    bounds = [batches * rank // ranks for rank in range(ranks + 1)]
    own = [parts(first, end) for first, end in zip(bounds, bounds[1:])]
    return max(max((count + 1) * (ranks - 1), sum(own) - count + ranks - 1) / ranks for count in own)


def predicted(one, exchange, ranks, batches, wire=None):
    """The step of so many ranks that share the batches of a step, in ms.

    `one` is a rank that has all batches, `exchange` what two ranks measured while nothing else went on. All a rank
    does, it does on one processor, so that a sum takes its time beside backward too, as much longer than that of two
    ranks as it moves more. What then goes over a wire of so many MB a ms hides behind the last backward, two thirds of the time of a
    batch, but for the last bucket."""
    work = (one["step_ms"] - one["optimizer_ms"]) / batches
    times = moved(ranks, batches)  # 1 for two ranks, as they were measured
    step = -(-batches // ranks) * work + one["optimizer_ms"] + times * exchange["sum_ms"] + 2 * exchange["message_ms"]
    if not wire:
        return step
    all_buckets = times * one["gradient_mb"] / wire
    last_bucket = min(all_buckets, times * exchange["last_bucket_mb"] / wire)
    return step + max(last_bucket, all_buckets - work * 2 / 3)


def where_it_ends(steps):
    """From `{machines: ms}`: after how many machines no more of them are faster."""
    best = min(steps, key=steps.get)
    gain = f"{steps[1] / steps[best]:.1f} times as fast as 1"
    return f"no gain beyond {best}, {gain}" if best < max(steps) else f"gains up to {best}, all that have work: {gain}"


def print_measured(one, threads, two):
    print("| ranks x threads | step, ms | of 1 x 1 | waits for the last bucket, ms | for others | optimizer, ms |\n"
          "|---|---|---|---|---|---|")
    for found in (one, threads, two):
        print(f"| {found['ranks']} x {found['threads']} | {found['step_ms']:.1f} | "
              f"{found['step_ms'] / one['step_ms']:.3f} | {found['wait_for_last_ms']:.2f} | "
              f"{found['wait_for_others_ms']:.2f} | {found['optimizer_ms']:.1f} |")


def print_predicted(options, exchange):
    one = run(options, 1, 1, ROWS)
    print(f"predicted, not measured: ms a step on N machines with one processor for each, {ROWS} batches of a row:")
    for name, gigabits in (("1 Gbit/s", 1), ("10 Gbit/s", 10)):
        steps = {1: one["step_ms"]}
        steps |= {n: predicted(one, exchange, n, ROWS, gigabits / 8) for n in range(2, ROWS + 1)}
        print(f"  {name}: " + ", ".join(f"{n}: {ms:.0f}" for n, ms in steps.items()) + "; " + where_it_ends(steps))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="baby")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--mpirun", default="mpirun")
    parser.add_argument("--program", default=str(PROGRAM))
    parser.add_argument("--tcp", action="store_true")
    options = parser.parse_args()

    one = run(options, 1, 1, 2)
    exchange = run(options, 2, 1, 2, steps=0)  # no step of two ranks is timed before it is predicted
    guess = predicted(one, exchange, 2, 2)
    print(f"{options.model}: {one['gradient_mb']:.1f} MB of gradients, {exchange['last_bucket_mb']:.1f} in the last "
          f"bucket; between 2 ranks a message takes {1e3 * exchange['message_ms']:.0f} us, their sum "
          f"{exchange['sum_ms']:.2f} ms\npredicted for 2 ranks, from these and the step of 1: {guess:.1f} ms")
    two = run(options, 2, 1, 2)
    print_measured(one, run(options, 1, 2, 1), two)
    print(f"2 ranks take {two['step_ms'] / (one['step_ms'] / 2):.3f} times half of 1 rank's step; the prediction is "
          f"{100 * (guess / two['step_ms'] - 1):+.1f} % off")
    if options.model == "baby":
        print_predicted(options, exchange)


if __name__ == "__main__":
    main()
