use super::*;

fn split(literal: i32) -> Split {
    Split { neuron: literal.unsigned_abs(), positive: literal > 0 }
}

fn splits(literals: &[i32]) -> Arc<[Split]> {
    literals.iter().map(|&literal| split(literal)).collect()
}

fn excluded(clauses: &mut Clauses, literals: &[i32]) -> bool {
    clauses.exclude(&*splits(literals))
}

#[test]
fn what_follows_from_lemmas_is_excluded() {
    let mut clauses = Clauses::default();
    assert!(!excluded(&mut clauses, &[]));
    assert!(!excluded(&mut clauses, &[1, 2]));
    assert_eq!(clauses.learn(5, &[splits(&[1, 2]), splits(&[1, -2, 3])]), 2);
    assert!(excluded(&mut clauses, &[1, 2]));
    assert!(excluded(&mut clauses, &[7, 2, -9, 1]));
    // 2 either way.
    assert!(excluded(&mut clauses, &[1, 3]));
    assert!(!excluded(&mut clauses, &[1, -3]));
    assert!(!excluded(&mut clauses, &[-1, 2, 3]));
    assert!(!excluded(&mut clauses, &[]));
    clauses.learn(1, &[splits(&[-3]), splits(&[-1, 4])]);
    assert!(excluded(&mut clauses, &[1]));
    assert!(excluded(&mut clauses, &[4]));
    assert!(!excluded(&mut clauses, &[-4]));
    clauses.learn(1, &[splits(&[])]);
    assert!(excluded(&mut clauses, &[]));
}

/// A neuron that is 0 is at least 0 and at most 0: neither contradicts the other.
#[test]
fn both_signs_of_a_neuron_exclude_nothing() {
    let mut clauses = Clauses::default();
    clauses.learn(1, &[splits(&[1, 2])]);
    assert!(!excluded(&mut clauses, &[2, -2]));
    assert!(!excluded(&mut clauses, &[-2, 3, 2]));
}

/// Lemmas of random length, against all assignments.
#[test]
fn exclusion_is_unsatisfiability() {
    let mut state = 1u32;
    let mut below = |bound: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % bound
    };
    let mut seen = [0; 2];
    for _ in 0..60 {
        let mut any = |longest: u32| -> Vec<i32> {
            let mut all: Vec<i32> = (1..=6).collect();
            let count = 1 + below(longest) as usize;
            (0..count)
                .map(|_| {
                    let variable = all.swap_remove(below(all.len() as u32) as usize);
                    if below(2) == 0 { variable } else { -variable }
                })
                .collect()
        };
        let lemmas: Vec<Vec<i32>> = (0..12).map(|_| any(3)).collect();
        let asked: Vec<Vec<i32>> = (0..10).map(|_| any(4)).collect();
        let mut clauses = Clauses::default();
        let learned: Vec<Arc<[Split]>> = lemmas.iter().map(|lemma| splits(lemma)).collect();
        clauses.learn(learned.len(), &learned);
        for asked in asked {
            let holds = |bits: u32, literal: i32| (bits >> literal.unsigned_abs() & 1 == 1) == (literal > 0);
            let is_model = |bits: &u32| {
                asked.iter().all(|&l| holds(*bits, l))
                    && lemmas.iter().all(|lemma| !lemma.iter().all(|&l| holds(*bits, l)))
            };
            let expected = !(0..128).any(|bits| is_model(&bits));
            assert_eq!(excluded(&mut clauses, &asked), expected, "{lemmas:?} {asked:?}");
            seen[usize::from(expected)] += 1;
        }
    }
    assert!(seen.iter().all(|&count| count > 50), "{seen:?}");
}

#[test]
fn lemmas_are_sought_while_it_is_worth_it() {
    let mut clauses = Clauses::default();
    assert!(clauses.are_sought());
    clauses.learn(FIRST as usize + 1, &[]);
    assert!(!clauses.are_sought());
    let long: Vec<i32> = (1..=LONGEST as i32 + 1).collect();
    assert_eq!(clauses.learn(0, &[splits(&long)]), 0);
    assert!(!clauses.are_sought());
    assert_eq!(clauses.learn(0, &[splits(&long[1..])]), 1);
    assert!(clauses.are_sought());
}
