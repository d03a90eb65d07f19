use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use wardkeep_tenancy::Entropy;

use crate::secrets::Secrets;

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// 32 of 62 characters are 190 bits: nobody guesses one, so the hash needs neither salt nor stretching.
const LENGTH: usize = 32;

/// What proves a session: 32 characters `A-Z a-z 0-9`, found in the cookie and nowhere else. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSecret(String);

impl SessionSecret {
    /// A new secret.
    pub(crate) fn generate(entropy: &Entropy) -> Self {
        Self(entropy.text(ALPHABET, LENGTH))
    }

    /// Reads a signed cookie value (already percent-decoded). `None` if none of the secrets signed it.
    pub fn open(secrets: &Secrets, sealed: &str) -> Option<Self> {
        secrets.open(sealed).map(|secret| Self(secret.to_owned()))
    }

    /// The value for the cookie, signed (not yet percent-encoded).
    pub fn seal(&self, secrets: &Secrets) -> String {
        secrets.seal(&self.0)
    }

    /// What is stored, and shown as `token`: base64url without padding of the SHA-256 of the secret. A leaked table or
    /// a logged answer therefore opens no session.
    pub fn handle(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes()))
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_32_letters_and_digits_and_comes_from_the_entropy() {
        let secret = SessionSecret::generate(&Entropy::seeded(7));

        assert_eq!(secret.0.len(), 32);
        assert!(
            secret.0.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{}",
            secret.0
        );
        assert_eq!(secret, SessionSecret::generate(&Entropy::seeded(7)));
        assert_ne!(secret, SessionSecret::generate(&Entropy::seeded(8)));
    }

    #[test]
    fn the_handle_is_the_hash_of_the_secret() {
        // printf '%s' abc | openssl dgst -sha256 -binary | base64, in the URL alphabet and without padding
        let secret = SessionSecret("abc".to_owned());
        assert_eq!(secret.handle(), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    }

    #[test]
    fn a_sealed_secret_opens_with_its_own_secrets_alone() {
        let secrets = Secrets::new(["the-secret-of-this-test-0123456789"]).unwrap();
        let others = Secrets::new(["some-other-secret-for-it-0123456789"]).unwrap();
        let secret = SessionSecret::generate(&Entropy::seeded(7));

        let sealed = secret.seal(&secrets);

        assert_eq!(SessionSecret::open(&secrets, &sealed), Some(secret));
        assert_eq!(SessionSecret::open(&others, &sealed), None);
    }

    #[test]
    fn debug_output_holds_no_secret() {
        assert_eq!(
            format!("{:?}", SessionSecret("abc".to_owned())),
            "SessionSecret(..)"
        );
    }
}
