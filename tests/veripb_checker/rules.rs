//! Hand-made proofs: each rule where it is right, and where one thing about it is wrong.

use num_bigint::BigInt;

use crate::support::veripb::int::Int;
use crate::support::veripb::{Bound, Checker, Refusal, Verdict, check};

/// Id 1, then 2 and 3 from the equality.
const DECISION: &str = "* #variable= 4 #constraint= 2\n2 x1 1 x2 >= 1 ;\n1 x3 1 x4 = 1 ;\n";
const OPTIMUM: &str = "min: 1 x1 2 x2 ;\n2 x1 1 x2 >= 1 ;\n1 x3 1 x4 = 1 ;\n";
const BOTH: &str = "1 x1 >= 1 ;\n1 ~x1 >= 1 ;\n";

fn run(opb: &str, body: &str, conclusion: &str) -> Result<Verdict, Refusal> {
    check(
        opb,
        &format!(
            "pseudo-Boolean proof version 3.0\n{body}\noutput NONE;\nconclusion {conclusion};\nend pseudo-Boolean proof;\n"
        ),
    )
}

fn accepts(opb: &str, bodies: &[&str]) {
    for body in bodies {
        assert_eq!(run(opb, body, "NONE"), Ok(Verdict::None), "{body}");
    }
}

fn refuses(opb: &str, bodies: &[(&str, &str)]) {
    for &(body, why) in bodies {
        let refusal = run(opb, body, "NONE").expect_err(body);
        assert!(refusal.why.contains(why), "`{body}` refused for another reason than `{why}`: {refusal}");
    }
}

fn bounds(lower: i64, upper: i64) -> Verdict {
    Verdict::Bounds(Bound::Finite(BigInt::from(lower)), Bound::Finite(BigInt::from(upper)))
}

#[test]
fn cutting_planes() {
    accepts(
        DECISION,
        &[
            "pol 1 2 +; e 2 x1 1 x2 1 x3 1 x4 >= 2 : -1;",
            "pol 1 2 + 3 +; e 2 x1 1 x2 >= 1 : -1;",
            "pol 1 3 *; e 6 x1 3 x2 >= 3 : -1;",
            "pol 1 3 d; e 1 x1 1 x2 >= 1 : -1;",
            "pol 1 2 d; e 1 x1 1 x2 >= 1 : -1;",
            "pol 1 1 d; e 2 x1 1 x2 >= 1 : -1;",
            "pol 1 s; e 1 x1 1 x2 >= 1 : -1;",
            "pol 1 2 + s; e 2 x1 1 x2 1 x3 1 x4 >= 2 : -1;",
            // Nothing is rounded up to zero.
            "pol 1 x1 w; e 1 x2 >= -1 : -1;",
            "pol 1 x1 w 2 +; e 1 x2 1 x3 1 x4 >= 0 : -1;",
            "pol 1 x1 w 3 d; e 1 x2 >= 0 : -1;",
            "pol 1 x1 w s; e >= -1 : -1;",
            "pol 1 x9 w; e 2 x1 1 x2 >= 1 : -1;",
            "pol 1 x1 +; e 3 x1 1 x2 >= 1 : -1;",
            "pol 1 ~x1 +; e 1 x1 1 x2 >= 0 : -1;",
            "pol 1 ~x1 3 * +; e 1 ~x1 1 x2 >= -1 : -1;",
            "pol ~x9; e -1 x9 >= -1 : -1;",
            "pol x1; e 1 x1 >= 0;",
            // The second half of the equality, and ids from the end.
            "e 1 ~x3 1 ~x4 >= 1 : 3; e -1 x3 -1 x4 >= -1 : -1; e 1 x3 1 x4 >= 1 : -2;",
            "e 2 x1 1 x2 1 x3 1 ~x3 >= 2 : 1; e -2 ~x1 1 x2 >= -1 : 1; e -2 x1 -1 x2 <= -1 : 1;",
            "@aa pol 1 2 +; @bb pol @aa x1 +; pol @bb @aa +; @aa pol 1; e 2 x1 1 x2 >= 1 : @aa;",
            "pol % comments\n 1 % stand anywhere\n 2 + ;pol 4;",
        ],
    );
    refuses(
        DECISION,
        &[
            ("pol 1 3 d; e 1 x1 >= 1 : -1;", "not there"),
            // Rounded down, or not at all.
            ("pol 1 2 d; e 1 x1 >= 1 : -1;", "not there"),
            ("pol 1 2 + 2 d; e 1 x1 >= 1 : -1;", "not there"),
            // Saturated below the degree.
            ("pol 1 2 + s; e 1 x1 1 x2 1 x3 1 x4 >= 2 : -1;", "not there"),
            // Weakened without paying for it.
            ("pol 1 x1 w; e 1 x2 >= 1 : -1;", "not there"),
            ("pol 1 x1 w; e 1 x2 >= 0 : -1;", "not there"),
            ("pol 4;", "there are 3"),
            ("pol -4;", "there are 3"),
            ("pol 0;", "not a constraint's id"),
            ("pol -0;", "not a constraint's id"),
            ("pol 01;", "not a constraint's id"),
            ("pol +1;", "not a literal"),
            ("pol @aa;", "not a label"),
            ("pol 99999999999999999999;", "there are 3"),
            ("pol -99999999999999999999;", "there are 3"),
            ("pol -9223372036854775808;", "there are 3"),
            ("pol 1 2;", "left over"),
            ("pol 1 +;", "too few"),
            ("pol +;", "too few"),
            ("pol;", "too few"),
            ("pol 3 d;", "too few"),
            ("pol 1 x1 d;", "no positive integer"),
            ("pol 1 0 *;", "no positive integer"),
            ("pol 1 -2 *;", "no positive integer"),
            ("pol 1 -2 d;", "no positive integer"),
            ("pol 1 0 d;", "no positive integer"),
            ("pol 1 +2 *;", "not a literal"),
            ("pol 1 2 + 3 + d;", "no positive integer"),
            ("pol 1 ~x1 w;", "negated"),
            ("pol 1 2 w;", "no variable"),
            ("pol 1 1 -;", "not a constraint's id"),
            ("pol 1 2 c;", "nor an operator"),
            ("pol 1 2 %+;\n;", "left over"),
            ("@aa pol 1; @bb del id 1;", "takes no label"),
            ("@ pol 1;", "not a rule"),
        ],
    );
}

