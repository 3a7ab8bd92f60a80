"""Asks Marabou (`make peers`) about networks, on one thread: a line of JSON an instance, with its verdict and CPU seconds.

.deps/oracles/bin/python benches/verify_peer.py [--check] [--data FOLDER] [--limit SECONDS] [INSTANCE...]

It takes maraboupy from .deps/peers, and the onnx that this needs from the Python that runs it.

An instance is `NETWORK PROPERTY` of ACAS Xu, as `1_5:2` for network 1_5 and property 2; FOLDER holds `onnx` and `vnnlib`
(default: ../shared/data/acasxu). Without instances: the twelve of TWELVE. `NETWORK.onnx:PROPERTY.vnnlib` names files
instead; both may be compressed with gzip or xz. `expected` is what `instances.csv` beside them says, where it says anything.

Marabou reads the files itself. Every instance has a process of its own, so that a crash costs one line only; `cpu_seconds` is
what that process used, reading and importing included, `solve_seconds` what solving alone used. The limit is one on the
processor time of solving. `--check` says whether there is a Marabou, and ends. `cargo bench --bench verify -- --peer` runs
this beside Anser.
"""

import argparse
import csv
import gzip
import json
import lzma
import os
import resource
import signal
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = os.path.join(ROOT, ".deps", "peers")
DATA = os.path.join(ROOT, "..", "shared", "data", "acasxu")

# Of twenty tried for 15 s each, so that most finish within 60 s: a choice in Marabou's favour. Three of these did not
# finish (2_3:1, 1_2:2, 1_1:4); of the eight left out, three did not either (1_5:2, 1_3:3, 1_3:4), the others took up to
# 1.4 s. 1_1:3, tried before, takes more than 60 s.
TWELVE = "1_1:1 1_5:1 2_3:1 1_2:2 2_3:2 1_5:3 2_3:3 1_7:3 1_1:4 1_5:4 2_3:4 1_9:4".split()


def paths(instance, data):
    network, _, number = instance.partition(":")
    if number.endswith((".vnnlib", ".gz", ".xz")):
        return network, number
    onnx = os.path.join(data, "onnx", f"ACASXU_run2a_{network}_batch_2000.onnx")
    return onnx, os.path.join(data, "vnnlib", f"prop_{number}.vnnlib")


def plain(path, folder):
    """The file, decompressed into `folder` where it, or one beside it with a suffix more, is compressed."""
    for suffix, module in [(".gz", gzip), (".xz", lzma)]:
        packed = path if path.endswith(suffix) else path + suffix
        if os.path.exists(packed) and (packed == path or not os.path.exists(path)):
            target = os.path.join(folder, os.path.basename(packed).removesuffix(suffix))
            with module.open(packed) as source, open(target, "wb") as file:
                file.write(source.read())
            return target
    return path


def expected(onnx, vnnlib):
    folder = os.path.dirname(os.path.dirname(os.path.abspath(onnx)))
    names = {os.path.relpath(os.path.abspath(p), folder).removesuffix(".gz") for p in (onnx, vnnlib)}
    try:
        with open(os.path.join(folder, "instances.csv"), newline="") as file:
            for row in csv.DictReader(file):
                if {row["onnx"], row["vnnlib"]} == names and row["verdict"] in ("sat", "unsat"):
                    return row["verdict"]
    except OSError:
        pass
    return None


def solve(onnx, vnnlib, limit, log, say):
    """In the child: says the CPU seconds before solving; then those after, and the verdict, by a name of ours."""
    sys.path.append(PEERS)
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(log, 2)
    import warnings

    warnings.simplefilter("ignore")  # of readers that need other packages
    from maraboupy import Marabou, MarabouCore

    query = Marabou.read_onnx(onnx).getInputQuery()
    MarabouCore.loadProperty(query, vnnlib)
    # The peer's own limit is on the wall clock; the other one holds whatever it does.
    wall = max(1, int(10 * limit))
    options = Marabou.createOptions(numWorkers=1, numBlasThreads=1, verbosity=0, timeoutInSeconds=wall)
    before = time.process_time()
    # The kernel counts a little more than the clock, hence a second more than what whole seconds need.
    ceiling = int(before + limit) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (ceiling, ceiling + 1))
    say(before)
    answer = MarabouCore.solve(query, options, "")[0]
    say(time.process_time(), {"sat": "sat", "unsat": "unsat", "TIMEOUT": "limit"}.get(answer, "error"))


def run(onnx, vnnlib, limit):
    """Verdict, CPU seconds of all and of solving, wall-clock seconds, and what the child said where it failed."""
    source, sink = os.pipe()
    log = tempfile.TemporaryFile()
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(source)
        code = 0
        try:
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
                os.environ[name] = "1"
            say = lambda *words: os.write(sink, (" ".join(map(str, words)) + " ").encode())
            solve(onnx, vnnlib, limit, log.fileno(), say)
        except BaseException as error:
            os.write(log.fileno(), f"{type(error).__name__}: {error}".encode())
            code = 1
        os._exit(code)
    os.close(sink)
    with os.fdopen(source) as pipe:
        said = pipe.read().split()
    _, status, usage = os.wait4(child, 0)
    cpu, wall = usage.ru_utime + usage.ru_stime, time.monotonic() - start
    log.seek(0)
    failure = log.read().decode(errors="replace").strip()[-300:]
    before, after, verdict = (said + [None] * 3)[:3]
    # One that was stopped did not get to say when.
    solving = None if before is None else float(after or cpu) - float(before)
    stopped = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
    if verdict == "limit" or stopped or (solving is not None and solving >= limit):
        verdict = "limit"
    elif verdict in (None, "error"):
        verdict, failure = "error", failure or f"wait status {status}"
    return verdict, cpu, solving, wall, failure


def machine():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else "unknown"


def version():
    from importlib.metadata import distributions

    found = [d.version for d in distributions(path=[PEERS]) if d.metadata["Name"].lower() == "maraboupy"]
    if not found:
        sys.exit(f"no maraboupy in {PEERS}: make peers")
    return found[0]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("instances", nargs="*")
    arguments = parser.parse_args()
    peer = f"marabou {version()}"
    if arguments.check:
        sys.path.append(PEERS)
        import onnx  # what maraboupy reads networks with
        from maraboupy import MarabouCore

        return print(peer) if onnx and MarabouCore else None
    with tempfile.TemporaryDirectory() as folder:
        for instance in arguments.instances or TWELVE:
            onnx, vnnlib = paths(instance, arguments.data)
            truth = expected(onnx, vnnlib)
            verdict, cpu, solving, wall, said = run(plain(onnx, folder), plain(vnnlib, folder), arguments.limit)
            line = {
                "bench": "verify", "peer": peer, "time": int(time.time()), "machine": machine(), "threads": 1,
                "limit_seconds": arguments.limit, "instance": instance, "verdict": verdict, "expected": truth,
                "cpu_seconds": round(cpu, 3), "wall_seconds": round(wall, 3),
                "solve_seconds": None if solving is None else round(solving, 6),
            }
            if verdict == "error":
                line["said"] = said
            print(json.dumps(line), flush=True)


main()
