#!/usr/bin/env python3
"""Measures a training step on 1 rank and on 2, and says what a model of it predicts, for more machines too.

  tests/benchmarks/scaling.py                 baby, with the default MPI
  tests/benchmarks/scaling.py --model nano --tcp   over loopback TCP in place of shared memory (Open MPI)

It needs the build of `cmake --preset benchmarks`. The model knows 1 rank of one thread, and of 2 ranks only how
long a message and a sum of the size of the gradients take while nothing else goes on: never their step.
"""
import argparse
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "build/benchmarks/benchmarks/ranks_benchmark"
BUCKET_MB = 1.05
ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMP_WAIT_POLICY": "passive",
               "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_hwloc_base_binding_policy": "none",
               "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"}


def run(options, ranks, threads, micro_batches, steps=None):
    environment = os.environ | ENVIRONMENT | {"OMP_NUM_THREADS": str(threads)}
    if options.tcp:
        environment["OMPI_MCA_btl"] = "tcp,self"
    launcher = [options.mpirun, "-n", str(ranks)] if ranks > 1 else []
    command = [*launcher, str(PROGRAM), "--model", options.model, "--micro-batches", str(micro_batches),
               "--steps", str(options.steps if steps is None else steps)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def predicted(one, ranks, batches, message_ms, mb_a_ms):
    """The step of so many ranks that share the batches of a step, in ms. The sum of a bucket is two exchanges, in
    which a rank sends and receives all but its own slice; only that of the last one is waited for, as long as the
    others fit into the backward of the last batch, two thirds of its time."""
    work = (one["step_ms"] - one["optimizer_ms"]) / batches
    largest = -(-batches // ranks)
    part = 2 * (ranks - 1) / ranks / mb_a_ms
    buckets = one["gradient_mb"] / BUCKET_MB
    exchange = one["gradient_mb"] * part + 2 * message_ms * buckets
    last = min(one["gradient_mb"], BUCKET_MB) * part + 2 * message_ms
    return largest * work + one["optimizer_ms"] + max(last, exchange - work * 2 / 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="baby")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--mpirun", default="mpirun")
    parser.add_argument("--tcp", action="store_true")
    options = parser.parse_args()

    one = run(options, 1, 1, 2)
    exchange = run(options, 2, 1, 2, steps=0)  # no step of two ranks is timed before it is predicted
    mb_a_ms = exchange["gradient_mb"] / exchange["sum_ms"]  # with 2 ranks, a sum moves the gradient once each way
    guess = predicted(one, 2, 2, exchange["message_ms"], mb_a_ms)
    print(f"{options.model}: {one['gradient_mb']:.1f} MB of gradients; between 2 ranks a message takes "
          f"{1e3 * exchange['message_ms']:.0f} us, their sum {exchange['sum_ms']:.1f} ms ({mb_a_ms:.2f} GB/s)")
    print(f"predicted for 2 ranks: {guess:.1f} ms")
    two = run(options, 2, 1, 2)
    threads = run(options, 1, 2, 1)
    print("| ranks x threads | step, ms | waits, ms | optimizer, ms | of 1 rank |\n|---|---|---|---|---|")
    for found in (one, threads, two):
        print(f"| {found['ranks']} x {found['threads']} | {found['step_ms']:.1f} | {found['wait_ms']:.1f} | "
              f"{found['optimizer_ms']:.1f} | {found['step_ms'] / one['step_ms']:.3f} |")
    print(f"2 ranks take {two['step_ms'] / (one['step_ms'] / 2):.3f} times half of 1 rank's step; the prediction is "
          f"{100 * (guess / two['step_ms'] - 1):+.1f} % off")
    print("predicted, not measured, ms a step of one micro-batch a machine (8 of 8), messages of 50 us:")
    eight = run(options, 1, 1, 8)
    for name, gigabits in (("1 Gbit/s", 1), ("10 Gbit/s", 10)):
        steps = {n: predicted(eight, n, 8, 0.05, gigabits / 8) if n > 1 else eight["step_ms"] for n in (1, 2, 4, 8)}
        best = min(steps, key=steps.get)
        print(f"  {name}: " + ", ".join(f"{n}: {ms:.0f}" for n, ms in steps.items()) + f"; no gain beyond {best}")


if __name__ == "__main__":
    main()
