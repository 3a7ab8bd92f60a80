"""Evaluates ONNX models with onnxruntime, on one thread, for as long as there are requests.

Each line of standard input holds the path of a model (plain, .gz or .xz), a tab, and the numbers of one input in 32 bits,
separated by spaces: all input tensors one after the other, in the model's order, open dimensions being 1. The answer is a
line `ok` with the numbers of all outputs, or `error` and why.
"""

import gzip
import lzma
import sys

import numpy as np
import onnxruntime as ort

options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
options.log_severity_level = 4

sessions = {}


def session(path):
    if path not in sessions:
        with open(path, "rb") as file:
            data = file.read()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        elif data[:6] == b"\xfd7zXZ\0":
            data = lzma.decompress(data)
        sessions[path] = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return sessions[path]


def evaluate(line):
    path, numbers = line.rstrip("\n").split("\t")
    run = session(path)
    values = np.array(numbers.split(), dtype=np.float32)
    feed, first = {}, 0
    for tensor in run.get_inputs():
        shape = [d if isinstance(d, int) and d > 0 else 1 for d in tensor.shape]
        size = int(np.prod(shape))
        kind = np.float64 if tensor.type == "tensor(double)" else np.float32
        feed[tensor.name] = values[first : first + size].astype(kind).reshape(shape)
        first += size
    if first != len(values):
        raise ValueError(f"{len(values)} numbers for {first} inputs")
    answers = [a.astype(np.float32).ravel() for a in run.run(None, feed)]
    # Nine digits tell all numbers of 32 bits apart.
    return " ".join(f"{v:.9g}" for v in np.concatenate(answers))


for line in sys.stdin:
    try:
        print("ok", evaluate(line), flush=True)
    except Exception as error:
        print("error", " ".join(str(error).split()), flush=True)