#[test]
fn numbers_have_any_size() {
    let huge = "9".repeat(400);
    accepts(
        DECISION,
        &[
            &format!("pol 1 {huge} *; e 2 x1 1 x2 >= 1; pol -1 {huge} d; e 2 x1 1 x2 >= 1 : -1;"),
            "pol 1 9223372036854775807 *; e 18446744073709551614 x1 9223372036854775807 x2 >= 9223372036854775807 : -1;",
            &format!("rup {huge} x1 {huge} x2 >= {huge};"),
            &format!("rup -{huge} x1 >= -{huge};"),
            &format!("red {huge} y1 1 x1 >= {huge} : y1 -> 1; pol -1 s;"),
        ],
    );
    let less = "8".repeat(400);
    refuses(
        DECISION,
        &[
            (&format!("rup {huge} x1 {less} x2 >= {huge};"), "does not show"),
            (&format!("pol 1 {huge} *; e 2 x1 1 x2 >= 1 : -1;"), "not there"),
            (&format!("f {huge};"), "has 3 constraints"),
            (&format!("pol {huge};"), "there are 3"),
        ],
    );
    let opb = format!("{huge} x1 {less} x2 >= {huge} ;\n{huge} ~x1 >= {huge} ;\n");
    assert_eq!(run(&opb, "pol 1 2 +; rup >= 1;", "UNSAT : -1"), Ok(Verdict::Unsat));
    let weak = format!("{huge} x1 {huge} x2 >= {huge} ;\n{huge} ~x1 >= {huge} ;\n");
    run(&weak, "rup >= 1;", "UNSAT : -1").unwrap_err();
}

#[test]
fn integers_calculate() {
    let numbers: Vec<BigInt> =
        [0, 1, 2, 3, 7, i64::MAX.into(), i128::from(i64::MIN), i128::from(i64::MAX) + 1, i128::MAX]
            .into_iter()
            .flat_map(|number: i128| [number, -number])
            .map(BigInt::from)
            .collect();
    for a in &numbers {
        let left = Int::parse(&a.to_string()).unwrap();
        assert_eq!(left.to_string(), a.to_string());
        for b in &numbers {
            let right = Int::from(b.clone());
            let same = |result: Int, number: BigInt| assert_eq!(result, Int::from(number), "{a} and {b}");
            same(left.plus(&right), a + b);
            same(left.minus(&right), a - b);
            same(left.times(&right), a * b);
            assert_eq!(left.cmp(&right), a.cmp(b), "{a} and {b}");
            if right.is_positive() {
                // The least q with q * b >= a.
                let up = left.divided_up(&right).big();
                assert!(&up * b >= *a && (up - 1) * b < *a, "{a} divided by {b}");
            }
        }
    }
}

