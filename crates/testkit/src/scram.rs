//! A password in the form in which PostgreSQL keeps it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Any will do: the passwords are random, and the same on every server of one machine only by accident.
const SALT: &[u8; 16] = b"wardkeep testkit";

/// A SCRAM-SHA-256 verifier (RFC 5802, section 3; PostgreSQL manual, `pg_authid.rolpassword`) of one iteration.
///
/// PostgreSQL makes its own with 4096, which both sides work off at each connection. In an unoptimised build that is 35
/// ms, several times in every test. Iterations slow down guessing, and nobody guesses a random password.
pub(crate) fn verifier(password: &str) -> String {
    let first_block = [SALT.as_slice(), &1_u32.to_be_bytes()].concat();
    let salted = mac(password.as_bytes(), &first_block);
    let stored = Sha256::digest(mac(&salted, b"Client Key"));
    let server = mac(&salted, b"Server Key");
    let [salt, stored, server] = [SALT.as_slice(), &stored, &server].map(|bytes| STANDARD.encode(bytes));
    format!("SCRAM-SHA-256$1:{salt}${stored}:{server}")
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
