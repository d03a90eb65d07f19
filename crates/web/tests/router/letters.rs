//! The mails of a test, and links that nobody sent.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;
use wardkeep_auth::mail::{Letter, Mail, Mailbox, Worker};
use wardkeep_tenancy::Entropy;
use wardkeep_testkit::START;

use crate::world::{BASE, SECRET, World};

/// An hour after the start of the test: when links are over.
pub(crate) const LATER: i64 = START.unix_timestamp() + 3600;

impl World {
    /// Sends the mails that wait. The newest comes last.
    pub(crate) async fn mails(&self) -> Vec<Mail> {
        let (auth, mailbox) = (self.state.auth().clone(), Mailbox::new());
        let worker = Worker::new(
            self.test.connect_worker().await,
            auth,
            self.clock.clone(),
            Entropy::seeded(7),
            mailbox.clone(),
        );
        worker.deliver_due().await.unwrap();
        mailbox
            .letters()
            .into_iter()
            .rev()
            .map(|letter: Letter| letter.mail)
            .collect()
    }

    /// The link in the one mail that waits.
    pub(crate) async fn link(&self) -> Url {
        let mails = self.mails().await;
        let [mail] = &mails[..] else { panic!("{mails:?}") };
        link_in(mail)
    }
}

/// The link in a mail. It leads to the configured address.
pub(crate) fn link_in(mail: &Mail) -> Url {
    let words = mail.text.split_whitespace();
    let links: Vec<Url> = words
        .filter(|word| word.contains("://"))
        .map(|word| Url::parse(word).unwrap())
        .collect();
    let [link] = &links[..] else {
        panic!("{}", mail.text)
    };
    assert_eq!(link.origin().ascii_serialization(), BASE);
    link.clone()
}

/// What a browser asks for when a link is opened.
pub(crate) fn path(link: &Url) -> String {
    format!("{}?{}", link.path(), link.query().unwrap_or_default())
}

/// The token in a link: a parameter, or the last part of its path.
pub(crate) fn token(link: &Url) -> String {
    let parameter = link
        .query_pairs()
        .find(|(name, _)| name == "token")
        .map(|(_, value)| value.into_owned());
    parameter.unwrap_or_else(|| link.path_segments().unwrap().next_back().unwrap().to_owned())
}

/// Claims, signed with the secret of the tests.
pub(crate) fn signed(claims: &Value) -> String {
    let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let signed = format!(
        "{}.{}",
        encode(br#"{"alg":"HS256"}"#),
        encode(claims.to_string().as_bytes())
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", encode(&mac.finalize().into_bytes()))
}

/// The path that proves an address by these claims, for an hour from the start.
pub(crate) fn proof(email: &str, more: &Value) -> String {
    let mut claims = json!({ "email": email, "exp": LATER });
    claims
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    format!("/api/auth/verify-email?token={}", signed(&claims))
}
