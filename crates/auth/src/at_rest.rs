//! What is kept encrypted: mails that wait, a provider's tokens, the state of a sign-in through one.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::{Hkdf, InvalidLength};
use sea_orm::DbErr;
use sha2::Sha256;
use wardkeep_tenancy::{Entropy, Id};

const NONCE: usize = 24;
/// What a sealed text in a text column begins with. No token of a provider does, nor anything that Better Auth stores
/// (plain text, hexadecimal digits, or `$ba$`).
const PREFIX: &str = "wardkeep1:";

/// The keys for one use, one for each secret. The first encrypts; every one decrypts.
#[derive(Clone)]
pub(crate) struct Keys {
    first: XChaCha20Poly1305,
    others: Vec<XChaCha20Poly1305>,
}

/// The columns that hold sealed texts. What was sealed for one does not open in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// `account.accessToken`.
    AccessToken,
    /// `account.refreshToken`.
    RefreshToken,
    /// `account.idToken`.
    IdToken,
    /// `verification.value`.
    State,
}

impl Column {
    /// The table and the column.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "account.accessToken",
            Self::RefreshToken => "account.refreshToken",
            Self::IdToken => "account.idToken",
            Self::State => "verification.value",
        }
    }
}

impl Keys {
    /// Derives one key from each secret, by HKDF-SHA256 (RFC 5869). `info` says what for (section 3.2): another use of a
    /// secret gets another key.
    pub(crate) fn derive<'a>(
        info: &[u8],
        first: &'a str,
        others: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, InvalidLength> {
        Ok(Self {
            first: cipher(info, first)?,
            others: others
                .into_iter()
                .map(|secret| cipher(info, secret))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Encrypts for one place alone: a nonce, then XChaCha20-Poly1305 with the place as associated data.
    pub(crate) fn seal(&self, entropy: &Entropy, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, DbErr> {
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let payload = Payload {
            msg: plain,
            aad: place,
        };
        let sealed = self
            .first
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| DbErr::Custom("the text is too long to encrypt".to_owned()))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what was sealed for this place, by whichever secret.
    pub(crate) fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let nonce = XNonce::from(*nonce);
        std::iter::once(&self.first).chain(&self.others).find_map(|key| {
            let payload = Payload {
                msg: sealed,
                aad: place,
            };
            key.decrypt(&nonce, payload).ok()
        })
    }

    /// Encrypts a text for one column of one row.
    pub(crate) fn seal_text(&self, entropy: &Entropy, place: &Place, text: &str) -> Result<String, DbErr> {
        let sealed = self.seal(entropy, &place.0, text.as_bytes())?;
        Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Decrypts what stands in one column of one row. Anything else than what was sealed for it is nothing, such as the plain
    /// text that another program left there.
    pub(crate) fn open_text(&self, place: &Place, stored: &str) -> Option<String> {
        let sealed = URL_SAFE_NO_PAD.decode(stored.strip_prefix(PREFIX)?).ok()?;
        String::from_utf8(self.open(&place.0, &sealed)?).ok()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(..)")
    }
}

fn cipher(info: &[u8], secret: &str) -> Result<XChaCha20Poly1305, InvalidLength> {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, secret.as_bytes()).expand(info, &mut key)?;
    Ok(XChaCha20Poly1305::new(&key.into()))
}

/// Where a sealed text belongs.
pub(crate) struct Place(Vec<u8>);

impl Place {
    /// One column of one row, as long as these texts of the row are what they are. Each part has a fixed length or says how
    /// long it is, so that no two places are written alike.
    pub(crate) fn new<T>(row: Id<T>, column: Column, texts: &[&str]) -> Self {
        let mut written = row.as_uuid().as_bytes().to_vec();
        for text in [column.name()].iter().chain(texts) {
            written.extend_from_slice(&(text.len() as u64).to_be_bytes());
            written.extend_from_slice(text.as_bytes());
        }
        Self(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;
    use wardkeep_tenancy::RequestContext;

    const INFO: &[u8] = b"a use of the tests";
    const FIRST: &str = "first-secret-of-the-tests-0123456789";
    const SECOND: &str = "second-secret-of-the-tests-0123456789";
    const TOKEN: &str = "ya29.the-access-token";

    enum Row {}

    fn context() -> RequestContext {
        RequestContext::new("at rest", datetime!(2026-03-02 09:00 UTC), Entropy::seeded(1))
    }

    fn keys<const N: usize>(info: &[u8], first: &str, others: [&'static str; N]) -> Keys {
        Keys::derive(info, first, others).unwrap()
    }

    #[test]
    fn a_token_opens_in_its_own_column_of_its_own_row_as_it_was_only() {
        let (cx, keys) = (context(), keys(INFO, FIRST, []));
        let (row, other): (Id<Row>, Id<Row>) = (cx.new_id(), cx.new_id());
        let open =
            |row, column, sealed: &str| keys.open_text(&Place::new(row, column, &["ana", "1"]), sealed);
        let place = Place::new(row, Column::AccessToken, &["ana", "1"]);

        let sealed = keys.seal_text(cx.entropy(), &place, TOKEN).unwrap();

        assert_eq!(open(row, Column::AccessToken, &sealed).as_deref(), Some(TOKEN));
        assert_eq!(open(other, Column::AccessToken, &sealed), None);
        for column in [Column::RefreshToken, Column::IdToken, Column::State] {
            assert_eq!(open(row, column, &sealed), None, "{column:?}");
        }
        for texts in [
            &["bo", "1"][..],
            &["ana", "2"],
            &["ana"],
            &["ana1", ""],
            &["an", "a1"],
            &["ana", "1", ""],
        ] {
            let moved = Place::new(row, Column::AccessToken, texts);
            assert_eq!(keys.open_text(&moved, &sealed), None, "{texts:?}");
        }
        for position in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(open(row, Column::AccessToken, &altered), None, "{altered}");
        }
    }

    #[test]
    fn every_secret_opens_and_the_first_seals() {
        let cx = context();
        let row: Id<Row> = cx.new_id();
        let (old, new) = (keys(INFO, FIRST, []), keys(INFO, SECOND, []));
        let both = keys(INFO, SECOND, [FIRST]);
        let place = Place::new(row, Column::IdToken, &[]);
        let seal = |keys: &Keys| keys.seal_text(cx.entropy(), &place, TOKEN).unwrap();
        let open = |keys: &Keys, sealed: &str| keys.open_text(&place, sealed);

        assert_eq!(open(&both, &seal(&old)).as_deref(), Some(TOKEN));
        assert_eq!(open(&new, &seal(&both)).as_deref(), Some(TOKEN));
        assert_eq!(open(&old, &seal(&both)), None);
        assert_eq!(open(&new, &seal(&old)), None);
        assert_eq!(open(&keys(b"another use", FIRST, []), &seal(&old)), None);
    }

    #[test]
    fn what_better_auth_stores_is_nothing_here() {
        let keys = keys(INFO, FIRST, []);
        let row: Id<Row> = context().new_id();
        let place = Place::new(row, Column::AccessToken, &[]);
        for stored in [
            "",
            "ya29.a-token-in-plain-text",
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "$ba$1$0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "wardkeep1:",
            "wardkeep1:AAAA",
            "wardkeep1:not base64",
            "wardkeep1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(keys.open_text(&place, stored), None, "{stored}");
        }
    }

    #[test]
    fn the_same_text_never_looks_the_same_and_debug_output_holds_no_key() {
        let (cx, keys) = (context(), keys(INFO, FIRST, []));
        let row: Id<Row> = cx.new_id();
        let place = Place::new(row, Column::State, &[]);
        let [one, other] = [(); 2].map(|()| keys.seal_text(cx.entropy(), &place, TOKEN).unwrap());

        assert_ne!(one, other);
        assert!(!one.contains(TOKEN) && one.starts_with(PREFIX), "{one}");
        assert_eq!(format!("{keys:?}"), "Keys(..)");
    }
}
