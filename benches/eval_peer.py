"""Evaluates a network by onnxruntime on one thread.

eval_peer.py conv PATH: writes a small convolutional network with random weights.
eval_peer.py serve PATH f32|f64: answers each line `BATCH RUNS` with the median seconds of a run, of a run with inputs and
outputs bound beforehand, and of a network that does next to nothing, which is what the call from Python costs."""

import statistics
import sys
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper


def conv(path):
    rng = np.random.default_rng(1)
    weights, nodes, x = [], [], "x"

    def add(op, name, shapes, **attributes):
        nonlocal x
        inputs = [x]
        for i, shape in enumerate(shapes):
            fan = max(1, int(np.prod(shape[1:])))
            values = rng.uniform(-1, 1, shape) * np.sqrt(6 / fan)
            if op == "BatchNormalization" and i == 3:
                values = np.abs(values) + 0.5
            weights.append(numpy_helper.from_array(values.astype(np.float32), f"{name}.{i}"))
            inputs.append(f"{name}.{i}")
        nodes.append(helper.make_node(op, inputs, [name], **attributes))
        x = name

    channels = 1
    for i, c in enumerate([16, 32]):
        add("Conv", f"conv{i}", [(c, channels, 3, 3), (c,)], pads=[1] * 4, kernel_shape=[3, 3])
        add("BatchNormalization", f"norm{i}", [(c,)] * 4)
        add("Relu", f"relu{i}", [])
        add("MaxPool", f"pool{i}", [], kernel_shape=[2, 2], strides=[2, 2])
        channels = c
    add("Flatten", "flat", [])
    add("Gemm", "dense", [(100, 32 * 49), (100,)], transB=1)
    add("Relu", "relu", [])
    add("Gemm", "y", [(10, 100), (10,)], transB=1)
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "conv", [value("x", [1, 1, 28, 28])], [value("y", [1, 10])], weights)
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)


def session(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def widen(model, wide):
    """An open batch axis, and 64 bits if `wide`."""
    for value in list(model.graph.input) + list(model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "N"
        if wide:
            value.type.tensor_type.elem_type = TensorProto.DOUBLE
    del model.graph.value_info[:]
    if wide:
        for i in model.graph.initializer:
            i.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(i).astype(np.float64), i.name))
    return model


def trivial():
    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "none", [value("x")], [value("y")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def median(call, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter_ns()
        call()
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) * 1e-9


def bound(run, x, outputs):
    binding = run.io_binding()
    binding.bind_ortvalue_input(run.get_inputs()[0].name, ort.OrtValue.ortvalue_from_numpy(x))
    binding.bind_ortvalue_output(run.get_outputs()[0].name, ort.OrtValue.ortvalue_from_numpy(outputs))
    return lambda: run.run_with_iobinding(binding)


def serve(path, wide):
    try:
        run = session(widen(onnx.load(path), wide))
    except ort.capi.onnxruntime_pybind11_state.NotImplemented as error:
        sys.exit(f"onnxruntime: {str(error).split(':')[-1].strip()}")
    nothing = session(trivial())
    name = run.get_inputs()[0].name
    shape = run.get_inputs()[0].shape[1:]
    small = np.zeros(1, np.float32)
    calls = {}
    for line in sys.stdin:
        batch, runs = map(int, line.split())
        if batch not in calls:
            x = np.random.default_rng(2).uniform(0, 1, [batch] + shape).astype(np.float64 if wide else np.float32)
            outputs = run.run(None, {name: x})[0]
            calls[batch] = (lambda x=x: run.run(None, {name: x}), bound(run, x, outputs))
        plain, binding = calls[batch]
        empty = min(median(lambda: nothing.run(None, {"x": small}), 300), median(bound(nothing, small, small.copy()), 300))
        print(median(plain, runs), median(binding, runs), empty, flush=True)


if sys.argv[1] == "conv":
    conv(sys.argv[2])
else:
    serve(sys.argv[2], sys.argv[3] == "f64")
