//! What ends a command early, and what that is called.

use std::time::Duration;

use anser::budget::Stop;

/// Seconds as an argument.
pub fn duration(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if seconds.is_nan() || seconds < 0.0 {
        return Err("must not be negative".into());
    }
    Duration::try_from_secs_f64(seconds).map_err(|e| e.to_string())
}

/// Why a search ended, in one word.
pub fn stop_name(stop: Option<Stop>) -> &'static str {
    match stop {
        None => "solved",
        Some(Stop::Time) => "time",
        Some(Stop::Work) => "work",
        Some(Stop::Conflicts) => "conflicts",
        Some(Stop::Interrupted) => "interrupted",
        Some(Stop::Callback(_)) => "callback",
        Some(Stop::Incomplete) => "incomplete",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("0.2"), Ok(Duration::from_millis(200)));
        assert_eq!(duration("0"), Ok(Duration::ZERO));
        for bad in ["-1", "-0.5", "NaN", "nan", "inf", "1e30", "", "1s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
