//! `anser search` as a user meets it.

#![cfg(feature = "cli")]

#[path = "support/folder.rs"]
mod folder;

use folder::Folder;
use serde_json::Value;

const CHAIN: &str = "p cnf 6 6\n1 2 0\n-1 3 0\n-3 4 0\n-4 5 0\n-2 6 0\n-6 -5 1 0\n";

fn literals(value: &Value) -> Vec<i64> {
    value.as_array().unwrap().iter().map(|l| l.as_i64().unwrap()).collect()
}

#[test]
fn models_as_text_and_json() {
    let f = Folder::empty();
    f.write("chain.cnf", CHAIN);
    for scorer in ["walksat", "skc", "probsat", "ddfw"] {
        let found = f.json(&format!("search chain.cnf --scorer {scorer} --seed 3 --walkers 2 --json"), 10);
        assert_eq!((found["result"].as_str(), found["stop"].as_str()), (Some("sat"), Some("solved")));
        let model = literals(&found["model"]);
        assert_eq!(model.len(), 6);
        for clause in CHAIN.lines().skip(1) {
            let mut clause = clause.split(' ').map(|l| l.parse::<i64>().unwrap()).filter(|&l| l != 0);
            assert!(clause.any(|l| model.contains(&l)), "{model:?}");
        }
        assert_eq!(found["violated"], 0);
        let again = f.json(&format!("search chain.cnf --scorer {scorer} --seed 3 --walkers 2 --threads 2 --json"), 10);
        assert_eq!(again["model"], found["model"]);
        assert_eq!(again["flips"], found["flips"]);
    }
    let text = f.good("search chain.cnf", 10);
    assert!(text.contains("\nc violated 0\ns SATISFIABLE\nv ") && text.ends_with(" 0\n"), "{text}");
}

#[test]
fn sums_and_what_has_no_model() {
    let f = Folder::empty();
    f.write("sums.opb", "+2 x1 +3 x2 -1 x3 >= 4 ;\n+1 x1 +1 x2 +1 x3 >= 2 ;\n");
    let found = f.json("search sums.opb --json", 10);
    assert!(literals(&found["model"]).contains(&2));
    assert!(f.good("search sums.opb", 10).contains("x2"));
    f.write("none.cnf", "p cnf 2 3\n1 0\n-1 2 0\n-2 0\n");
    let none = f.json("search none.cnf --flips 20 --tries 3 --walkers 2 --json", 0);
    assert_eq!((none["result"].as_str(), none["stop"].as_str()), (Some("unknown"), Some("limit")));
    assert_eq!((&none["violated"], &none["flips"], &none["tries"]), (&1.into(), &120.into(), &6.into()));
    assert_eq!(literals(&none["best"]).len(), 2);
    assert!(none["model"].is_null());
    assert!(f.good("search none.cnf --flips 5 --tries 1", 0).ends_with("c violated 1\ns UNKNOWN\n"));
    f.write("empty.cnf", "p cnf 1 1\n0\n");
    assert_eq!(f.json("search empty.cnf --json", 20)["result"], "unsat");
    let stopped = f.json("search none.cnf --time 0 --json", 0);
    assert_eq!((&stopped["stop"], &stopped["best"]), (&"time".into(), &Value::Null));
}

#[test]
fn what_is_refused() {
    let f = Folder::empty();
    f.write("chain.cnf", CHAIN);
    f.write("sums.opb", "+2 x1 +3 x2 +1 x3 >= 4 ;\n");
    for (line, needle) in [
        ("search absent.cnf", "absent.cnf"),
        ("search chain.cnf --walk 2", "walk"),
        ("search chain.cnf --walk NaN", "walk"),
        ("search chain.cnf --walkers 0", "walkers"),
        ("search chain.cnf --threads 0", "threads"),
        ("search chain.cnf --flips 0", "flips"),
        ("search chain.cnf --tries 0", "tries"),
        ("search chain.cnf --scorer none", "none"),
        ("search sums.opb --scorer ddfw", "clauses only"),
    ] {
        let (code, out, said) = f.run(line);
        assert!(code == 1 && out.is_empty() && said.contains(needle), "{line}: {said}");
    }
}

/// The paper's classes at the paper's sizes: generated, satisfiable, and solved by its WalkSAT within some tries.
#[test]
fn generated_instances() {
    let f = Folder::empty();
    for (class, variables) in [
        ("clique --vertices 20 --k 3 --graph er:0.05", 60),
        ("cover --vertices 9 --k 5 --graph er:0.5", 54),
        ("coloring --vertices 20 --colors 5 --graph er:0.5", 100),
        ("domset --vertices 12 --k 4 --graph er:0.2", 60),
        ("clique --vertices 12 --k 3 --graph regular:4", 36),
        ("cover --vertices 9 --k 6 --graph ba:2", 63),
        ("coloring --vertices 12 --colors 4 --graph ws:4,0.3", 48),
        ("domset --vertices 12 --k 5 --graph geometric:0.4", 72),
    ] {
        let made = f.json(&format!("generate {class} --satisfiable --seed 7 -o made.cnf --json"), 0);
        assert_eq!(made["variables"], variables, "{class}");
        let found = f.json("search made.cnf --scorer walksat --flips 750 --tries 200 --json", 10);
        assert_eq!(found["result"], "sat", "{class}");
    }
    f.good("generate sr --vars 10 --seed 3 -o with.cnf", 0);
    f.good("generate sr --vars 10 --seed 3 --unsatisfiable -o without.cnf", 0);
    assert_eq!(f.json("search with.cnf --json", 10)["result"], "sat");
    assert_eq!(f.json("solve without.cnf --json", 20)["result"], "unsat");
    for (line, needle) in [
        ("generate clique --vertices 5 --k 2 --graph er:2 -o x.cnf", "probability"),
        ("generate clique --vertices 5 --k 2 --graph er -o x.cnf", "er:P"),
        ("generate clique --vertices 5 --k 2 --graph ws:4 -o x.cnf", "ws:K,P"),
        ("generate clique --vertices 5 --k 0 --graph er:0.5 -o x.cnf", "size"),
        ("generate coloring --vertices 5 --colors 3 -o x.cnf", "--edges"),
        ("generate sr --vars 0 -o x.cnf", "variables"),
    ] {
        let (code, _, said) = f.run(line);
        assert!(code == 1 && said.contains(needle), "{line}: {said}");
    }
}
