"""Solves CNF files with `x` lines (parities) by CryptoMiniSat: xor_peer.py SECONDS FILE... prints a line a file:
answer, processor seconds to the first answer, the same until all models over the `c ind` variables were found, their number.
Without `c ind` lines, or where that takes longer than SECONDS, the last two are what was reached."""

import os
import sys
import time
from array import array

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", ".deps", "peers"))
import pycryptosat


def read(path):
    clauses, xors, projection = array("i"), [], []
    with open(path) as file:
        for line in file:
            if line.startswith("c ind"):
                projection += [int(t) for t in line.split()[2:] if t != "0"]
            elif line[0] == "x":
                literals = [int(t) for t in line[1:].split()[:-1]]
                odd = sum(l < 0 for l in literals) % 2 == 0
                xors.append(([abs(l) for l in literals], odd))
            elif line[0] not in "cp":
                clauses.extend(int(t) for t in line.split())
    return clauses, xors, projection


def main():
    limit = float(sys.argv[1])
    for path in sys.argv[2:]:
        clauses, xors, projection = read(path)
        start, begin = time.monotonic(), time.process_time()
        solver = pycryptosat.Solver(threads=1)
        solver.add_clauses(clauses)
        for literals, odd in xors:
            solver.add_xor_clause(literals, odd)
        answer, count, first = None, 0, None
        while True:
            left = limit - (time.monotonic() - start)
            found, model = solver.solve(time_limit=left) if left > 0 else (None, None)
            if first is None:
                answer, first = found, time.process_time() - begin if found is not None else limit
            if found is not True:
                break
            count += 1
            if not projection:
                break
            solver.add_clause([-v if model[v] else v for v in projection])
        total = time.process_time() - begin if found is not None else limit
        name = {True: "sat", False: "unsat", None: "limit"}
        print(name[answer], f"{first:.6f} {total:.6f}", count, "limit" if found is None else "done", flush=True)


main()
