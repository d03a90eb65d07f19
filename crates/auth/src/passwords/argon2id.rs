//! Argon2id in PHC form, in memory that is kept from one hash to the next.

use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use password_hash::phc::{Output, ParamsString, PasswordHash, Salt};

use super::{LANES, MEMORY_KIB, PASSES, PasswordError};

/// A hash has the output that RFC 9106, section 4, recommends.
const OUTPUT_BYTES: usize = 32;

/// The memory of as many hashes as were ever computed at once.
///
/// It is not given back: an allocator that gets 19 MiB back from one thread after the other keeps them for each, so that
/// a server that hashed two at a time was seen to need half a gigabyte.
#[derive(Default)]
pub(super) struct Memory(Mutex<Vec<Vec<Block>>>);

impl Memory {
    /// Computes a hash in blocks of its own. They are wiped: the first ones would tell passwords apart without the work.
    fn fill(
        &self,
        argon2: &Argon2<'_>,
        (password, salt): (&[u8], &[u8]),
        output: &mut [u8],
    ) -> Result<(), PasswordError> {
        let count = argon2.params().block_count();
        let mut blocks = self.kept().pop().unwrap_or_default();
        blocks
            .try_reserve_exact(count.saturating_sub(blocks.len()))
            .map_err(|_| PasswordError::Failed)?;
        blocks.resize(count, Block::new());
        let filled = argon2.hash_password_into_with_memory(password, salt, output, &mut blocks);
        blocks.fill(Block::new());
        // A hash that was brought along may need more than ours.
        if blocks.capacity() <= MEMORY_KIB as usize {
            self.kept().push(blocks);
        }
        filled.map_err(|_| PasswordError::Failed)
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hashes a password at today's cost, to a PHC string.
pub(super) fn hash(memory: &Memory, password: &[u8], salt: &[u8]) -> Result<String, PasswordError> {
    let failed = |_| PasswordError::Failed;
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| PasswordError::Failed)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0; OUTPUT_BYTES];
    memory.fill(&argon2, (password, salt), &mut output)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params()).map_err(failed)?,
        salt: Some(Salt::new(salt).map_err(|_| PasswordError::Failed)?),
        hash: Some(Output::new(&output).map_err(|_| PasswordError::Failed)?),
    };
    Ok(hash.to_string())
}

/// Reads an Argon2id hash; another kind is none.
pub(super) fn parse(stored: &str) -> Option<PasswordHash> {
    let stored = PasswordHash::new(stored).ok()?;
    (Algorithm::try_from(stored.algorithm.as_str()) == Ok(Algorithm::Argon2id)).then_some(stored)
}

/// Whether this is the password that was hashed, at whatever cost.
pub(super) fn fits(memory: &Memory, password: &[u8], stored: &PasswordHash) -> Result<bool, PasswordError> {
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
        return Ok(false);
    };
    let version = stored.version.map(Version::try_from).transpose();
    let version = version.map_err(|_| PasswordError::Failed)?.unwrap_or_default();
    let params = Params::try_from(stored).map_err(|_| PasswordError::Failed)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, version, params);
    let mut output = vec![0; expected.len()];
    memory.fill(&argon2, (password, salt), &mut output)?;
    // In a time that does not depend on where they differ.
    Ok(Output::new(&output).is_ok_and(|output| output == *expected))
}

/// Whether an Argon2id hash has less memory, passes or lanes than today's, or an earlier version or none stated.
pub(super) fn is_old(stored: &PasswordHash) -> Result<bool, PasswordError> {
    let params = Params::try_from(stored).map_err(|_| PasswordError::Failed)?;
    Ok(stored.version < Some(Version::V0x13.into())
        || params.m_cost() < MEMORY_KIB
        || params.t_cost() < PASSES
        || params.p_cost() < LANES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &[u8] = b"sixteen bytes of";

    #[test]
    fn memory_is_used_again_and_holds_nothing_meanwhile() {
        let memory = Memory::default();
        let first = hash(&memory, b"correct horse", SALT).unwrap();
        let stored = parse(&first).unwrap();

        assert!(fits(&memory, b"correct horse", &stored).unwrap());
        assert!(!fits(&memory, b"correct house", &stored).unwrap());
        assert_eq!(hash(&memory, b"correct horse", SALT).unwrap(), first);

        let kept = memory.kept();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].len(), MEMORY_KIB as usize);
        let mut words = kept[0].iter().flat_map(|block| block.as_ref());
        assert!(words.all(|word| *word == 0));
    }

    #[test]
    fn hashes_of_another_cost_leave_memory_for_ours() {
        let memory = Memory::default();
        for cost in [64, 2 * MEMORY_KIB] {
            let params = Params::new(cost, 1, 1, None).unwrap();
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let mut output = [0; OUTPUT_BYTES];
            memory.fill(&argon2, (b"password", SALT), &mut output).unwrap();
            let mut alone = [0; OUTPUT_BYTES];
            argon2.hash_password_into(b"password", SALT, &mut alone).unwrap();
            assert_eq!(output, alone);
        }
        assert_eq!(memory.kept().len(), 0, "the larger one was not kept");
        hash(&memory, b"correct horse", SALT).unwrap();
        assert_eq!(memory.kept().len(), 1);
    }
}
