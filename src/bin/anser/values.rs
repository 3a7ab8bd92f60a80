//! Models in `v` lines.

use std::io::{self, Write};

use anser::formula::Format;

/// Columns of a `v` line, the line feed not counted.
const COLUMNS: usize = 78;

/// The model in `v` lines: `1 -2 0` as the SAT competitions have it, `x1 -x2` as the pseudo-Boolean ones.
pub fn values(model: &[i32], format: Format, out: &mut dyn Write) -> io::Result<()> {
    let mut line = String::from("v");
    let (name, end): (&str, &[i32]) = match format {
        Format::Dimacs => ("", &[0]),
        Format::Opb => ("x", &[]),
    };
    for literal in model.iter().chain(end) {
        let sign = if *literal < 0 { "-" } else { "" };
        let word = format!("{sign}{name}{}", literal.unsigned_abs());
        if line.len() + 1 + word.len() > COLUMNS {
            writeln!(out, "{line}")?;
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(&word);
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_lines_are_full_but_not_longer() {
        for n in 0..2000 {
            let model: Vec<i32> = (1..=n).map(|v| if v % 3 == 0 { v } else { -v }).collect();
            let mut text = Vec::new();
            values(&model, Format::Dimacs, &mut text).unwrap();
            let text = String::from_utf8(text).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            assert!(lines.iter().all(|l| l.len() <= COLUMNS && l.starts_with("v ")));
            // A word has at most five characters, so a line that could take another is shorter than this.
            assert!(lines[..lines.len() - 1].iter().all(|l| l.len() >= COLUMNS - 5), "{text}");
            let words = lines.iter().flat_map(|l| l[1..].split_whitespace());
            let back: Vec<i32> = words.map(|w| w.parse().unwrap()).collect();
            assert_eq!(back, [model, vec![0]].concat());
        }
    }

    #[test]
    fn variables_of_opb_have_names() {
        let text = |model: &[i32]| {
            let mut text = Vec::new();
            values(model, Format::Opb, &mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        assert_eq!(text(&[1, -2, 30]), "v x1 -x2 x30\n");
        assert_eq!(text(&[]), "v\n");
        let long: Vec<i32> = (100_000..101_000).map(|v| if v % 3 == 0 { v } else { -v }).collect();
        let lines = text(&long);
        assert!(lines.lines().all(|l| l.len() <= COLUMNS && l.starts_with("v ")));
        let words: Vec<String> = lines.split_whitespace().filter(|w| *w != "v").map(|w| w.replace('x', "")).collect();
        assert_eq!(words.iter().map(|w| w.parse().unwrap()).collect::<Vec<i32>>(), long);
    }
}
