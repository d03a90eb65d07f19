//! The hashes of Better Auth 1.7, for accounts that came from there: scrypt, stored as `<salt>:<key>` in lower-case
//! hexadecimal digits.
//!
//! One takes five times as long as today's Argon2id: until it is replaced, the time of an answer can tell that an address
//! has such an account.

use password_hash::phc::Output;
use scrypt::Params;

use super::PasswordError;

/// Cost of Better Auth's scrypt (RFC 7914): N as a power of two, r and p. One hash takes 32 MiB.
const LOG_N: u8 = 14;
const BLOCK_SIZE: u32 = 16;
const PARALLELISM: u32 = 1;
const SALT_DIGITS: usize = 32;
const KEY_BYTES: usize = 64;

/// A hash taken apart.
pub(super) struct OriginalHash<'a> {
    /// Not decoded: scrypt is given the digits themselves.
    salt: &'a str,
    key: Output,
}

impl<'a> OriginalHash<'a> {
    /// Reads exactly what Better Auth writes: 32 digits, a colon, 128 digits.
    pub(super) fn parse(stored: &'a str) -> Option<Self> {
        let (salt, key) = stored.split_once(':')?;
        if salt.len() != SALT_DIGITS || !salt.bytes().all(|digit| value(digit).is_some()) {
            return None;
        }
        let key = Output::new(&decode(key)?).ok()?;
        Some(Self { salt, key })
    }

    /// Whether these bytes were hashed.
    pub(super) fn fits(&self, password: &[u8]) -> Result<bool, PasswordError> {
        let params = Params::new(LOG_N, BLOCK_SIZE, PARALLELISM).map_err(|_| PasswordError::Failed)?;
        let mut key = [0; KEY_BYTES];
        scrypt::scrypt(password, self.salt.as_bytes(), &params, &mut key)
            .map_err(|_| PasswordError::Failed)?;
        let key = Output::new(&key).map_err(|_| PasswordError::Failed)?;
        // `Output` compares in constant time, as its documentation promises.
        Ok(key == self.key)
    }
}

/// The bytes of a key.
fn decode(digits: &str) -> Option<[u8; KEY_BYTES]> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() || pairs.len() != KEY_BYTES {
        return None;
    }
    let mut bytes = [0; KEY_BYTES];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(bytes)
}

/// The value of a hexadecimal digit. Better Auth writes small letters and compares as text, so a capital is none.
fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::OriginalHash;

    const SALT: &str = "baa56481262ab6d9cab867378731954c";

    #[test]
    fn what_the_original_writes_is_read() {
        let key: String = (0_u8..64)
            .map(|byte| format!("{:02x}", byte.wrapping_mul(41)))
            .collect();
        let stored = format!("{SALT}:{key}");

        let hash = OriginalHash::parse(&stored).unwrap();

        assert_eq!(hash.salt, SALT);
        let bytes: Vec<_> = (0_u8..64).map(|byte| byte.wrapping_mul(41)).collect();
        assert_eq!(hash.key.as_bytes(), bytes);
    }

    #[test]
    fn what_has_another_form_is_not() {
        let key = "0f".repeat(64);
        let short = &SALT[1..];
        for stored in [
            String::new(),
            ":".to_owned(),
            SALT.to_owned(),
            format!("{SALT}:"),
            format!(":{key}"),
            format!("{SALT}{key}"),
            format!("{short}:{key}"),
            format!("0{SALT}:{key}"),
            format!("{SALT}:{}", &key[1..]),
            format!("{SALT}:{}", &key[2..]),
            format!("{SALT}:{key}0"),
            format!("{SALT}:{key}00"),
            format!("{SALT}:{key}:"),
            format!("{SALT}:{key}\n"),
            format!(" {SALT}:{key}"),
            format!("{}:{key}", SALT.to_uppercase()),
            format!("{SALT}:{}", key.to_uppercase()),
            format!("{short}g:{key}"),
            format!("{short}+:{key}"),
            format!("{SALT}:+{}", &key[1..]),
            format!("{}\u{e9}:{key}", &SALT[2..]),
            format!("{SALT}:{}\u{e9}", &key[2..]),
        ] {
            assert!(OriginalHash::parse(&stored).is_none(), "{stored:?}");
        }
    }
}
