//! Who asks, and in which organization. Each is one statement, and answers whoever may not go on in the endpoint's words:
//!
//! - [`enter`] for most endpoints; [`enter_by_slug`] where a slug wins over the id; [`enter_given`] for those of roles, where
//!   an empty id is not the active organization; [`look`] for those that show an organization, or nothing;
//! - [`find`] (or [`find_given`]) and then [`as_member`] where the protocol checks something before it asks for the membership;
//!   [`within`] where it asks for the organization before the session.

use std::ops::Deref;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use wardkeep_tenancy::{Asked, BeginError, Id, Membership, OrganizationId, TenantScope, TenantTx};

use crate::error::{AuthError, AuthResult};
use crate::session::{self, CurrentSession};
use crate::state;

/// What an endpoint answers somebody who may not go on: the protocol has many words for the same.
pub(super) struct Refusals {
    /// Without a session.
    pub(super) signed_out: Refusal,
    /// Where neither the request names an organization nor the session has an active one.
    pub(super) nowhere: Refusal,
    /// Who is no member of the organization.
    pub(super) outsider: Refusal,
}

/// One answer.
pub(super) enum Refusal {
    /// A status and a code.
    Code(StatusCode, &'static str),
    /// A status and a message without a code.
    Message(StatusCode, &'static str),
    /// A status without a body.
    Empty(StatusCode),
}

/// 401 as most endpoints have it.
pub(super) const UNAUTHORIZED: Refusal = Refusal::Code(StatusCode::UNAUTHORIZED, "UNAUTHORIZED");
/// 400 as most endpoints have it.
pub(super) const NO_ACTIVE_ORGANIZATION: Refusal =
    Refusal::Code(StatusCode::BAD_REQUEST, "NO_ACTIVE_ORGANIZATION");

/// A member in the organization.
pub(super) struct Here {
    session: CurrentSession,
    membership: Membership,
    scope: TenantScope,
}

impl Here {
    /// Opens a transaction in the organization.
    pub(super) async fn begin(&self) -> Result<TenantTx, BeginError> {
        self.scope.begin().await
    }

    pub(super) fn scope(&self) -> &TenantScope {
        &self.scope
    }

    /// The caller's place in the organization.
    pub(super) fn member(&self) -> &Membership {
        &self.membership
    }
}

impl Deref for Here {
    type Target = CurrentSession;

    fn deref(&self) -> &Self::Target {
        &self.session
    }
}

impl Refusals {
    /// 401 and 400 as most endpoints have them, and this to an outsider.
    pub(super) const fn usual(status: StatusCode, code: &'static str) -> Self {
        Self {
            signed_out: UNAUTHORIZED,
            nowhere: NO_ACTIVE_ORGANIZATION,
            outsider: Refusal::Code(status, code),
        }
    }
}

impl Refusal {
    pub(super) fn error(&self) -> AuthError {
        match *self {
            Self::Code(status, code) => AuthError::new(status, code),
            Self::Message(status, message) => AuthError::without_code(status, message),
            Self::Empty(status) => AuthError::empty(status),
        }
    }
}

/// The organization that a request names, or the active one: an empty text names none, as in JavaScript. An id that is no
/// uuid is an organization that does not exist.
pub(super) fn named(organization: Option<&str>) -> Asked<'static> {
    match organization {
        None | Some("") => Asked::Active,
        Some(id) => Asked::Organization(id_of(id)),
    }
}

/// The id that a text is. A text that is no uuid is the id of nothing.
pub(super) fn id_of<T>(text: &str) -> Id<T> {
    text.parse().unwrap_or(nobody())
}

/// The same where a slug wins over the id.
pub(super) fn named_by_slug<'a>(slug: Option<&'a str>, organization: Option<&str>) -> Asked<'a> {
    match slug {
        None | Some("") => named(organization),
        Some(slug) => Asked::Slug(slug),
    }
}

/// No row has the nil uuid (RFC 9562, section 5.9): ours are random.
pub(super) const fn nobody<T>() -> Id<T> {
    Id::from_uuid(uuid::Uuid::nil())
}

/// The member in the organization asked for.
pub(super) async fn enter(request: &HttpRequest, asked: Asked<'_>, refusals: &Refusals) -> AuthResult<Here> {
    let session = find(request, asked, refusals).await?;
    as_member(request, session, refusals)
}

/// The caller's session, with the membership in the organization asked for, if there is one: for what comes between.
pub(super) async fn find(
    request: &HttpRequest,
    asked: Asked<'_>,
    refusals: &Refusals,
) -> AuthResult<CurrentSession> {
    let session = session::find(request, asked)
        .await?
        .ok_or_else(|| refusals.signed_out.error())?;
    somewhere(&session, asked, refusals)?;
    Ok(session)
}

