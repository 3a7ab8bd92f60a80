//! The checker against brute force: what it accepts of random proofs must be so.

use std::collections::BTreeMap;

use super::oracle::{ADDED, Row, Small};
use crate::support::veripb::{Checker, Verdict, check};
use crate::support::veripb_mutations::{Mutant, Random, mutate};

/// What random proofs are made of.
const RULES: [&str; 13] = ["pol", "rup", "red", "ia", "i", "e", "del", "delc", "deld", "core", "sol", "soli", "solx"];

/// How often something was accepted, and how often refused.
type Counts = BTreeMap<&'static str, [usize; 2]>;

fn rule_of(line: &str) -> Option<&str> {
    line.split_ascii_whitespace().find(|word| !word.starts_with('@'))
}

/// A proof as it grows: only rules that the checker accepts are in it.
struct Growing {
    small: Small,
    models: Vec<u32>,
    checker: Checker,
    lines: Vec<String>,
    standing: Vec<(usize, String)>,
    /// The value of the best solution that an objective-improving or excluding constraint was made from.
    best: Option<i128>,
    /// Solutions were excluded one by one.
    excluded: bool,
    strengthened: bool,
}

impl Growing {
    fn new(small: Small) -> Self {
        let checker = Checker::new(&small.text()).unwrap();
        let lines = vec!["pseudo-Boolean proof version 3.0".to_string(), format!("f {} ;", small.size())];
        let standing = checker.standing();
        let models = small.models();
        Self { models, standing, checker, lines, best: None, excluded: false, strengthened: false, small }
    }

    /// Adds a line if the checker accepts it, and then holds what stands against every assignment.
    fn try_line(&mut self, line: &str) -> bool {
        let Some(rule) = rule_of(line) else { return false };
        let mut checker = self.checker.clone();
        if checker.read(line, 1).is_err() {
            return false;
        }
        self.checker = checker;
        self.lines.push(line.to_string());
        self.standing = self.checker.standing();
        match rule {
            "red" => self.strengthened = true,
            "soli" | "solx" => {
                let worth = self.named(line);
                self.best = Some(self.best.map_or(worth, |best| best.min(worth)));
                self.excluded |= rule == "solx";
            }
            _ => {}
        }
        self.look();
        true
    }

    /// What a solution that was accepted is worth: that of the models that agree with it, of which there is one.
    fn named(&self, line: &str) -> i128 {
        let literals = line.split(':').next().unwrap();
        let words: Vec<&str> = literals.split([' ', ';']).filter(|word| !word.is_empty()).collect();
        let agrees = |model: u32| {
            let all = self.small.solution(model);
            let all: Vec<&str> = all.split(' ').collect();
            words.iter().all(|word| !word.trim_start_matches('~').starts_with('x') || all.contains(word))
        };
        // Where constraints were deleted it need be no model of the formula.
        let all = (0..1u32 << self.small.variables).filter(|&model| agrees(model));
        all.map(|model| self.small.worth(model)).min().expect("a solution is no contradiction")
    }

    /// What stands must keep what the rules promise.
    fn look(&self) {
        let rows: Vec<Row> = self.standing.iter().map(|(_, text)| self.small.row(text)).collect();
        let open = |&model: &u32| self.best.is_none_or(|best| self.small.worth(model) < best);
        let kept: Vec<u32> = self.models.iter().copied().filter(open).collect();
        if self.small.objective.is_none() && self.excluded {
            return;
        }
        let context = || format!("{}{}", self.small.text(), self.lines.join("\n"));
        if !self.strengthened {
            for row in &rows {
                for &model in &kept {
                    assert!(row.holds(model), "{row:?} does not follow, by {model:b}, in\n{}", context());
                }
            }
        }
        let Some(wanted) = kept.iter().map(|&model| self.small.worth(model)).min() else { return };
        let all = 1u32 << (self.small.variables + ADDED);
        let kept = (0..all).any(|a| self.small.worth(a) <= wanted && rows.iter().all(|row| row.holds(a)));
        assert!(kept, "a value of {wanted} is lost in\n{}", context());
    }

    fn proof(&self, conclusion: &str) -> String {
        let lines = self.lines.join("\n");
        format!("{lines}\noutput NONE ;\nconclusion {conclusion} ;\nend pseudo-Boolean proof ;\n")
    }

