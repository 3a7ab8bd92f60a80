"""A formula by CP-SAT, one thread: search_peer.py SECONDS FILE prints how it ended and the seconds from the model in memory on.
Each line of FILE is a constraint: "x RHS LITERALS", the parity of the true ones, or "s BOUND WEIGHT LITERAL …", their sum at least."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", ".deps", "peers"))


def main():
    from ortools.sat.python import cp_model

    model, variables = cp_model.CpModel(), {}

    def of(literal):
        v = abs(literal)
        if v not in variables:
            variables[v] = model.new_bool_var("")
        return variables[v] if literal > 0 else variables[v].negated()

    with open(sys.argv[2]) as file:
        for line in file:
            kind, number, *rest = line.split()
            rest = [int(t) for t in rest]
            if kind == "x":
                # CP-SAT asks for an odd number.
                model.add_bool_xor([of(l) for l in rest] + ([] if number == "1" else [model.new_constant(1)]))
            else:
                model.add(sum(w * of(l) for w, l in zip(rest[::2], rest[1::2])) >= int(number))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = float(sys.argv[1])
    begin = time.perf_counter()
    status = solver.solve(model)
    print(solver.status_name(status), time.perf_counter() - begin)


main()
