//! Spaces of architectures as formulas: against the dynamic programme, and with limits on the whole against its members
//! that the definition lets pass.

#![cfg(feature = "cadical")]
#![allow(clippy::print_stdout)] // a skipped test says why

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use anser::arch::{ArchError, Description, Division, Encoding, Fixed, Found, Member, Programme, Sampled, Space};
use anser::budget::{Budget, Limits, Stop};
use anser::formula::{Condition, Formula};
use anser::sample::{Method, Options};
use anser::solve::{Enumerator, Step};
#[cfg(feature = "z3")]
use anser::{arch::Listed, solve::Backend};
use serde_json::Value;

fn space(input: &[u32], output: &[u32], layers: (usize, usize), change: impl FnOnce(&mut Description)) -> Space {
    let mut description = Description::new(input, output, layers);
    change(&mut description);
    Space::new(description).unwrap()
}

fn listed(space: &Space) -> BTreeSet<Member> {
    Programme::new(space, &Budget::unlimited()).unwrap().members().collect()
}

/// Members that the engine finds in a formula of this encoding.
fn enumerated(encoding: &Encoding, formula: Formula) -> BTreeSet<Member> {
    let budget = Budget::unlimited();
    let mut enumerator = Enumerator::new(Arc::new(formula)).unwrap();
    let mut found = BTreeSet::new();
    while enumerator.next(&budget).unwrap() == Step::Model {
        let model = enumerator.model().unwrap();
        let member = encoding.member(model).unwrap();
        let support: Vec<bool> = encoding.support().iter().map(|&v| model[v as usize - 1] > 0).collect();
        assert_eq!(encoding.member_of_support(&support).as_ref(), Ok(&member));
        assert!(found.insert(member), "twice");
    }
    found
}

fn models(space: &Space) -> BTreeSet<Member> {
    let encoding = Encoding::new(space, &Budget::unlimited()).unwrap();
    assert_eq!(encoding.formula().sampling_set().unwrap().len(), encoding.layout().len() as usize);
    enumerated(&encoding, encoding.formula().try_clone().unwrap())
}

/// The known counts of at most so many members in one dimension.
fn known(most: u64) -> Vec<(String, Space, u64)> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/arch/counts_1d.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is absent", path.display());
        return Vec::new();
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    let mut cases = Vec::new();
    for (key, counts) in file.as_object().unwrap() {
        let sizes: Vec<u32> = key.split(',').take(2).map(|part| part[2..].parse().unwrap()).collect();
        for layers in 1..=5 {
            let count = counts[format!("N={layers}")].as_u64().unwrap();
            if count > most || key.contains("code_") {
                continue;
            }
            let space = space(&sizes[..1], &sizes[1..], (layers, layers), |d| {
                d.fixed = key.contains("pool=k2s1").then_some(Fixed { kernel: 2, stride: 1 });
                d.identity = !key.contains("no(1,1)");
                d.strict = key.contains("strict");
                d.kernel_above_stride = key.contains("k>s");
                if key.contains("floor") {
                    d.division = Division::Floor;
                }
            });
            cases.push((format!("{key},N={layers}"), space, count));
        }
    }
    assert!(cases.len() > 40, "{}", cases.len());
    cases
}

#[test]
fn known_counts_by_the_engine() {
    for (name, space, count) in known(20_000) {
        let found = models(&space);
        assert_eq!(found.len() as u64, count, "{name}");
        assert!(found == listed(&space), "{name}");
    }
}

#[test]
fn formula_against_programme() {
    let mut members = 0;
    for division in [Division::Exact, Division::Floor] {
        for fixed in [None, Some(Fixed { kernel: 2, stride: 1 }), Some(Fixed { kernel: 2, stride: 2 })] {
            for rule in 0..8 {
                for (input, output, padding) in [([12, 9], [3, 4], [0, 0]), ([9, 7], [2, 2], [1, 0])] {
                    for layers in [(1, 1), (2, 2), (1, 3)] {
                        let space = space(&input, &output, layers, |d| {
                            (d.division, d.fixed, d.padding) = (division, fixed, padding.to_vec());
                            d.kernels = (1, 5);
                            match rule {
                                0 => d.identity = false,
                                1 => d.strict = true,
                                2 => d.kernel_above_stride = true,
                                3 => (d.kernels, d.strides) = ((2, 4), (1, 2)),
                                4 => d.equal_kernels = true,
                                5 => d.equal_strides = true,
                                6 => (d.equal_kernels, d.equal_strides, d.identity) = (true, true, false),
                                _ => d.kernels = (1, 3),
                            }
                        });
                        let count = Programme::new(&space, &Budget::unlimited()).unwrap().count().clone();
                        if count > 3000u32.into() {
                            continue;
                        }
                        let expected = listed(&space);
                        members += expected.len();
                        assert!(models(&space) == expected, "{space:?}");
                    }
                }
            }
        }
    }
    assert!(members > 10_000, "{members}");
}