    /// Tries all conclusions that might do harm; those accepted must be so. Answers how many were.
    fn conclude(&self, random: &mut Random) -> usize {
        let ids: Vec<usize> = self.standing.iter().map(|&(id, _)| id).collect();
        let solution = self.small.solution(random.next() as u32);
        let mut conclusions: Vec<String> = Vec::new();
        if self.small.objective.is_none() {
            conclusions.extend(["UNSAT".to_string(), "SAT".to_string(), format!("SAT : {solution}")]);
            conclusions.extend(ids.iter().map(|id| format!("UNSAT : {id}")));
        } else {
            let sample = self.models.iter().map(|&model| self.small.worth(model)).min().unwrap_or(3);
            conclusions.push("BOUNDS INF INF".to_string());
            conclusions.extend(ids.iter().map(|id| format!("BOUNDS INF : {id} INF")));
            for lower in sample - 1..=sample + 2 {
                conclusions.push(format!("BOUNDS {lower} INF"));
                conclusions.push(format!("BOUNDS {lower} {}", sample + random.below(3) as i128 - 1));
                conclusions.push(format!("BOUNDS {lower} {lower} : {solution}"));
                conclusions.extend(ids.last().map(|id| format!("BOUNDS {lower} : {id} INF")));
            }
        }
        let mut accepted = 0;
        for conclusion in conclusions {
            let mut checker = self.checker.clone();
            let footer = format!("output NONE; conclusion {conclusion}; end pseudo-Boolean proof;");
            if checker.read(&footer, 1).is_ok() {
                let verdict = checker.verdict().unwrap();
                let proof = || format!("{}{}", self.small.text(), self.proof(&conclusion));
                assert!(self.small.agrees(&verdict), "{verdict:?} is false:\n{}", proof());
                accepted += 1;
            }
        }
        accepted
    }

    /// Shows by cases that nothing satisfies what stands together with the decisions. False where it cannot, for
    /// something was deleted.
    fn refute(&mut self, decisions: &mut Vec<i32>) -> bool {
        let clause: Vec<(i128, i32)> = decisions.iter().map(|literal| (1, -literal)).collect();
        let line = format!("rup {}>= 1 ;", self.small.sum(&clause));
        if self.try_line(&line) {
            return true;
        }
        let variable = decisions.len() as i32 + 1;
        let deleted = self.lines.iter().any(|line| line.starts_with("del"));
        if variable > self.small.variables as i32 {
            assert!(deleted, "{line} is refused in\n{}{}", self.small.text(), self.lines.join("\n"));
            return false;
        }
        for literal in [variable, -variable] {
            decisions.push(literal);
            let refuted = self.refute(decisions);
            decisions.pop();
            if !refuted {
                return false;
            }
        }
        self.try_line(&line)
    }

    /// The proof of what is so, and the conclusion: no solution, some solution, or the best value.
    fn finished(mut self, random: &mut Random) -> Option<(Small, String)> {
        let best = self.models.iter().copied().min_by_key(|&model| self.small.worth(model));
        let conclusion = match (best, self.small.objective.is_some()) {
            (Some(best), false) => {
                let solved = self.try_line(&format!("sol {} ;", self.small.solution(best)));
                if solved { "SAT".to_string() } else { format!("SAT : {}", self.small.solution(best)) }
            }
            (Some(best), true) => {
                // What was strengthened may have lost this one, and what was logged may be as good.
                if !self.try_line(&format!("soli {} ;", self.small.solution(best))) {
                    return None;
                }
                if !self.refute(&mut Vec::new()) {
                    return None;
                }
                let worth = self.small.worth(best);
                if random.once_in(2) {
                    format!("BOUNDS {worth} : -1 {worth}")
                } else {
                    format!("BOUNDS {worth} {worth}")
                }
            }
            (None, objective) => {
                if !self.refute(&mut Vec::new()) {
                    return None;
                }
                if objective { "BOUNDS INF : -1 INF".to_string() } else { "UNSAT : -1".to_string() }
            }
        };
        let proof = self.proof(&conclusion);
        Some((self.small, proof))
    }

    fn some_literal(&self, random: &mut Random, added: bool) -> i32 {
        let variables = self.small.variables + if added { ADDED } else { 0 };
        let variable = 1 + random.below(variables as usize) as i32;
        if random.once_in(2) { variable } else { -variable }
    }

    fn some_id(&self, random: &mut Random) -> String {
        if random.once_in(12) {
            return format!("{}", random.below(30) as i64 - 5);
        }
        match self.standing[..] {
            [] => "1".to_string(),
            _ => random.pick(&self.standing).0.to_string(),
        }
    }

