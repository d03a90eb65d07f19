//! What is kept between sending a browser to a provider and its return.
//!
//! The state in the address says which sign-in comes back, the one in the signed cookie that it is the same browser (RFC
//! 9700, section 4.7.1). What belongs to it is one row, sealed for that row. It lives ten minutes, and is used up by the
//! first who brings both.
//!
//! The row does not say in the clear whose link it is, so that what voids a user's other tokens passes it by. A link is no
//! better than the session that began it: [`link`](super::links::link) asks for that session again, and whatever voids
//! tokens because of who has the mailbox has ended it by then.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DbErr, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use wardkeep_tenancy::{CredentialsTx, Entropy, SessionId, UserId};

use crate::Auth;
use crate::at_rest::{Column as Sealed, Place};
use crate::verifications::{Column, Entity, Model, hashed};

/// How long the browser keeps the cookie, as in Better Auth.
pub const COOKIE_LIFETIME: Duration = Duration::minutes(5);
/// How long the row counts, as in Better Auth.
const LIFETIME: Duration = Duration::minutes(10);
const LETTERS_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// As many characters as in Better Auth: 190 bits.
const STATE: usize = 32;
/// The same for the nonce.
const NONCE: usize = 32;
/// Between the 43 and 128 of RFC 7636, section 4.1.
const VERIFIER: usize = 64;

/// A sign-in, or a link, that waits for its browser. It has no Debug form: the code verifier must not be printed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Flow {
    /// Where the browser was sent.
    pub(super) provider: String,
    /// What was hashed (RFC 7636).
    pub(super) code_verifier: String,
    /// What must come back in the ID token (OpenID Connect Core 1.0, section 3.1.2.1).
    pub(super) nonce: String,
    pub(super) callback: Option<String>,
    pub(super) error_callback: Option<String>,
    pub(super) new_user_callback: Option<String>,
    pub(super) request_sign_up: bool,
    /// Who links an account, by which session; else somebody signs in.
    pub(super) link: Option<(UserId, SessionId)>,
}

/// A new state, for the address and the cookie.
pub(super) fn generate(entropy: &Entropy) -> String {
    entropy.text(LETTERS_AND_DIGITS, STATE)
}

/// A new nonce.
pub(super) fn nonce(entropy: &Entropy) -> String {
    entropy.text(LETTERS_AND_DIGITS, NONCE)
}

/// A new code verifier.
pub(super) fn code_verifier(entropy: &Entropy) -> String {
    entropy.text(LETTERS_AND_DIGITS, VERIFIER)
}

/// Keeps what belongs to a state.
pub(super) async fn create(tx: &CredentialsTx, auth: &Auth, state: &str, flow: &Flow) -> Result<(), DbErr> {
    let cx = tx.context();
    let id = cx.new_id();
    let written = serde_json::to_string(flow).map_err(|error| DbErr::Json(error.to_string()))?;
    let keys = auth.secrets().provider_keys();
    let row = Model {
        id,
        identifier: identifier(state),
        value: keys.seal_text(cx.entropy(), &Place::new(id, Sealed::State, &[]), &written)?,
        expires_at: cx.now() + LIFETIME,
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What belongs to a state, and until when. It stays: whoever asks has not shown to be the same browser.
pub(super) async fn find(
    tx: &CredentialsTx,
    auth: &Auth,
    state: &str,
) -> Result<Option<(Flow, OffsetDateTime)>, DbErr> {
    let row = Entity::find()
        .filter(Column::Identifier.eq(identifier(state)))
        .one(tx)
        .await?;
    Ok(row.and_then(|row| read(auth, &row)))
}

/// The same, and uses the state up, whether or not it is over: of any number of requests at once, one gets it.
pub(super) async fn consume(
    tx: &CredentialsTx,
    auth: &Auth,
    state: &str,
) -> Result<Option<(Flow, OffsetDateTime)>, DbErr> {
    let rows = Entity::delete_many()
        .filter(Column::Identifier.eq(identifier(state)))
        .exec_with_returning(tx)
        .await?;
    Ok(rows.first().and_then(|row| read(auth, row)))
}

fn identifier(state: &str) -> String {
    hashed("auth-state:", state)
}

fn read(auth: &Auth, row: &Model) -> Option<(Flow, OffsetDateTime)> {
    let keys = auth.secrets().provider_keys();
    let written = keys.open_text(&Place::new(row.id, Sealed::State, &[]), &row.value)?;
    Some((serde_json::from_str(&written).ok()?, row.expires_at))
}
