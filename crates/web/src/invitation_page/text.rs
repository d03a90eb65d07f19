//! What the page says.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use wardkeep_organizations::invitations::Card;
use wardkeep_tenancy::{Fault, FaultKind};

use super::Visit;
use crate::error::{ApiError, ApiResult, status_of};
use crate::html::{self, escaped};
use crate::{messages, time_format};

/// The longest name, in UTF-16 code units, as under `/api/auth`.
const LONGEST_NAME: usize = 2048;

/// What came of the last thing that the visitor did.
pub(super) struct Notice {
    status: StatusCode,
    text: String,
}

impl Notice {
    /// What a visitor can do something about. The rest is an error like any.
    pub(super) fn of(fault: impl Fault + Send + Sync + 'static) -> ApiResult<Self> {
        if matches!(fault.kind(), FaultKind::Internal | FaultKind::Unavailable) {
            return Err(ApiError::from(fault));
        }
        let text = match fault.code() {
            "INVALID_EMAIL_OR_PASSWORD" => "The password is not right for this address.",
            "PASSWORD_TOO_SHORT" => "A password has at least 8 characters.",
            "PASSWORD_TOO_LONG" => "A password has at most 128 characters.",
            "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" => {
                "There is an account with this address already. Sign in with its password."
            }
            "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED" => {
                "The organization has no place for another member. Tell whoever invited you."
            }
            "TEAM_MEMBER_LIMIT_REACHED" => {
                "The team has no place for another member. Tell whoever invited you."
            }
            "TEAM_NOT_FOUND" => "The team that you are invited to is gone. Ask for a new invitation.",
            "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION" => "You are a member already.",
            "PASSWORD_COMPROMISED" => "This password is one of the most common ones. Choose another.",
            "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION" => {
                "Whoever invited you may not do so any more. Ask for a new invitation."
            }
            code => messages::of(code).unwrap_or("That did not work. Please try again."),
        };
        Ok(Self {
            status: status_of(fault.kind()),
            text: text.to_owned(),
        })
    }

    /// A name that cannot be taken.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let text = if name.is_empty() {
            "Tell us your name."
        } else if name.encode_utf16().count() > LONGEST_NAME || name.contains('\0') {
            "This name cannot be stored. Write a shorter one, in letters."
        } else {
            return None;
        };
        Some(Self {
            status: StatusCode::BAD_REQUEST,
            text: text.to_owned(),
        })
    }

    pub(super) fn unknown_action() -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            text: "Please use the buttons of this page.".to_owned(),
        }
    }

    pub(super) fn mail_sent(to: &str) -> Self {
        Self {
            status: StatusCode::OK,
            text: format!(
                "Confirm first that this is your address: a mail is on its way to {to}. The link in it leads back here."
            ),
        }
    }
}

impl Visit {
    /// The page for this visitor.
    pub(super) fn show(&self, notice: Option<Notice>) -> HttpResponse {
        let (status, title, body) = match &self.card {
            None => (
                StatusCode::NOT_FOUND,
                "There is no such invitation".to_owned(),
                "<p>Check that the link is whole. If it is, ask for a new invitation.</p>\n".to_owned(),
            ),
            Some(card) => self.of_card(card),
        };
        let status = notice.as_ref().map_or(status, |notice| notice.status);
        let notice = notice.map(|notice| format!("<p role=\"alert\">{}</p>\n", escaped(&notice.text)));
        let body = format!("{}{body}", notice.unwrap_or_default());
        html::page_with_forms(status, &title, &body)
    }

    fn of_card(&self, card: &Card) -> (StatusCode, String, String) {
        let organization = &card.organization_name;
        let name = escaped(organization);
        match (card.invitation.status.as_str(), &self.session) {
            ("accepted", Some(_)) if card.mine => (
                StatusCode::OK,
                format!("You are a member of {organization}"),
                "<p>You can close this page, and go on in your application.</p>\n".to_owned(),
            ),
            ("rejected", Some(_)) if card.mine => (
                StatusCode::OK,
                "You have declined".to_owned(),
                format!("<p>{name} will see it. You can close this page.</p>\n"),
            ),
            // Nobody stands for it any more.
            _ if !card.invitation.is_open(self.now) || card.inviter_name.is_none() => (
                StatusCode::GONE,
                "This invitation is not valid any more".to_owned(),
                format!("<p>It has expired, was taken back or is answered. Ask {name} for a new one.</p>\n"),
            ),
            (_, None) => (
                StatusCode::OK,
                format!("Join {organization}"),
                self.introduction(card) + &self.sign_in_forms(card),
            ),
            (_, Some(session)) if !card.mine => (
                StatusCode::FORBIDDEN,
                "This invitation is for somebody else".to_owned(),
                format!(
                    "<p>You are signed in as {}, and the invitation was sent to another address.</p>\n{}",
                    escaped(&session.user.email),
                    self.button("sign-out", "Sign out")
                ),
            ),
            (_, Some(session)) if self.needs_proof => (
                StatusCode::OK,
                format!("Join {organization}"),
                format!(
                    "{}<p>First confirm that {} is your address.</p>\n{}",
                    self.introduction(card),
                    escaped(&session.user.email),
                    format_args!(
                        "<form method=\"post\" action=\"{}/proof\"><button>Send me a mail</button></form>\n",
                        self.path
                    )
                ),
            ),
            (_, Some(session)) => (
                StatusCode::OK,
                format!("Join {organization}"),
                format!(
                    "{}<p>You are signed in as {}.</p>\n{}{}",
                    self.introduction(card),
                    escaped(&session.user.email),
                    self.button("accept", "Accept"),
                    self.button("decline", "Decline")
                ),
            ),
        }
    }

    fn introduction(&self, card: &Card) -> String {
        let inviter = escaped(card.inviter_name.as_deref().unwrap_or("Somebody"));
        let role = card.invitation.role.as_deref().unwrap_or("member");
        format!(
            "<p>{inviter} invites you to join {} as {}. The invitation is valid until {} (UTC).</p>\n",
            escaped(&card.organization_name),
            escaped(&role.replace(',', " and ")),
            time_format::minute(card.invitation.expires_at)
        )
    }

    fn sign_in_forms(&self, card: &Card) -> String {
        let (path, email) = (&self.path, escaped(&card.invitation.email));
        let address = format!(
            "<label>E-mail address <input type=\"email\" value=\"{email}\" autocomplete=\"username\" readonly></label>\n"
        );
        format!(
            "<h2>If you have an account</h2>
<form method=\"post\" action=\"{path}/sign-in\">
{address}<label>Password <input type=\"password\" name=\"password\" autocomplete=\"current-password\" required></label>
<button>Sign in</button>
</form>
<h2>If you have none</h2>
<form method=\"post\" action=\"{path}/sign-up\">
{address}<label>Your name <input name=\"name\" autocomplete=\"name\" required></label>
<label>Choose a password <input type=\"password\" name=\"password\" autocomplete=\"new-password\" minlength=\"8\" maxlength=\"128\" required></label>
<button>Sign up</button>
</form>
"
        )
    }

    fn button(&self, action: &str, label: &str) -> String {
        format!(
            "<form method=\"post\" action=\"{}\"><button name=\"action\" value=\"{action}\">{label}</button></form>\n",
            self.path
        )
    }
}
