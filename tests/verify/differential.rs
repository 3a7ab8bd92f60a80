//! Every procedure against the exact answers.

use anser::net::Op;
use num_rational::BigRational;

use crate::exact::{evaluate, rational};
use crate::generate::{Case, cases};
use crate::{PROCEDURES, Verdict, is_complete, verdict};

/// Room below which numbers of 32 bits may be too coarse to find a witness, or bounds too coarse to exclude one.
const CLEAR: f64 = 1e-3;

/// By how much a witness's exact outputs may differ from those in 32 bits: 2⁶ roundings of 2⁻²⁴ each at values of up to 2⁸
/// (sampled ones stay below 2⁶) are just below it. An estimate, not a bound: what weights make of earlier roundings is left to the
/// factor of four between the two.
const ROUNDING: f64 = 1e-3;

/// What is wrong with a verdict; otherwise whether it is one.
pub fn judge(case: &Case, verdict: &Verdict) -> Result<bool, String> {
    let answer = &case.answer;
    match verdict {
        Verdict::Unknown(why) if answer.is_clear(CLEAR) => {
            Err(format!("unknown ({why}) with a margin of {}", answer.margin))
        }
        Verdict::Unknown(_) => Ok(false),
        Verdict::Unsat if answer.is_sat() => Err(format!("unsat, but see {:?}", answer.witness)),
        Verdict::Unsat => Ok(true),
        Verdict::Sat { input, output } => {
            if !answer.is_sat() && answer.is_clear(ROUNDING) {
                return Err(format!("sat at {input:?}, but all inputs miss by {}", -&answer.margin));
            }
            let wide = |values: &[f32]| values.iter().copied().map(f64::from).collect::<Vec<_>>();
            match case.property.check(&wide(input), &wide(output)) {
                Ok(true) => {}
                Ok(false) => return Err(format!("{input:?} with {output:?} does not satisfy the property")),
                Err(error) => return Err(error.to_string()),
            }
            // Signs jump wherever 32 bits round otherwise.
            if case.network.layers().iter().any(|layer| *layer.op() == Op::Sign) {
                return Ok(true);
            }
            let exact: Vec<BigRational> = input.iter().map(|&v| rational(f64::from(v))).collect();
            let truth = evaluate(&case.network, &exact)?;
            let far = |(given, truth): (&f32, &BigRational)| {
                let difference = rational(f64::from(*given)) - truth;
                difference > rational(ROUNDING) || difference < rational(-ROUNDING)
            };
            match output.iter().zip(&truth).any(far) || output.len() != truth.len() {
                true => Err(format!("{output:?} is not what the network answers at {input:?}")),
                false => Ok(true),
            }
        }
    }
}

#[test]
fn verdicts_are_exact() {
    let cases = cases(0..500);
    let mut wrong: Vec<String> = Vec::new();
    for &procedure in PROCEDURES {
        let (mut decided, begin) = (0, std::time::Instant::now());
        for case in &cases {
            // Where only ties decide, splitting would go on down to the last bits.
            let seconds = if case.answer.is_clear(CLEAR) { 4.0 } else { 0.05 };
            let verdict = verdict(&case.network, &case.property, procedure, seconds);
            if matches!(verdict, Verdict::Unknown(_)) && !is_complete(procedure) {
                continue;
            }
            match judge(case, &verdict) {
                Ok(known) => decided += usize::from(known),
                Err(why) => wrong.push(format!("{procedure}, {}: {why}", case.name)),
            }
        }
        println!("{procedure}: {decided} of {} decided, {:.1} s", cases.len(), begin.elapsed().as_secs_f64());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The judge finds what is wrong.
#[test]
fn wrong_verdicts_are_found() {
    let cases = cases(0..60);
    let (mut sat, mut unsat) = (0, 0);
    for case in cases.iter().filter(|case| case.answer.is_clear(CLEAR)) {
        assert!(judge(case, &Verdict::Unknown(String::new())).is_err());
        assert_eq!(judge(case, &Verdict::Unsat).is_err(), case.answer.is_sat());
        let input: Vec<f32> = case.disjuncts[0].lower.iter().map(|&v| v as f32).collect();
        let output = vec![0.0; case.network.output_len()];
        let made_up = judge(case, &Verdict::Sat { input, output });
        if case.answer.is_sat() {
            sat += 1;
        } else {
            unsat += 1;
            assert!(made_up.is_err());
        }
    }
    assert!(sat > 10 && unsat > 10, "{sat} {unsat}");
}
