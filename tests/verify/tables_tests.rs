//! The tables of the shared data are read whole.

use crate::tables::{BENCHMARKS, all, data, instances};

#[test]
fn tables_are_as_published() {
    if !data().exists() {
        println!("skipped: no {}", data().display());
        return;
    }
    let counts = |name: &str| {
        let found = instances(name).unwrap_or_else(|| panic!("no {name}"));
        let with = |expected| found.iter().filter(|instance| instance.expected == expected).count();
        (with(Some(true)), with(Some(false)), with(None))
    };
    let expected = [(29, 83, 1), (15, 45, 0), (27, 35, 0), (85, 115, 0), (5, 3, 0), (1, 4, 0)];
    assert_eq!(BENCHMARKS.map(counts), expected);
    assert_eq!(counts("vnnlib_fuzz"), (20, 20, 0));
    let all = all();
    let mut names: Vec<&str> = all.iter().map(|instance| &instance.name[..]).collect();
    assert_eq!(names[0], "acasxu/ACASXU_run2a_1_1_batch_2000/prop_1");
    assert!(names.contains(&"vnnlib_fuzz/Random_SAT/fuzz_0/1") && names.contains(&"test_nano/test_nano"));
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!((before, names.len()), (113 + 60 + 62 + 200 + 8 + 5 + 40, before));
    assert!(all.iter().all(|instance| instance.network.exists() && instance.property.exists()));
    assert_eq!(instances("nothing of that name"), None);
}
