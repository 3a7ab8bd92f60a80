"""Counts and samples by the peers: sampling_peer.py WHAT NUMBER SEED FILE prints the count or the number of samples, and the
processor seconds from the clauses in memory on. WHAT is approxmc, ganak, unigen or cmsgen (that one solves NUMBER times, with
no guarantee)."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", ".deps", "peers"))


def read(path):
    clauses, projection = [], []
    with open(path) as file:
        for line in file:
            if line.startswith("c ind"):
                projection += [int(t) for t in line.split()[2:] if t != "0"]
            elif line.strip() and line[0] not in "cp":
                clauses.append([int(t) for t in line.split()[:-1]])
    return clauses, projection


def main():
    what, number, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    clauses, projection = read(sys.argv[4])
    if what == "approxmc":
        import pyapproxmc

        make = pyapproxmc.Counter
    elif what == "ganak":
        import pyganak

        make = pyganak.Counter
    elif what == "unigen":
        import pyunigen

        make = pyunigen.Sampler
    else:
        import pycmsgen

        make = pycmsgen.Solver
    begin = time.process_time()
    peer = make(seed=seed)
    for clause in clauses:
        peer.add_clause(clause)
    if what == "approxmc":
        cells, rows = peer.count(projection)
        told = cells * 2**rows
    elif what == "ganak":
        peer.set_sampling_set(projection)
        told = peer.count()
    elif what == "unigen":
        told = len(peer.sample(num=number, sampling_set=projection)[2])
    else:
        told = sum(1 for _ in range(number) if peer.solve()[0])
    print(told, f"{time.process_time() - begin:.6f}", flush=True)


main()
