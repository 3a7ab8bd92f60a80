//! `anser count` and `anser sample` as a user meets them.

#![cfg(feature = "cli")]

#[path = "support/folder.rs"]
mod folder;

use std::collections::BTreeSet;

use folder::Folder;
use serde_json::Value;

/// 3 * 2^13 models; the sampling set has 3 * 2^8.
const MANY: &str = "p cnf 15 1\nc ind 1 2 3 4 5 6 7 8 9 10 0\n1 2 0\n";

fn samples(of: &Value) -> Vec<Vec<i64>> {
    let literals = |sample: &Value| sample.as_array().unwrap().iter().map(|l| l.as_i64().unwrap()).collect();
    of["samples"].as_array().unwrap().iter().map(literals).collect()
}

#[test]
fn counts_as_text_and_json() {
    let f = Folder::empty();
    f.write("few.cnf", "p cnf 5 1\n1 2 0\n");
    f.write("many.cnf", MANY);
    f.write("none.cnf", "p cnf 1 2\n1 0\n-1 0\n");
    let count = |line: &str| {
        let object = f.json(line, 0);
        assert_eq!(object["stop"], "solved");
        (object["count"].as_str().unwrap().parse::<u64>().unwrap(), object["exact"].as_bool().unwrap())
    };
    assert_eq!(count("count few.cnf --json"), (24, true));
    assert_eq!(count("count few.cnf --project 1,2,1 --json"), (3, true));
    assert_eq!(count("count none.cnf --json"), (0, true));
    assert_eq!(count("count many.cnf --exact --json"), (768, true));
    assert_eq!(count("count none.cnf --exact --json"), (0, true));
    let (about, exact) = count("count many.cnf --json --seed 4");
    assert!((768 * 5 / 9..=768 * 9 / 5).contains(&about) && !exact, "{about}");
    assert_eq!(count("count many.cnf --json --seed 4"), (about, exact));
    let (close, _) = count("count many.cnf --epsilon 0.2 --delta 0.1 --json");
    assert!((768 * 5 / 6..=768 * 6 / 5).contains(&close), "{close}");
    let text = f.good("count many.cnf --seed 4", 0);
    assert!(text.ends_with(&format!("c approximate\ns mc {about}\n")), "{text}");
    assert!(f.good("count few.cnf", 0).ends_with("c exact\ns mc 24\n"));
    let stopped = f.json("count many.cnf --time 0 --json", 0);
    assert_eq!((&stopped["count"], &stopped["stop"]), (&Value::Null, &"time".into()));
    assert!(f.good("count many.cnf --time 0", 0).ends_with("s UNKNOWN\n"));
}

#[test]
fn samples_are_projected_models() {
    let f = Folder::empty();
    f.write("many.cnf", MANY);
    for options in [
        "",
        "--method uniwit",
        "--method exact",
        "--method uniwit13 --hash dense",
        "--hash sparse",
        "--per-cell 0 --epsilon 3",
        "--threads 2",
        "--distinct",
    ] {
        let object = f.json(&format!("sample many.cnf -n 20 --seed 2 --json {options}"), 10);
        let drawn = samples(&object);
        assert_eq!((drawn.len(), &object["stop"]), (20, &"limit".into()), "{options}");
        assert!(object["draws"].as_u64().unwrap() >= object["failed"].as_u64().unwrap(), "{options}");
        assert_eq!(object["guaranteed"], !(options.contains("sparse") || options.ends_with("uniwit")), "{options}");
        for sample in &drawn {
            let variables: Vec<i64> = sample.iter().map(|l| l.abs()).collect();
            assert_eq!(variables, (1..=10).collect::<Vec<_>>(), "{options}");
            assert!(sample[0] > 0 || sample[1] > 0, "{options}: {sample:?}");
        }
    }
    // One seed one stream; text has the same samples.
    let one = f.json("sample many.cnf -n 5 --seed 9 --json", 10);
    assert_eq!(samples(&f.json("sample many.cnf -n 5 --seed 9 --threads 3 --json", 10)), samples(&one));
    assert_ne!(samples(&f.json("sample many.cnf -n 5 --seed 8 --json", 10)), samples(&one));
    let text = f.good("sample many.cnf -n 5 --seed 9", 10);
    let lines: Vec<Vec<i64>> = text
        .lines()
        .filter_map(|line| line.strip_prefix("v "))
        .map(|line| line.split(' ').map(|l| l.parse().unwrap()).filter(|&l| l != 0).collect())
        .collect();
    assert_eq!(lines, samples(&one));
    assert!(text.ends_with("s SATISFIABLE\n"), "{text}");
}

#[test]
fn distinct_samples_come_to_an_end() {
    let f = Folder::empty();
    f.write("many.cnf", MANY);
    f.write("none.cnf", "p cnf 1 2\n1 0\n-1 0\n");
    let all = f.json("sample many.cnf -n 1000000 --distinct --per-cell 0 --project 1,2,3,9,12 --json", 10);
    let drawn: BTreeSet<Vec<i64>> = samples(&all).into_iter().collect();
    assert_eq!((drawn.len(), samples(&all).len(), &all["stop"]), (24, 24, &"solved".into()));
    assert_eq!(f.json("sample none.cnf --json", 20)["samples"], Value::Array(Vec::new()));
    assert!(f.good("sample none.cnf", 20).ends_with("s UNSATISFIABLE\n"));
    assert!(f.good("sample many.cnf --time 0", 0).ends_with("s UNKNOWN\n"));
    assert_eq!(f.json("sample many.cnf --time 0 --json", 0)["stop"], "time");
    // Which other constraints there are does not matter.
    f.write("sums.opb", "* #variable= 4 #constraint= 1\n+1 x1 +1 x2 +1 x3 +1 x4 >= 3 ;\n");
    assert_eq!(samples(&f.json("sample sums.opb -n 99 --distinct --json", 10)).len(), 5);
    assert!(f.good("count sums.opb", 0).ends_with("c exact\ns mc 5\n"));
}

#[test]
fn odd_options_are_refused() {
    let f = Folder::empty();
    f.write("many.cnf", MANY);
    f.write("bad.cnf", "p cnf 2 1\n1 x 0\n");
    for (line, says) in [
        ("sample many.cnf --epsilon 1.7", "epsilon: 1.7"),
        ("sample many.cnf --epsilon nan", "epsilon"),
        ("sample many.cnf --method best", "best"),
        ("sample many.cnf --threads 0", "threads"),
        ("sample many.cnf --project 16", "16"),
        ("sample many.cnf --project 0", "0"),
        ("sample bad.cnf", "line 2, column 3"),
        ("sample nowhere.cnf", "nowhere.cnf"),
        ("count many.cnf --epsilon 0", "epsilon"),
        ("count many.cnf --exact --epsilon 0.5", "--exact"),
        ("count many.cnf --delta 1", "delta"),
        ("count many.cnf --delta -1", "delta"),
        ("count many.cnf --project 16", "16"),
        ("count bad.cnf", "line 2, column 3"),
    ] {
        let (code, out, err) = f.run(line);
        assert!(
            code != 0 && code != 10 && code != 20 && out.is_empty() && err.contains(says),
            "{line}: {code} {out} {err}"
        );
    }
}
