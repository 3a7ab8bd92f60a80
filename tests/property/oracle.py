"""Reads VNN-LIB 2.0 texts with the standard's own package and evaluates them in rationals.

A line of input is {"text": ..., "points": [{"X[0]": 1.5, ...}, ...]}; a line of output is the list of answers, or null
where the package does not take the text.
"""
import json
import sys
from fractions import Fraction

import vnnlib

COMPARISONS = {
    "LessThan": lambda a, b: a < b,
    "LessEqual": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterEqual": lambda a, b: a >= b,
    "Equal": lambda a, b: a == b,
    "NotEqual": lambda a, b: a != b,
}


def number(node, point):
    kind = type(node).__name__
    if kind == "Var":
        index = "[" + ",".join(map(str, node.indices)) + "]" if node.indices else ""
        return Fraction(point[node.name + index])
    if kind in ("Float", "Int"):
        return Fraction(float(node.lexeme))  # the nearest double
    if kind == "Negate":
        return -number(node.expr, point)
    if kind == "Minus":
        return number(node.head, point) - sum(number(n, point) for n in node.rest)
    values = [number(n, point) for n in node.args]
    if kind == "Plus":
        return sum(values)
    assert kind == "Multiply", kind
    product = Fraction(1)
    for value in values:
        product *= value
    return product


def truth(node, point):
    kind = type(node).__name__
    if kind in ("And", "Or"):
        return (all if kind == "And" else any)(truth(n, point) for n in node.args)
    return COMPARISONS[kind](number(node.lhs, point), number(node.rhs, point))


for line in sys.stdin:
    case = json.loads(line)
    try:
        query = vnnlib.parse_query_string(case["text"])
    except Exception:
        print("null")
        continue
    print(json.dumps([all(truth(a.expr, point) for a in query.assertions) for point in case["points"]]))
