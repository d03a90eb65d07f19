use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_auth::emails::Email;
use wardkeep_organizations::invitations::{self, InvitationError, NewInvitation};

use super::caller::{self, Refusal, Refusals, UNAUTHORIZED, named};
use super::schemas::TextOrTexts;
use super::view::InvitationView;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::state;

const REFUSALS: Refusals = Refusals {
    signed_out: UNAUTHORIZED,
    nowhere: Refusal::Code(StatusCode::BAD_REQUEST, "ORGANIZATION_NOT_FOUND"),
    outsider: Refusal::Code(StatusCode::BAD_REQUEST, "MEMBER_NOT_FOUND"),
};

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct InviteMember {
    #[schema(example = "ben@example.org")]
    email: String,
    /// The roles of the new member: one name, or several in an array.
    #[schema(value_type = TextOrTexts, example = "member")]
    role: Vec<String>,
    /// The active organization, if absent.
    organization_id: Option<String>,
    /// True to send an invitation that waits already once more, with a new time to accept it.
    resend: Option<bool>,
    /// The teams in which the new member gets a place: one id, or several in an array.
    #[schema(value_type = TextOrTexts, required = false)]
    team_id: Option<Vec<String>>,
}

/// Invites somebody to the organization, by mail unless the server is told to send none.
#[utoipa::path(
    tag = "organization",
    operation_id = "inviteMember",
    request_body = InviteMember,
    responses(
        (status = 200, body = InvitationView, description = "The invitation; its `id` is the secret of its link"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `ORGANIZATION_NOT_FOUND` (none is active), \
            `INVALID_EMAIL`, `MEMBER_NOT_FOUND` (an outsider), `ROLE_NOT_FOUND`, `USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION`, \
            `USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION`, `INVALID_TEAM_ID`, `TEAM_NOT_FOUND`; an unknown role has a message only"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE`, `INVITATION_LIMIT_REACHED`, `TEAM_MEMBER_LIMIT_REACHED`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`"),
    ),
)]
#[post("/organization/invite-member")]
pub(super) async fn invite_member(
    Body(body): Body<InviteMember>,
    request: HttpRequest,
) -> AuthResult<Json<InvitationView>> {
    let state = state::of(&request)?;
    let asked = named(body.organization_id.as_deref());
    let session = caller::find(&request, asked, &REFUSALS).await?;
    let email =
        Email::parse(&body.email).ok_or_else(|| AuthError::new(StatusCode::BAD_REQUEST, "INVALID_EMAIL"))?;
    let here = caller::as_member(&request, session, &REFUSALS)?;
    let new = NewInvitation {
        email,
        roles: body.role,
        resend: body.resend == Some(true),
        teams: body.team_id.unwrap_or_default(),
    };
    let (access, rules, auth) = (state.access(), state.rules(), state.auth());
    let tx = here.begin().await?;
    let sent = invitations::create(&tx, access, rules, auth, &here.user, new)
        .await
        .map_err(refused)?;
    tx.commit().await?;
    if sent.mailed {
        auth.mail_waiting();
    }
    Ok(Json(sent.invitation.into()))
}

/// Unknown roles are named in a message without a code.
fn refused(error: InvitationError) -> AuthError {
    match error {
        InvitationError::UnknownRoles(roles) => {
            let message = format!("ROLE_NOT_FOUND: {}", roles.join(", "));
            AuthError::without_code(StatusCode::BAD_REQUEST, message)
        }
        error => error.into(),
    }
}

impl Shape for InviteMember {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            email: fields.text("email"),
            role: fields.text_or_texts("role"),
            organization_id: fields.optional_text("organizationId"),
            resend: fields.optional_boolean("resend"),
            // JavaScript takes an empty text for an absent one.
            team_id: fields
                .optional_text_or_texts("teamId")
                .filter(|teams| teams != &[""]),
        }
    }
}
