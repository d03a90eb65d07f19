//! How a mail is kept while it waits: encrypted, and padded so that its size says little.

use std::fmt;

use hkdf::InvalidLength;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use wardkeep_tenancy::Entropy;

use super::Mail;
use super::entity::OutboxId;
use crate::at_rest::Keys;
use crate::emails::Email;

/// What the key is for. The number is that of the form of the plain text.
const INFO: &[u8] = b"wardkeep outbox v1";
/// Plain texts are a multiple of this many bytes. A mail with the longest link that the endpoints take fits.
const BLOCK: usize = 4096;
const LENGTH: usize = size_of::<u32>();

/// The keys of the outbox.
#[derive(Clone)]
pub(crate) struct ContentKeys(Keys);

/// What a row holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// To be sent.
    Mail(Mail),
    /// To be thrown away.
    Decoy,
}

/// No key opens it, or what is inside is no mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no secret decrypts this mail; put the one that it was queued under back into AUTH_SECRET")]
pub(crate) struct Unreadable;

#[derive(Serialize, Deserialize)]
struct Written<'a> {
    to: std::borrow::Cow<'a, str>,
    subject: std::borrow::Cow<'a, str>,
    text: std::borrow::Cow<'a, str>,
}

impl ContentKeys {
    /// Derives one key from each secret.
    pub(crate) fn derive<'a>(
        first: &'a str,
        others: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, InvalidLength> {
        Keys::derive(INFO, first, others).map(Self)
    }

    /// Encrypts a mail, or a decoy, for this row alone. It takes as much room as `like` would, if that is more.
    pub(crate) fn seal(
        &self,
        entropy: &Entropy,
        id: OutboxId,
        mail: Option<&Mail>,
        like: Option<&Mail>,
    ) -> Result<Vec<u8>, DbErr> {
        self.0
            .seal(entropy, id.as_uuid().as_bytes(), &padded(mail, like)?)
    }

    /// Decrypts what was sealed for this row, by whichever secret.
    pub(crate) fn open(&self, id: OutboxId, content: &[u8]) -> Result<Content, Unreadable> {
        let plain = self.0.open(id.as_uuid().as_bytes(), content);
        unpadded(&plain.ok_or(Unreadable)?)
    }
}

impl fmt::Debug for ContentKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ContentKeys(..)")
    }
}

/// Length, JSON, zeros. A decoy has length 0.
fn padded(mail: Option<&Mail>, like: Option<&Mail>) -> Result<Vec<u8>, DbErr> {
    let (written, other) = (written(mail)?, written(like)?);
    let length =
        u32::try_from(written.len()).map_err(|_| DbErr::Custom("the mail is too long".to_owned()))?;
    let room = (LENGTH + written.len().max(other.len())).next_multiple_of(BLOCK);
    let mut plain = Vec::with_capacity(room);
    plain.extend_from_slice(&length.to_be_bytes());
    plain.extend_from_slice(&written);
    plain.resize(room, 0);
    Ok(plain)
}

fn written(mail: Option<&Mail>) -> Result<Vec<u8>, DbErr> {
    let Some(mail) = mail else {
        return Ok(Vec::new());
    };
    serde_json::to_vec(&Written {
        to: mail.to.as_str().into(),
        subject: mail.subject.as_str().into(),
        text: mail.text.as_str().into(),
    })
    .map_err(|error| DbErr::Custom(format!("the mail cannot be written: {error}")))
}

