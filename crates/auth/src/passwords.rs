//! Passwords: which may be chosen, their normal form, and hashing that cannot take the whole machine.

mod argon2id;
mod breached;
mod original;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;
use wardkeep_tenancy::{Entropy, Fault, FaultKind};

use crate::config::Policy;
use argon2id::Memory;
use original::OriginalHash;

/// The shortest password, in UTF-16 code units before normalisation, as JavaScript's `length` counts.
pub const MIN_LENGTH: usize = 8;
/// The longest password, counted in the same way. What is longer is refused before anything is looked up.
pub const MAX_LENGTH: usize = 128;

/// Memory in KiB, passes and lanes of Argon2id: the second of the equivalent settings that the OWASP Password
/// Storage Cheat Sheet recommends.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// RFC 9106 section 3.1 recommends 16 bytes of salt.
const SALT_BYTES: usize = 16;

/// A password as it was typed. It is never printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Wraps the text, of whatever length.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Refuses what may not be chosen as a password: what is too short, too long, or, if the policy says so, among the
    /// commonest of published breaches, however its letters are capitalised.
    pub fn check_new(&self, policy: &Policy) -> Result<(), PasswordError> {
        self.check_new_length()?;
        if policy.refuse_common_passwords && breached::contains(&self.comparable()) {
            return Err(PasswordError::Common);
        }
        Ok(())
    }

    /// Refuses what is too long to be anybody's password.
    pub fn check_length(&self) -> Result<(), PasswordError> {
        if self.length() > MAX_LENGTH {
            return Err(PasswordError::TooLong);
        }
        Ok(())
    }

    fn check_new_length(&self) -> Result<(), PasswordError> {
        if self.length() < MIN_LENGTH {
            return Err(PasswordError::TooShort);
        }
        self.check_length()
    }

    fn length(&self) -> usize {
        self.0.encode_utf16().count()
    }

    /// What is hashed: normalisation form KC, so that the same characters typed on two keyboards are one password.
    fn normalised(&self) -> String {
        self.0.nfkc().collect()
    }

    /// What is compared with the list of breached passwords: the normal form in lower case.
    fn comparable(&self) -> String {
        self.normalised().to_lowercase()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

/// How much hashing may go on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingLimits {
    /// Hashes computed at the same time; each takes one core and 19 MiB, or 32 MiB to verify one of Better Auth's.
    pub at_once: NonZeroUsize,
    /// Requests that may wait for their turn. The next one is answered [`PasswordError::Busy`].
    pub waiting: usize,
}

impl Default for HashingLimits {
    /// One core is left for everything else, and 64 requests may wait.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let at_once = NonZeroUsize::new(cores.saturating_sub(1)).unwrap_or(NonZeroUsize::MIN);
        Self { at_once, waiting: 64 }
    }
}

/// Hashes passwords with Argon2id on tokio's blocking threads, a bounded number at a time.
///
/// Hashing takes tens of milliseconds: never call it while a transaction is open.
#[derive(Clone)]
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    memory: Arc<Memory>,
}

impl Hasher {
    pub(crate) fn new(limits: HashingLimits) -> Self {
        let at_once = limits.at_once.get().min(Semaphore::MAX_PERMITS);
        let places = at_once.saturating_add(limits.waiting).min(Semaphore::MAX_PERMITS);
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            places: Arc::new(Semaphore::new(places)),
            memory: Arc::default(),
        }
    }

    /// Hashes a password with a fresh salt, to a PHC string.
    pub(crate) async fn hash(&self, entropy: &Entropy, password: &Password) -> Result<String, PasswordError> {
        let mut salt = [0; SALT_BYTES];
        entropy.fill(&mut salt);
        let password = password.normalised();
        let memory = Arc::clone(&self.memory);
        self.in_turn(move || argon2id::hash(&memory, password.as_bytes(), &salt))
            .await?
    }

    /// Says whether the password is the one that was hashed, with Argon2id or by Better Auth. A hash of another kind
    /// matches nothing.
    pub(crate) async fn verify(&self, password: &Password, stored: &str) -> Result<Verdict, PasswordError> {
        let stored = stored.to_owned();
        let password = password.normalised();
        let memory = Arc::clone(&self.memory);
        self.in_turn(move || verify(&memory, password.as_bytes(), &stored))
            .await?
    }

    /// Waits for a turn and runs the work. Its permits travel with it, so that a request that was given up still
    /// counts until its hash is done.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| PasswordError::Busy)?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| PasswordError::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop((turn, place));
            result
        });
        done.await.map_err(|_| PasswordError::Failed)
    }
}

