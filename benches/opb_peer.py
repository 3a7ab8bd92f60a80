"""An OPB file by another solver, one thread: opb_peer.py CP-SAT|Exact|minisat+ SECONDS FILE prints sat, unsat or unknown, and
the seconds from the model in memory on (of minisat+ from the start on)."""

import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", ".deps", "peers"))


def constraints(name):
    """Weights with literals, the relation and the bound."""
    with open(name) as file:
        for line in file:
            if line.startswith("*") or not line.strip():
                continue
            *terms, relation, bound, _ = line.replace(";", " ;").split()
            yield list(zip(map(int, terms[::2]), terms[1::2])), relation, int(bound)


def cp_sat(limit, name):
    from ortools.sat.python import cp_model

    model, variables = cp_model.CpModel(), {}
    for terms, relation, bound in constraints(name):
        total = []
        for weight, literal in terms:
            v = literal.lstrip("~")
            if v not in variables:
                variables[v] = model.new_bool_var(v)
            total.append(weight * (variables[v].negated() if literal[0] == "~" else variables[v]))
        model.add(sum(total) == bound if relation == "=" else sum(total) >= bound)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = limit
    begin = time.perf_counter()
    status = solver.solve(model)
    answers = {cp_model.OPTIMAL: "sat", cp_model.FEASIBLE: "sat", cp_model.INFEASIBLE: "unsat"}
    return answers.get(status, "unknown"), time.perf_counter() - begin


def exact(limit, name):
    from exact import Exact

    solver, variables = Exact(), set()
    for terms, relation, bound in constraints(name):
        total = []
        for weight, literal in terms:
            v = literal.lstrip("~")
            if v not in variables:
                variables.add(v)
                solver.addVariable(v)
            if literal[0] == "~":
                bound -= weight
                weight = -weight
            total.append((weight, v))
        solver.addConstraint(total, True, bound, relation == "=", bound)
    begin = time.perf_counter()
    status = solver.runFull(False, limit)
    answers = {"SAT": "sat", "UNSAT": "unsat"}
    return answers.get(status, "unknown"), time.perf_counter() - begin


def minisat_plus(limit, name):
    # It knows no negated literals.
    with tempfile.NamedTemporaryFile("w", suffix=".opb") as file:
        for terms, relation, bound in constraints(name):
            for weight, literal in terms:
                if literal[0] == "~":
                    bound, weight = bound - weight, -weight
                file.write(f"{weight:+} {literal.lstrip('~')} ")
            file.write(f"{relation} {bound};\n")
        file.flush()
        begin = time.perf_counter()
        try:
            run = subprocess.run(["minisat+", file.name], capture_output=True, text=True, timeout=limit)
        except subprocess.TimeoutExpired:
            return "unknown", limit
    seconds = time.perf_counter() - begin
    if "s UNSATISFIABLE" in run.stdout:
        return "unsat", seconds
    return "sat" if "s SATISFIABLE" in run.stdout else "unknown", seconds


def main():
    peer = {"CP-SAT": cp_sat, "Exact": exact, "minisat+": minisat_plus}[sys.argv[1]]
    answer, seconds = peer(float(sys.argv[2]), sys.argv[3])
    print(f"{answer} {seconds:.3f}")


main()
