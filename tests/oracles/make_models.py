"""Builds small ONNX models, one for each form of each operator, and computes what they answer.

usage: make_models.py FOLDER

Writes FOLDER/NAME.onnx, NAME.in and NAME.out (float64, little-endian: samples one after the other, each all input or
output tensors one after the other), and FOLDER/cases: a line for each model, `agree NAME SAMPLES ORACLE` where reading
must agree with the oracle (onnxruntime, or onnx.reference where onnxruntime has no such operator), `refuse NAME WORDS`
where reading must fail with a message that holds the words.
"""

import os
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

FOLDER = sys.argv[1]
SAMPLES = 3
rng = np.random.default_rng(7)
lines = []
names = set()
IR = {7: 3, 8: 3, 9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10,
      23: 11, 24: 12, 25: 12}
F = np.float32


def r(*shape, scale=1.0):
    return (rng.standard_normal(shape) * scale).astype(F)


def i64(*values):
    return np.array(values, dtype=np.int64)


def N(op, inputs, outputs, **attributes):
    inputs = inputs.split() if isinstance(inputs, str) else inputs
    outputs = outputs.split() if isinstance(outputs, str) else outputs
    return helper.make_node(op, ["" if i == "-" else i for i in inputs], outputs, **attributes)


def model(nodes, inputs, inits, outputs, opset, element=T.FLOAT, declared=None, old_style=False):
    infos = [helper.make_tensor_value_info(n, element, s) for n, s in inputs.items()]
    tensors = [t if isinstance(t, onnx.TensorProto) else numpy_helper.from_array(t, n) for n, t in inits.items()]
    if old_style:
        infos += [helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)) for t in tensors]
    outs = [helper.make_tensor_value_info(n, element, (declared or {}).get(n)) for n in outputs]
    graph = helper.make_graph(nodes, "g", infos, outs, initializer=tensors)
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR.get(opset, 13))


def save(name, m):
    assert name not in names, name
    names.add(name)
    with open(os.path.join(FOLDER, name + ".onnx"), "wb") as f:
        f.write(m if isinstance(m, bytes) else m.SerializeToString())


def agree(name, nodes, inputs, inits, outputs="y", opset=13, scale=1.0, sizes=None, data=None, **options):
    """`sizes`: shapes to feed where declared ones are open."""
    nodes = nodes if isinstance(nodes, list) else [nodes]
    outputs = outputs.split()
    m = model(nodes, inputs, inits, outputs, opset, **options)
    save(name, m)
    check(name, m, {n: (sizes or {}).get(n, s) for n, s in inputs.items()}, outputs, scale, data)


def check(name, m, shapes, outputs, scale=1.0, data=None):
    path = os.path.join(FOLDER, name + ".onnx")
    kinds = {i.name: i.type.tensor_type.elem_type for i in m.graph.input}
    samples = []
    for k in range(SAMPLES):
        feed = {}
        for n, s in shapes.items():
            x = data[k % len(data)] if data is not None else r(*s, scale=scale)
            feed[n] = np.asarray(x, dtype=helper.tensor_dtype_to_np_dtype(kinds[n])).reshape(s)
        samples.append(feed)
    try:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        answers = [session.run(outputs, feed) for feed in samples]
        oracle = "onnxruntime"
    except Exception as e:
        print(f"{name}: {str(e)[:150]}", file=sys.stderr)
        reference = ReferenceEvaluator(onnx.load(path))
        answers = [reference.run(outputs, feed) for feed in samples]
        oracle = "reference"
    flat = lambda arrays: np.concatenate([np.asarray(a, dtype=np.float64).ravel() for a in arrays])
    flat_in = [flat(feed.values()) for feed in samples] if shapes else []
    (np.concatenate(flat_in) if flat_in else np.zeros(0)).astype("<f8").tofile(os.path.join(FOLDER, name + ".in"))
    np.concatenate([flat(a) for a in answers]).astype("<f8").tofile(os.path.join(FOLDER, name + ".out"))
    lines.append(f"agree {name} {SAMPLES} {oracle}")


def refuse(name, words, nodes, inputs, inits, outputs="y", opset=13, **options):
    nodes = nodes if isinstance(nodes, list) else [nodes]
    save(name, model(nodes, inputs, inits, outputs.split(), opset, **options))
    lines.append(f"refuse {name} {words}")


