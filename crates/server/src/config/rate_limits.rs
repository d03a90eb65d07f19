//! How often one client may ask.

use wardkeep_web::{Rate, RateLimits};

use super::{Problem, Profile, duration};

const SETTING: &str = "RATE_LIMIT";
/// More would be none.
const MOST: u32 = 1_000_000;

/// Reads `100/10s`. It is checked in every profile, and counts in the standard one.
pub(super) fn check(given: &str, profile: Profile) -> Result<RateLimits, Problem> {
    let rate = rate(given.trim())?;
    Ok(match profile {
        Profile::Standard => RateLimits::standard().with_general(rate),
        Profile::Compatibility => RateLimits::off(),
    })
}

fn rate(given: &str) -> Result<Rate, Problem> {
    let wrong = || {
        let message =
            format!("`{given}` is no number of requests up to {MOST} in a time up to an hour; write 100/10s");
        Problem::new(SETTING, message)
    };
    let (requests, time) = given.split_once('/').ok_or_else(wrong)?;
    let requests = requests.trim().parse().ok();
    let requests = requests
        .filter(|number| (1..=MOST).contains(number))
        .ok_or_else(wrong)?;
    let window = duration::parse(SETTING, time).map_err(|_| wrong())?;
    Ok(Rate::new(requests, window))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Profile, Rate, RateLimits, check};

    #[test]
    fn a_rate_is_a_number_and_a_time() {
        for (given, requests, seconds) in [
            ("100/10s", 100, 10),
            (" 1 / 1m ", 1, 60),
            ("1000000/60m", 1_000_000, 3_600),
        ] {
            let rate = Rate::new(requests, Duration::from_secs(seconds));
            assert_eq!(
                check(given, Profile::Standard),
                Ok(RateLimits::standard().with_general(rate)),
                "{given}"
            );
        }
    }

    #[test]
    fn the_compatibility_profile_has_no_limits() {
        assert_eq!(check("100/10s", Profile::Compatibility), Ok(RateLimits::off()));
        assert!(check("many", Profile::Compatibility).is_err());
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for given in [
            "",
            "100",
            "/",
            "100/",
            "/10s",
            "0/10s",
            "-1/10s",
            "1.5/10s",
            "1000001/10s",
            "100/0s",
            "100/10",
            "100/2h",
            "100/10s/1",
            "x/10s",
        ] {
            let said = check(given, Profile::Standard).unwrap_err().to_string();
            assert!(
                said.starts_with("RATE_LIMIT: ") && said.contains("write 100/10s"),
                "{said}"
            );
        }
    }
}