/// What a password is to a stored hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Another password, or no hash that we know.
    Wrong,
    /// The password.
    Right,
    /// The password, but its hash is Better Auth's or costs an attacker less than today's: hash it anew and replace it.
    RightButOld,
}

/// Why a password is not accepted, or could not be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`MIN_LENGTH`] UTF-16 code units.
    #[error("password too short")]
    TooShort,
    /// More than [`MAX_LENGTH`] UTF-16 code units.
    #[error("password too long")]
    TooLong,
    /// Among the commonest passwords of published breaches.
    #[error("password known from breaches")]
    Common,
    /// Too many passwords are being hashed; a turn takes a fraction of a second, so try again after one.
    #[error("too many passwords are being checked at the moment")]
    Busy,
    /// The hash could not be computed: memory ran out, or the process is stopping.
    #[error("the password could not be hashed")]
    Failed,
}

impl Fault for PasswordError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::TooShort | Self::TooLong | Self::Common => FaultKind::Invalid,
            Self::Busy => FaultKind::Unavailable,
            Self::Failed => FaultKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooShort => "PASSWORD_TOO_SHORT",
            Self::TooLong => "PASSWORD_TOO_LONG",
            // The code of Better Auth's plugin that asks Have I Been Pwned.
            Self::Common => "PASSWORD_COMPROMISED",
            Self::Busy => "HASHING_BUSY",
            Self::Failed => "INTERNAL_ERROR",
        }
    }
}

fn verify(memory: &Memory, password: &[u8], stored: &str) -> Result<Verdict, PasswordError> {
    if let Some(original) = OriginalHash::parse(stored) {
        let fits = original.fits(password)?;
        return Ok(if fits {
            Verdict::RightButOld
        } else {
            Verdict::Wrong
        });
    }
    let Some(stored) = argon2id::parse(stored) else {
        return Ok(Verdict::Wrong);
    };
    Ok(match argon2id::fits(memory, password, &stored)? {
        false => Verdict::Wrong,
        true if argon2id::is_old(&stored)? => Verdict::RightButOld,
        true => Verdict::Right,
    })
}

#[cfg(test)]
mod tests {
    use argon2::{Algorithm, Argon2, Params, Version};
    use password_hash::PasswordHasher as _;
    use password_hash::phc::PasswordHash;

    use super::*;

    fn hasher(at_once: usize, waiting: usize) -> Hasher {
        Hasher::new(HashingLimits {
            at_once: NonZeroUsize::new(at_once).unwrap(),
            waiting,
        })
    }

    #[test]
    fn length_is_counted_in_utf_16_units_before_normalisation() {
        assert_eq!(
            Password::new("1234567").check_new(&Policy::compatibility()),
            Err(PasswordError::TooShort)
        );
        assert_eq!(
            Password::new("12345678").check_new(&Policy::compatibility()),
            Ok(())
        );
        // Four characters outside the basic plane are eight units.
        assert_eq!(
            Password::new("\u{1f600}".repeat(4)).check_new(&Policy::compatibility()),
            Ok(())
        );
        assert_eq!(
            Password::new("\u{1f600}".repeat(3)).check_new(&Policy::compatibility()),
            Err(PasswordError::TooShort)
        );
        // One unit each, although NFKC makes three letters of the ligature.
        assert_eq!(
            Password::new("\u{fb03}".repeat(7)).check_new(&Policy::compatibility()),
            Err(PasswordError::TooShort)
        );
        assert_eq!(
            Password::new("\u{fb03}".repeat(128)).check_new(&Policy::compatibility()),
            Ok(())
        );
        assert_eq!(
            Password::new("x".repeat(129)).check_new(&Policy::compatibility()),
            Err(PasswordError::TooLong)
        );
        assert_eq!(Password::new("").check_length(), Ok(()));
    }

    #[test]
    fn a_password_of_the_list_is_refused_however_it_is_typed() {
        for typed in [
            "password1",
            "PassWord1",
            // Full-width letters are the same letters in normalisation form KC.
            "\u{ff30}assword\u{ff11}",
        ] {
            let password = Password::new(typed);
            assert_eq!(
                password.check_new(&Policy::default()),
                Err(PasswordError::Common),
                "{typed}"
            );
            assert_eq!(password.check_new(&Policy::compatibility()), Ok(()), "{typed}");
            assert_eq!(password.check_length(), Ok(()), "{typed}");
        }
        for typed in ["password1 of mine", " password1", "correct horse battery"] {
            assert_eq!(
                Password::new(typed).check_new(&Policy::default()),
                Ok(()),
                "{typed}"
            );
        }
    }

