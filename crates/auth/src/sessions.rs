//! Sessions: made at sign-in, found by the secret in the cookie, prolonged while used, deleted at sign-out.

mod entity;
mod secret;

use sea_orm::prelude::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, FromQueryResult as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use time::{Duration, OffsetDateTime};
use wardkeep_tenancy::{
    Asked, BeginError, CredentialsTx, Database, Fault, FaultKind, IdentityTx, Membership, OrganizationId,
    RequestContext, SessionId, TeamId, UserId,
};

pub use entity::Model as Session;
pub use secret::SessionSecret;

use crate::listed::Listed;
use crate::users::User;

/// How long a session lives after sign-in, and after each time it is prolonged.
pub const LIFETIME: Duration = Duration::days(7);
/// How long a session lives whose user did not want to be remembered. It is never prolonged.
pub const UNREMEMBERED_LIFETIME: Duration = Duration::days(1);
/// How long after its sign-in a session may do what needs a recent one: see the other sessions, unlink an account, delete
/// the user without a password.
pub const FRESH_AGE: Duration = Duration::days(1);
/// A session is prolonged at most this often.
pub const UPDATE_AGE: Duration = Duration::days(1);

/// Whether a browser keeps the session after it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Remember {
    /// For [`LIFETIME`], prolonged by use.
    #[default]
    Yes,
    /// Until the browser closes, and for [`UNREMEMBERED_LIFETIME`] at most.
    No,
}

impl Remember {
    fn lifetime(self) -> Duration {
        match self {
            Self::Yes => LIFETIME,
            Self::No => UNREMEMBERED_LIFETIME,
        }
    }
}

/// What is noted about the browser or program that signs in. Shown to the user in the list of sessions; proves nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The address, empty when unknown.
    pub ip_address: String,
    /// The `User-Agent` header, empty when there was none.
    pub user_agent: String,
}

/// A session that was just made, with the secret that no later query will give back.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who signed in.
    pub user: User,
    /// The session's row.
    pub session: Session,
    /// For the cookie.
    pub secret: SessionSecret,
}

/// A valid session: the row, its user, and the membership in the organization asked for.
#[derive(Debug, Clone)]
pub struct CurrentSession {
    /// The session's row.
    pub session: Session,
    /// Whose session it is.
    pub user: User,
    /// The organization asked for by anything but [`Asked::Active`], whether or not the user belongs to it; `None` when
    /// there is none.
    pub organization: Option<OrganizationId>,
    /// The user's place in the organization asked for. `None` when there is no such organization, or the user is no member
    /// of it.
    pub membership: Option<Membership>,
}

impl Session {
    /// Whether the session is over.
    pub fn is_expired(&self, now: OffsetDateTime) -> bool {
        self.expires_at < now
    }

    /// Whether the user signed in less than [`FRESH_AGE`] ago.
    pub fn is_fresh(&self, now: OffsetDateTime) -> bool {
        now - self.created_at < FRESH_AGE
    }

    /// Whether the session was not prolonged for [`UPDATE_AGE`]. Holds only for remembered sessions; of the others
    /// nobody may ask.
    pub fn is_due(&self, now: OffsetDateTime) -> bool {
        self.expires_at - LIFETIME + UPDATE_AGE <= now
    }
}

/// Finds the session that a secret proves, with the user's membership in the organization asked for.
///
/// This is one statement, except that a session found to be over is deleted.
pub async fn find(
    db: &Database,
    cx: &RequestContext,
    secret: &SessionSecret,
    asked: Asked<'_>,
) -> Result<Option<CurrentSession>, SessionError> {
    let Some(found) = db.find_session(&secret.handle(), asked).await? else {
        return Ok(None);
    };
    let session = Session::from_query_result(&found.row, "s_")?;
    if session.is_expired(cx.now()) {
        delete(db, cx, &session).await?;
        return Ok(None);
    }
    let user = User::from_query_result(&found.row, "u_")?;
    Ok(Some(CurrentSession {
        session,
        user,
        organization: found.organization,
        membership: found.membership,
    }))
}

/// Lists the sessions of the signed-in user that are not over, oldest first.
///
/// # Errors
///
/// When the database fails.
pub async fn list(db: &Database, cx: &RequestContext, user: UserId) -> Result<Listed<Session>, SessionError> {
    let tx = db.identity(cx, user).await?;
    let own = entity::Entity::find()
        .filter(entity::Column::UserId.eq(user))
        .filter(entity::Column::ExpiresAt.gt(cx.now()))
        .order_by_asc(entity::Column::CreatedAt)
        .order_by_asc(entity::Column::Id);
    Ok(Listed::read(&tx, own).await?)
}

/// Which sessions of the signed-in user end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked<'a> {
    /// The one that has this handle ([`Session::token`](Session)); none, if it is somebody else's.
    Handle(&'a str),
    /// All but this one.
    Others(SessionId),
    /// All.
    All,
}

