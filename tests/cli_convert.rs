//! `anser convert` as a user meets it.

#![cfg(feature = "cli")]

#[path = "support/folder.rs"]
#[allow(dead_code)] // others need more of it
mod folder;

use folder::Folder;

#[test]
fn a_formula_in_every_format() {
    let f = Folder::empty();
    f.write("f.cnf", "p cnf 3 3\n1 -2 0\nx1 2 -3 0\n-1 3 0\n");
    for (name, begin, end) in [
        ("f.smt2", "(set-logic QF_UF)\n", "(check-sat)\n"),
        ("f.lp", "Minimize\n obj: 0 b1 + 0 b2 + 0 b3\nSubject To\n c0: b1 - b2 >= 0\n c1: ", "End\n"),
        ("f.mps", "NAME anser\nROWS\n N obj\n G c0\n E c1\n", "ENDATA\n"),
        ("g.cnf", "p cnf 3 3\n1 -2 0\nx1 2 -3 0\n", "-1 3 0\n"),
    ] {
        assert_eq!(f.good(&format!("convert f.cnf -o {name}"), 0), "");
        let text = std::fs::read_to_string(f.path(name)).unwrap();
        assert!(text.starts_with(begin) && text.ends_with(end), "{name}: {text}");
        // The name of what is written decides, or the option.
        let format = name.rsplit('.').next().unwrap().replace("cnf", "dimacs").replace("smt2", "smt-lib");
        assert_eq!(f.good(&format!("convert f.cnf -o - --to {format}"), 0), text);
    }
    f.good("convert f.cnf -o f.lp.gz", 0);
    assert_eq!(std::fs::read(f.path("f.lp.gz")).unwrap()[..2], [0x1F, 0x8B]);
    f.write("sums", "* #variable= 2 #constraint= 1\n+3 x1 +2 x2 >= 4 ;\n");
    let told = f.good("convert sums --format opb -o - --to lp", 0);
    assert!(told.contains(" c0: 3 b1 + 2 b2 >= 4\n"), "{told}");
}

#[test]
fn what_cannot_be_said_leaves_no_file() {
    let f = Folder::empty();
    f.write("f.cnf", "p cnf 3 1\nx1 2 -3 0\n");
    f.write("wide.opb", "* #variable= 1 #constraint= 1\n+9007199254740993 x1 >= 1 ;\n");
    for (line, word) in [
        ("convert f.cnf -o f.opb", "constraint 0 is a parity constraint, which OPB cannot say"),
        ("convert wide.opb -o a.lp", "constraint 0 is a row with a number that is no double, which LP cannot say"),
        ("convert nowhere.cnf -o a.lp", "nowhere.cnf"),
        ("convert f.cnf -o no/such/folder.lp", "no/such/folder.lp"),
        ("convert f.cnf", "--output"),
        ("convert f.cnf -o a.lp --to word", "smt-lib"),
    ] {
        let (code, out, err) = f.run(line);
        assert_eq!((code, out.as_str()), (1, ""), "{line}");
        assert!(err.contains(word), "{line}: {err}");
    }
    assert!(["f.opb", "a.lp"].iter().all(|name| !std::path::Path::new(&f.path(name)).exists()));
}
