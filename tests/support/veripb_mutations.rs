//! Proofs in the VeriPB format, spoiled: what a checker must refuse, and what it may accept only if it is still right.
//!
//! A proof is taken one rule a line, as solvers write it.

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// A proof with one thing changed.
pub struct Mutant {
    pub text: String,
    /// What was done.
    pub kind: &'static str,
    /// It is no proof, or what it concludes is false if the proof it was made from is right. Elsewhere the change may
    /// have done no harm: then its conclusion must still hold.
    pub must_refuse: bool,
}

/// Changes a proof in some way; `None` where the way that was drawn does not apply to it.
pub fn mutate(proof: &str, seed: u64) -> Option<Mutant> {
    let mut random = Random(seed);
    let mut lines: Vec<String> = proof.lines().map(str::to_string).collect();
    let kind = *random.pick(&KINDS);
    let must_refuse = match kind {
        "the text cut short" => {
            let end = proof.rfind("end pseudo-Boolean proof")?;
            let cut = random.below(end + 1);
            let text = proof.get(..cut)?.to_string();
            return Some(Mutant { text, kind, must_refuse: true });
        }
        "a line of the frame dropped" => {
            let frame = ["pseudo-Boolean proof version", "output", "conclusion", "end pseudo-Boolean"];
            let dropped = *random.pick(&frame);
            let at = lines.iter().position(|line| line.starts_with(dropped))?;
            lines.remove(at);
            true
        }
        "a word that means nothing" => {
            let at = some_line(&mut random, &lines, |_| true)?;
            let mut words = words(&lines[at]);
            let place = random.below(words.len());
            words.insert(place, random.pick(&["?!", "#", "x", "1.5", "--2", "~~x1", "@", "$a1"]).to_string());
            lines[at] = words.join(" ");
            true
        }
        "a rule that is not known" => {
            let at = some_line(&mut random, &lines, |_| true)?;
            let mut words = words(&lines[at]);
            words[0] = random.pick(&["u", "p", "a", "dom", "obju", "fail", "POL"]).to_string();
            lines[at] = words.join(" ");
            true
        }
        "an id beyond the last" => {
            let at = some_line(&mut random, &lines, |rule| matches!(rule, "pol" | "del"))?;
            let mut words = words(&lines[at]);
            let place = if words[0] == "pol" { 1 } else { 2 };
            // A specification has no id.
            if words.get(1)? == "spec" {
                return None;
            }
            let far = random.pick(&["1000000000000", "-1000000000000", "123456789012345678901234567890", "0", "@none"]);
            if words.get(place)?.parse::<i64>().is_err() {
                return None;
            }
            words[place] = far.to_string();
            lines[at] = words.join(" ");
            true
        }
        "another size of the formula" => {
            let at = some_line(&mut random, &lines, |rule| rule == "f")?;
            let size: u64 = words(&lines[at]).get(1)?.trim_end_matches(';').parse().ok()?;
            lines[at] = format!("f {};", size + 1);
            true
        }
        "another conclusion" => {
            let at = lines.iter().position(|line| line.starts_with("conclusion"))?;
            let mut words = words(&lines[at].replace(';', " ;"));
            match words.get(1)?.as_str() {
                "UNSAT" => lines[at] = "conclusion SAT;".to_string(),
                "SAT" => lines[at] = "conclusion UNSAT;".to_string(),
                "BOUNDS" => {
                    let upper = if words.get(3)? == ":" { 5 } else { 3 };
                    let lower: i64 = words[2].parse().ok()?;
                    if words.get(upper)?.parse() != Ok(lower) {
                        return None;
                    }
                    match random.below(3) {
                        0 => words[2] = (lower + 1).to_string(),
                        1 => words[upper] = (lower - 1).to_string(),
                        _ => {
                            words[2] = (lower + 1).to_string();
                            words[upper] = "INF".to_string();
                        }
                    }
                    lines[at] = words.join(" ");
                }
                _ => return None,
            }
            true
        }
        "a line dropped" => {
            let at = some_line(&mut random, &lines, |rule| rule != "conclusion" && rule != "output" && rule != "end")?;
            lines.remove(at);
            false
        }
        "two lines swapped" => {
            let at = some_line(&mut random, &lines, |_| true)?;
            if at + 1 >= lines.len() {
                return None;
            }
            lines.swap(at, at + 1);
            false
        }
        "two words swapped" => {
            let at = some_line(&mut random, &lines, |_| true)?;
            let mut words = words(&lines[at]);
            let place = random.below(words.len() - 1);
            words.swap(place, place + 1);
            lines[at] = words.join(" ");
            false
        }
        "a literal negated" => change(&mut random, &mut lines, |word, _| {
            let name = word.trim_start_matches('~');
            let rest = name.trim_end_matches(';');
            let is_name = rest.len() > 1 && rest.starts_with(['x', 'y', '_']);
            let turned = if name.len() < word.len() { name.to_string() } else { format!("~{word}") };
            is_name.then_some(turned)
        })?,
        // Weights, degrees, ids, factors and divisors alike.
        "a number changed" => change(&mut random, &mut lines, |word, random| {
            let digits = word.trim_end_matches(';');
            let number: i64 = digits.parse().ok()?;
            let changed = number + *random.pick(&[-2, -1, 1, 2, -2 * number, 1000]);
            Some(word.replace(digits, &changed.to_string()))
        })?,
        "a word dropped" => {
            let at = some_line(&mut random, &lines, |_| true)?;
            let mut words = words(&lines[at]);
            let place = random.below(words.len());
            words.remove(place);
            lines[at] = words.join(" ");
            false
        }
        _ => change(&mut random, &mut lines, |word, random| {
            let operators = ["+", "*", "d", "s", "w"];
            let tail = if word.ends_with(';') { ";" } else { "" };
            let found = operators.contains(&word.trim_end_matches(';'));
            found.then(|| format!("{}{tail}", random.pick(&operators)))
        })?,
    };
    let text = lines.join("\n") + "\n";
    (text.trim() != proof.trim()).then_some(Mutant { text, kind, must_refuse })
}

