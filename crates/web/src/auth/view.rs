use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_auth::sessions::Session;
use wardkeep_auth::users::User;
use wardkeep_tenancy::{OrganizationId, SessionId, TeamId, UserId};

use crate::time_format;

/// A user as the protocol shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub struct UserView {
    /// The user's id.
    #[schema(value_type = uuid::Uuid)]
    pub id: UserId,
    /// The name as given; may be empty.
    pub name: String,
    /// The address in lower case.
    pub email: String,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// The address of a picture.
    pub image: Option<String>,
    /// When the user signed up.
    #[serde(with = "time_format")]
    pub created_at: OffsetDateTime,
    /// When the user last changed.
    #[serde(with = "time_format")]
    pub updated_at: OffsetDateTime,
}

/// A session as the protocol shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub struct SessionView {
    /// The session's id.
    #[schema(value_type = uuid::Uuid)]
    pub id: SessionId,
    /// The public handle: names the session when it is revoked, opens nothing.
    pub token: String,
    /// Whose session it is.
    #[schema(value_type = uuid::Uuid)]
    pub user_id: UserId,
    /// When it ends.
    #[serde(with = "time_format")]
    pub expires_at: OffsetDateTime,
    /// When the user signed in.
    #[serde(with = "time_format")]
    pub created_at: OffsetDateTime,
    /// When it was last prolonged.
    #[serde(with = "time_format")]
    pub updated_at: OffsetDateTime,
    /// Where the sign-in came from; empty when unknown.
    pub ip_address: Option<String>,
    /// The `User-Agent` of the sign-in.
    pub user_agent: Option<String>,
    /// The organization chosen last. It may be stale.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub active_organization_id: Option<OrganizationId>,
    /// The team chosen last. It may be stale.
    #[schema(value_type = Option<uuid::Uuid>)]
    pub active_team_id: Option<TeamId>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
            email_verified: user.email_verified,
            image: user.image,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            token: session.token,
            user_id: session.user_id,
            expires_at: session.expires_at,
            created_at: session.created_at,
            updated_at: session.updated_at,
            ip_address: session.ip_address,
            user_agent: session.user_agent,
            active_organization_id: session.active_organization_id,
            active_team_id: session.active_team_id,
        }
    }
}
