//! An ID token that a program got from a provider by itself.

use utoipa::ToSchema;
use wardkeep_auth::providers::client::{GivenIdToken, Secret};

use crate::auth::fields::{Fields, filled};

/// An ID token that a program got from the provider by itself.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct IdToken {
    /// The token. It is checked, and says who the user is.
    token: String,
    /// What the program asked the provider to put into it.
    nonce: Option<String>,
    /// The access token that came with it.
    access_token: Option<String>,
    /// The refresh token that came with it.
    refresh_token: Option<String>,
    /// At a sign-in only: what Apple gives to the program alone, once.
    user: Option<GivenUser>,
}

/// What a program says of the user. Nothing of it is believed, but for the name at Apple.
#[derive(ToSchema)]
pub(super) struct GivenUser {
    name: Option<GivenName>,
}

/// A name as Apple gives it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct GivenName {
    first_name: Option<String>,
    last_name: Option<String>,
}

impl IdToken {
    /// As signing in takes it.
    pub(super) fn to_sign_in(fields: &mut Fields<'_>) -> Self {
        let token = Self::to_link(fields);
        fields.optional_number("expiresAt");
        let user = fields.optional_object_of("user", |user| {
            let name = user.optional_object_of("name", |name| GivenName {
                first_name: name.optional_text("firstName"),
                last_name: name.optional_text("lastName"),
            });
            user.optional_text("email");
            GivenUser { name }
        });
        Self { user, ..token }
    }

    /// As linking takes it.
    pub(super) fn to_link(fields: &mut Fields<'_>) -> Self {
        Self {
            token: fields.token("token"),
            nonce: fields.optional_text("nonce"),
            access_token: fields.optional_token("accessToken"),
            refresh_token: fields.optional_token("refreshToken"),
            user: None,
        }
    }
}

impl GivenName {
    fn whole(self) -> Option<String> {
        let parts = [self.first_name, self.last_name].map(Option::unwrap_or_default);
        filled(Some(parts.join(" ").trim().to_owned()))
    }
}

impl From<IdToken> for GivenIdToken {
    fn from(given: IdToken) -> Self {
        let name = given.user.and_then(|user| user.name).and_then(GivenName::whole);
        Self {
            token: Secret::new(given.token),
            nonce: filled(given.nonce),
            access_token: filled(given.access_token).map(Secret::new),
            refresh_token: filled(given.refresh_token).map(Secret::new),
            name,
        }
    }
}