    #[test]
    fn the_length_is_refused_before_the_list_is_looked_at() {
        let policy = Policy::default();

        assert_eq!(
            Password::new("123456").check_new(&policy),
            Err(PasswordError::TooShort)
        );
        assert_eq!(
            Password::new("1".repeat(129)).check_new(&policy),
            Err(PasswordError::TooLong)
        );
        assert_eq!(
            Password::new("12345678").check_new(&policy),
            Err(PasswordError::Common)
        );
        assert_eq!(PasswordError::Common.code(), "PASSWORD_COMPROMISED");
        assert_eq!(PasswordError::Common.kind(), FaultKind::Invalid);
    }

    #[tokio::test]
    async fn a_hash_is_argon2id_with_the_stated_cost_and_fits_its_password_alone() {
        let hasher = hasher(1, 0);
        let entropy = Entropy::seeded(1);
        let hash = hasher
            .hash(&entropy, &Password::new("correct horse"))
            .await
            .unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(
            hasher.verify(&Password::new("correct horse"), &hash).await,
            Ok(Verdict::Right)
        );
        assert_eq!(
            hasher.verify(&Password::new("correct horsf"), &hash).await,
            Ok(Verdict::Wrong)
        );
        let again = hasher
            .hash(&entropy, &Password::new("correct horse"))
            .await
            .unwrap();
        assert_ne!(hash, again, "every hash has a salt of its own");
    }

    #[tokio::test]
    async fn composed_and_decomposed_characters_are_one_password() {
        let hasher = hasher(1, 0);
        let hash = hasher
            .hash(&Entropy::seeded(1), &Password::new("caf\u{e9} \u{fb03}"))
            .await
            .unwrap();

        assert_eq!(
            hasher.verify(&Password::new("cafe\u{301} ffi"), &hash).await,
            Ok(Verdict::Right)
        );
    }

    #[tokio::test]
    async fn a_hash_of_another_kind_matches_nothing() {
        let hasher = hasher(1, 0);
        for stored in [
            "",
            "plain",
            "0123:4567",
            "$scrypt$ln=14,r=16,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo",
        ] {
            assert_eq!(
                hasher.verify(&Password::new("plain"), stored).await,
                Ok(Verdict::Wrong),
                "{stored}"
            );
        }
    }

    #[tokio::test]
    async fn a_hash_of_the_original_fits_its_password_alone_and_is_old() {
        // Made with hashPassword of better-auth/crypto 1.7.25. The second was given the text decomposed, with a ligature
        // and a circled digit, the third composed.
        let known = [
            (
                "correct horse battery",
                "baa56481262ab6d9cab867378731954c:\
                 ecea8715a05a9b1e97dd7af70ce4155b0432f27e6e478394b96513067df22a98\
                 a196ee8e8a2cdf4781b107cc947b44c1962447f8da4512c4a67ef7ba1a662742",
            ),
            (
                "cafe\u{301} \u{fb03} \u{2460}",
                "449e2683901e06df61f23a3b0039b1fa:\
                 2bc13edbf1d87678d520f10ab4601447291e132b366ac257ad311f8c5c48cd74\
                 05ee2cf0dbf9761ee282006db91cfb770b7fb12d316c71811f53175352c4fd3d",
            ),
            (
                "caf\u{e9} \u{fb03} \u{2460}",
                "13bbd14dc0b2c2fd5acb86969e2269e9:\
                 d3b71e962a2a3686a1fc54998a294366caf104e05808e16f3cf236d9e25ed5e7\
                 7d18723a9f15e8ea7cc09da1b56f00c2e9095ac981f8f9657fb51f60b5fa6587",
            ),
            (
                "\u{1f600}\u{1f600}\u{1f600}\u{1f600}",
                "aa5650ff84c39d1ef2457d1dbf798a08:\
                 faa9cf712814eb705e7103d650edca46adb98e61f076a6e4e38593869a37c443\
                 23d1dbd8a0c81df8283d6d0c03208da4eca53f890f145f3cc1e6541a2fbfaf82",
            ),
        ];
        let hasher = hasher(1, 0);
        for (password, stored) in known {
            let verdict = hasher.verify(&Password::new(password), stored).await;
            assert_eq!(verdict, Ok(Verdict::RightButOld), "{password}");
            let verdict = hasher
                .verify(&Password::new(format!("{password} ")), stored)
                .await;
            assert_eq!(verdict, Ok(Verdict::Wrong), "{password}");
        }

        let (password, stored) = known[0];
        let verdict = hasher.verify(&Password::new("caf\u{e9} ffi 1"), known[1].1).await;
        assert_eq!(verdict, Ok(Verdict::RightButOld), "typed in another way");
        for changed in [stored.replace("baa5", "baa6"), stored.replace("2742", "2743")] {
            let verdict = hasher.verify(&Password::new(password), &changed).await;
            assert_eq!(verdict, Ok(Verdict::Wrong), "{changed}");
        }
    }

