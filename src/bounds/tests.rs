use super::batch::Batch;
use super::crown::Rows;
use super::graph::Graph;
use super::root::Root;
use super::spec::{Spec, substitute};
use crate::budget::Budget;
use crate::net::eval::meter::Meter;

#[test]
fn speed() {
    let Ok(path) = std::env::var("NET") else { return };
    let budget = Budget::unlimited();
    let net = crate::net::onnx::read_file(path.as_ref(), &Default::default(), &budget).unwrap();
    let eps: f64 = std::env::var("EPS").unwrap().parse().unwrap();
    let graph = Graph::new(&net, &budget).unwrap();
    let n = graph.input_len;
    let (lower, upper) = (vec![0.5 - eps; n], vec![0.5 + eps; n]);
    let mut meter = Meter::new(&budget);
    let start = std::time::Instant::now();
    let root = Root::new(&graph, &lower, &upper, true, &mut meter).unwrap();
    println!("root {:?}", start.elapsed());
    let unstable = root.least.iter().zip(&root.greatest).filter(|(l, u)| **l < 0.0 && **u > 0.0).count();
    println!("unstable {unstable} of {}", graph.total);
    for (m, v) in root.magnitudes.values.iter().enumerate() {
        println!("root {m} magnitude {:e}", v.iter().copied().fold(0.0, f64::max));
    }
    let m = graph.output_len;
    let mut outputs = vec![0.0; 2 * m * m];
    for i in 0..m {
        outputs[i * m + i] = 1.0;
        outputs[(m + i) * m + i] = -1.0;
    }
    let mut batch = Batch::default();
    let mut rows = Rows::default();
    for count in [1usize, 8, 64] {
        let mut times = Vec::new();
        for _ in 0..5 {
            let start = std::time::Instant::now();
            batch.resize(&graph, count, &mut meter).unwrap();
            for b in 0..count {
                batch.lower[b * n..(b + 1) * n].copy_from_slice(&lower);
                batch.upper[b * n..(b + 1) * n].copy_from_slice(&upper);
                batch.least[b * graph.total..(b + 1) * graph.total].copy_from_slice(&root.least);
                batch.greatest[b * graph.total..(b + 1) * graph.total].copy_from_slice(&root.greatest);
            }
            batch.propagate(&graph, &root.magnitudes, &mut rows, &mut meter).unwrap();
            let boxes: Vec<u32> = (0..2 * m * count).map(|i| (i / (2 * m)) as u32).collect();
            let functions: Vec<u32> = (0..2 * m * count).map(|i| (i % (2 * m)) as u32).collect();
            let spec = Spec { boxes: &boxes, functions: &functions, outputs: &outputs, inputs: &[] };
            substitute(&graph, &root.magnitudes, &batch, &spec, None, &mut rows, &mut meter).unwrap();
            times.push(start.elapsed().as_secs_f64() * 1e3 / count as f64);
        }
        println!("{count}: {times:.3?} ms a box; empty {}", batch.empty[0]);
        for i in 0..m {
            let l = rows.least(&graph, &batch.frame(), i);
            let u = -rows.least(&graph, &batch.frame(), m + i);
            println!("  {i}: {l} {u}  interval {} {}", root.outputs.0[i], root.outputs.1[i]);
        }
    }
}