fn unpadded(plain: &[u8]) -> Result<Content, Unreadable> {
    let (length, rest) = plain.split_first_chunk::<LENGTH>().ok_or(Unreadable)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Unreadable)?;
    if length == 0 {
        return Ok(Content::Decoy);
    }
    let written: Written<'_> =
        serde_json::from_slice(rest.get(..length).ok_or(Unreadable)?).map_err(|_| Unreadable)?;
    Ok(Content::Mail(Mail {
        to: Email::parse(&written.to).ok_or(Unreadable)?,
        subject: written.subject.into_owned(),
        text: written.text.into_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;
    use wardkeep_tenancy::RequestContext;

    const FIRST: &str = "first-secret-of-the-tests-0123456789";
    const SECOND: &str = "second-secret-of-the-tests-0123456789";

    fn context() -> RequestContext {
        RequestContext::new("content", datetime!(2026-03-02 09:00 UTC), Entropy::seeded(1))
    }

    fn keys<const N: usize>(first: &str, others: [&'static str; N]) -> ContentKeys {
        ContentKeys::derive(first, others).unwrap()
    }

    fn mail(text: &str) -> Mail {
        Mail {
            to: Email::parse("ada@example.test").unwrap(),
            subject: "Reset your password".to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_mail_opens_for_its_own_row_only() {
        let (cx, keys) = (context(), keys(FIRST, []));
        let (id, other) = (cx.new_id(), cx.new_id());

        let sealed = keys.seal(cx.entropy(), id, Some(&mail("a link")), None).unwrap();

        assert_eq!(keys.open(id, &sealed), Ok(Content::Mail(mail("a link"))));
        assert_eq!(keys.open(other, &sealed), Err(Unreadable));
        for position in (0..sealed.len()).step_by(13) {
            let mut altered = sealed.clone();
            altered[position] ^= 1;
            assert_eq!(keys.open(id, &altered), Err(Unreadable));
        }
        assert_eq!(keys.open(id, &sealed[..20]), Err(Unreadable));
        assert_eq!(keys.open(id, &sealed[..30]), Err(Unreadable));
    }

    #[test]
    fn the_first_secret_encrypts_and_every_one_decrypts() {
        let (cx, old) = (context(), keys(FIRST, []));
        let (new, both) = (keys(SECOND, []), keys(SECOND, [FIRST]));
        let id = cx.new_id();

        let by_old = old.seal(cx.entropy(), id, Some(&mail("a link")), None).unwrap();
        let by_both = both.seal(cx.entropy(), id, Some(&mail("a link")), None).unwrap();

        assert!(both.open(id, &by_old).is_ok());
        assert!(new.open(id, &by_both).is_ok());
        assert_eq!(new.open(id, &by_old), Err(Unreadable));
        assert_eq!(old.open(id, &by_both), Err(Unreadable));
    }

    #[test]
    fn a_decoy_has_the_size_of_a_mail_with_the_longest_link() {
        let (cx, keys) = (context(), keys(FIRST, []));
        let id = cx.new_id();

        let decoy = keys.seal(cx.entropy(), id, None, None).unwrap();
        let short = keys.seal(cx.entropy(), id, Some(&mail("a link")), None).unwrap();
        let long = keys
            .seal(cx.entropy(), id, Some(&mail(&"x".repeat(3_900))), None)
            .unwrap();

        assert_eq!(keys.open(id, &decoy), Ok(Content::Decoy));
        assert_eq!((decoy.len(), decoy.len()), (short.len(), long.len()));
    }

    #[test]
    fn a_decoy_takes_the_room_of_the_mail_that_is_not_sent_and_another_mail_does_too() {
        let (cx, keys) = (context(), keys(FIRST, []));
        let (id, long) = (cx.new_id(), mail(&"x".repeat(20_000)));

        let sent = keys.seal(cx.entropy(), id, Some(&long), None).unwrap();
        let decoy = keys.seal(cx.entropy(), id, None, Some(&long)).unwrap();
        let short = keys
            .seal(cx.entropy(), id, Some(&mail("a link")), Some(&long))
            .unwrap();

        assert_eq!(keys.open(id, &decoy), Ok(Content::Decoy));
        assert_eq!(keys.open(id, &short), Ok(Content::Mail(mail("a link"))));
        assert_eq!((sent.len(), sent.len()), (decoy.len(), short.len()));
    }

    #[test]
    fn the_same_mail_never_looks_the_same_and_shows_nothing_of_itself() {
        let (cx, keys) = (context(), keys(FIRST, []));
        let id = cx.new_id();

        let [one, other] =
            [(); 2].map(|()| keys.seal(cx.entropy(), id, Some(&mail("a link")), None).unwrap());

        assert_ne!(one, other);
        for known in [&b"ada@"[..], b"a link", b"Reset"] {
            assert!(!one.windows(known.len()).any(|window| window == known));
        }
    }

    #[test]
    fn debug_output_holds_no_key_and_no_text() {
        assert_eq!(format!("{:?}", keys(FIRST, [])), "ContentKeys(..)");
        let shown = format!("{:?}", Content::Mail(mail("a link")));
        assert!(!shown.contains("link") && !shown.contains("Reset"), "{shown}");
    }
}
