#!/usr/bin/env python3
"""solve_mps.py FILE SECONDS [COLUMN]: solves a mixed integer program in MPS with SCIP, for host_procedure.cpp.

What it prints, and nothing else: `infeasible`, `unknown` (out of time), or `feasible` and then each column's name and value,
a line each. With COLUMN it looks for the solution in which that column is greatest, and prints the best one it has when time is
up. Without arguments it prints SCIP's version.

It exits with 0, with 3 where PySCIPOpt is missing (`pip install pyscipopt`: the wheel holds SCIP), or with 1 after an error.
"""

import os
import sys

NO_PYSCIPOPT = 3


def solve(scip, path, seconds, column):
    """The lines to print."""
    scip.readProblem(path)
    scip.setParam("limits/time", seconds)
    if column is not None:
        wanted = [variable for variable in scip.getVars() if variable.name == column]
        if not wanted:
            raise ValueError(f"{path}: no column {column}")
        scip.setObjective(wanted[0], "maximize")
    scip.optimize()
    if scip.getNSols() > 0:
        best = scip.getBestSol()
        return ["feasible"] + [f"{v.name} {scip.getSolVal(best, v)!r}" for v in scip.getVars()]
    # Every column has bounds, so that "infeasible or unbounded", which presolving may answer, is infeasible.
    return ["infeasible" if scip.getStatus() in ("infeasible", "inforunbd") else "unknown"]


def main(arguments):
    if len(arguments) not in (0, 2, 3):
        print("usage: solve_mps.py FILE SECONDS [COLUMN]", file=sys.stderr)
        return 1
    try:
        import pyscipopt
    except ImportError as error:
        print(f"solve_mps.py: {error}", file=sys.stderr)
        return NO_PYSCIPOPT
    # Whatever SCIP and the libraries below it say is no answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    scip = pyscipopt.Model()
    scip.hideOutput()
    try:
        if not arguments:
            lines = [f"SCIP {scip.version()}"]
        else:
            lines = solve(scip, arguments[0], float(arguments[1]), arguments[2] if len(arguments) == 3 else None)
    except Exception as error:  # PySCIPOpt raises plain ones, too
        print(f"solve_mps.py: {error}", file=sys.stderr)
        return 1
    with answers:
        print(*lines, sep="\n", file=answers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
