//! The secrets that sign cookies, and what is signed with them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::at_rest::Keys;
use crate::mail::ContentKeys;

/// The fewest bytes a secret may have: as many as the SHA-256 output, as RFC 2104 section 3 advises.
pub const MIN_SECRET_BYTES: usize = 32;

/// What the keys of a provider's tokens, and of the state of a sign-in, are for.
const PROVIDERS: &[u8] = b"wardkeep providers v1";

/// Secrets that stand in documentation and source code of Better Auth, or are typed in a hurry.
const KNOWN_DEFAULTS: &[&str] = &[
    "better-auth-secret-12345678901234567890",
    "better-auth-secret-that-is-long-enough-for-validation-test",
    "12345678901234567890123456789012",
    "0123456789abcdef0123456789abcdef",
    "00000000000000000000000000000000",
    "abcdefghijklmnopqrstuvwxyz012345",
    "your-secret-key-at-least-32-characters-long",
    "your-super-secret-key-change-in-production",
    "change-me-change-me-change-me-change-me",
];

/// One or more signing secrets. The first signs; a signature of any of them is accepted, so that a secret can be
/// replaced without signing everybody out: put the new one first, drop the old one seven days later.
///
/// Neither `Debug` nor anything else gives a secret back.
#[derive(Clone)]
pub struct Secrets {
    signing: Hmac<Sha256>,
    accepted: Vec<Hmac<Sha256>>,
    content_keys: ContentKeys,
    provider_keys: Keys,
}

impl Secrets {
    /// Takes the secrets in order of preference; the key is the UTF-8 text of each.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Result<Self, SecretError> {
        let secrets: Vec<S> = secrets.into_iter().collect();
        let mut keys = Vec::new();
        for (index, secret) in secrets.iter().enumerate() {
            keys.push(key(index + 1, secret.as_ref())?);
        }
        let mut keys = keys.into_iter();
        let signing = keys.next().ok_or(SecretError::Missing)?;
        let texts: Vec<&str> = secrets.iter().map(AsRef::as_ref).collect();
        let (first, others) = texts.split_first().ok_or(SecretError::Missing)?;
        let others = || others.iter().copied();
        Ok(Self {
            signing,
            accepted: keys.collect(),
            // Keys of 32 bytes are never too long for HKDF-SHA256, which gives up to 8,160.
            content_keys: ContentKeys::derive(first, others()).map_err(|_| SecretError::Missing)?,
            provider_keys: Keys::derive(PROVIDERS, first, others()).map_err(|_| SecretError::Missing)?,
        })
    }

    /// What encrypts the mails that wait.
    pub(crate) fn content_keys(&self) -> &ContentKeys {
        &self.content_keys
    }

    /// What encrypts a provider's tokens, and the state of a sign-in.
    pub(crate) fn provider_keys(&self) -> &Keys {
        &self.provider_keys
    }

    /// Joins a value and its signature: `value.signature`, the signature being base64 (RFC 4648 section 4, padded,
    /// 44 characters) of the HMAC-SHA256 of the value.
    pub fn seal(&self, value: &str) -> String {
        format!("{value}.{}", STANDARD.encode(self.sign(value)))
    }

    /// Gives back the value of a sealed text, or `None` if no secret signed it. The last dot divides value and
    /// signature. The comparison takes the same time wherever two signatures differ.
    pub fn open<'a>(&self, sealed: &'a str) -> Option<&'a str> {
        let (value, signature) = sealed.rsplit_once('.')?;
        if value.is_empty() || signature.len() != 44 {
            return None;
        }
        let signature = STANDARD.decode(signature).ok()?;
        self.verifies(value, &signature).then_some(value)
    }

    /// The HMAC-SHA256 of a text.
    pub(crate) fn sign(&self, text: &str) -> [u8; 32] {
        self.signing
            .clone()
            .chain_update(text)
            .finalize()
            .into_bytes()
            .into()
    }

    /// Whether one of the secrets signed a text, in the same time wherever two signatures differ.
    pub(crate) fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        self.all()
            .any(|key| key.clone().chain_update(text).verify_slice(signature).is_ok())
    }

    /// The same for a signature cut to its first bytes.
    pub(crate) fn verifies_cut<const N: usize>(&self, text: &str, signature: &[u8; N]) -> bool {
        self.all().any(|key| {
            key.clone()
                .chain_update(text)
                .verify_truncated_left(signature)
                .is_ok()
        })
    }

    fn all(&self) -> impl Iterator<Item = &Hmac<Sha256>> {
        std::iter::once(&self.signing).chain(&self.accepted)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secrets(..)")
    }
}

