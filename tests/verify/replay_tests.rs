//! The replay: its numbers are the network's, and its errors come back.

use std::path::Path;

use anser::budget::Budget;
use anser::net::onnx::write_file;

use crate::exact::{doubles, evaluate, rational};
use crate::generate::{case, points, property};
use crate::random::Random;
use crate::replay::Replay;

#[test]
fn outputs_are_those_of_the_network() {
    let mut replay = match Replay::start() {
        Ok(replay) => replay,
        Err(why) => return println!("skipped: {why}"),
    };
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(1);
    let (mut yes, mut no) = (0, 0);
    for seed in 0..60 {
        let case = case(seed);
        if case.name.contains("Sign") {
            continue; // jumps wherever 32 bits round otherwise
        }
        let file = folder.path().join(format!("{seed}.onnx"));
        write_file(&case.network, &file, &Budget::unlimited()).unwrap();
        for point in points(&case.disjuncts[0], 10, &mut random) {
            let input: Vec<f32> = point.iter().map(|&v| v as f32).collect();
            let exact: Vec<_> = input.iter().map(|&v| rational(f64::from(v))).collect();
            let output = doubles(&evaluate(&case.network, &exact).unwrap());
            let theirs = replay.outputs(&file, &input).unwrap();
            let scale = output.iter().fold(1.0f64, |m, v| m.max(v.abs()));
            let close = theirs.iter().zip(&output).all(|(&a, b)| (f64::from(a) - b).abs() <= 1e-5 * scale);
            assert!(close && theirs.len() == output.len(), "{}: {theirs:?} and {output:?}", case.name);
            let wide = |values: &[f32]| values.iter().copied().map(f64::from).collect::<Vec<_>>();
            let truth = case.property.check(&wide(&input), &wide(&theirs)).unwrap();
            assert_eq!(replay.satisfies(&file, &case.property, &input), Ok(truth));
            *(if truth { &mut yes } else { &mut no }) += 1;
        }
        // A row that the outputs meet to the last bit, and one that they miss by it.
        let input: Vec<f32> = case.disjuncts[0].lower.iter().map(|&v| v as f32).collect();
        let output = f64::from(replay.outputs(&file, &input).unwrap()[0]);
        for (bound, truth) in [(output, true), (output.next_down(), false)] {
            let mut disjunct = case.disjuncts[0].clone();
            disjunct.rows.truncate(1);
            disjunct.rows[0].terms = vec![(input.len() as u32, 1.0)];
            (disjunct.rows[0].bound, disjunct.rows[0].strict) = (bound, false);
            let property = property(&case.network, &[disjunct]);
            assert_eq!(replay.satisfies(&file, &property, &input), Ok(truth), "{}", case.name);
        }
    }
    assert!(yes > 10 && no > 10, "{yes} {no}");
    assert!(replay.outputs(Path::new("/nowhere.onnx"), &[0.0]).unwrap_err().contains("nowhere"));
    let file = folder.path().join("0.onnx");
    assert!(replay.outputs(&file, &[0.0; 9]).unwrap_err().contains("9 numbers"));
}
