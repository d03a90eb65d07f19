//! Secrets that sign cookies and tokens.

use std::fmt;

use super::Problem;

/// Below this a secret can be guessed.
const SHORTEST: usize = 32;
/// A text of few different characters is no random one, however long.
const FEWEST_DIFFERENT: usize = 8;
/// Secrets that stand in documentation or source, and so are none: Better Auth's own default, and words for "fill me in".
const KNOWN: [&str; 5] = [
    "better-auth-secret",
    "reference-secret",
    "changeme",
    "change-me",
    "your-secret",
];

/// A signing secret. Debug shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the code that signs.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(..)")
    }
}

/// One or several, separated by commas.
pub(super) fn check(given: Option<&str>) -> Result<Vec<Secret>, Problem> {
    let given: Vec<&str> = given.unwrap_or_default().split(',').map(str::trim).collect();
    if given.iter().all(|secret| secret.is_empty()) {
        return Err(problem("is not set"));
    }
    given
        .iter()
        .enumerate()
        .map(|(at, secret)| one(secret, at + 1))
        .collect()
}

fn one(secret: &str, number: usize) -> Result<Secret, Problem> {
    let mut different: Vec<char> = secret.chars().collect();
    different.sort_unstable();
    different.dedup();
    let lower = secret.to_ascii_lowercase();
    if secret.len() < SHORTEST {
        return Err(problem(&format!(
            "secret {number} is shorter than {SHORTEST} characters"
        )));
    }
    if different.len() < FEWEST_DIFFERENT || KNOWN.iter().any(|known| lower.contains(known)) {
        return Err(problem(&format!("secret {number} is a known or guessable one")));
    }
    Ok(Secret(secret.to_owned()))
}

/// The secret itself is not repeated.
fn problem(what: &str) -> Problem {
    Problem::new(
        "AUTH_SECRET",
        format!("{what}; make one with `openssl rand -base64 32`"),
    )
}

#[cfg(test)]
mod tests {
    use super::check;

    const FIRST: &str = "k3jH8sLq0ZxW5vTn9bYcR2mPd7fGaE1u";
    const SECOND: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn the_first_of_several_signs() {
        let secrets = check(Some(&format!("{FIRST}, {SECOND}"))).unwrap();

        assert_eq!(secrets.len(), 2);
        assert_eq!(secrets[0].expose(), FIRST);
    }

    #[test]
    fn a_missing_secret_is_refused() {
        assert!(check(None).is_err());
        assert!(check(Some("")).is_err());
    }

    #[test]
    fn a_short_secret_is_refused_wherever_it_stands() {
        assert!(check(Some("short")).is_err());
        assert!(check(Some(&format!("{FIRST},short"))).is_err());
        assert!(check(Some(&format!("{FIRST},"))).is_err());
    }

    #[test]
    fn a_known_or_guessable_secret_is_refused() {
        for secret in [
            "better-auth-secret-12345678901234567890",
            "reference-secret-0123456789abcdefghijklmnop",
            "changeme-changeme-changeme-changeme",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(check(Some(secret)).is_err(), "{secret}");
        }
    }

    #[test]
    fn no_message_repeats_a_secret() {
        let said = check(Some("hunter2")).unwrap_err().to_string();

        assert!(!said.contains("hunter2"), "{said}");
    }
}