def arithmetic():
    for op in ["Add", "Sub", "Mul", "Div"]:
        for opset in [7, 13, 14]:
            agree(f"{op}_{opset}", N(op, "x c", "y"), {"x": [1, 3, 4]}, {"c": r(3, 1) + 3}, opset=opset)
        agree(f"{op}_left", N(op, "c x", "y"), {"x": [2, 3]}, {"c": r(3)}, scale=3.0)
        agree(f"{op}_two", N(op, "x z", "y"), {"x": [2, 3], "z": [2, 1]}, {})
        agree(f"{op}_scalar", N(op, "x c", "y"), {"x": [4]}, {"c": np.array(1.7, dtype=F)})
        agree(f"{op}_broadens", N(op, "x c", "y"), {"x": [3]}, {"c": r(2, 2, 3) + 4})
    for op in ["Neg", "Abs", "Relu", "Sigmoid", "Tanh"]:
        for opset in [7, 13, 14]:
            agree(f"{op}_{opset}", N(op, "x", "y"), {"x": [2, 5]}, {}, opset=opset, scale=3.0)
    for opset in [9, 13]:
        agree(f"Sign_{opset}", N("Sign", "x", "y"), {"x": [5]}, {}, opset=opset, data=[[0.0, -0.0, 2, -3, 1e-30]])
    for opset in [7, 16]:
        agree(f"LeakyRelu_{opset}", N("LeakyRelu", "x", "y", alpha=0.3), {"x": [2, 5]}, {}, opset=opset)
        agree(f"LeakyRelu_default_{opset}", N("LeakyRelu", "x", "y"), {"x": [2, 5]}, {}, opset=opset)
    for opset in [7, 9, 16]:
        agree(f"PRelu_{opset}", N("PRelu", "x s", "y"), {"x": [1, 3, 2, 2]}, {"s": r(3, 1, 1)}, opset=opset)
    agree("PRelu_scalar", N("PRelu", "x s", "y"), {"x": [2, 3]}, {"s": r(1)})
    for opset in [7, 10]:
        agree(f"Clip_{opset}", N("Clip", "x", "y", min=-0.5, max=0.25), {"x": [6]}, {}, opset=opset)
        agree(f"Clip_max_{opset}", N("Clip", "x", "y", max=0.25), {"x": [6]}, {}, opset=opset)
        agree(f"Clip_none_{opset}", N("Clip", "x", "y"), {"x": [6]}, {}, opset=opset)
    for opset in [11, 12, 13]:
        lo, hi = np.array(-0.5, dtype=F), np.array(0.25, dtype=F)
        agree(f"Clip_{opset}", N("Clip", "x lo hi", "y"), {"x": [6]}, {"lo": lo, "hi": hi}, opset=opset)
        agree(f"Clip_max_{opset}", N("Clip", "x - hi", "y"), {"x": [6]}, {"hi": hi}, opset=opset)
        agree(f"Clip_min_{opset}", N("Clip", "x lo", "y"), {"x": [6]}, {"lo": lo}, opset=opset)
    inf = np.array(np.inf, dtype=F)
    agree("Clip_infinite", N("Clip", "x lo hi", "y"), {"x": [6]}, {"lo": np.array(0, dtype=F), "hi": inf})
    refuse("Clip_nan", "Clip", N("Clip", "x lo", "y"), {"x": [6]}, {"lo": np.array(np.nan, dtype=F)})
    refuse("Add_infinite", "element 0 is inf", N("Add", "x c", "y"), {"x": [6]}, {"c": inf})
    for opset in [7, 10, 12, 13]:
        agree(f"Dropout_{opset}", [N("Dropout", "x", "d"), N("Relu", "d", "y")], {"x": [6]}, {}, opset=opset)
        agree(f"Dropout_end_{opset}", N("Dropout", "x", "y mask"), {"x": [6]}, {}, opset=opset)
    no = np.array(False)
    agree("Dropout_says_no", N("Dropout", "x p t", "y"), {"x": [6]}, {"p": np.array(0.5, dtype=F), "t": no})
    refuse("Dropout_trains", "training", N("Dropout", "x - t", "y"), {"x": [6]}, {"t": np.array(True)})
    refuse("Dropout_mask", "mask", [N("Dropout", "x", "d mask"), N("Cast", "mask", "y", to=1)], {"x": [6]}, {})
    for opset in [7, 13, 14, 16, 19, 21]:
        agree(f"Identity_{opset}", [N("Identity", "x", "i"), N("Identity", "i", "y")], {"x": [6]}, {}, opset=opset)
    for opset in [7, 9, 13, 19, 21]:
        nodes = [N("Cast", "x", "c", to=T.DOUBLE), N("Cast", "c", "d", to=T.FLOAT), N("Neg", "d", "y")]
        agree(f"Cast_{opset}", nodes, {"x": [6]}, {}, opset=opset)
    refuse("Cast_int", "rounds", [N("Cast", "x", "i", to=T.INT64), N("Cast", "i", "y", to=1)], {"x": [6]}, {})
    refuse("Cast_half", "rounds", [N("Cast", "x", "i", to=T.FLOAT16), N("Cast", "i", "y", to=1)], {"x": [6]}, {})