#[test]
fn reverse_unit_propagation() {
    let chain = "1 x1 1 x2 >= 1 ;\n1 ~x2 1 x3 >= 1 ;\n3 ~x3 2 x4 2 x5 >= 3 ;\n";
    accepts(
        chain,
        &[
            "rup 1 x1 1 x4 1 x5 >= 1;",
            "rup 2 x1 1 x4 1 x5 >= 2;",
            "rup 1 x1 1 x4 >= 1;",
            "rup 1 x1 1 x3 >= 1 : 1 2;",
            "rup 1 x1 1 x3 >= 1 : ~ 1 2 ~;",
            "rup 1 x1 1 x3 >= 1 : 2 1;",
            "rup 1 x1 1 x3 >= 1 : -2 -3;",
            "@aa rup 1 x1 1 x3 >= 1; @bb pol 1; rup 1 x1 1 x3 >= 1 : @aa;",
            "rup 1 x1 >= 0;",
            "rup x2 ==> 1 x3 >= 1;",
            "rup x3 <== 1 x2 >= 1;",
            "rup ~x1 x2 ==> 1 x3 >= 1;",
            "rup 1 ~x3 1 x4 1 x5 >= 1; rup 2 ~x1 -2 x2 <= 0;",
        ],
    );
    refuses(
        chain,
        &[
            ("rup 1 x1 >= 1;", "does not show"),
            ("rup 1 x1 1 ~x4 >= 1;", "does not show"),
            // Where x1 is false both of the others hold, and that is one short.
            ("rup 3 x1 1 x4 1 x5 >= 3;", "does not show"),
            ("rup 1 x1 1 x3 >= 1 : 1;", "does not show"),
            ("rup 1 x1 1 x3 >= 1 : 1 3;", "does not show"),
            ("rup 1 x1 1 x3 >= 1 : ~;", "does not show"),
            // Of the negation, 2 * ~x1 + ~x2 >= 2, only ~x1 follows.
            ("rup 2 x1 1 x2 >= 2 : 1;", "does not show"),
            ("rup 1 x1 1 x3 >= 1 : 1 4;", "there are 3"),
            ("rup 1 x1 1 x3 >= 1 : 1 2 :;", "not a constraint's id"),
            ("rup 1 x1 1 x3 >= 1 : 1 x2;", "not a constraint's id"),
            ("del id 2; rup 1 x1 1 x3 >= 1 : 1 2;", "deleted"),
            ("del id 2; rup 1 x1 1 x3 >= 1;", "does not show"),
            ("rup x3 ==> 1 x2 >= 1;", "does not show"),
            ("rup ==> 1 x2 >= 1;", "nothing stands before"),
            ("rup x1 x2 <== 1 x3 >= 1;", "more than one"),
            ("rup 1 x1 1 x3 = 1;", "should"),
            ("rup 1 x1 1 x3 > 1;", "not an integer"),
            ("rup 1 x1 1 x3;", "ends where"),
            ("rup 1 x1 x3 >= 1;", "not an integer"),
            ("rup 1 x1 1 x3 >=;", "ends where"),
            ("rup 1 x1 1 x3 >= 1 2;", "should end"),
            ("rup 1 x1 1 x3 >= 01;", "not an integer"),
            ("rup 1 1 >= 1;", "not a literal"),
            ("rup 1 x >= 1;", "not a literal"),
            ("rup 1 ~~x1 >= 0;", "not a literal"),
            ("rup 1 x1, >= 0;", "not a literal"),
            ("rup;", "ends where"),
        ],
    );
}

#[test]
fn what_was_propagated_goes_with_its_reason() {
    let chain = "1 x1 >= 1 ;\n1 ~x1 1 x2 >= 1 ;\n1 ~x2 1 x3 >= 1 ;\n";
    accepts(chain, &["rup 1 x3 >= 1; del id 2; rup 1 x3 >= 1;", "rup 1 x2 >= 1; del id 1; rup 1 x3 >= 1;"]);
    refuses(
        chain,
        &[
            ("i >= 0; rup 1 x3 >= 1; del id 4; del id 1; rup 1 x3 >= 1;", "does not show"),
            ("rup 1 x3 >= 1; del id 2 4; rup 1 x3 >= 1;", "does not show"),
        ],
    );
    let contradiction = "1 x1 >= 1 ;\n1 ~x1 >= 1 ;\n1 x2 1 x3 >= 1 ;\n";
    accepts(contradiction, &["rup 1 x2 >= 1; del id 3; rup 1 x3 >= 1;"]);
    for id in [1, 2] {
        let body = format!("rup 1 x2 >= 1; del id 4; del id {id}; rup 1 x2 >= 1;");
        refuses(contradiction, &[(&body, "does not show")]);
    }
}

