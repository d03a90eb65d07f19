//! Why nobody was signed in, or nothing linked.

use sea_orm::DbErr;
use wardkeep_providers::ProviderError;
use wardkeep_tenancy::{BeginError, Fault, FaultKind};

/// Why nobody was signed in, or nothing linked.
///
/// A program reads [`code`](Fault::code), and where that is `OAUTH_LINK_ERROR` the text; a browser is led away with
/// [`redirect_code`](Self::redirect_code). Both are those of Better Auth.
#[derive(Debug, thiserror::Error)]
pub enum ProviderSignInError {
    /// No such provider is configured.
    #[error("there is no such provider")]
    NotFound,
    /// The provider's ID tokens are not taken from programs.
    #[error("no id tokens of this provider are taken")]
    NoIdTokens,
    /// The ID token is not believed.
    #[error("invalid id token")]
    InvalidToken(#[source] ProviderError),
    /// The provider gives no address, or none that could be the user's here.
    #[error("the provider gives no address")]
    EmailNotFound,
    /// The address has a user, and nobody has proven that it is the same person.
    #[error("account not linked")]
    NotLinked,
    /// Nobody new may come in through this provider.
    #[error("signup disabled")]
    SignUpDisabled,
    /// The database refuses the user: a text cannot be stored.
    #[error("unable to create user")]
    NotCreated,
    /// Others did so much with the same address or account at the same moment that nothing came of it.
    #[error("unable to link account")]
    NotSettled,
    /// The user must prove the address first ([`Policy::require_verified_email`](crate::Policy)).
    #[error("email not verified")]
    NotVerified,
    /// The session by which the account was to be linked is over.
    #[error("the session that links the account is over")]
    SessionEnded,
    /// The account is somebody else's.
    #[error("the account is linked to another user")]
    LinkedElsewhere,
    /// The provider does not say that the address of the account was proven.
    #[error("the address of the account is not proven")]
    LinkUnproven,
    /// The account has another address than the signed-in user.
    #[error("the account has another address")]
    LinkOtherAddress,
    /// The account could not be linked: it cannot be stored, or others linked it and let go of it at the same moment.
    #[error("the account could not be linked")]
    LinkingFailed,
    /// The provider cannot be reached, or its settings do not work; or it does not say who came.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The link for the mail could not be signed.
    #[error("no link could be made")]
    Link(#[from] serde_json::Error),
    /// The database did not do its part.
    #[error("the sign-in could not be read or written")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened for the sign-in")]
    Begin(#[from] BeginError),
}

impl ProviderSignInError {
    /// The code that a browser is led away with.
    pub fn redirect_code(&self) -> &'static str {
        match self {
            Self::NotFound => "oauth_provider_not_found",
            Self::InvalidToken(error) | Self::Provider(error) => error.code(),
            Self::NoIdTokens => "unable_to_get_user_info",
            Self::EmailNotFound => "email_not_found",
            Self::NotLinked => "account_not_linked",
            Self::SignUpDisabled => "signup_disabled",
            Self::NotCreated => "unable_to_create_user",
            Self::NotVerified => "email_not_verified",
            Self::LinkedElsewhere => "account_already_linked_to_different_user",
            Self::LinkOtherAddress => "email_does_not_match",
            Self::NotSettled | Self::SessionEnded | Self::LinkUnproven | Self::LinkingFailed => {
                "unable_to_link_account"
            }
            Self::Link(_) | Self::Database(_) | Self::Begin(_) => "internal_server_error",
        }
    }
}

impl Fault for ProviderSignInError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NotFound | Self::NoIdTokens => FaultKind::NotFound,
            Self::NotVerified => FaultKind::Forbidden,
            Self::LinkedElsewhere => FaultKind::Conflict,
            // Better Auth answers 417.
            Self::LinkingFailed => FaultKind::Invalid,
            Self::InvalidToken(_)
            | Self::EmailNotFound
            | Self::NotLinked
            | Self::SignUpDisabled
            | Self::NotCreated
            | Self::NotSettled
            | Self::SessionEnded
            | Self::LinkUnproven
            | Self::LinkOtherAddress => FaultKind::Unauthenticated,
            Self::Provider(_) => FaultKind::Unavailable,
            Self::Link(_) => FaultKind::Internal,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "PROVIDER_NOT_FOUND",
            Self::NoIdTokens => "ID_TOKEN_NOT_SUPPORTED",
            Self::InvalidToken(_) => "INVALID_TOKEN",
            Self::EmailNotFound => "USER_EMAIL_NOT_FOUND",
            Self::NotLinked | Self::SignUpDisabled | Self::NotCreated | Self::NotSettled => {
                "OAUTH_LINK_ERROR"
            }
            Self::NotVerified => "EMAIL_NOT_VERIFIED",
            Self::SessionEnded => "UNAUTHORIZED",
            Self::LinkedElsewhere => "SOCIAL_ACCOUNT_ALREADY_LINKED",
            Self::LinkUnproven => "LINKING_NOT_ALLOWED",
            Self::LinkOtherAddress => "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED",
            Self::LinkingFailed => "LINKING_FAILED",
            Self::Provider(_) => "PROVIDER_UNAVAILABLE",
            Self::Link(_) => "INTERNAL_ERROR",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}
