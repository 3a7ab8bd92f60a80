//! Spaces of architectures: known counts, brute force, the dynamic programme and the formula against each other.

#![allow(clippy::print_stdout)] // a skipped test says why

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anser::arch::{
    ArchError, Description, Division, Divisor, Draws, Fixed, Layer, Layout, Member, Programme, Space, Spread, Violation,
};
use anser::budget::{Budget, Limits, Stop};
use num_bigint::BigUint;
use serde_json::Value;

fn known(file: &str) -> Option<Value> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/arch")).join(file);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            println!("skipped: {} is absent", path.display());
            None
        }
    }
}

fn space(input: &[u32], output: &[u32], layers: (usize, usize), change: impl FnOnce(&mut Description)) -> Space {
    let mut description = Description::new(input, output, layers);
    change(&mut description);
    Space::new(description).unwrap()
}

fn programme(space: &Space) -> Programme {
    Programme::new(space, &Budget::unlimited()).unwrap()
}

/// A space of `counts_1d.json` in one dimension; `None` for variants of the authors' code that are not offered.
fn named(key: &str, layers: usize) -> Option<Space> {
    let mut parts = key.split(',');
    let size = |text: Option<&str>| text.unwrap()[2..].parse::<u32>().unwrap();
    let (input, output) = (size(parts.next()), size(parts.next()));
    let pool = parts.next().unwrap();
    let variant = parts.collect::<Vec<_>>().join(",");
    let mut description = Description::new(&[input], &[output], (layers, layers));
    description.fixed = match pool {
        "pool=none" => None,
        "pool=k2s1" => Some(Fixed { kernel: 2, stride: 1 }),
        _ => panic!("{key}"),
    };
    match variant.as_str() {
        "paper_exact_(1,1)ok" => {}
        "paper_exact_no(1,1)" => description.identity = false,
        "paper_exact_strict_shrink" => description.strict = true,
        "paper_floor_(1,1)ok" => description.division = Division::Floor,
        "k>s_exact_everywhere" => description.kernel_above_stride = true,
        "code_k>s_5bit_firstfloor" => return None,
        _ => panic!("{key}"),
    }
    Some(Space::new(description).unwrap())
}

/// All known cases: the space and its count.
fn cases() -> Vec<(String, Space, u64)> {
    let Some(file) = known("counts_1d.json") else { return Vec::new() };
    let mut cases = Vec::new();
    for (key, counts) in file.as_object().unwrap() {
        for layers in 1..=5 {
            if let Some(space) = named(key, layers) {
                let count = counts[format!("N={layers}")].as_u64().unwrap();
                cases.push((format!("{key},N={layers}"), space, count));
            }
        }
    }
    assert_eq!(cases.len(), 4 * 5 * 5);
    cases
}

fn layer(pairs: &[(u32, u32)]) -> Layer {
    Layer { kernel: pairs.iter().map(|p| p.0).collect(), stride: pairs.iter().map(|p| p.1).collect() }
}

/// Every list of layers there could be, as long as kernels and strides are at most `most`, judged one by one.
fn brute_force(space: &Space, most: u32) -> BTreeSet<Member> {
    let d = space.description();
    let digits = 2 * d.input.len();
    let mut found = BTreeSet::new();
    for layers in d.layers.0..=d.layers.1 {
        let total = u64::from(most).pow((digits * layers) as u32);
        for mut number in 0..total {
            let mut digit = || {
                let digit = (number % u64::from(most)) as u32 + 1;
                number /= u64::from(most);
                digit
            };
            let mut one = || layer(&(0..d.input.len()).map(|_| (digit(), digit())).collect::<Vec<_>>());
            let member = Member { layers: (0..layers).map(|_| one()).collect() };
            if space.check(&member).is_ok() {
                found.insert(member);
            }
        }
    }
    found
}

