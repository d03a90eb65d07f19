//! Passwords whose hash takes no time to verify, for tests that are not about hashing.

use argon2::{Algorithm, Argon2, Params, Version};
use password_hash::PasswordHasher as _;
use wardkeep_tenancy::UserId;

use crate::world::World;

/// A hash that nothing can verify: a password that is checked against it answers an error, one that is not does not.
pub(crate) const UNVERIFIABLE: &str =
    "$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$1Rb/lFLDBYRgvt0AxnYlWQ8yfVXJbQMxnZNyq5s0Ea4";

/// Argon2id of the password with as little memory as there may be.
pub(crate) fn hash(password: &str) -> String {
    let argon2 = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(8, 1, 1, None).unwrap(),
    );
    let hash: password_hash::phc::PasswordHash = argon2
        .hash_password_with_salt(password.as_bytes(), b"salt of the test")
        .unwrap();
    hash.to_string()
}

impl World {
    /// Gives a user this hash for a password.
    pub(crate) async fn set_hash(&self, user: UserId, hash: &str) {
        sqlx::query(
            "insert into account (\"accountId\", \"providerId\", \"userId\", password)
             values ($1::text, 'credential', $1, $2)
             on conflict (\"providerId\", \"accountId\") do update set password = excluded.password",
        )
        .bind(user.as_uuid())
        .bind(hash)
        .execute(&mut self.admin().await)
        .await
        .unwrap();
    }
}
