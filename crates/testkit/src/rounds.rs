//! How often a race is run.

/// Rounds without a setting: enough to lose most races that can be lost, in seconds.
const USUAL: usize = 50;

/// How many rounds a test runs that lets requests race: 50, or what `RACE_ROUNDS` says. A thousand take minutes:
/// `cargo xtask test --race-rounds 1000`.
#[must_use]
pub fn race_rounds() -> usize {
    setting().map_or(USUAL, |text| match text.parse() {
        Ok(rounds) if rounds > 0 => rounds,
        _ => panic!("RACE_ROUNDS is {text:?}, and should be a number of rounds"),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a setting of the tests: more rounds than there is time for each time"
)]
fn setting() -> Option<String> {
    std::env::var("RACE_ROUNDS").ok().filter(|text| !text.is_empty())
}