#[test]
fn strengthening() {
    accepts(
        DECISION,
        &[
            // A variable for a sum, and what its two halves say.
            "red y1 ==> 2 x1 -3 x2 1 x3 >= 1 : y1 -> 0; red y1 <== 2 x1 -3 x2 1 x3 >= 1 : y1 -> 1;
             e 4 ~y1 2 x1 3 ~x2 1 x3 >= 4 : -2; e 3 y1 2 ~x1 3 x2 1 ~x3 >= 3 : -1;",
            "red y1 x4 ==> 2 x1 1 x3 >= 3 : y1 0; e 3 ~y1 3 ~x4 2 x1 1 x3 >= 3 : -1;",
            "red 1 y1 >= 1 : y1 -> 1;",
            // A pure literal, and an exchange that leaves the formula what it is.
            "red 1 x1 >= 1 : x1 -> 1;",
            "red 1 x3 1 ~x4 >= 1 : x3 x4 x4 x3;",
            "red 1 x3 1 ~x4 >= 1 : x3 -> x4 x4 -> x3;",
            "red 1 x3 >= 1 : x3 1 x4 0;",
        ],
    );
    refuses(
        DECISION,
        &[
            ("red 1 x1 >= 1 : x1 -> 0;", "the goal `>= 1`"),
            ("red 1 ~x1 >= 1 : x1 -> 0;", "the goal"),
            ("red 1 x3 >= 1 : x3 1;", "the goal"),
            ("red 1 x3 1 ~x4 >= 1 : x3 x4;", "the goal"),
            ("red 1 x3 1 ~x4 >= 1 : x3 x4 x4 ~x3;", "the goal"),
            ("red 1 y1 >= 1 : y1 1; red 1 ~y1 >= 1 : y1 0;", "the goal"),
            ("red y1 ==> 1 x1 >= 1 : y1 -> 1;", "the goal"),
            ("red y1 ==> 1 x1 >= 1 : y1 0; red y1 <== 1 x1 1 x2 >= 1 : y1 1;", "the goal"),
            // What is to be added denies what stands, which must survive the witness as well.
            ("red 1 y1 1 y2 >= 2 : y1 1 y2 1; red 1 ~y1 1 ~y2 >= 1 : y1 0;", "the goal"),
            ("red 1 x1 1 x2 >= 1 : ;", "a witness is missing"),
            ("red 1 x1 1 x2 >= 1;", "ends where"),
            ("red 1 y1 >= 1 : y1;", "image"),
            ("red 1 y1 >= 1 : y1 2;", "not a literal"),
            ("red 1 y1 >= 1 : 1 y1;", "not a variable"),
            ("red 1 y1 >= 1 : ~y1 0;", "not a variable"),
            ("red 1 y1 >= 1 : y1 1, x1 1;", "not a literal"),
            ("red 1 y1 >= 1 : y1->1;", "not a literal"),
            ("red 1 y1 >= 1 : y1 1 y1 1;", "twice"),
            ("red 1 y1 >= 1 : y1 1 : subproof qed;", "subproofs"),
        ],
    );
    // The objective may not grow.
    accepts(OPTIMUM, &["red 1 ~x2 >= 1 : x1 1 x2 0;", "red 1 y1 >= 1 : y1 1;"]);
    refuses(OPTIMUM, &[("red 1 x1 >= 1 : x1 -> 1;", "the goal"), ("red 1 x2 >= 1 : x1 0 x2 1;", "the goal")]);
}

#[test]
fn what_stands_and_what_it_implies() {
    accepts(
        DECISION,
        &[
            "ia 2 x1 1 x2 1 x3 >= 1 : 1; ia 1 x1 1 x2 >= 1 : 1; ia 5 x1 5 x2 >= 1; e 5 x1 5 x2 >= 1 : -1;",
            "ia 1 x2 >= -1 : 1; i 1 x1 1 x2 >= 1 : -4;",
            "@aa i 1 x1 1 x2 >= 1; e 2 x1 1 x2 >= 1 : @aa;",
            "@aa e 2 x1 1 x2 >= 1; e 2 x1 1 x2 >= 1 : @aa; e 1 ~x3 1 ~x4 >= 1 : -1;",
            "pol 2; e 1 x3 1 x4 >= 1 : 4;",
        ],
    );
    refuses(
        DECISION,
        &[
            ("ia 1 x1 >= 1 : 1;", "not implied"),
            ("ia 2 x1 1 x2 >= 2 : 1;", "not implied"),
            ("ia 2 x1 >= 0 : 9;", "there are 3"),
            ("ia 1 x1 1 x2 >= 1 : 2;", "not implied"),
            ("ia 1 x1 1 ~x2 >= 1;", "not implied"),
            ("i 1 x1 1 x2 1 x3 >= 2;", "not implied"),
            ("i 1 x1 1 x2 >= 1; pol -1 -4 +;", "there are 3"),
            ("e 2 x1 1 x2 >= 2;", "not there"),
            ("e 2 x1 1 x2 >= 1 : 2;", "not there"),
            ("e 2 x1 1 x2 >= 1 :;", "ends where"),
            ("e 2 x1 1 x2 >= 1 : 1 1;", "should end"),
        ],
    );
}