#[test]
fn more_dimensions_against_programme() {
    for (input, output, layers, count) in [
        (vec![28, 28], vec![8, 8], (1, 2), 9 + 52 * 52),
        (vec![30, 30, 30], vec![20, 20, 20], (2, 2), 11 * 11 * 11),
        (vec![10, 12, 9], vec![5, 6, 4], (1, 2), 0),
    ] {
        let space = space(&input, &output, layers, |_| {});
        let found = models(&space);
        assert!(found == listed(&space) && (count == 0 || found.len() == count), "{}", found.len());
        assert!(found.len() > 1000 || count == 0);
    }
}

/// Limits that a part of the members passes, against the definition.
#[test]
fn limits_against_the_definition() {
    let mut cut = 0;
    for (input, output, layers) in [
        (vec![12], vec![3], (1, 3)),
        (vec![20], vec![4], (2, 3)),
        (vec![12, 10], vec![4, 3], (2, 2)),
        (vec![9, 8], vec![4, 3], (1, 2)),
        (vec![7, 7, 6], vec![3, 3, 3], (1, 2)),
    ] {
        for variant in 0..3 {
            let of = |change: &dyn Fn(&mut Description)| {
                space(&input, &output, layers, |d| {
                    d.channels = [3, 16, 5, 7][..=layers.1].to_vec();
                    d.identity = variant != 1;
                    d.fixed = (variant == 1).then_some(Fixed { kernel: 2, stride: 1 });
                    if variant == 2 {
                        (d.division, d.padding) = (Division::Floor, vec![1; input.len()]);
                        (d.kernels, d.strides) = ((1, 4), (1, 3));
                    }
                    change(d);
                })
            };
            let free = of(&|_| {});
            let all: Vec<Member> = listed(&free).into_iter().collect();
            if all.is_empty() {
                continue;
            }
            let middle = |measure: &dyn Fn(&Member) -> u128, part: usize| {
                let mut values: Vec<u128> = all.iter().map(measure).collect();
                values.sort_unstable();
                u64::try_from(values[values.len() * part / 8]).unwrap()
            };
            let parameters = |m: &Member| free.measures(m).unwrap().parameters.unwrap();
            let multiply_adds = |m: &Member| free.measures(m).unwrap().multiply_adds.unwrap();
            let field = |m: &Member| free.measures(m).unwrap().receptive_field[0];
            let few = middle(&parameters, 3);
            let cheap = middle(&multiply_adds, 4);
            let (near, far) = (middle(&field, 2), middle(&field, 6));
            let limited = [
                of(&|d| d.max_parameters = Some(few)),
                of(&|d| d.max_multiply_adds = Some(cheap)),
                of(&|d| d.receptive_field = Some((near, far))),
                of(&|d| d.receptive_field = Some((0, near))),
                of(&|d| d.receptive_field = Some((far, u64::MAX))),
                of(&|d| d.receptive_field = Some((0, 0))),
                of(&|d| d.max_parameters = Some(0)),
                of(&|d| (d.max_parameters, d.max_multiply_adds) = (Some(u64::MAX), Some(u64::MAX))),
                of(&|d| {
                    (d.max_parameters, d.max_multiply_adds) = (Some(middle(&parameters, 5)), Some(cheap));
                    d.receptive_field = Some((1, far));
                }),
            ];
            for space in limited {
                let expected: BTreeSet<Member> = all.iter().filter(|m| space.check(m).is_ok()).cloned().collect();
                cut += usize::from(!expected.is_empty() && expected.len() < all.len());
                assert!(models(&space) == expected, "{space:?}");
            }
        }
    }
    assert!(cut > 40, "{cut}");
}