/// Ends sessions of the signed-in user. Their next request is refused, on every server: nothing is cached.
///
/// # Errors
///
/// When the database fails.
pub async fn revoke(
    db: &Database,
    cx: &RequestContext,
    user: UserId,
    which: Revoked<'_>,
) -> Result<(), SessionError> {
    let tx = db.identity(cx, user).await?;
    let own = entity::Entity::delete_many().filter(entity::Column::UserId.eq(user));
    let revoked = match which {
        Revoked::Handle(handle) => own.filter(entity::Column::Token.eq(handle)),
        Revoked::Others(kept) => own.filter(entity::Column::Id.ne(kept)),
        Revoked::All => own,
    };
    revoked.exec(&tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends every session of a user who has proven something about themselves.
pub(crate) async fn delete_all(tx: &CredentialsTx, user: UserId) -> Result<(), DbErr> {
    entity::Entity::delete_many()
        .filter(entity::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether a session is still there. It was when the request began; since then a reset may have ended it.
pub(crate) async fn is_there(tx: &impl ConnectionTrait, session: SessionId) -> Result<bool, DbErr> {
    Ok(entity::Entity::find_by_id(session).one(tx).await?.is_some())
}

/// Whether a session is still there, is this user's, and is not over.
pub(crate) async fn is_valid(tx: &CredentialsTx, session: SessionId, user: UserId) -> Result<bool, DbErr> {
    let valid = entity::Entity::find_by_id(session)
        .filter(entity::Column::UserId.eq(user))
        .filter(entity::Column::ExpiresAt.gte(tx.now()))
        .one(tx);
    Ok(valid.await?.is_some())
}

/// Makes a session for a user who has just proven who they are.
pub(crate) async fn create(
    tx: &CredentialsTx,
    user: UserId,
    remember: Remember,
    client: &Client,
) -> Result<(Session, SessionSecret), DbErr> {
    let secret = SessionSecret::generate(tx.context().entropy());
    let session = Session {
        id: tx.context().new_id(),
        expires_at: tx.now() + remember.lifetime(),
        token: secret.handle(),
        created_at: tx.now(),
        updated_at: tx.now(),
        ip_address: Some(client.ip_address.clone()),
        user_agent: Some(client.user_agent.clone()),
        user_id: user,
        active_organization_id: None,
        active_team_id: None,
    };
    entity::Entity::insert(session.clone().into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok((session, secret))
}

/// Prolongs a session to [`LIFETIME`] from now. [`SessionError::Ended`] if it was signed out meanwhile.
///
/// Call it for a remembered session that [is due](Session::is_due).
pub async fn slide(db: &Database, cx: &RequestContext, session: &Session) -> Result<Session, SessionError> {
    let slid = Session {
        expires_at: cx.now() + LIFETIME,
        updated_at: cx.now(),
        ..session.clone()
    };
    let tx = db.identity(cx, session.user_id).await?;
    let updated = entity::Entity::update_many()
        .col_expr(entity::Column::ExpiresAt, Expr::value(slid.expires_at))
        .col_expr(entity::Column::UpdatedAt, Expr::value(slid.updated_at))
        .filter(entity::Column::Id.eq(session.id))
        .exec(&tx)
        .await?;
    if updated.rows_affected == 0 {
        return Err(SessionError::Ended(session.id));
    }
    tx.commit().await?;
    Ok(slid)
}

/// Ends the session that a secret proves, if there is one.
pub async fn sign_out(
    db: &Database,
    cx: &RequestContext,
    secret: &SessionSecret,
) -> Result<(), SessionError> {
    if let Some(current) = find(db, cx, secret, Asked::Active).await? {
        delete(db, cx, &current.session).await?;
    }
    Ok(())
}

/// Names the organization and the team in which a session of this user works: hints, worth nothing without a member
/// row. `updatedAt` stays, as in Better Auth.
///
/// # Errors
///
/// When the database fails.
pub async fn activate(
    tx: &IdentityTx,
    session: SessionId,
    organization: Option<OrganizationId>,
    team: Option<TeamId>,
) -> Result<(), DbErr> {
    entity::Entity::update_many()
        .col_expr(entity::Column::ActiveOrganizationId, Expr::value(organization))
        .col_expr(entity::Column::ActiveTeamId, Expr::value(team))
        .filter(entity::Column::Id.eq(session))
        .exec(tx)
        .await?;
    Ok(())
}

async fn delete(db: &Database, cx: &RequestContext, session: &Session) -> Result<(), SessionError> {
    let tx = db.identity(cx, session.user_id).await?;
    entity::Entity::delete_by_id(session.id).exec(&tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Why a session could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The session ended while the request was on its way.
    #[error("session {0} has ended")]
    Ended(SessionId),
    /// The database did not do its part.
    #[error("the session could not be read or written")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened for the session")]
    Begin(#[from] BeginError),
}

impl Fault for SessionError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Ended(_) => FaultKind::Unauthenticated,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Ended(_) => "FAILED_TO_GET_SESSION",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}
