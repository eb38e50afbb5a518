"""Changes safetensors files at random and compares what rill and Python's reader say of them.

    compare_safetensors.py VERDICT [COUNT] [SEED]

VERDICT is the program safetensors_verdict. Needs Python's packages safetensors and numpy. Prints each
kind of difference with how often it was and one file that shows it.
"""
import collections
import json
import math
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile

import numpy as np
import safetensors
import safetensors.numpy

NUMBERS = ["0", "1", "2", "3", "4", "8", "-1", "-0", "1.0", "1e2", "007", "NaN", "4294967296",
           "1099511627776", "9223372036854775807", "9223372036854775808", "18446744073709551615",
           "18446744073709551616", "null", "true", "\"1\"", "[]", "{}", "[[1]]"]
DTYPES = ["BOOL", "U8", "I8", "F4", "F6_E2M3", "F8_E4M3", "F8_E8M0", "U16", "F16", "BF16", "U32", "F32",
          "C64", "F64", "I64", "U64", "F99", "f32", ""]
TOKENS = ["\"__metadata__\":{\"k\":\"v\"},", "\"__metadata__\":null,", "\"__metadata__\":{\"k\":1},",
          "\"dtype\":\"F32\",", "\"shape\":[1],", "\"x\":1,", "{", "}", "[", "]", ",", ":", "\"", " ", "\n", "\\",
          "\\u0041", "\\ud800", "\0", "\t", "\xff", "[" * 200, "/**/"]


def seeds():
    yield safetensors.numpy.save({})
    yield safetensors.numpy.save({"a": np.ones((2, 3), "f4")})
    yield safetensors.numpy.save({"a": np.ones(3, "?"), "b": np.ones((), "f8"), "c": np.ones((0, 2), "i8"),
                                  "d": np.ones((2, 2), "f2")}, {"step": "3", "é": "\n"})
    yield safetensors.numpy.save({"w": np.ones(4, "u1"), "v": np.ones(1, "u8")})


def replace_one(rng, pattern, text, choices):
    found = list(re.finditer(pattern, text))
    if not found:
        return text
    at = rng.choice(found)
    return text[:at.start()] + rng.choice(choices) + text[at.end():]


def nudge(rng, text):
    """A number that is one or a few more or less."""
    found = list(re.finditer(r"\d+", text))
    if not found:
        return text
    at = rng.choice(found)
    return text[:at.start()] + str(max(0, int(at[0]) + rng.choice([-8, -4, -1, 1, 4, 8]))) + text[at.end():]


def repeat_entry(rng, text):
    """Something between braces or commas once more."""
    found = list(re.finditer(r'(?=("[^"]*":(\{[^{}]*\}|\[[^\[\]]*\]|"[^"]*")))', text))
    if not found:
        return text
    entry = rng.choice(found)[1]
    at = rng.choice([m.end() for m in re.finditer(r"[{,]", text)])
    return text[:at] + entry + "," + text[at:]


def insert(rng, text):
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(TOKENS) + text[at:]


def erase(rng, text):
    at = rng.randrange(len(text) + 1)
    return text[:at] + text[at + rng.choice([1, 1, 2, 10]):]


def flip(rng, text):
    at = rng.randrange(len(text))
    return text[:at] + chr(ord(text[at]) ^ 1 << rng.randrange(8) & 0xff) + text[at + 1:]


CHANGES = [nudge, repeat_entry, insert, erase, flip,
           lambda rng, text: replace_one(rng, r"\d+", text, NUMBERS),
           lambda rng, text: replace_one(rng, r"(?<=\"dtype\":\")\w*", text, DTYPES)]


def mutated(rng, seed):
    length = struct.unpack("<Q", seed[:8])[0]
    header, numbers = seed[8:8 + length].decode("latin-1"), seed[8 + length:]
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        header = rng.choice(CHANGES)(rng, header) if header else header
    numbers = rng.choice([numbers] * 8 + [numbers[:-1], numbers + b"\0", b"", numbers * 2])
    said = len(header) + rng.choice([0] * 40 + [-1, 1, 8, 1 << 40, 1 << 63])
    if rng.random() < 0.5:  # what the header says fits the bytes
        numbers = fitted(header, numbers)
    out = struct.pack("<Q", max(0, said) % (1 << 64)) + header.encode("latin-1") + numbers
    return out[:rng.randrange(len(out))] if rng.random() < 0.03 else out


def fitted(header, numbers):
    ends = [int(n) for n in re.findall(r"\"data_offsets\":\[\d+,(\d+)\]", header)]
    return bytes(max(ends)) if ends and max(ends) < 10_000 else numbers


def reference(data):
    try:
        tensors = safetensors.deserialize(data)
    except Exception as error:
        return "refused: " + str(error)
    return f"ok {len(tensors)} {sum(math.prod(t['shape']) for _, t in tensors)}"


def kind_of(message):
    """The message without what differs from file to file."""
    message = re.sub(r"cannot read [^:]*: |Error while deserializing header: ", "", message)
    message = re.sub(r"'(?!(dtype|shape|data_offsets)')[^']*'", "'...'", message)
    message = re.sub(r"`(?!(dtype|shape|data_offsets)`)[^`]*`", "`...`", message)
    message = re.sub(r"found .*", "found ...", message)
    return re.sub(r"\d+", "N", message)[:110]


def main():
    verdict = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    all_seeds = list(seeds())
    kinds, agreed = collections.defaultdict(list), collections.Counter()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None) as folder, \
            subprocess.Popen([verdict], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as rill:
        path = pathlib.Path(folder, "m.safetensors")
        for _ in range(count):
            data = mutated(rng, rng.choice(all_seeds))
            path.write_bytes(data)
            rill.stdin.write(str(path).encode() + b"\n")
            rill.stdin.flush()
            ours = rill.stdout.readline().decode(errors="replace").strip()
            theirs = reference(data)
            if ours.startswith("ok") != theirs.startswith("ok"):
                kinds[("rill refuses: " + kind_of(ours)) if theirs.startswith("ok")
                      else "rill accepts: " + kind_of(theirs)].append(data)
            elif ours.startswith("ok") and ours != theirs:
                kinds[f"both accept, but differ: {kind_of(ours)}, {kind_of(theirs)}"].append(data)
            else:
                agreed[ours.startswith("ok")] += 1
    print(f"{count} files: both accept {agreed[True]}, both refuse {agreed[False]}, they differ in "
          f"{sum(map(len, kinds.values()))}")
    for kind, files in sorted(kinds.items(), key=lambda item: -len(item[1])):
        shortest = min(files, key=len)
        print(f"{len(files):7} {kind}\n        {json.dumps(shortest.decode('latin-1'))[:200]}")


main()