/// Small spaces of every kind that the programme knows.
fn small() -> Vec<Space> {
    let mut all = Vec::new();
    for division in [Division::Exact, Division::Floor] {
        for fixed in [None, Some(Fixed { kernel: 2, stride: 1 }), Some(Fixed { kernel: 2, stride: 2 })] {
            for rule in 0..7 {
                for (input, output, padding) in [(8, 1, 0), (8, 3, 0), (7, 2, 1), (5, 5, 0), (6, 4, 1)] {
                    all.push(space(&[input], &[output], (1, 2), |d| {
                        (d.division, d.fixed, d.padding) = (division, fixed, vec![padding]);
                        match rule {
                            0 => {}
                            1 => d.identity = false,
                            2 => d.strict = true,
                            3 => d.kernel_above_stride = true,
                            4 => (d.kernels, d.strides) = ((2, 4), (1, 2)),
                            5 => (d.kernels, d.strides) = ((1, 3), (2, 5)),
                            _ => (d.identity, d.kernel_above_stride) = (false, true),
                        }
                    }));
                }
            }
        }
    }
    for (kernels, strides) in [(false, false), (true, false), (false, true), (true, true)] {
        for division in [Division::Exact, Division::Floor] {
            for (input, output) in [([4, 4], [2, 1]), ([5, 4], [1, 1]), ([4, 3], [2, 2])] {
                all.push(space(&input, &output, (1, 2), |d| {
                    (d.equal_kernels, d.equal_strides, d.division) = (kernels, strides, division);
                }));
            }
        }
    }
    all
}

#[test]
fn known_counts_by_programme() {
    for (name, space, count) in cases() {
        let programme = programme(&space);
        assert_eq!(*programme.count(), BigUint::from(count), "{name}");
        // Dimensions that are not tied together multiply.
        let d = space.description();
        for dimensions in 2..=3 {
            let more = Space::new(Description {
                input: vec![d.input[0]; dimensions],
                output: vec![d.output[0]; dimensions],
                ..d.clone()
            });
            let more = self::programme(&more.unwrap());
            assert_eq!(*more.count(), BigUint::from(count).pow(dimensions as u32), "{name}");
        }
    }
}

#[test]
fn known_spaces_are_listed_once_each() {
    for (name, space, count) in cases() {
        let programme = programme(&space);
        let mut seen = BTreeSet::new();
        for (index, member) in programme.members().enumerate() {
            space.check(&member).unwrap_or_else(|why| panic!("{name}: {member:?}: {why}"));
            if index % 97 == 0 {
                assert_eq!(programme.member(&BigUint::from(index)).as_ref(), Ok(&member), "{name}");
            }
            assert!(seen.insert(member), "{name}: twice");
        }
        assert_eq!(seen.len() as u64, count, "{name}");
        assert!(matches!(programme.member(programme.count()), Err(ArchError::Index { .. })), "{name}");
    }
}

#[test]
fn programme_against_brute_force() {
    let mut members = 0;
    for space in small() {
        let most = space.description().input[0] + 2 * space.description().padding.first().unwrap_or(&0);
        let expected = brute_force(&space, most);
        let programme = programme(&space);
        let listed: Vec<Member> = programme.members().collect();
        assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), expected, "{space:?}");
        assert_eq!(listed.len(), expected.len(), "{space:?}");
        assert_eq!(*programme.count(), BigUint::from(expected.len()), "{space:?}");
        for (index, member) in listed.iter().enumerate() {
            assert_eq!(programme.member(&BigUint::from(index)).as_ref(), Ok(member), "{space:?}");
        }
        members += expected.len();
    }
    assert!(members > 2000, "{members}");
}

#[test]
fn numbers_of_layers_add_up() {
    let of = |layers| programme(&space(&[28, 28], &[8, 8], layers, |_| {}));
    let each: Vec<BigUint> = (1..=4).map(|n| of((n, n)).count().clone()).collect();
    assert_eq!(each, [9u64, 52 * 52, 466 * 466, 3042 * 3042].map(BigUint::from));
    let all = of((1, 4));
    assert_eq!(all.count_by_layers(), each);
    assert_eq!(*all.count(), each.iter().sum::<BigUint>());
}

#[test]
fn draws_are_uniform() {
    for space in [
        space(&[9, 8], &[4, 5], (1, 2), |_| {}),
        space(&[12], &[3], (1, 3), |d| d.division = Division::Floor),
        space(&[12, 12], &[3, 3], (2, 3), |d| d.equal_kernels = true),
    ] {
        let programme = programme(&space);
        let size = programme.members().count();
        assert!((40..1000).contains(&size), "{size}");
        let budget = Budget::start(&Limits { seed: 7, ..Limits::default() });
        let mut draws = Draws::new(&programme, false, &budget);
        let mut seen = BTreeMap::new();
        let each = 40.0;
        for _ in 0..40 * size {
            *seen.entry(draws.next(&budget).unwrap().unwrap()).or_insert(0u32) += 1;
        }
        let unseen = (size - seen.len()) as f64 * each;
        let chi: f64 = seen.values().map(|&n| (f64::from(n) - each).powi(2) / each).sum::<f64>() + unseen;
        // Mean and variance of chi-square are f and 2f; five standard deviations.
        let freedom = (size - 1) as f64;
        assert!((chi - freedom).abs() < 5.0 * (2.0 * freedom).sqrt(), "{chi} for {freedom}");
    }
}

