//! Numbers as the two versions write them.

use super::ParseErrorKind as Kind;
use super::lexer::quote;

/// The double nearest to a decimal. Version 2 wants digits on both sides of the point and no plus sign.
pub(super) fn decimal(word: &str, strict: bool) -> Result<f64, Kind> {
    if !is_decimal(word.as_bytes(), strict) {
        return Err(Kind::Constant(quote(word)));
    }
    let value: f64 = word.parse().map_err(|_| Kind::Constant(quote(word)))?;
    if value.is_finite() { Ok(value) } else { Err(Kind::ConstantTooLarge(quote(word))) }
}

fn is_decimal(word: &[u8], strict: bool) -> bool {
    let digits = |at: usize| word[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = match word.first() {
        Some(b'-') => 1,
        Some(b'+') if !strict => 1,
        _ => 0,
    };
    let whole = digits(at);
    at += whole;
    let mut fraction = 0;
    if word.get(at) == Some(&b'.') {
        fraction = digits(at + 1);
        at += 1 + fraction;
        if strict && (whole == 0 || fraction == 0) {
            return false;
        }
    }
    if whole + fraction == 0 {
        return false;
    }
    if matches!(word.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(word.get(at), Some(b'+' | b'-')));
        let exponent = digits(at);
        if exponent == 0 {
            return false;
        }
        at += exponent;
    }
    at == word.len()
}

/// Whether a word begins like a number rather than a name.
pub(super) fn is_numeric(word: &str) -> bool {
    let start = word.trim_start_matches(['-', '+']);
    start.starts_with(|c: char| c.is_ascii_digit() || c == '.')
}

/// A whole number without sign, `None` where it is none or beyond 64 bits.
pub(super) fn whole(word: &str) -> Option<u64> {
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_digit()) { None } else { word.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        for (word, value) in
            [("1", 1.0), ("-0.5", -0.5), ("1e-3", 1e-3), ("2.5E+3", 2500.0), ("0.1", 0.1), ("007", 7.0)]
        {
            assert_eq!((decimal(word, false), decimal(word, true)), (Ok(value), Ok(value)));
        }
        for (word, value) in [("+1", 1.0), (".5", 0.5), ("5.", 5.0), ("-.5e1", -5.0)] {
            assert_eq!(decimal(word, false), Ok(value));
            assert!(decimal(word, true).is_err());
        }
        for word in ["", "-", ".", "e5", "1e", "1e+", "1.5.2", "0x10", "inf", "nan", "NaN", "--1", "1_0", "1f", "-inf"]
        {
            assert_eq!(decimal(word, false), Err(Kind::Constant(word.into())));
        }
        for word in ["1e400", "-1e309", "1e99999999999999999999"] {
            assert_eq!(decimal(word, false), Err(Kind::ConstantTooLarge(word.into())));
        }
        assert_eq!(decimal("1e-400", false), Ok(0.0));
        assert_eq!((whole("12"), whole("+1"), whole(""), whole("99999999999999999999")), (Some(12), None, None, None));
    }
}