#[test]
fn deletion() {
    accepts(
        DECISION,
        &[
            "del id 1 3; pol 2;",
            "del id;",
            "del id -1; pol 2 1 +;",
            "del range 1 3; pol 3;",
            "del range 1 4; f 3;",
            "del range 2 2; pol 2;",
            "pol 2; core id 4; delc 4; deld;",
            "pol 2; deld 4; core range 1 3;",
            "pol 1; del spec 2 x1 1 x2 >= 1; pol 2;",
            "@aa pol 1; del id @aa; @aa pol 1; pol @aa;",
        ],
    );
    refuses(
        DECISION,
        &[
            ("del id 1; pol 1;", "deleted"),
            ("del id 1; pol 2 1 +;", "deleted"),
            ("del id 1; del id 1;", "deleted"),
            ("del id 1 1;", "twice"),
            ("del id 4;", "there are 3"),
            ("del range 1 5;", "there are 3"),
            ("del range 3 2;", "backwards"),
            ("del range 1;", "ends where"),
            ("pol 1; del spec 2 x1 1 x2 >= 1; pol 4;", "deleted"),
            ("pol 1; del spec 2 x1 1 x2 >= 1; e 2 x1 1 x2 >= 1;", "not there"),
            ("e 2 x1 1 x2 >= 1; del id 1; e 2 x1 1 x2 >= 1;", "not there"),
            ("del id 1; i 1 x1 1 x2 >= 1;", "not implied"),
            ("del spec 2 x1 1 x2 >= 2;", "no such"),
            ("@aa pol 1; del id 4; pol @aa;", "deleted"),
            ("deld 2;", "in the core"),
            ("pol 1; delc 4;", "not in the core"),
            ("del id 1 : x1 1;", "should end"),
            ("del 1;", "should"),
            ("del;", "ends where"),
        ],
    );
}

#[test]
fn solutions() {
    accepts(DECISION, &["sol x1 ~x2 x3 ~x4;", "sol x1 x3;", "solx x1 x2 x3 ~x4; e 1 ~x1 1 ~x2 1 ~x3 1 x4 >= 1 : -1;"]);
    accepts(
        OPTIMUM,
        &["sol x1 x2 x3 : 3;", "soli x1 ~x2 x3 : 1; e -1 x1 -2 x2 >= 0 : -1;", "@aa soli x1 ~x2 x3; pol @aa;"],
    );
    refuses(
        DECISION,
        &[
            ("sol ~x1 ~x2 x3 ~x4;", "conflict"),
            ("sol x1 x3 x4;", "conflict"),
            ("sol x1 ~x1 x3;", "conflict"),
            ("sol x1;", "does not satisfy constraint 2"),
            ("sol;", "does not satisfy constraint 1"),
            ("sol x1 x3 : 1;", "value"),
            ("sol x1 1;", "not a literal"),
            ("soli x1 x3;", "no objective"),
            ("solx x1 x3;", "does not name all"),
            ("solx x1 x2 x3 ~x4; solx x1 x2 x3 ~x4;", "conflict"),
            ("@aa sol x1 x3;", "takes no label"),
        ],
    );
    refuses(
        OPTIMUM,
        &[
            ("sol x1 x2 x3 : 4;", "value"),
            ("soli x1 x3;", "of the objective has no value"),
            ("soli x1 ~x2 x3; soli x1 ~x2 ~x3;", "contradictory"),
            ("soli x1 x2 x3; soli x1 x2 ~x3;", "conflict"),
            ("solx x1 ~x2 x3 ~x4 : 1;", "should end"),
        ],
    );
}

