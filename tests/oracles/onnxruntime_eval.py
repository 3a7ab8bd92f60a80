"""Evaluates ONNX models with onnxruntime, on one thread.

usage: onnxruntime_eval.py JOBS

JOBS holds a line for each model: its path (plain or .gz), the file of its inputs and the file its outputs go to,
separated by tabs. Numbers are float64, little-endian, sample after sample; a sample is all input tensors one after the
other, in the model's order, open dimensions being 1.
"""

import gzip
import sys

import numpy as np
import onnx
import onnxruntime as ort

options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
options.log_severity_level = 4

for line in open(sys.argv[1]):
    path, source, target = line.rstrip("\n").split("\t")
    data = open(path, "rb").read()
    if path.endswith(".gz"):
        data = gzip.decompress(data)
    session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    shapes = [[d if isinstance(d, int) and d > 0 else 1 for d in i.shape] for i in session.get_inputs()]
    kinds = [np.float64 if i.type == "tensor(double)" else np.float32 for i in session.get_inputs()]
    sizes = [int(np.prod(s)) for s in shapes]
    inputs = np.fromfile(source, dtype="<f8").reshape(-1, sum(sizes))
    answers = []
    for sample in inputs:
        parts = np.split(sample, np.cumsum(sizes)[:-1])
        feed = {i.name: p.astype(k).reshape(s) for i, p, k, s in zip(session.get_inputs(), parts, kinds, shapes)}
        answers += [a.astype(np.float64).ravel() for a in session.run(None, feed)]
    np.concatenate(answers).astype("<f8").tofile(target)
