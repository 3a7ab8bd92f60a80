//! x
mod support;
use support::veripb::check;

#[test]
fn smoke() {
    let path = std::env::var("VP").unwrap();
    let opb = std::fs::read_to_string(format!("{path}.opb")).unwrap();
    let pbp = std::fs::read_to_string(format!("{path}.pbp")).unwrap();
    println!("{:?}", check(&opb, &pbp));
}