    /// A constraint that stands, made weaker or left alone; or one out of the blue.
    fn some_constraint(&self, random: &mut Random) -> String {
        if !self.standing.is_empty() && !random.once_in(3) {
            let mut row = self.small.row(&random.pick(&self.standing).1);
            match random.below(4) {
                0 => row.bound -= random.below(3) as i128,
                1 => row.sum.push((1 + random.below(3) as i128, self.some_literal(random, true))),
                2 => row.sum.iter_mut().for_each(|(weight, _)| *weight = (*weight).min(row.bound.max(1))),
                _ => {}
            }
            return format!("{}>= {}", self.small.sum(&row.sum), row.bound);
        }
        let added = random.once_in(2);
        let sum: Vec<(i128, i32)> =
            (0..1 + random.below(3)).map(|_| (1 + random.below(2) as i128, self.some_literal(random, added))).collect();
        let bound = 1 + random.below(2);
        format!("{}{} {bound}", self.small.sum(&sum), if random.once_in(5) { "<=" } else { ">=" })
    }

    /// A rule that is often right.
    fn propose(&self, random: &mut Random) -> String {
        let small = &self.small;
        let label = if random.once_in(5) { "@aa " } else { "" };
        match random.below(20) {
            0..=4 => {
                let mut pol = format!("{label}pol {}", self.some_id(random));
                for _ in 0..random.below(5) {
                    pol += &match random.below(6) {
                        0 | 1 => format!(" {} +", self.some_id(random)),
                        2 => format!(" {} *", 1 + random.below(4)),
                        3 => format!(" {} d", 1 + random.below(5)),
                        4 => " s".to_string(),
                        _ if random.once_in(2) => format!(" {} +", small.literal(self.some_literal(random, false))),
                        _ => format!(" {} w", small.literal(self.some_literal(random, true).abs())),
                    };
                }
                pol + " ;"
            }
            5..=7 => format!("{label}rup {} ;", self.some_constraint(random)),
            8 => {
                let hints: Vec<String> = (0..1 + random.below(4)).map(|_| self.some_id(random)).collect();
                format!("rup {} : {} ~ ;", self.some_constraint(random), hints.join(" "))
            }
            9 => format!("ia {} : {} ;", self.some_constraint(random), self.some_id(random)),
            10 => format!("{label}{} {} ;", random.pick(&["ia", "i", "e"]), self.some_constraint(random)),
            11 | 12 => {
                let fresh = small.name(small.variables + 1 + random.below(ADDED as usize) as u32);
                let constraint = self.some_constraint(random);
                let (arrow, value) = *random.pick(&[("==>", 0), ("<==", 1), ("<==", 1), ("==>", 1)]);
                format!("{label}red {fresh} {arrow} {constraint} : {fresh} -> {value} ;")
            }
            13 => {
                // A clause with a literal that the witness makes true, as in RAT.
                let literals: Vec<i32> = (0..1 + random.below(3)).map(|_| self.some_literal(random, true)).collect();
                let clause: Vec<(i128, i32)> = literals.iter().map(|&literal| (1, literal)).collect();
                let witness = format!("{} {}", small.name(literals[0].unsigned_abs()), u8::from(literals[0] > 0));
                format!("red {}>= 1 : {witness} ;", small.sum(&clause))
            }
            14 => {
                let (a, b) = (self.some_literal(random, false), self.some_literal(random, false));
                let (x, y) = (small.literal(a.abs()), small.literal(b.abs()));
                let exchange = format!("{x} -> {y} {y} -> {x}");
                let one = format!("{x} -> {}", random.pick(&["0", "1", &small.literal(b)]));
                let constraint = format!("1 {} 1 {} >= 1", small.literal(a), small.literal(-b));
                format!("red {constraint} : {} ;", if random.once_in(3) { one } else { exchange })
            }
            15 if random.once_in(2) => match random.below(4) {
                0 => format!("del id {} ;", self.some_id(random)),
                1 => format!("del spec {} ;", self.some_constraint(random)),
                2 => format!("del range {} {} ;", self.some_id(random), self.some_id(random)),
                _ => format!("{} {} ;", random.pick(&["core id", "delc", "deld"]), self.some_id(random)),
            },
            16 if random.once_in(3) => {
                let assignment = if self.models.is_empty() || random.once_in(4) {
                    random.next() as u32
                } else {
                    *random.pick(&self.models)
                };
                let mut solution = small.solution(assignment);
                if random.once_in(3) {
                    let words: Vec<&str> = solution.split(' ').filter(|_| !random.once_in(4)).collect();
                    solution = words.join(" ");
                }
                format!("{} {solution} ;", random.pick(&["sol", "soli", "solx"]))
            }
            _ => format!("{label}rup {} : ~ {} ;", self.some_constraint(random), self.some_id(random)),
        }
    }