def linear():
    for opset in [7, 9, 11, 13]:
        for ta in [0, 1]:
            for tb in [0, 1]:
                shape, w = [4, 2] if ta else [2, 4], r(3, 4) if tb else r(4, 3)
                node = N("Gemm", "x w c", "y", transA=ta, transB=tb)
                agree(f"Gemm_{opset}_{ta}{tb}", node, {"x": shape}, {"w": w, "c": r(3)}, opset=opset)
    for k, c in enumerate([r(1, 3), r(2, 1), r(2, 3), r(1), np.array(0.5, dtype=F), r(1, 1)]):
        node = N("Gemm", "x w c", "y", alpha=0.5, beta=-2.0)
        agree(f"Gemm_bias_{k}", node, {"x": [2, 4]}, {"w": r(4, 3), "c": c})
    agree("Gemm_no_bias", N("Gemm", "x w", "y", alpha=1.5), {"x": [2, 4]}, {"w": r(4, 3)}, opset=11)
    agree("Gemm_beta_0", N("Gemm", "x w c", "y", beta=0.0), {"x": [2, 4]}, {"w": r(4, 3), "c": r(3)})
    agree("Gemm_left", N("Gemm", "a x c", "y", alpha=0.5, transB=1), {"x": [3, 4]}, {"a": r(2, 4), "c": r(3)})
    agree("Gemm_left_t", N("Gemm", "a x", "y", alpha=0.5, transA=1), {"x": [4, 3]}, {"a": r(4, 2)})
    agree("Gemm_two", N("Gemm", "x z c", "y", alpha=0.5, transA=1), {"x": [4, 2], "z": [4, 3]}, {"c": r(3)})
    agree("Gemm_moving_bias", N("Gemm", "x w z", "y", beta=0.5), {"x": [2, 4], "z": [2, 1]}, {"w": r(4, 3)})
    agree("Gemm_all_moving", N("Gemm", "x z q", "y", transB=1), {"x": [2, 4], "z": [3, 4], "q": [3]}, {})
    for opset in [7, 9, 13]:
        agree(f"MatMul_{opset}", N("MatMul", "x w", "y"), {"x": [2, 4]}, {"w": r(4, 3)}, opset=opset)
    agree("MatMul_vector", N("MatMul", "x w", "y"), {"x": [4]}, {"w": r(4, 3)})
    agree("MatMul_left", N("MatMul", "w x", "y"), {"x": [4]}, {"w": r(3, 4)})
    agree("MatMul_left_matrix", N("MatMul", "w x", "y"), {"x": [4, 2]}, {"w": r(3, 4)})
    agree("MatMul_by_vector", N("MatMul", "x w", "y"), {"x": [2, 4]}, {"w": r(4)})
    agree("MatMul_dot", N("MatMul", "x w", "y"), {"x": [4]}, {"w": r(4)})
    agree("MatMul_batch", N("MatMul", "x w", "y"), {"x": [2, 3, 4]}, {"w": r(4, 5)})
    agree("MatMul_batches", N("MatMul", "x w", "y"), {"x": [2, 3, 4]}, {"w": r(2, 4, 5)})
    agree("MatMul_broadcast", N("MatMul", "x z", "y"), {"x": [2, 1, 3, 4], "z": [5, 4, 2]}, {})
    agree("MatMul_two", N("MatMul", "x z", "y"), {"x": [2, 4], "z": [4, 3]}, {})
    for opset, shape in [(7, [1, 3, 2, 2]), (9, [2, 3]), (14, [1, 3, 4]), (15, [1, 3, 2, 2])]:
        inits = {"s": r(3), "b": r(3), "m": r(3), "v": np.abs(r(3)) + 0.1}
        for eps in [None, 0.01]:
            attributes = {} if eps is None else {"epsilon": eps, "momentum": 0.5}
            node = N("BatchNormalization", "x s b m v", "y", **attributes)
            agree(f"BatchNormalization_{opset}_{eps}", node, {"x": shape}, inits, opset=opset)
    refuse("BatchNormalization_trains", "training", N("BatchNormalization", "x s b m v", "y", training_mode=1),
           {"x": [2, 3]}, inits, opset=15)
    refuse("BatchNormalization_spatial", "each element", N("BatchNormalization", "x s b m v", "y", spatial=0),
           {"x": [2, 3]}, inits, opset=7)
    refuse("BatchNormalization_moving", "constant", N("BatchNormalization", "x s b m z", "y"),
           {"x": [2, 3], "z": [3]}, {"s": r(3), "b": r(3), "m": r(3)})