#[test]
fn conclusions() {
    let solved = "sol x1 ~x2 x3;";
    let refuted = "pol 1 2 +;";
    let optimal = "soli x1 ~x2 x3; rup >= 1;";
    let below = "rup 1 x1 2 x2 >= 1;";
    let infinite = Verdict::Bounds(Bound::Infinite, Bound::Infinite);
    let lower_only = Verdict::Bounds(Bound::Finite(BigInt::from(1)), Bound::Infinite);
    let infeasible = format!("min: 1 x1 ;\n{BOTH}");
    for (opb, body, conclusion, verdict) in [
        (DECISION, solved, "SAT", Verdict::Sat),
        (DECISION, "", "SAT : x1 x2 x3 ~x4", Verdict::Sat),
        (DECISION, solved, "NONE", Verdict::None),
        (BOTH, refuted, "UNSAT : 3", Verdict::Unsat),
        (BOTH, refuted, "UNSAT : -1", Verdict::Unsat),
        (BOTH, refuted, "UNSAT", Verdict::Unsat),
        (">= 1 ;\n", "", "UNSAT", Verdict::Unsat),
        (OPTIMUM, optimal, "BOUNDS 1 : -1 1", bounds(1, 1)),
        (OPTIMUM, optimal, "BOUNDS 1 1", bounds(1, 1)),
        (OPTIMUM, optimal, "BOUNDS 0 : -1 3", bounds(0, 3)),
        (OPTIMUM, optimal, "BOUNDS 1 : -1 INF", lower_only.clone()),
        (OPTIMUM, below, "BOUNDS 1 : -1 1 : x1 ~x2 x3 ~x4", bounds(1, 1)),
        (OPTIMUM, below, "BOUNDS 1 INF", lower_only),
        (OPTIMUM, "", "BOUNDS 0 3 : x1 x2 x3 ~x4", bounds(0, 3)),
        (OPTIMUM, "", "BOUNDS -5 3 : x1 x2 x3 ~x4", bounds(-5, 3)),
        (&infeasible, "rup >= 1;", "BOUNDS INF : -1 INF", infinite.clone()),
        (&infeasible, "rup >= 1;", "BOUNDS INF INF", infinite),
        ("min: 1 x1 -2 x2 +5 ;\n1 x1 >= 1 ;\n", "", "BOUNDS 4 : 1 4 : x1 x2", bounds(4, 4)),
    ] {
        assert_eq!(run(opb, body, conclusion), Ok(verdict), "{body} {conclusion}");
    }
    for (opb, body, conclusion, why) in [
        (DECISION, "", "SAT", "no solution"),
        (DECISION, "", "SAT : x1 x3", "no solution"),
        (DECISION, "", "SAT : ~x1 ~x2 x3 ~x4", "no solution"),
        (DECISION, "", "SAT : x1 ~x1 x2 x3 ~x4", "both ways"),
        // A solution of what is left after a deletion is none of the formula.
        (DECISION, "del id 1; sol ~x1 ~x2 x3 ~x4;", "SAT", "no solution"),
        (DECISION, "", "UNSAT", "no contradiction"),
        (DECISION, solved, "UNSAT", "a solution was named"),
        (DECISION, "", "BOUNDS 0 0", "no objective"),
        (DECISION, "", "MAYBE", "not a conclusion"),
        (DECISION, "", "", "ends where"),
        (DECISION, "", "NONE 1", "should end"),
        (BOTH, "", "UNSAT", "no contradiction"),
        (BOTH, refuted, "UNSAT : 1", "no contradiction"),
        (BOTH, refuted, "UNSAT : 4", "there are 3"),
        (BOTH, "pol 1 2 +; del id 3;", "UNSAT : 3", "deleted"),
        (BOTH, "pol 1 2 +; del id 3;", "UNSAT", "no contradiction"),
        (BOTH, refuted, "UNSAT : -1 1", "should end"),
        (BOTH, refuted, "SAT", "no solution"),
        (OPTIMUM, "sol x1 ~x2 x3;", "SAT", "where there is an objective"),
        (&infeasible, "rup >= 1;", "UNSAT : -1", "where there is an objective"),
        (&infeasible, "rup >= 1;", "BOUNDS INF : -1 3", "no solution"),
        (&infeasible, "rup >= 1;", "BOUNDS 2 : -1 3", "no solution"),
        (OPTIMUM, optimal, "BOUNDS 2 : -1 2", "below 2"),
        (OPTIMUM, optimal, "BOUNDS 2 : -1 INF", "below 2"),
        (OPTIMUM, optimal, "BOUNDS 1 : -1 0", "at most 0"),
        (OPTIMUM, optimal, "BOUNDS INF : -1 INF", "a solution was named"),
        (OPTIMUM, optimal, "BOUNDS 1 : 2 1", "shows the lower bound"),
        (OPTIMUM, below, "BOUNDS 2 : -1 3 : x1 x2 x3 ~x4", "shows the lower bound"),
        (OPTIMUM, below, "BOUNDS 1 : -1 1 : x1 x2 x3 ~x4", "at most 1"),
        (OPTIMUM, below, "BOUNDS 1 : -1 1 : x1 ~x2 ~x3 ~x4", "at most 1"),
        (OPTIMUM, below, "BOUNDS 1 : -1", "ends where"),
        (OPTIMUM, below, "BOUNDS 1 : -1 1", "at most 1"),
        (OPTIMUM, "", "BOUNDS 3 2 : x1 ~x2 x3 ~x4", "shows the lower bound"),
        (OPTIMUM, "del id 1; soli ~x1 ~x2 x3 ~x4; rup >= 1;", "BOUNDS 0 : -1 0", "at most 0"),
        (OPTIMUM, "del id 1; soli ~x1 ~x2 x3 ~x4; rup >= 1;", "BOUNDS 1 : -1 INF", "below 1"),
        (
            OPTIMUM,
            "solx x1 ~x2 x3 ~x4; solx x1 ~x2 ~x3 x4; rup 1 ~x1 1 x2 1 x3 >= 1; rup 1 x1 2 x2 >= 2;",
            "BOUNDS 2 : -1 INF",
            "below 2",
        ),
    ] {
        let refusal = run(opb, body, conclusion).expect_err(&format!("{body} {conclusion}"));
        assert!(refusal.why.contains(why), "`{body} {conclusion}` refused for another reason than `{why}`: {refusal}");
    }
}

