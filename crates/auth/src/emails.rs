//! What counts as an e-mail address, and how one is stored.

use std::fmt;

/// A well-formed e-mail address in lower case, the form in which it is stored and looked up.
///
/// The rule is that of zod 4's `z.email()`, which clients of the Better Auth protocol check against as well:
/// labels of `A-Z a-z 0-9 _ ' + -` joined by single dots, not ending in an apostrophe; then a domain of at least
/// two labels, the last of at least two letters. It is stricter than RFC 5322 (no quoted local part, no
/// address literal) and says nothing about whether mail arrives.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Reads an address, or answers `None` if it is not well-formed.
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.split_once('@')?;
        (is_local_part(local) && is_domain(domain)).then(|| Self(text.to_ascii_lowercase()))
    }

    /// The address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

fn is_local_part(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\'' | b'+' | b'-');
    text.split('.')
        .all(|label| !label.is_empty() && label.bytes().all(allowed))
        && !text.ends_with('\'')
}

fn is_domain(text: &str) -> bool {
    let Some((front, last)) = text.rsplit_once('.') else {
        return false;
    };
    let label = |label: &str| {
        label
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    front.split('.').all(label) && last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_addresses_are_valid_as_in_zod() {
        for good in [
            "a@b.co",
            "first.last@example.com",
            "o'brien@example.com",
            "x+tag@sub.domain.example",
            "_@ex-ample.test",
            "-@0-.aa",
            "UPPER@EXAMPLE.TEST",
        ] {
            assert!(Email::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@",
            "@b.co",
            "a@b",
            "a@b.c",
            "a@b.c1",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.co",
            "a'@b.co",
            "a@-b.co",
            "a@b..co",
            "a@.co",
            "a b@c.co",
            "a@b.co ",
            "a@b@c.co",
            "ä@b.co",
            "a@ä.co",
            "a@b.co\n",
            "\"a\"@b.co",
            "a@[127.0.0.1]",
            "a\0@b.co",
        ] {
            assert!(Email::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_is_kept_in_lower_case() {
        assert_eq!(
            Email::parse("Ada@Example.TEST").unwrap().as_str(),
            "ada@example.test"
        );
    }
}
