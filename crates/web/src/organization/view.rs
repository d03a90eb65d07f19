mod invitation;

pub(super) use invitation::InvitationView;

use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_organizations::Organization;
use wardkeep_organizations::members::{Fellow, Member, Profile};
use wardkeep_tenancy::{MemberId, OrganizationId, UserId};

use crate::session::CurrentSession;
use crate::time_format;

/// An organization as the protocol shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Organization)]
pub(super) struct OrganizationView {
    #[schema(value_type = uuid::Uuid)]
    id: OrganizationId,
    name: String,
    /// Its unique name in addresses.
    slug: String,
    /// The address of a picture.
    logo: Option<String>,
    /// A JSON object as text.
    metadata: Option<String>,
    #[serde(with = "time_format")]
    created_at: OffsetDateTime,
}

/// An organization as whoever has just written it is shown it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WrittenOrganization)]
pub(super) struct WrittenOrganizationView {
    #[schema(value_type = uuid::Uuid)]
    id: OrganizationId,
    name: String,
    /// Its unique name in addresses.
    slug: String,
    /// The address of a picture.
    logo: Option<String>,
    /// As an object, elsewhere it is text; absent where nothing is attached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    #[serde(with = "time_format")]
    created_at: OffsetDateTime,
}

/// A member as the protocol shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Member)]
pub(super) struct MemberView {
    #[schema(value_type = uuid::Uuid)]
    id: MemberId,
    #[schema(value_type = uuid::Uuid)]
    organization_id: OrganizationId,
    #[schema(value_type = uuid::Uuid)]
    user_id: UserId,
    /// Names of roles, comma-separated.
    role: String,
    #[serde(with = "time_format")]
    created_at: OffsetDateTime,
    /// The user behind it, where the endpoint says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<ProfileView>,
}

/// What a member sees of a fellow member.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Profile)]
pub(super) struct ProfileView {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    name: String,
    email: String,
    image: Option<String>,
}

impl From<Organization> for OrganizationView {
    fn from(organization: Organization) -> Self {
        Self {
            id: organization.id,
            name: organization.name,
            slug: organization.slug,
            logo: organization.logo,
            metadata: organization.metadata,
            created_at: organization.created_at,
        }
    }
}

impl From<Organization> for WrittenOrganizationView {
    fn from(organization: Organization) -> Self {
        let metadata = organization.metadata.as_deref();
        Self {
            metadata: metadata.and_then(|text| serde_json::from_str(text).ok()),
            id: organization.id,
            name: organization.name,
            slug: organization.slug,
            logo: organization.logo,
            created_at: organization.created_at,
        }
    }
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.id,
            organization_id: member.organization_id,
            user_id: member.user_id,
            role: member.role,
            created_at: member.created_at,
            user: None,
        }
    }
}

impl From<Fellow> for MemberView {
    fn from(fellow: Fellow) -> Self {
        Self::from(fellow.member).with_user(Some(fellow.profile))
    }
}

impl MemberView {
    /// The caller's own membership, with the caller.
    pub(super) fn of_caller(member: Member, caller: &CurrentSession) -> Self {
        let user = ProfileView {
            id: caller.user.id,
            name: caller.user.name.clone(),
            email: caller.user.email.clone(),
            image: caller.user.image.clone(),
        };
        Self {
            user: Some(user),
            ..Self::from(member)
        }
    }

    pub(super) fn with_user(self, profile: Option<Profile>) -> Self {
        let user = profile.map(|profile| ProfileView {
            id: profile.id,
            name: profile.name,
            email: profile.email,
            image: profile.image,
        });
        Self { user, ..self }
    }
}
