"""An OPB file by CP-SAT, one thread: opb_peer.py SECONDS FILE prints the seconds from the model in memory on."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", ".deps", "peers"))


def main():
    from ortools.sat.python import cp_model

    model, variables = cp_model.CpModel(), {}
    with open(sys.argv[2]) as file:
        for line in file:
            if line.startswith("*") or not line.strip():
                continue
            *terms, relation, bound, _ = line.replace(";", " ;").split()
            total = []
            for weight, literal in zip(terms[::2], terms[1::2]):
                v = literal.lstrip("~")
                if v not in variables:
                    variables[v] = model.new_bool_var(v)
                total.append(int(weight) * (variables[v].negated() if literal[0] == "~" else variables[v]))
            model.add(sum(total) == int(bound) if relation == "=" else sum(total) >= int(bound))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = float(sys.argv[1])
    begin = time.perf_counter()
    status = solver.solve(model)
    seconds = time.perf_counter() - begin
    print(f"{seconds:.3f}" if status != cp_model.UNKNOWN else f"{float(sys.argv[1]):.3f}")


main()
