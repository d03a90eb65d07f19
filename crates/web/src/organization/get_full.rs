use actix_web::http::header::HeaderName;
use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpRequest, Responder as _, get};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_organizations::FullOrganization;
use wardkeep_organizations::teams::Team;

use super::caller::look;
use super::get::NamedOrganization;
use super::teams::TeamView;
use super::view::{InvitationView, MemberView, OrganizationView};
use crate::auth::{Fields, Query, Shape, TOTAL_COUNT};
use crate::error::{AuthErrorBody, AuthResult};
use crate::state;

/// How many teams the organization has, of which the answer holds the first 100.
const TOTAL_COUNT_OF_TEAMS: HeaderName = HeaderName::from_static("x-total-count-teams");
/// How many invitations there are for the caller to see, of which the answer holds the first 100.
const TOTAL_COUNT_OF_INVITATIONS: HeaderName = HeaderName::from_static("x-total-count-invitations");

pub(super) struct FullyNamedOrganization {
    organization: NamedOrganization,
    members_limit: Option<u64>,
}

/// An organization with who and what belongs to it.
#[derive(Serialize, ToSchema)]
#[schema(as = FullOrganization)]
pub(super) struct FullOrganizationView {
    #[serde(flatten)]
    organization: OrganizationView,
    /// With their users.
    members: Vec<MemberView>,
    teams: Vec<CountedTeamView>,
    /// None for who may not invite; those that make an owner are shown to owners alone.
    invitations: Vec<InvitationView>,
}

/// A team, and how many are in it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CountedTeam)]
struct CountedTeamView {
    #[serde(flatten)]
    team: TeamView,
    member_count: i32,
}

/// The organization with its members, teams and invitations.
#[utoipa::path(
    tag = "organization",
    operation_id = "getFullOrganization",
    params(
        ("organizationId" = Option<String>, Query),
        ("organizationSlug" = Option<String>, Query, description = "Wins over the id"),
        ("membersLimit" = Option<u64>, Query, description = "At most 1000; if absent or 0, as many as an organization may have"),
    ),
    responses(
        (status = 200, body = Option<FullOrganizationView>, description = "`null` when none is named and none is active",
            headers(
                ("X-Total-Count" = u64, description = "How many members there are"),
                ("X-Total-Count-Teams" = u64, description = "How many teams there are; at most 100 are shown"),
                ("X-Total-Count-Invitations" = u64, description = "How many invitations there are for the caller to see; at most 100 are shown"),
            )),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `ORGANIZATION_NOT_FOUND`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`; none is active then"),
    ),
)]
#[get("/organization/get-full-organization")]
pub(super) async fn get_full_organization(
    Query(query): Query<FullyNamedOrganization>,
    request: HttpRequest,
) -> AuthResult<CustomizeResponder<Json<Option<FullOrganizationView>>>> {
    let Some(here) = look(&request, query.organization.asked()).await? else {
        return Ok(Json(None).customize());
    };
    let rules = state::of(&request)?.rules();
    let tx = here.begin().await?;
    let full = wardkeep_organizations::get_full(&tx, rules, here.member(), query.members_limit).await?;
    tx.commit().await?;
    let totals = [full.members.total, full.teams.total, full.invitations.total];
    let [members, teams, invitations] = totals;
    Ok(Json(Some(full.into()))
        .customize()
        .insert_header((TOTAL_COUNT, members))
        .insert_header((TOTAL_COUNT_OF_TEAMS, teams))
        .insert_header((TOTAL_COUNT_OF_INVITATIONS, invitations)))
}

impl From<FullOrganization> for FullOrganizationView {
    fn from(full: FullOrganization) -> Self {
        Self {
            organization: full.organization.into(),
            members: full.members.rows.into_iter().map(Into::into).collect(),
            teams: full.teams.rows.into_iter().map(Into::into).collect(),
            invitations: full.invitations.rows.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Team> for CountedTeamView {
    fn from(team: Team) -> Self {
        Self {
            member_count: team.member_count,
            team: team.into(),
        }
    }
}

impl Shape for FullyNamedOrganization {
    fn read(fields: &mut Fields<'_>) -> Self {
        let organization = NamedOrganization::read(fields);
        let limit = fields
            .has("membersLimit")
            .then(|| fields.text_of_a_union("membersLimit"));
        Self {
            organization,
            members_limit: limit.as_deref().and_then(leading_number),
        }
    }
}

/// What JavaScript's `parseInt` reads of a text, where that is more than 0: the digits that it begins with. Better Auth
/// takes 0 and what is no number for no limit.
fn leading_number(text: &str) -> Option<u64> {
    let text = text.trim_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let digits = text.get(..end).filter(|digits| !digits.is_empty())?;
    Some(digits.parse().unwrap_or(u64::MAX)).filter(|limit| *limit > 0)
}

#[cfg(test)]
mod tests {
    use super::leading_number;

    #[test]
    fn a_limit_is_read_as_javascript_reads_it() {
        for (text, number) in [
            ("2", Some(2)),
            (" +2 members", Some(2)),
            ("1.9", Some(1)),
            ("1e1", Some(1)),
            ("99999999999999999999", Some(u64::MAX)),
            ("0", None),
            ("-1", None),
            ("", None),
            ("all", None),
        ] {
            assert_eq!(leading_number(text), number, "{text:?}");
        }
    }
}