    #[tokio::test]
    async fn a_hash_that_costs_less_than_todays_is_old_and_a_dearer_one_is_not() {
        let hasher = hasher(1, 0);
        for (memory, passes, lanes, version, right) in [
            (MEMORY_KIB, PASSES, LANES, Version::V0x13, Verdict::Right),
            (
                MEMORY_KIB + 8,
                PASSES + 1,
                LANES + 1,
                Version::V0x13,
                Verdict::Right,
            ),
            (
                MEMORY_KIB - 1,
                PASSES,
                LANES,
                Version::V0x13,
                Verdict::RightButOld,
            ),
            (
                MEMORY_KIB,
                PASSES - 1,
                LANES,
                Version::V0x13,
                Verdict::RightButOld,
            ),
            (MEMORY_KIB, PASSES, LANES, Version::V0x10, Verdict::RightButOld),
        ] {
            let params = Params::new(memory, passes, lanes, None).unwrap();
            let stored: PasswordHash = Argon2::new(Algorithm::Argon2id, version, params)
                .hash_password_with_salt(b"correct horse", b"sixteen bytes...")
                .unwrap();
            let stored = stored.to_string();
            let verdict = hasher.verify(&Password::new("correct horse"), &stored).await;
            assert_eq!(verdict, Ok(right), "{stored}");
            let verdict = hasher.verify(&Password::new("correct horsf"), &stored).await;
            assert_eq!(verdict, Ok(Verdict::Wrong), "{stored}");
        }
    }

    #[tokio::test]
    async fn a_hash_that_states_no_version_is_old() {
        let stored = argon2id::hash(&Memory::default(), b"correct horse", b"sixteen bytes...")
            .unwrap()
            .replace("$v=19", "");

        let verdict = hasher(1, 0)
            .verify(&Password::new("correct horse"), &stored)
            .await;

        assert_eq!(verdict, Ok(Verdict::RightButOld), "{stored}");
    }

    #[tokio::test]
    async fn verifying_a_hash_of_the_original_takes_its_turn() {
        let hasher = hasher(1, 0);
        let stored = format!("{}:{}", "0f".repeat(16), "0f".repeat(64));
        let password = Password::new("correct horse");

        let (first, second) = tokio::join!(
            hasher.verify(&password, &stored),
            hasher.verify(&password, &stored)
        );

        assert_eq!(first, Ok(Verdict::Wrong));
        assert_eq!(second, Err(PasswordError::Busy));
    }

    #[tokio::test]
    async fn beyond_the_queue_the_answer_is_busy_and_the_queue_drains() {
        let hasher = hasher(1, 2);
        let (release, gate) = std::sync::mpsc::channel::<()>();
        let running = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.in_turn(move || gate.recv().is_ok()).await }
        });
        while hasher.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let mut waiting = Vec::new();
        for _ in 0..2 {
            let hasher = hasher.clone();
            waiting.push(tokio::spawn(async move { hasher.in_turn(|| true).await }));
        }
        while hasher.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }

        assert_eq!(hasher.in_turn(|| true).await, Err(PasswordError::Busy));
        release.send(()).unwrap();
        assert_eq!(running.await.unwrap(), Ok(true));
        for task in waiting {
            assert_eq!(task.await.unwrap(), Ok(true));
        }
        assert_eq!(hasher.in_turn(|| true).await, Ok(true));
    }

    #[tokio::test]
    async fn a_request_that_was_given_up_counts_until_its_hash_is_done() {
        let hasher = hasher(1, 0);
        let (release, gate) = std::sync::mpsc::channel::<()>();
        let running = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.in_turn(move || gate.recv().is_ok()).await }
        });
        while hasher.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }

        running.abort();
        assert!(running.await.unwrap_err().is_cancelled());
        assert_eq!(hasher.in_turn(|| true).await, Err(PasswordError::Busy));

        release.send(()).unwrap();
        while hasher.places.available_permits() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(hasher.in_turn(|| true).await, Ok(true));
    }

    #[test]
    fn one_core_is_left_over() {
        let limits = HashingLimits::default();
        let cores = std::thread::available_parallelism().unwrap().get();
        assert_eq!(limits.at_once.get(), cores.saturating_sub(1).max(1));
    }

    #[test]
    fn debug_output_holds_no_password() {
        assert_eq!(format!("{:?}", Password::new("hunter2")), "Password(..)");
    }
}