#[test]
fn distinct_draws_are_all_members_in_random_order() {
    let space = space(&[9, 8], &[4, 5], (1, 2), |_| {});
    let programme = programme(&space);
    let size = programme.members().count();
    let all: Vec<Member> = programme.members().collect();
    let mut firsts = BTreeMap::new();
    let mut lasts = BTreeMap::new();
    let rounds = 20 * size;
    for seed in 0..rounds as u64 {
        let budget = Budget::start(&Limits { seed, ..Limits::default() });
        let mut draws = Draws::new(&programme, true, &budget);
        let mut told = Vec::new();
        while let Some(member) = draws.next(&budget).unwrap() {
            told.push(member);
        }
        assert_eq!(told.iter().collect::<BTreeSet<_>>(), all.iter().collect());
        assert_eq!(told.len(), size);
        *firsts.entry(told[0].clone()).or_insert(0u32) += 1;
        *lasts.entry(told[size - 1].clone()).or_insert(0u32) += 1;
        if seed == 3 {
            let mut again = Draws::new(&programme, true, &budget);
            assert!(told.iter().all(|m| again.next(&budget).unwrap().as_ref() == Some(m)), "the seed decides");
        }
        if seed > 200 && told[0] == all[0] && firsts.len() == size && lasts.len() == size {
            break;
        }
    }
    assert_eq!((firsts.len(), lasts.len()), (size, size));
}

#[test]
fn a_large_space_is_counted_and_drawn_from() {
    let space = space(&[224, 224, 224], &[7, 7, 7], (1, 10), |_| {});
    let programme = programme(&space);
    let one = programme_of_one_dimension();
    let expected: BigUint = one.count_by_layers().iter().map(|n| n.pow(3)).sum();
    assert_eq!(*programme.count(), expected);
    let budget = Budget::unlimited();
    let mut draws = Draws::new(&programme, true, &budget);
    for _ in 0..50 {
        let member = draws.next(&budget).unwrap().unwrap();
        assert_eq!(space.check(&member), Ok(()));
    }
    let last = programme.count() - 1u32;
    assert_eq!(space.check(&programme.member(&last).unwrap()), Ok(()));
}

/// 224 to 7 in up to 10 layers, against a plain recursion over kernels and strides.
fn programme_of_one_dimension() -> Programme {
    let one = space(&[224], &[7], (1, 10), |_| {});
    let mut ways = vec![BigUint::ZERO; 225];
    ways[7] = 1u32.into();
    let programme = programme(&one);
    for count in programme.count_by_layers() {
        let mut more = vec![BigUint::ZERO; 225];
        for (size, more) in more.iter_mut().enumerate().skip(1) {
            for kernel in 1..=size {
                for stride in (1..=size).filter(|stride| (size - kernel) % stride == 0) {
                    *more += &ways[(size - kernel) / stride + 1];
                }
            }
        }
        ways = more;
        assert_eq!(*count, ways[224]);
    }
    programme
}

/// The mean distance of two different members, exactly: a bit that `n` of `m` have differs in `n (m - n)` pairs.
fn mean_distance(space: &Space) -> (u64, f64) {
    let programme = programme(space);
    let layout = Layout::new(space);
    let mut ones = vec![0u64; layout.len() as usize];
    let mut size = 0;
    for member in programme.members() {
        layout.bits(&member).iter().zip(&mut ones).for_each(|(&bit, n)| *n += u64::from(bit));
        size += 1;
    }
    let apart: u64 = ones.iter().map(|n| n * (size - n)).sum();
    (size, apart as f64 / (size * (size - 1) / 2) as f64)
}