#[test]
fn the_frame() {
    let proof = "pseudo-Boolean proof version 3.0\nf 2;\npol 1 2 +;\noutput NONE;\nconclusion UNSAT : -1;\nend pseudo-Boolean proof;\n";
    for ending in ["", "\n", " \n\n", "\0"] {
        assert_eq!(check(BOTH, &format!("{proof}{ending}")), Ok(Verdict::Unsat));
    }
    assert_eq!(check(BOTH, &proof.replace('\n', "\r\n")), Ok(Verdict::Unsat));
    assert_eq!(check(BOTH, &proof.replace("version 3.0", "version  3.0 ")), Ok(Verdict::Unsat));
    for length in 0..proof.len() - 2 {
        check(BOTH, &proof[..length]).expect_err("cut short");
    }
    for (from, to, line, why) in [
        ("3.0", "2.0", 1, "version 3.0"),
        ("3.0", "3.0.2", 1, "version 3.0"),
        ("pseudo-Boolean proof version 3.0\n", "", 1, "version 3.0"),
        ("f 2", "f 3", 2, "2 constraints"),
        ("f 2", "f", 2, "ends where"),
        ("pol 1 2 +;", "pol 1 2 +; f 2;", 3, "before anything"),
        ("pol 1 2 +", "pol 1 3 +", 3, "there are 2"),
        ("pol 1 2 +;", "pol 1 2 +", 3, "left over"),
        ("pol 1 2 +", "a >= 1", 3, "not a rule"),
        ("pol 1 2 +", "fail", 3, "not a rule"),
        ("pol 1 2 +", "* a comment", 3, "not a rule"),
        ("pol 1 2 +;", ";", 3, "ends where a rule"),
        ("pol 1 2 +", "pol 1 2 +\u{a0}", 3, "nor an operator"),
        ("output NONE;\n", "", 4, "not a rule"),
        ("output NONE", "output DERIVABLE IMPLICIT", 4, "only `output NONE`"),
        ("output NONE", "output NONE FILE", 4, "should end"),
        ("conclusion UNSAT : -1;\n", "", 5, "wrong place"),
        ("conclusion UNSAT : -1;", "conclusion UNSAT : -1; conclusion UNSAT;", 5, "wrong place"),
        ("conclusion UNSAT", "rup >= 1; conclusion UNSAT", 5, "wrong place"),
        ("end pseudo-Boolean proof;", "", 6, "ends before"),
        ("end pseudo-Boolean proof;", "end pseudo-Boolean proof", 6, "no `;`"),
        ("end pseudo-Boolean proof;", "end;", 6, "ends where"),
        ("end pseudo-Boolean proof;", "end pseudo-Boolean proof; more", 6, "no `;`"),
        ("end pseudo-Boolean proof;", "end pseudo-Boolean proof;\nend pseudo-Boolean proof;", 7, "wrong place"),
    ] {
        let refusal = check(BOTH, &proof.replace(from, to)).expect_err(to);
        assert!(refusal.why.contains(why), "`{to}` refused for another reason than `{why}`: {refusal}");
        assert_eq!((refusal.text, refusal.line), ("proof", line), "{to}: {refusal}");
    }
}