const KINDS: [&str; 14] = [
    "the text cut short",
    "a line of the frame dropped",
    "a word that means nothing",
    "a rule that is not known",
    "an id beyond the last",
    "another size of the formula",
    "another conclusion",
    "a line dropped",
    "two lines swapped",
    "two words swapped",
    "a literal negated",
    "a number changed",
    "a word dropped",
    "an operator changed",
];

fn words(line: &str) -> Vec<String> {
    line.split_ascii_whitespace().map(str::to_string).collect()
}

/// A line, not the first and without a comment, whose rule is wanted.
fn some_line(random: &mut Random, lines: &[String], wanted: impl Fn(&str) -> bool) -> Option<usize> {
    let rule = |line: &String| line.split_ascii_whitespace().find(|word| !word.starts_with('@')).map(str::to_string);
    let fit = |&at: &usize| !lines[at].contains('%') && rule(&lines[at]).is_some_and(|rule| wanted(&rule));
    let found: Vec<usize> = (1..lines.len()).filter(fit).collect();
    (!found.is_empty()).then(|| *random.pick(&found))
}

/// Changes one word that `edit` has another for. Never certain to do harm.
fn change(
    random: &mut Random,
    lines: &mut [String],
    edit: impl Fn(&str, &mut Random) -> Option<String>,
) -> Option<bool> {
    let at = some_line(random, lines, |_| true)?;
    let mut words = words(&lines[at]);
    let start = random.below(words.len());
    for place in (start..words.len()).chain(0..start) {
        if let Some(other) = edit(&words[place], random) {
            words[place] = other;
            lines[at] = words.join(" ");
            return Some(false);
        }
    }
    None
}