#[test]
fn mean_distances_are_those_of_a_uniform_sampler() {
    let Some(file) = known("uniform_adjT_30_20.json") else { return };
    let mut checked = 0;
    for (key, expected) in file.as_object().unwrap() {
        let numbers: Vec<usize> = key.split(',').map(|part| part.split_once('=').unwrap().1.parse().unwrap()).collect();
        let [pool, layers, dimensions] = numbers[..] else { panic!("{key}") };
        if expected["count"].as_u64().unwrap() > 50_000 {
            continue;
        }
        let space = space(&vec![30; dimensions], &vec![20; dimensions], (layers, layers), |d| {
            d.identity = false;
            d.fixed = (pool == 1).then_some(Fixed { kernel: 2, stride: 1 });
        });
        let (size, mean) = mean_distance(&space);
        assert_eq!(size, expected["count"].as_u64().unwrap(), "{key}");
        assert!((mean - expected["expected_pair_distance"].as_f64().unwrap()).abs() < 5e-5, "{key}: {mean}");
        let taken = size.min(20) as f64;
        let by_members = mean * (taken - 1.0) / taken;
        assert!((by_members - expected["expected_adjT_div_M"].as_f64().unwrap()).abs() < 5e-5, "{key}: {by_members}");
        checked += 1;
    }
    assert!(checked > 10, "{checked}");
}

#[test]
fn adj_t_of_draws_is_the_mean_distance() {
    let space = space(&[30], &[20], (3, 3), |d| d.identity = false);
    let programme = programme(&space);
    let (_, mean) = mean_distance(&space);
    let rounds = 2000;
    let (mut sum, mut squares) = (0.0, 0.0);
    for seed in 0..rounds {
        let budget = Budget::start(&Limits { seed, ..Limits::default() });
        let (mut draws, mut spread) = (Draws::new(&programme, true, &budget), Spread::new(&space));
        for _ in 0..20 {
            spread.push(&draws.next(&budget).unwrap().unwrap());
        }
        let adj_t = spread.adj_t(Divisor::Pairs);
        assert_eq!(spread.adj_t(Divisor::Members), spread.distance() as f64 / 20.0);
        (sum, squares) = (sum + adj_t, squares + adj_t * adj_t);
    }
    let n = rounds as f64;
    let deviation = ((squares / n - (sum / n).powi(2)) / n).sqrt();
    assert!((sum / n - mean).abs() < 5.0 * deviation, "{} is not {mean} within {deviation}", sum / n);
    let mut alone = Spread::new(&space);
    assert_eq!(alone.adj_t(Divisor::Pairs), 0.0);
    alone.push(&programme.member(&BigUint::ZERO).unwrap());
    assert_eq!((alone.adj_t(Divisor::Pairs), alone.adj_t(Divisor::Members)), (0.0, 0.0));
}

#[test]
fn layouts_lose_nothing() {
    for space in small() {
        let layout = Layout::new(&space);
        let mut seen = BTreeSet::new();
        for member in programme(&space).members() {
            let bits = layout.bits(&member);
            let model: Vec<i8> = bits.iter().map(|&bit| if bit { 1 } else { -1 }).collect();
            assert_eq!(layout.member(&model).as_ref(), Ok(&member));
            assert!(seen.insert(bits));
        }
    }
    let layout = Layout::new(&space(&[30], &[20], (1, 3), |_| {}));
    assert_eq!((layout.len(), layout.active(2)), (33, 3));
    assert_eq!((layout.kernel(1, 0), layout.stride(1, 0)), (14..19, 19..24));
    let mut model = vec![-1i8; 33];
    assert!(matches!(layout.member(&model[..32]), Err(ArchError::Model { .. })));
    model[1] = 1;
    assert!(matches!(layout.member(&model), Err(ArchError::Model { .. })));
}