def windows():
    auto = ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"]
    for opset in [7, 11, 22]:
        for groups in [1, 2]:
            w = {"w": r(4, 4 // groups, 3, 2), "b": r(4)}
            node = N("Conv", "x w b", "y", group=groups, pads=[1, 0, 2, 1], strides=[2, 1])
            agree(f"Conv_{opset}_g{groups}", node, {"x": [1, 4, 6, 5]}, w, opset=opset)
    for a in auto:
        for size in [5, 6]:
            node = N("Conv", "x w", "y", auto_pad=a, strides=[2, 3], kernel_shape=[3, 2])
            agree(f"Conv_{a}_{size}", node, {"x": [1, 2, size, 7]}, {"w": r(3, 2, 3, 2)})
    agree("Conv_1d", N("Conv", "x w b", "y", pads=[1, 2], dilations=[2]), {"x": [1, 2, 9]}, {"w": r(3, 2, 3), "b": r(3)})
    agree("Conv_1d_same", N("Conv", "x w", "y", auto_pad="SAME_LOWER", strides=[2]), {"x": [1, 2, 8]}, {"w": r(3, 2, 3)})
    agree("Conv_dilated", N("Conv", "x w", "y", dilations=[2, 3], pads=[1, 1, 1, 1]), {"x": [1, 1, 7, 8]}, {"w": r(2, 1, 3, 2)})
    agree("Conv_dilated_same", N("Conv", "x w", "y", dilations=[2, 3], auto_pad="SAME_UPPER"), {"x": [1, 1, 7, 8]}, {"w": r(2, 1, 3, 2)})
    agree("Conv_depthwise", N("Conv", "x w", "y", group=3), {"x": [1, 3, 5, 5]}, {"w": r(6, 1, 3, 3)})
    agree("Conv_batch", N("Conv", "x w", "y"), {"x": [3, 2, 4, 4]}, {"w": r(2, 2, 2, 2)})
    refuse("Conv_kernel", "kernel_shape", N("Conv", "x w", "y", kernel_shape=[2, 2]), {"x": [1, 1, 5, 5]}, {"w": r(1, 1, 3, 3)})
    refuse("Conv_moving", "constant", N("Conv", "x w", "y"), {"x": [1, 1, 5, 5], "w": [1, 1, 3, 3]}, {})
    refuse("Conv_3d", "spatial", N("Conv", "x w", "y"), {"x": [1, 1, 5, 5, 5]}, {"w": r(1, 1, 3, 3, 3)})
    for opset in [7, 11, 22]:
        for groups in [1, 2]:
            w = {"w": r(4, 3, 3, 2), "b": r(3 * groups)}
            node = N("ConvTranspose", "x w b", "y", group=groups, pads=[1, 0, 0, 1], strides=[2, 3], output_padding=[1, 2])
            agree(f"ConvTranspose_{opset}_g{groups}", node, {"x": [1, 4, 3, 4]}, w, opset=opset)
    for a in auto:
        for strides in [[2, 3], [1, 1], [3, 2]]:
            node = N("ConvTranspose", "x w", "y", auto_pad=a, strides=strides)
            agree(f"ConvTranspose_{a}_{strides[0]}", node, {"x": [1, 2, 4, 3]}, {"w": r(2, 3, 4, 3)})
    for k, shape in enumerate([[8, 9], [9, 8], [10, 10]]):
        for a in ["NOTSET", "SAME_UPPER", "SAME_LOWER"]:
            node = N("ConvTranspose", "x w", "y", output_shape=shape, strides=[2, 3], auto_pad=a)
            agree(f"ConvTranspose_shape_{k}_{a}", node, {"x": [1, 2, 4, 3]}, {"w": r(2, 3, 4, 4)})
    agree("ConvTranspose_1d", N("ConvTranspose", "x w", "y", strides=[2], dilations=[3]), {"x": [1, 2, 4]}, {"w": r(2, 3, 3)})
    for op, opsets in [("MaxPool", [7, 8, 10, 11, 12, 22]), ("AveragePool", [7, 10, 11, 19, 22])]:
        for opset in opsets:
            node = N(op, "x", "y", kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1])
            agree(f"{op}_{opset}", node, {"x": [1, 2, 6, 5]}, {}, opset=opset)
            if opset >= 10:
                for size in [6, 7, 8]:
                    node = N(op, "x", "y", kernel_shape=[3, 3], strides=[2, 3], ceil_mode=1)
                    agree(f"{op}_ceil_{opset}_{size}", node, {"x": [1, 1, size, 8]}, {}, opset=opset)
                    node = N(op, "x", "y", kernel_shape=[3, 2], strides=[3, 2], pads=[1, 1, 1, 1], ceil_mode=1)
                    agree(f"{op}_ceil_pads_{opset}_{size}", node, {"x": [1, 1, size, 7]}, {}, opset=opset)
        for a in auto:
            node = N(op, "x", "y", kernel_shape=[3, 2], strides=[2, 3], auto_pad=a)
            agree(f"{op}_{a}", node, {"x": [1, 1, 6, 7]}, {})
        agree(f"{op}_1d", N(op, "x", "y", kernel_shape=[3], pads=[1, 1]), {"x": [1, 2, 6]}, {})
    for opset in [7, 11, 19]:
        node = N("AveragePool", "x", "y", kernel_shape=[3, 3], pads=[1, 1, 2, 1], count_include_pad=1)
        agree(f"AveragePool_count_{opset}", node, {"x": [1, 2, 5, 5]}, {}, opset=opset)
    for size in [6, 7, 8]:
        node = N("AveragePool", "x", "y", kernel_shape=[3], strides=[2], pads=[1, 1], ceil_mode=1, count_include_pad=1)
        agree(f"AveragePool_count_ceil_{size}", node, {"x": [1, 1, size]}, {}, opset=19)
    agree("MaxPool_dilated", N("MaxPool", "x", "y", kernel_shape=[2, 2], dilations=[3, 2]), {"x": [1, 1, 6, 6]}, {})
    agree("MaxPool_order", N("MaxPool", "x", "y", kernel_shape=[2, 2], storage_order=1), {"x": [1, 1, 6, 6]}, {})
    agree("AveragePool_dilated", N("AveragePool", "x", "y", kernel_shape=[2, 2], dilations=[3, 2]), {"x": [1, 1, 6, 6]}, {}, opset=19)
    refuse("MaxPool_indices", '"i"', [N("MaxPool", "x", "p i", kernel_shape=[2]), N("Cast", "i", "y", to=1)], {"x": [1, 1, 6]}, {})
    for opset in [7, 22]:
        agree(f"GlobalAveragePool_{opset}", N("GlobalAveragePool", "x", "y"), {"x": [2, 3, 4, 5]}, {}, opset=opset)
        agree(f"GlobalMaxPool_{opset}", N("GlobalMaxPool", "x", "y"), {"x": [2, 3, 4, 5]}, {}, opset=opset)
    agree("GlobalMaxPool_1d", N("GlobalMaxPool", "x", "y"), {"x": [2, 3, 4]}, {})


def shapes():
    for axis, opset in [(0, 7), (1, 9), (2, 11), (3, 13), (-1, 13), (-3, 21)]:
        agree(f"Flatten_{axis}_{opset}", N("Flatten", "x", "y", axis=axis), {"x": [2, 3, 4]}, {}, opset=opset)
    for opset in [7, 13, 14, 21]:
        for k, s in enumerate([i64(4, 6), i64(-1, 3), i64(0, -1), i64(2, 0, 2, -1)]):
            agree(f"Reshape_{opset}_{k}", N("Reshape", "x s", "y"), {"x": [2, 3, 4]}, {"s": s}, opset=opset)
    agree("Reshape_allowzero", N("Reshape", "x s", "y", allowzero=1), {"x": [2, 3]}, {"s": i64(3, 2)}, opset=14)
    refuse("Reshape_two_open", "open", N("Reshape", "x s", "y"), {"x": [2, 3]}, {"s": i64(-1, -1)})
    refuse("Reshape_other", "cannot become", N("Reshape", "x s", "y"), {"x": [2, 3]}, {"s": i64(4, 2)})
    for opset in [7, 11]:
        agree(f"Squeeze_{opset}", N("Squeeze", "x", "y", axes=[0, 2]), {"x": [1, 3, 1, 2]}, {}, opset=opset)
        agree(f"Unsqueeze_{opset}", N("Unsqueeze", "x", "y", axes=[0, 3]), {"x": [3, 2]}, {}, opset=opset)
    agree("Squeeze_all_11", N("Squeeze", "x", "y"), {"x": [1, 3, 1, 2]}, {}, opset=11)
    agree("Squeeze_negative_11", N("Squeeze", "x", "y", axes=[-2]), {"x": [1, 3, 1, 2]}, {}, opset=11)
    agree("Squeeze_13", N("Squeeze", "x a", "y"), {"x": [1, 3, 1, 2]}, {"a": i64(-4)})
    agree("Squeeze_all_13", N("Squeeze", "x", "y"), {"x": [1, 3, 1, 2]}, {})
    agree("Unsqueeze_13", N("Unsqueeze", "x a", "y"), {"x": [3, 2]}, {"a": i64(-1, 1)})
    refuse("Squeeze_no_one", "size 1", N("Squeeze", "x a", "y"), {"x": [1, 3]}, {"a": i64(1)})
    for opset in [7, 13]:
        agree(f"Transpose_{opset}", N("Transpose", "x", "y", perm=[2, 0, 1]), {"x": [2, 3, 4]}, {}, opset=opset)
    agree("Transpose_default", N("Transpose", "x", "y"), {"x": [2, 3, 4]}, {})
    for opset, axis in [(7, 1), (11, -2), (13, 2)]:
        shape = [2, 3, 4] if axis != 2 else [2, 3, 1]
        agree(f"Concat_{opset}", N("Concat", "x c z x", "y", axis=axis), {"x": [2, 3, 4], "z": shape}, {"c": r(*shape)}, opset=opset)
    agree("Concat_one", N("Concat", "x", "y", axis=0), {"x": [2, 3]}, {})
    agree("Split_7", N("Split", "x", "a b", axis=1, split=[1, 3]), {"x": [2, 4]}, {}, "a b", opset=7)
    agree("Split_7_equal", N("Split", "x", "a b", axis=1), {"x": [2, 4]}, {}, "a b", opset=7)
    agree("Split_11", N("Split", "x", "a b", axis=-1, split=[1, 3]), {"x": [2, 4]}, {}, "b a", opset=11)
    agree("Split_13", N("Split", "x s", "a b c", axis=1), {"x": [2, 6]}, {"s": i64(1, 2, 3)}, "c b a")
    agree("Split_13_equal", N("Split", "x", "a b c"), {"x": [6]}, {}, "c b a")
    agree("Split_18", N("Split", "x", "a b c", num_outputs=3), {"x": [7, 2]}, {}, "a b c", opset=18)
    agree("Split_unused", [N("Split", "x", "a b c", num_outputs=3), N("Relu", "b", "y")], {"x": [7, 2]}, {}, opset=18)
    agree("Slice_7", N("Slice", "x", "y", starts=[1, -3], ends=[5, -1], axes=[0, 1]), {"x": [4, 5]}, {}, opset=7)
    agree("Slice_7_axes", N("Slice", "x", "y", starts=[1], ends=[1000]), {"x": [4, 5]}, {}, opset=7)
    big = np.iinfo(np.int64)
    cases = [(i64(1), i64(3), None, None), (i64(-1, 4), i64(-5, big.min), i64(0, 1), i64(-2, -1)), (i64(0), i64(big.max), i64(-1), i64(3)),
             (i64(0), i64(-1), i64(1), None), (i64(3), i64(-100), i64(0), i64(-1))]
    for opset in [10, 11, 13]:
        for k, (s, e, a, t) in enumerate(cases):
            inits = {n: v for n, v in zip("seat", (s, e, a, t)) if v is not None}
            node = N("Slice", ["x"] + [n if n in inits else "-" for n in "seat"], "y")
            agree(f"Slice_{opset}_{k}", node, {"x": [4, 5]}, inits, opset=opset)
    agree("Slice_int32", N("Slice", "x s e", "y"), {"x": [4, 5]}, {"s": np.array([1], dtype=np.int32), "e": np.array([3], dtype=np.int32)})
    for opset in [7, 11, 13]:
        agree(f"Gather_{opset}", N("Gather", "x i", "y", axis=1), {"x": [2, 4, 3]}, {"i": i64(3, 0, 0, 1).reshape(2, 2)}, opset=opset)
    agree("Gather_negative", N("Gather", "x i", "y", axis=-1), {"x": [2, 4]}, {"i": i64(-1, 1)})
    agree("Gather_scalar", N("Gather", "x i", "y"), {"x": [2, 4]}, {"i": np.array(1, dtype=np.int32)})
    refuse("Gather_beyond", "beyond", N("Gather", "x i", "y"), {"x": [2, 4]}, {"i": i64(2)})
    for opset in [7, 10]:
        agree(f"Pad_{opset}", N("Pad", "x", "y", pads=[1, 0, 2, 1], value=0.5), {"x": [3, 4]}, {}, opset=opset)
        agree(f"Pad_edge_{opset}", N("Pad", "x", "y", pads=[1, 0, 2, 1], mode="edge"), {"x": [3, 4]}, {}, opset=opset)
    half = np.array(0.5, dtype=F)
    for opset in [11, 13, 18, 19]:
        for mode in ["constant", "reflect", "edge"]:
            node = N("Pad", "x p c" if mode == "constant" else "x p", "y", mode=mode)
            agree(f"Pad_{mode}_{opset}", node, {"x": [3, 4]}, {"p": i64(1, 2, 2, 1), "c": half}, opset=opset)
    agree("Pad_axes", N("Pad", "x p - a", "y"), {"x": [2, 3, 4]}, {"p": i64(1, 2, 3, 0), "a": i64(2, -3)}, opset=18)
    agree("Pad_cuts", N("Pad", "x p c", "y"), {"x": [3, 4]}, {"p": i64(-1, 2, 2, -1), "c": half})
    for op, moved in [("ReduceSum", 13), ("ReduceMean", 18)]:
        for opset in [7, 11, moved]:
            for keep in [0, 1]:
                if opset < moved:
                    node, inits = N(op, "x", "y", axes=[0, 2] if opset < 11 else [0, -1], keepdims=keep), {}
                else:
                    node, inits = N(op, "x a", "y", keepdims=keep), {"a": i64(-1, 0)}
                agree(f"{op}_{opset}_{keep}", node, {"x": [2, 3, 4]}, inits, opset=opset)
        agree(f"{op}_all", N(op, "x", "y"), {"x": [2, 3]}, {}, opset=11)
        agree(f"{op}_all_0", N(op, "x", "y", keepdims=0), {"x": [2, 3]}, {}, opset=moved)
        agree(f"{op}_noop", N(op, "x", "y", noop_with_empty_axes=1), {"x": [2, 3]}, {}, opset=moved)
        agree(f"{op}_empty", N(op, "x a", "y"), {"x": [2, 3]}, {"a": i64()}, opset=moved)
    for opset in [7, 11]:
        for axis in [0, 1, 2]:
            agree(f"Softmax_{opset}_{axis}", N("Softmax", "x", "y", axis=axis), {"x": [2, 3, 4]}, {}, opset=opset)
        agree(f"Softmax_default_{opset}", N("Softmax", "x", "y"), {"x": [2, 3, 4]}, {}, opset=opset)
    for axis in [0, 1, -1]:
        agree(f"Softmax_13_{axis}", N("Softmax", "x", "y", axis=axis), {"x": [2, 3, 4]}, {}, scale=20.0)
    agree("Softmax_default_13", N("Softmax", "x", "y"), {"x": [2, 3, 4]}, {})


def known():
    w = r(4, 3)
    for name, tensor in [
        ("typed", helper.make_tensor("w", T.FLOAT, [4, 3], w.ravel().tolist())),
        ("double_typed", helper.make_tensor("w", T.DOUBLE, [4, 3], w.ravel().astype(float).tolist())),
        ("half_typed", helper.make_tensor("w", T.FLOAT16, [4, 3], w.ravel().tolist())),
        ("bfloat16_typed", helper.make_tensor("w", T.BFLOAT16, [4, 3], w.ravel().tolist())),
        ("half", numpy_helper.from_array(w.astype(np.float16), "w")),
        ("double", numpy_helper.from_array(w.astype(np.float64), "w")),
        ("int8", numpy_helper.from_array((w * 20).astype(np.int8), "w")),
        ("uint8", numpy_helper.from_array((w * 20).astype(np.int8).view(np.uint8), "w")),
        ("int16", numpy_helper.from_array((w * 2000).astype(np.int16), "w")),
        ("int32", numpy_helper.from_array((w * 2000).astype(np.int32), "w")),
        ("uint32", helper.make_tensor("w", T.UINT32, [4, 3], [int(abs(v) * 99) for v in w.ravel()])),
        ("uint64", helper.make_tensor("w", T.UINT64, [4, 3], [int(abs(v) * 99) for v in w.ravel()])),
        ("int64_typed", helper.make_tensor("w", T.INT64, [4, 3], [int(v * 99) for v in w.ravel()])),
        ("int8_typed", helper.make_tensor("w", T.INT8, [4, 3], [int(v * 20) for v in w.ravel()])),
        ("bool", numpy_helper.from_array(w > 0, "w")),
    ]:
        nodes = [N("Cast", "w", "c", to=T.FLOAT), N("MatMul", "x c", "y")]
        agree(f"weights_{name}", nodes, {"x": [2, 4]}, {"w": tensor})
    agree("all_double", N("Gemm", "x w b", "y"), {"x": [2, 4]}, {"w": r(4, 3).astype(float) / 3, "b": r(3).astype(float) / 3}, element=T.DOUBLE)
    refuse("weights_string", "string", N("Identity", "s", "y"), {"x": [1]}, {"s": helper.make_tensor("s", T.STRING, [1], [b"a"])})
    agree("old_style", N("Gemm", "x w b", "y"), {"x": [2, 4]}, {"w": r(4, 3), "b": r(3)}, opset=7, old_style=True)
    for opset in [7, 9, 11, 12, 13, 21]:
        nodes = [N("Constant", "", "c", value=numpy_helper.from_array(r(3))), N("Add", "x c", "y")]
        agree(f"Constant_{opset}", nodes, {"x": [2, 3]}, {}, opset=opset)
    agree("Constant_float", [N("Constant", "", "c", value_float=2.5), N("Mul", "x c", "y")], {"x": [2, 3]}, {})
    agree("Constant_floats", [N("Constant", "", "c", value_floats=[2.5, 1.0, -1.0]), N("Mul", "x c", "y")], {"x": [2, 3]}, {})
    agree("Constant_int", [N("Constant", "", "c", value_int=1), N("Gather", "x c", "y")], {"x": [2, 3]}, {})
    agree("Constant_ints", [N("Constant", "", "c", value_ints=[3, -1]), N("Reshape", "x c", "y")], {"x": [2, 3]}, {})
    refuse("Constant_strings", "value_string", N("Constant", "", "y", value_string="a"), {"x": [1]}, {})
    for opset in [9, 20]:
        nodes = [N("ConstantOfShape", "s", "c", value=numpy_helper.from_array(np.array([1.5], dtype=F))), N("Add", "x c", "y")]
        agree(f"ConstantOfShape_{opset}", nodes, {"x": [2, 3]}, {"s": i64(4, 1, 3)}, opset=opset)
    agree("ConstantOfShape_default", [N("ConstantOfShape", "s", "c"), N("Sub", "c x", "y")], {"x": [2, 3]}, {"s": i64(2, 3)})
    refuse("ConstantOfShape_huge", "elements", [N("ConstantOfShape", "s", "c"), N("Sub", "c x", "y")], {"x": [1]}, {"s": i64(100000, 100000)})
    # What PyTorch makes of x.view(x.size(0), -1), and the like.
    for opset in [9, 11, 13]:
        unsqueeze = [N("Unsqueeze", "n", "n1", axes=[0])] if opset < 13 else [N("Unsqueeze", "n ax", "n1")]
        nodes = [N("Shape", "x", "s"), N("Gather", "s zero", "n", axis=0)] + unsqueeze
        nodes += [N("Concat", "n1 rest", "to", axis=0), N("Reshape", "x to", "y")]
        inits = {"zero": np.array(0, dtype=np.int64), "rest": i64(-1), "ax": i64(0)}
        agree(f"view_{opset}", nodes, {"x": [2, 3, 4]}, inits, opset=opset)
    nodes = [N("Relu", "x", "h"), N("Shape", "h", "s", start=1), N("Slice", "s b e", "p"), N("Squeeze", "p", "q"), N("Mul", "q two", "t"),
             N("Div", "t three", "u"), N("Sub", "u one", "v"), N("Add", "v one", "w"), N("Unsqueeze", "w b", "k"),
             N("Concat", "k rest", "to", axis=0), N("Reshape", "x to", "y")]
    inits = {"b": i64(0), "e": i64(1), "rest": i64(-1), "two": np.array(2, dtype=np.int64), "three": np.array(3, dtype=np.int64), "one": np.array(1, dtype=np.int64)}
    agree("size_arithmetic", nodes, {"x": [2, 3, 4]}, inits, opset=15)
    nodes = [N("Shape", "x", "s"), N("Cast", "s", "f", to=T.FLOAT), N("Mul", "f h", "g"), N("Floor", "g", "m"), N("Cast", "m", "i", to=T.INT64), N("Reshape", "x i", "y")]
    refuse("Floor", "Floor", nodes, {"x": [4, 4]}, {"h": np.array([0.5, 2.0], dtype=F)})
    nodes = [N("Shape", "x", "s"), N("Cast", "s", "f", to=T.FLOAT), N("Mul", "f h", "g"), N("Cast", "g", "i", to=T.INT64), N("Reshape", "x i", "y")]
    agree("resize_shape", nodes, {"x": [4, 4]}, {"h": np.array([0.55, 2.0], dtype=F)})
    nodes = [N("Equal", "a b", "e"), N("Where", "e c a", "s"), N("Expand", "w s", "v"), N("Add", "x v", "y")]
    inits = {"a": i64(2, -1, 3), "b": i64(-1), "c": i64(1, 1, 1), "w": r(1, 3)}
    agree("expand_chain", nodes, {"x": [2, 4, 3]}, inits)
    nodes = [N("Range", "a b c", "i"), N("Gather", "x i", "y", axis=1)]
    agree("range_gather", nodes, {"x": [2, 9]}, {"a": np.array(7, dtype=np.int64), "b": np.array(-1, dtype=np.int64), "c": np.array(-3, dtype=np.int64)})
    nodes = [N("Transpose", "w", "t", perm=[1, 0]), N("Slice", "t s e", "u"), N("MatMul", "x u", "y")]
    agree("weights_moved", nodes, {"x": [2, 3]}, {"w": r(4, 4), "s": i64(0), "e": i64(3)})
    nodes = [N("Mul", "w g", "v"), N("Add", "v w", "u"), N("Sqrt", "u", "q"), N("MatMul", "x v", "y")]
    agree("weights_scaled", nodes, {"x": [2, 4]}, {"w": r(4, 3), "g": r(3)})
    nodes = [N("MatMul", "a b", "w"), N("ReduceSum", "w ax", "c", keepdims=0), N("Gemm", "x w c", "y")]
    agree("weights_multiplied", nodes, {"x": [2, 4]}, {"a": r(4, 5), "b": r(5, 3), "ax": i64(0)})
    agree("constant_output", [N("Add", "a b", "y"), N("Relu", "x", "z")], {"x": [2]}, {"a": r(3), "b": r(3)}, "y z")
    agree("initializer_output", [N("Relu", "x", "z")], {"x": [2]}, {"a": r(3)}, "z a")
    agree("dead_nodes", [N("Sqrt", "x", "m"), N("Relu", "x", "y")], {"x": [2]}, {})
    refuse("unknown", "Sqrt", [N("Relu", "x", "h"), N("Sqrt", "h", "y")], {"x": [2]}, {})
    refuse("domain", "nowhere", [N("Relu", "x", "h"), N("Relu", "h", "y", domain="nowhere")], {"x": [2]}, {})
    refuse("old_broadcast", "opset 6", N("Add", "x c", "y", broadcast=1), {"x": [2]}, {"c": r(1)}, opset=6)
    refuse("strange_attribute", "broadcast", N("Add", "x c", "y", broadcast=1), {"x": [2]}, {"c": r(1)}, opset=7)
    refuse("int_input", "int64", N("Cast", "x", "y", to=1), {"x": [2]}, {}, element=T.INT64)
    refuse("open_axis", "\"m\"", N("Relu", "x", "y"), {"x": [2, "m"]}, {})
    refuse("other_output", "[2, 4]", N("Relu", "x", "y"), {"x": [2, 3]}, {}, declared={"y": [2, 4]})


def graphs():
    agree("open_batch", N("Relu", "x", "y"), {"x": ["n", 3]}, {}, sizes={"x": [1, 3]}, declared={"y": ["n", 3]})
    agree("nameless_batch", N("Relu", "x", "y"), {"x": [None, 3]}, {}, sizes={"x": [1, 3]})
    block = [N("Conv", "x w1 b1", "a", pads=[1, 1, 1, 1]), N("BatchNormalization", "a s b m v", "n"), N("Relu", "n", "h"),
             N("Conv", "h w2", "c", pads=[1, 1, 1, 1]), N("Add", "c x", "d"), N("Relu", "d", "e"),
             N("GlobalAveragePool", "e", "g"), N("Flatten", "g", "f"), N("Gemm", "f wo bo", "y", transB=1)]
    inits = {"w1": r(3, 3, 3, 3), "b1": r(3), "s": r(3), "b": r(3), "m": r(3), "v": np.abs(r(3)) + 0.1, "w2": r(3, 3, 3, 3), "wo": r(5, 3), "bo": r(5)}
    agree("residual", block, {"x": [1, 3, 6, 6]}, inits)

    nodes = [N("Add", "x z", "s"), N("Sub", "x z", "d"), N("Mul", "s d", "p"), N("Concat", "s d p", "c", axis=0)]
    agree("several", nodes, {"x": [3], "z": [3]}, {}, "c s p")
    nodes = [N("MatMul", "x w", "a"), N("Add", "a b", "h"), N("Relu", "h", "k"), N("MatMul", "k w", "c"), N("Add", "c b", "y")]
    agree("shared_weights", nodes, {"x": [1, 4]}, {"w": r(4, 4), "b": r(4)})
    agree("twice", [N("Relu", "x", "h"), N("Identity", "h", "a"), N("Identity", "h", "b")], {"x": [3]}, {}, "a b h")
    agree("through", [N("Relu", "x", "y")], {"x": [3]}, {}, "y")
    nodes = [N("Sign", "x", "s"), N("MatMul", "s w", "p"), N("Add", "p b", "q"), N("Sign", "q", "t"), N("MatMul", "t w", "y")]
    agree("binarized", nodes, {"x": [1, 8]}, {"w": np.sign(r(8, 8)), "b": np.full(8, 0.5, dtype=F)})


def external():
    m = model([N("Gemm", "x w b", "y")], {"x": [2, 4]}, {"w": r(4, 3), "b": r(3)}, ["y"], 13)
    with open(os.path.join(FOLDER, "weights.bin"), "wb") as f:
        f.write(b"\0" * 64)
        for k, t in enumerate(m.graph.initializer):
            offset, data = f.tell(), t.raw_data
            f.write(data)
            t.ClearField("raw_data")
            t.data_location = T.EXTERNAL
            entries = {"location": "weights.bin", "offset": str(offset)}
            if k == 0:
                entries["length"] = str(len(data))
            for key, value in entries.items():
                e = t.external_data.add()
                e.key, e.value = key, value
    save("external", m)
    check("external", m, {"x": [2, 4]}, ["y"])


for build in [arithmetic, linear, windows, shapes, known, graphs, external]:
    build()
with open(os.path.join(FOLDER, "cases"), "w") as f:
    f.write("\n".join(lines) + "\n")