#[test]
fn formulas_are_read_as_they_stand() {
    let read = |opb: &str| -> Vec<String> {
        Checker::new(opb).unwrap().standing().into_iter().map(|(_, text)| text).collect()
    };
    assert_eq!(read(DECISION), ["2 x1 1 x2 >= 1", "1 x3 1 x4 >= 1", "1 ~x3 1 ~x4 >= 1"]);
    assert_eq!(read("* a\n\n  * b\n-1 ~x1 +3 x2 <= 1 ;\n"), ["1 ~x1 3 ~x2 >= 2"]);
    assert_eq!(read("1 x1 1 x1 2 ~x1 -3 x2 >= -2;"), ["3 ~x2 >= -1"]);
    assert_eq!(read("min: 1 x1 -1 x2 -7 ;\n>= 1 ;\r\n@aa 1 a[0]^{1}_-z >= 1 ;\n"), [">= 1", "1 a[0]^{1}_-z >= 1"]);
    assert_eq!(read(""), [""; 0]);
    for (opb, line, why) in [
        ("1 x2\n >= 1 ;\n", 1, "no `;`"),
        ("1 x1 >= 1 ;\n1 x2 >= 1 ; 1 x3 >= 1 ;\n", 2, "should end"),
        ("1 x2 x3 >= 1 ;\n", 1, "not an integer"),
        ("1 x1 >= 1\n", 1, "no `;`"),
        ("x1 >= 1 ;\n", 1, "not an integer"),
        ("1 x1 > 1 ;\n", 1, "not an integer"),
        ("1 x1 == 1 ;\n", 1, "not an integer"),
        ("1 x1 >= ;\n", 1, "ends where"),
        ("1 x1 >= 1.5 ;\n", 1, "not an integer"),
        ("1 x >= 1 ;\n", 1, "not a literal"),
        ("01 x1 >= 1 ;\n", 1, "not an integer"),
        ("1 x1 >= 1 ; * comment\n", 1, "no `;`"),
        ("1 x1 >= 1 ; % comment\n", 1, "begins no comment"),
        ("1 x1 >= 1 ;\nmin: 1 x1 ;\n", 2, "must come first"),
        ("min: 1 x1 ;\nmin: 1 x1 ;\n", 2, "must come first"),
        ("max: 1 x1 ;\n", 1, "not an integer"),
        ("min: 1 x1 2 3 ;\n", 1, "not a literal"),
        ("@aa 1 x1 = 1 ;\n", 1, "no label"),
        ("x1 ==> 1 x2 >= 1 ;\n", 1, "not an integer"),
        ("soft: 6 ;\n[4] 1 x1 >= 1 ;\n", 1, "not an integer"),
    ] {
        let refusal = check(opb, "").expect_err(opb);
        assert!(refusal.why.contains(why), "`{opb}` refused for another reason than `{why}`: {refusal}");
        assert_eq!((refusal.text, refusal.line), ("formula", line), "{opb}: {refusal}");
    }
}

/// Three pigeons and two holes: the sums of the holes are divided, all added up.
#[test]
fn pigeons() {
    let holes = "1 p11 1 p12 >= 1 ;\n1 p21 1 p22 >= 1 ;\n1 p31 1 p32 >= 1 ;\n\
        1 ~p11 1 ~p21 >= 1 ;\n1 ~p11 1 ~p31 >= 1 ;\n1 ~p21 1 ~p31 >= 1 ;\n\
        1 ~p12 1 ~p22 >= 1 ;\n1 ~p12 1 ~p32 >= 1 ;\n1 ~p22 1 ~p32 >= 1 ;\n";
    let proof = "f 9; @one pol 4 5 + 6 + 2 d; @two pol 7 8 + 9 + 2 d; pol 1 2 + 3 + @one + @two +;";
    assert_eq!(run(holes, proof, "UNSAT : -1"), Ok(Verdict::Unsat));
    // Divided by less, the degree is not rounded up.
    run(holes, &proof.replace("2 d", "1 d"), "UNSAT : -1").unwrap_err();
    run(&holes.replace("1 p31 1 p32", "1 p31 1 p32 1 p33"), proof, "UNSAT : -1").unwrap_err();
    // By cases, each closed by propagation.
    assert_eq!(run(holes, "rup 1 ~p11 >= 1; rup >= 1;", "UNSAT : -1"), Ok(Verdict::Unsat));
    run(holes, "rup >= 1;", "UNSAT : -1").unwrap_err();
}
