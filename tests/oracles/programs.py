"""Formulas as files, read by other programs: LP and MPS by HiGHS (highspy), SMT-LIB 2 by Z3 (.deps/z3).

A request is a line `FILE`; the answer is one line of JSON: `result` ("sat", "unsat" or "error"), for LP and MPS also
`names`, `lower`, `upper`, `integer`, `values` (of a solution) by column, and `rows`: name, lower, upper, and coefficients by
column's name. Doubles are written as C's %a has them, so that nothing is rounded on the way.
"""

import json
import sys


def program(path):
    import highspy

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    if highs.readModel(path) == highspy.HighsStatus.kError:
        return {"result": "error"}
    lp = highs.getLp()
    names = list(lp.col_names_)
    rows = [
        {"name": name, "lower": lower.hex(), "upper": upper.hex(), "terms": {}}
        for name, lower, upper in zip(lp.row_names_, lp.row_lower_, lp.row_upper_)
    ]
    matrix = lp.a_matrix_
    begins, indices, values = list(matrix.start_), list(matrix.index_), list(matrix.value_)
    by_column = matrix.format_ == highspy.MatrixFormat.kColwise
    for outer in range(len(begins) - 1):
        for at in range(begins[outer], begins[outer + 1]):
            column, row = (outer, indices[at]) if by_column else (indices[at], outer)
            rows[row]["terms"][names[column]] = values[at].hex()
    integer = [str(kind).endswith("kInteger") for kind in lp.integrality_] or [False] * len(names)
    answer = {
        "names": names,
        "lower": [value.hex() for value in lp.col_lower_],
        "upper": [value.hex() for value in lp.col_upper_],
        "integer": integer,
        "rows": rows,
    }
    highs.run()
    status = highs.getModelStatus()
    kinds = highspy.HighsModelStatus
    if status in (kinds.kOptimal, kinds.kModelEmpty):
        solution = list(highs.getSolution().col_value) or [max(0.0, value) for value in lp.col_lower_]
        return answer | {"result": "sat", "values": [value.hex() for value in solution]}
    return answer | {"result": "unsat" if status == kinds.kInfeasible else "error", "status": str(status)}


def formula(path):
    import z3

    solver = z3.Solver()
    solver.from_file(path)
    return {"result": str(solver.check())}


for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        answer = formula(path) if path.endswith(".smt2") else program(path)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        answer = {"result": "error", "why": repr(error)}
    print(json.dumps(answer), flush=True)