/// The parameters of a chain with channels, in two dimensions.
#[test]
fn a_limit_of_parameters_for_real_channels() {
    let of =
        |most| space(&[30, 30], &[20, 20], (3, 3), |d| (d.channels, d.max_parameters) = (vec![3, 16, 32, 64], most));
    let free = of(None);
    let all = listed(&free);
    assert_eq!(all.len(), 66 * 66);
    for most in [10_000, 40_000, 100_000] {
        let space = of(Some(most));
        let expected: BTreeSet<Member> = all.iter().filter(|m| space.check(m).is_ok()).cloned().collect();
        assert!(expected.len() < all.len());
        assert!(models(&space) == expected);
    }
}

#[test]
fn a_host_adds_constraints_of_its_own() {
    let space = space(&[12, 12], &[4, 4], (1, 3), |_| {});
    let mut encoding = Encoding::new(&space, &Budget::unlimited()).unwrap();
    // The first kernel in the first dimension is odd, and of both in the second layer the sum is at least 5 if there is one.
    let layout = encoding.layout().clone();
    let second = layout.active(1).cast_signed();
    let mut terms: Vec<(i32, i64)> = Vec::new();
    for dimension in 0..2 {
        terms.extend(layout.kernel(1, dimension).enumerate().map(|(bit, v)| (v.cast_signed(), 1 << bit)));
    }
    let (literals, weights): (Vec<i32>, Vec<i64>) = terms.into_iter().unzip();
    let formula = encoding.formula_mut();
    formula.add_clause(&[layout.kernel(0, 0).start.cast_signed()]).unwrap();
    formula.add_pseudo_boolean(&literals, &weights, 5, Condition::Implied(second)).unwrap();
    let holds = |m: &Member| {
        m.layers[0].kernel[0] % 2 == 1 && m.layers.get(1).is_none_or(|l| l.kernel.iter().sum::<u32>() >= 5)
    };
    let all = listed(&space);
    let expected: BTreeSet<Member> = all.iter().filter(|&m| holds(m)).cloned().collect();
    assert!(expected.len() > 100 && expected.len() < all.len());
    assert!(enumerated(&encoding, encoding.formula().try_clone().unwrap()) == expected);
}

#[test]
fn spaces_without_members_have_formulas_without_models() {
    for space in [
        space(&[5], &[5], (1, 3), |d| d.strict = true),
        space(&[30, 30], &[20, 19], (1, 1), |d| d.kernels = (1, 3)),
        space(&[9], &[8], (3, 3), |d| d.fixed = Some(Fixed { kernel: 2, stride: 1 })),
    ] {
        assert!(listed(&space).is_empty());
        assert!(models(&space).is_empty());
    }
}

#[test]
fn what_is_too_large_or_takes_too_long_says_so() {
    let huge = space(&[4096; 8], &[1; 8], (1, 64), |_| {});
    assert!(matches!(Encoding::new(&huge, &Budget::unlimited()), Err(ArchError::TooLarge { .. })));
    let short = Budget::start(&Limits { time: Some(std::time::Duration::ZERO), ..Limits::default() });
    assert!(matches!(Encoding::new(&huge, &short), Err(ArchError::Stopped(Stop::Time))));
    let small = space(&[28, 28], &[8, 8], (5, 5), |_| {});
    let tight = Budget::start(&Limits { memory: Some(10_000), ..Limits::default() });
    assert!(matches!(Encoding::new(&small, &tight), Err(ArchError::Memory(_))));
    let encoding = Encoding::new(&small, &Budget::unlimited()).unwrap();
    assert!(matches!(encoding.member(&[1, -1]), Err(ArchError::Model { .. })));
    assert!(matches!(encoding.member_of_support(&[true]), Err(ArchError::Model { .. })));
    let all = vec![true; encoding.support().len()];
    assert!(
        matches!(encoding.member_of_support(&all), Err(ArchError::Model { .. })),
        "the last code stands for nothing"
    );
}