/// Why a list of secrets is refused. `place` counts from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The list is empty.
    #[error("no signing secret was given: make one with `openssl rand -base64 32`")]
    Missing,
    /// The secret has fewer than [`MIN_SECRET_BYTES`] bytes.
    #[error(
        "signing secret {place} has {length} bytes, and needs at least {MIN_SECRET_BYTES}: make one with \
         `openssl rand -base64 32`"
    )]
    TooShort {
        /// Which secret of the list.
        place: usize,
        /// Its length in bytes.
        length: usize,
    },
    /// The secret is a published default, which anybody can sign with.
    #[error("signing secret {place} is a published default: make one with `openssl rand -base64 32`")]
    KnownDefault {
        /// Which secret of the list.
        place: usize,
    },
}

fn key(place: usize, secret: &str) -> Result<Hmac<Sha256>, SecretError> {
    let too_short = SecretError::TooShort {
        place,
        length: secret.len(),
    };
    if secret.len() < MIN_SECRET_BYTES {
        return Err(too_short);
    }
    if KNOWN_DEFAULTS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(secret.trim()))
    {
        return Err(SecretError::KnownDefault { place });
    }
    // HMAC takes keys of any length.
    Hmac::new_from_slice(secret.as_bytes()).map_err(|_| too_short)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "first-secret-of-the-tests-0123456789";
    const SECOND: &str = "second-secret-of-the-tests-0123456789";

    #[test]
    fn a_sealed_value_opens_again_and_an_altered_one_does_not() {
        let secrets = Secrets::new([FIRST]).unwrap();
        let sealed = secrets.seal("some.value");

        assert_eq!(secrets.open(&sealed), Some("some.value"));
        for position in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[position] ^= 1;
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(secrets.open(&altered), None, "{altered}");
        }
        for malformed in [
            "",
            ".",
            "value",
            "value.",
            &sealed[1..],
            &sealed[..sealed.len() - 1],
        ] {
            assert_eq!(secrets.open(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn the_signature_is_that_of_better_auth() {
        // printf '%s' token | openssl dgst -sha256 -hmac "$FIRST" -binary | base64
        let secrets = Secrets::new([FIRST]).unwrap();
        assert_eq!(
            secrets.seal("token"),
            "token.IvR5UZq8ouI+7ghhOgFtrVNetTXFH7fYUAeLUmMMp1o="
        );
    }

    #[test]
    fn the_first_secret_signs_and_every_one_is_accepted() {
        let old = Secrets::new([FIRST]).unwrap();
        let new = Secrets::new([SECOND]).unwrap();
        let both = Secrets::new([SECOND, FIRST]).unwrap();

        assert_eq!(both.open(&old.seal("value")), Some("value"));
        assert_eq!(both.seal("value"), new.seal("value"));
        assert_eq!(old.open(&both.seal("value")), None);
    }

    #[test]
    fn a_short_or_published_secret_is_refused() {
        let none: [&str; 0] = [];
        assert_eq!(Secrets::new(none).unwrap_err(), SecretError::Missing);
        assert_eq!(
            Secrets::new([FIRST, "short"]).unwrap_err(),
            SecretError::TooShort { place: 2, length: 5 }
        );
        assert_eq!(
            Secrets::new(["better-auth-secret-12345678901234567890"]).unwrap_err(),
            SecretError::KnownDefault { place: 1 }
        );
        assert_eq!(
            Secrets::new([" Better-Auth-Secret-12345678901234567890\n"]).unwrap_err(),
            SecretError::KnownDefault { place: 1 }
        );
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let secrets = Secrets::new([FIRST]).unwrap();
        assert_eq!(format!("{secrets:?}"), "Secrets(..)");
    }
}