    /// Grows by some lines, right and wrong ones. Counts by rule what was accepted and what was refused.
    fn grow(&mut self, random: &mut Random, lines: usize, counts: &mut Counts) {
        for _ in 0..lines {
            let mut line = self.propose(random);
            if random.once_in(4)
                && let Some(mutant) = mutate(&format!("\n{line}\n"), random.next())
            {
                line = mutant.text.trim().to_string();
            }
            let accepted = self.try_line(&line);
            let rule =
                rule_of(&line).and_then(|rule| RULES.into_iter().find(|&known| known == rule)).unwrap_or("no rule");
            counts.entry(rule).or_default()[usize::from(!accepted)] += 1;
        }
    }
}

#[test]
fn what_is_accepted_follows() {
    let mut random = Random(1);
    let mut counts = Counts::new();
    let mut concluded = 0;
    for _ in 0..3000 {
        let mut growing = Growing::new(Small::random(&mut random));
        for _ in 0..3 {
            growing.grow(&mut random, 8, &mut counts);
            concluded += growing.conclude(&mut random);
        }
    }
    println!("accepted and refused: {counts:?}, conclusions accepted: {concluded}");
    for rule in RULES {
        let [accepted, refused] = counts[rule];
        // Only an id that is not there is wrong with `core`.
        let least = if rule == "core" { 3 } else { 50 };
        assert!(accepted >= 50 && refused >= least, "{rule}: {accepted} accepted, {refused} refused");
    }
    assert!(concluded > 1000, "{concluded} conclusions accepted");
}

/// A formula of a random kind with a proof of what is so.
fn proved(random: &mut Random) -> Option<(Small, String)> {
    let mut growing = Growing::new(Small::random(random));
    let lines = random.below(12);
    growing.grow(random, lines, &mut Counts::new());
    growing.finished(random)
}

#[test]
fn spoiled_proofs_are_refused_or_still_right() {
    let mut random = Random(2);
    let mut counts = Counts::new();
    let mut proofs = 0;
    while proofs < 400 {
        let Some((small, proof)) = proved(&mut random) else { continue };
        proofs += 1;
        let verdict = check(&small.text(), &proof).unwrap_or_else(|why| panic!("{why} in\n{}{proof}", small.text()));
        assert!(verdict != Verdict::None && small.agrees(&verdict), "{verdict:?}\n{}{proof}", small.text());
        for _ in 0..40 {
            let Some(Mutant { text, kind, must_refuse }) = mutate(&proof, random.next()) else { continue };
            let answer = check(&small.text(), &text);
            counts.entry(kind).or_default()[usize::from(answer.is_err())] += 1;
            if let Ok(verdict) = answer {
                assert!(!must_refuse, "{kind}, accepted:\n{}{text}", small.text());
                assert!(small.agrees(&verdict), "{kind}, {verdict:?} is false:\n{}{text}", small.text());
            }
        }
    }
    println!("accepted and refused: {counts:?}");
    assert!(counts.len() == 14 && counts.values().all(|[_, refused]| *refused >= 20), "{counts:?}");
}

#[test]
fn refutations_do_not_refute_satisfiable_formulas() {
    let mut random = Random(3);
    let (mut proofs, mut tried, mut refused) = (0, 0, 0);
    while proofs < 300 {
        let Some((small, proof)) = proved(&mut random) else { continue };
        let models = small.models();
        if small.objective.is_none() && !models.is_empty() {
            continue;
        }
        proofs += 1;
        // Each constraint in turn is let go of, or weakened by one; ids stay what they are where it only loosens.
        for at in 0..small.rows.len() {
            for loosen in [1, 2, 100] {
                let mut other = small.clone();
                match other.rows[at].relation {
                    ">=" => other.rows[at].bound -= loosen,
                    "<=" => other.rows[at].bound += loosen,
                    _ => continue,
                }
                for text in
                    [Some(proof.clone()), mutate(&proof, random.next()).map(|mutant| mutant.text)].into_iter().flatten()
                {
                    tried += 1;
                    match check(&other.text(), &text) {
                        Ok(verdict) => {
                            assert!(other.agrees(&verdict), "{verdict:?} is false:\n{}{text}", other.text());
                        }
                        Err(_) => refused += 1,
                    }
                }
            }
        }
    }
    println!("{tried} tried, {refused} refused");
    assert!(tried > 3000 && refused > tried / 4, "{tried} tried, {refused} refused");
}