#[test]
fn members_are_judged_from_the_definition() {
    let two = Member { layers: vec![layer(&[(3, 1), (3, 1)]), layer(&[(4, 2), (2, 2)])] };
    let judge = |change: &dyn Fn(&mut Description)| space(&[10, 8], &[3, 3], (1, 2), change).check(&two);
    assert_eq!(judge(&|_| {}), Ok(()));
    assert!(matches!(judge(&|d| d.layers = (1, 1)), Err(Violation::Layers { given: 2, .. })));
    assert!(matches!(judge(&|d| d.output = vec![3, 2]), Err(Violation::Output { dimension: 1, given: 3, needed: 2 })));
    assert!(matches!(judge(&|d| d.equal_kernels = true), Err(Violation::Layer { layer: 1, dimension: 1, .. })));
    assert!(matches!(judge(&|d| d.kernel_above_stride = true), Err(Violation::Layer { layer: 1, dimension: 1, .. })));
    assert_eq!(judge(&|d| d.equal_strides = true), Ok(()));
    // 1 + 2 + 3 = 6 and 1 + 2 + 1 = 4.
    assert_eq!(judge(&|d| d.receptive_field = Some((4, 6))), Ok(()));
    assert!(matches!(judge(&|d| d.receptive_field = Some((5, 6))), Err(Violation::Measure { given: 4, .. })));
    assert!(matches!(judge(&|d| d.receptive_field = Some((4, 5))), Err(Violation::Measure { given: 6, .. })));
    // 9 * 2 * 3 + 8 * 3 * 5 = 174; the outputs have 8 * 6 and 3 * 3 places.
    let channels = |d: &mut Description| d.channels = vec![2, 3, 5];
    let measures = space(&[10, 8], &[3, 3], (1, 2), channels).measures(&two).unwrap();
    assert_eq!((measures.parameters, measures.multiply_adds), (Some(174), Some(54 * 48 + 120 * 9)));
    assert_eq!(measures.receptive_field, [6, 4]);
    let most =
        |most| space(&[10, 8], &[3, 3], (1, 2), |d| (d.channels, d.max_parameters) = (vec![2, 3, 5], Some(most)));
    assert_eq!(most(174).check(&two), Ok(()));
    assert!(matches!(most(173).check(&two), Err(Violation::Measure { what: "parameters", given: 174, .. })));
    assert!(matches!(Programme::new(&most(174), &Budget::unlimited()), Err(ArchError::Coupled { .. })));
    let ragged = Member { layers: vec![Layer { kernel: vec![3], stride: vec![1, 1] }] };
    assert!(matches!(most(1).check(&ragged), Err(Violation::Dimensions { .. })));
}

#[test]
fn descriptions_are_checked() {
    let bad = |change: &dyn Fn(&mut Description)| {
        let mut description = Description::new(&[30, 30], &[20, 20], (1, 3));
        change(&mut description);
        match Space::new(description) {
            Err(ArchError::Description { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(bad(&|d| d.input = vec![]), "input");
    assert_eq!(bad(&|d| d.input = vec![30; 9]), "input");
    assert_eq!(bad(&|d| d.input = vec![30, 0]), "input");
    assert_eq!(bad(&|d| d.input = vec![30, 4097]), "input");
    assert_eq!(bad(&|d| d.input = vec![30, u32::MAX]), "input");
    assert_eq!(bad(&|d| d.output = vec![20]), "output");
    assert_eq!(bad(&|d| d.output = vec![20, 0]), "output");
    assert_eq!(bad(&|d| d.output = vec![20, 31]), "output");
    assert_eq!(bad(&|d| d.padding = vec![1]), "padding");
    assert_eq!(bad(&|d| d.padding = vec![u32::MAX, 1]), "padding");
    for layers in [(0, 1), (2, 1), (1, 65), (1, usize::MAX)] {
        assert_eq!(bad(&|d| d.layers = layers), "layers");
    }
    for bounds in [(0, 1), (3, 2)] {
        assert_eq!(bad(&|d| d.kernels = bounds), "kernels");
        assert_eq!(bad(&|d| d.strides = bounds), "strides");
    }
    for (kernel, stride) in [(0, 1), (1, 0), (u32::MAX, 1), (1, u32::MAX)] {
        assert_eq!(bad(&|d| d.fixed = Some(Fixed { kernel, stride })), "fixed");
    }
    assert_eq!(bad(&|d| d.receptive_field = Some((3, 2))), "receptive field");
    assert_eq!(bad(&|d| d.max_parameters = Some(3)), "channels");
    assert_eq!(bad(&|d| d.max_multiply_adds = Some(3)), "channels");
    assert_eq!(bad(&|d| d.channels = vec![1, 2, 3]), "channels");
    assert_eq!(bad(&|d| d.channels = vec![1, 2, 3, 0]), "channels");
    assert_eq!(bad(&|d| d.channels = vec![1, 2, 3, u32::MAX]), "channels");
}

#[test]
fn nothing_hangs() {
    let huge = space(&[4096; 8], &[1; 8], (1, 64), |d| d.equal_kernels = true);
    let budget = Budget::start(&Limits { time: Some(std::time::Duration::from_millis(200)), ..Limits::default() });
    let started = std::time::Instant::now();
    match Programme::new(&huge, &budget) {
        Err(ArchError::Stopped(Stop::Time) | ArchError::TooLarge { .. }) => {}
        other => panic!("{:?}", other.map(|p| p.count().clone())),
    }
    assert!(started.elapsed().as_secs() < 30);
    let tight = Budget::start(&Limits { memory: Some(1000), ..Limits::default() });
    let wide = space(&[200], &[7], (1, 9), |_| {});
    assert!(matches!(Programme::new(&wide, &tight), Err(ArchError::Memory(_))));
}