/// What [`enter`] does once there is a session.
pub(super) fn within(
    request: &HttpRequest,
    session: CurrentSession,
    asked: Asked<'_>,
    refusals: &Refusals,
) -> AuthResult<Here> {
    somewhere(&session, asked, refusals)?;
    as_member(request, session, refusals)
}

fn somewhere(session: &CurrentSession, asked: Asked<'_>, refusals: &Refusals) -> AuthResult<()> {
    if asked == Asked::Active && session.session.active_organization_id.is_none() {
        return Err(refusals.nowhere.error());
    }
    Ok(())
}

/// The session becomes a scope, if its user is a member.
pub(super) fn as_member(
    request: &HttpRequest,
    session: CurrentSession,
    refusals: &Refusals,
) -> AuthResult<Here> {
    let state = state::of(request)?;
    let membership = session.membership.clone();
    let membership = membership.ok_or_else(|| refusals.outsider.error())?;
    let scope =
        wardkeep_organizations::enter(state.database(), session.context(), state.access(), &membership);
    Ok(Here {
        session,
        membership,
        scope,
    })
}

/// What an endpoint answers that only looks at an organization.
const LOOKING: Refusals = Refusals {
    signed_out: UNAUTHORIZED,
    nowhere: Refusal::Code(StatusCode::BAD_REQUEST, "ORGANIZATION_NOT_FOUND"),
    outsider: Refusal::Code(StatusCode::FORBIDDEN, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"),
};

/// The member in the organization asked for, for endpoints that only look; `None` where none is asked for and none is
/// active. An outsider works in no organization any more, as in Better Auth.
pub(super) async fn look(request: &HttpRequest, asked: Asked<'_>) -> AuthResult<Option<Here>> {
    let signed_out = || LOOKING.signed_out.error();
    let mut session = session::find(request, asked).await?.ok_or_else(signed_out)?;
    if asked == Asked::Active && session.membership.is_none() {
        let Some(active) = session.session.active_organization_id else {
            return Ok(None);
        };
        // Asked again by its id: who left it is told another thing than who was in it when it was deleted.
        let found = session::find(request, Asked::Organization(active)).await?;
        session = found.ok_or_else(signed_out)?;
    }
    match (&session.membership, session.organization) {
        (Some(_), _) => as_member(request, session, &LOOKING).map(Some),
        (None, None) => Err(LOOKING.nowhere.error()),
        (None, Some(_)) => {
            deactivate(request, &session).await?;
            Err(LOOKING.outsider.error())
        }
    }
}

/// The member in the organization that has a slug, which wins, or an id, or is the active one: 400
/// `ORGANIZATION_NOT_FOUND` for a slug that no organization has.
pub(super) async fn enter_by_slug(
    request: &HttpRequest,
    slug: Option<&str>,
    organization: Option<&str>,
    refusals: &Refusals,
) -> AuthResult<Here> {
    let asked = named_by_slug(slug, organization);
    let session = find(request, asked, refusals).await?;
    if matches!(asked, Asked::Slug(_)) && session.organization.is_none() {
        return Err(AuthError::new(StatusCode::BAD_REQUEST, "ORGANIZATION_NOT_FOUND"));
    }
    as_member(request, session, refusals)
}

/// As [`find`], where only an absent id stands for the active organization: an empty text names none.
pub(super) async fn find_given(
    request: &HttpRequest,
    organization: Option<&str>,
    refusals: &Refusals,
) -> AuthResult<CurrentSession> {
    let session = find(request, named(organization), refusals).await?;
    if organization == Some("") {
        return Err(refusals.nowhere.error());
    }
    Ok(session)
}

/// The member in the organization that [`find_given`] finds.
pub(super) async fn enter_given(
    request: &HttpRequest,
    organization: Option<&str>,
    refusals: &Refusals,
) -> AuthResult<Here> {
    let session = find_given(request, organization, refusals).await?;
    as_member(request, session, refusals)
}

/// Makes no organization the active one of the caller's session, if it was this one: for who is in it no more. Its own
/// transaction, after the one that removed the membership: what a session names counts for nothing without it.
pub(super) async fn forget_active(
    request: &HttpRequest,
    session: &CurrentSession,
    organization: OrganizationId,
) -> AuthResult<()> {
    if session.session.active_organization_id == Some(organization) {
        deactivate(request, session).await?;
    }
    Ok(())
}

/// Makes no organization the active one of the caller's session.
pub(super) async fn deactivate(request: &HttpRequest, session: &CurrentSession) -> AuthResult<()> {
    let state = state::of(request)?;
    let tx = state
        .database()
        .identity(session.context(), session.session.user_id)
        .await?;
    let team = session.session.active_team_id;
    wardkeep_auth::sessions::activate(&tx, session.session.id, None, team).await?;
    tx.commit().await?;
    Ok(())
}