#[test]
fn codes_are_short() {
    for (input, output, layers, bits) in [(28, 8, 5, 15), (30, 20, 3, 7), (30, 20, 5, 11), (64, 8, 4, 18)] {
        let encoding =
            Encoding::new(&space(&[input], &[output], (layers, layers), |_| {}), &Budget::unlimited()).unwrap();
        assert!(encoding.support().len() <= bits, "{input} to {output}: {}", encoding.support().len());
    }
    let several = Encoding::new(&space(&[28, 28], &[8, 8], (2, 4), |_| {}), &Budget::unlimited()).unwrap();
    assert!(several.support().len() <= 2 + 2 * 13, "{}", several.support().len());
}

/// Draws by parities, and how often each member came.
fn drawn(space: &Space, method: Method, draws: u64) -> BTreeMap<Member, u64> {
    let encoding = Encoding::new(space, &Budget::unlimited()).unwrap();
    let options = Options { method, ..Options::default() };
    let mut sampled = Sampled::new(&encoding, &options, 3).unwrap();
    let mut seen = BTreeMap::new();
    let mut told = 0;
    while told < draws {
        match sampled.next(&Budget::unlimited()).unwrap() {
            Found::Member(member) => {
                *seen.entry(member).or_insert(0) += 1;
                told += 1;
            }
            Found::Failed => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(sampled.statistics().rows > 0);
    seen
}

#[test]
fn draws_by_parities_are_near_uniform() {
    // 169 members, some of which the limit takes: enough for rows, few enough to see all of them.
    let space = space(&[14, 12], &[4, 5], (2, 2), |d| d.receptive_field = Some((5, 9)));
    let free = Space::new(Description { receptive_field: None, ..space.description().clone() }).unwrap();
    let all: BTreeSet<Member> = listed(&free).into_iter().filter(|m| space.check(m).is_ok()).collect();
    assert!((100..2000).contains(&all.len()) && all.len() < listed(&free).len(), "{}", all.len());
    let each = 20.0;
    let draws = 20 * all.len() as u64;
    let seen = drawn(&space, Method::UniGen, draws);
    assert!(seen.keys().all(|member| all.contains(member)));
    let unseen = (all.len() - seen.len()) as f64 * each;
    let chi = unseen + seen.values().map(|&n| (n as f64 - each).powi(2) / each).sum::<f64>();
    // UniGen is not exactly uniform, but in practice chi-square is that of a uniform sampler, about.
    let freedom = (all.len() - 1) as f64;
    assert!(chi < freedom + 8.0 * (2.0 * freedom).sqrt(), "{chi} for {freedom}");
}

#[test]
fn distinct_draws_end_with_all_members() {
    let space = space(&[12], &[4], (1, 3), |d| (d.channels, d.max_parameters) = (vec![1, 2, 2, 1], Some(24)));
    let free = Space::new(Description { max_parameters: None, ..space.description().clone() }).unwrap();
    let all: BTreeSet<Member> = listed(&free).into_iter().filter(|m| space.check(m).is_ok()).collect();
    assert!(all.len() > 20);
    let encoding = Encoding::new(&space, &Budget::unlimited()).unwrap();
    for method in [Method::UniWit, Method::UniGen] {
        let options = Options { method, distinct: true, ..Options::default() };
        let mut sampled = Sampled::new(&encoding, &options, 5).unwrap();
        let mut seen = BTreeSet::new();
        loop {
            match sampled.next(&Budget::unlimited()).unwrap() {
                Found::Member(member) => assert!(seen.insert(member), "twice"),
                Found::Failed => {}
                Found::Exhausted => break,
                Found::Unknown(stop) => panic!("{stop}"),
            }
        }
        assert!(seen == all, "{method:?}: {} of {}", seen.len(), all.len());
    }
}

/// The third way to a count: the paper's, through Z3. `benches/architectures.rs` lists the larger ones.
#[cfg(feature = "z3")]
#[test]
fn known_counts_by_z3() {
    for (name, space, count) in known(300) {
        let encoding = Encoding::new(&space, &Budget::unlimited()).unwrap();
        let mut found = BTreeSet::new();
        let mut listing = Listed::new(&encoding, Backend::Z3).unwrap();
        loop {
            match listing.next(&Budget::unlimited()).unwrap() {
                Found::Member(member) => assert!(found.insert(member), "{name}: twice"),
                Found::Exhausted => break,
                other => panic!("{name}: {other:?}"),
            }
        }
        assert_eq!(found.len() as u64, count, "{name}");
        assert_eq!(listing.next(&Budget::unlimited()).unwrap(), Found::Exhausted);
    }
}
