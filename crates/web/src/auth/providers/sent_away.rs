//! What a request may add to the way to a provider, and the answer that sends a browser there.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_auth::providers::Begun;
use wardkeep_auth::providers::client::RESERVED_PARAMETERS;

use crate::auth::answers::in_ascii;
use crate::auth::fields::Fields;
use crate::cookies::Cookies;

/// Where to send the browser. It is also in `Location`, unless that was refused.
#[derive(Serialize, ToSchema)]
// No further fields: what is answered once an account is linked has these two as well.
#[serde(deny_unknown_fields)]
pub(super) struct SentAway {
    /// The provider's page.
    url: String,
    /// Whether the client should go there by itself.
    redirect: bool,
}

/// Sets the cookie with the state, and says where to go.
pub(super) fn answer(cookies: &Cookies, begun: Begun, disable_redirect: bool) -> HttpResponse {
    cookies.set_state(&begun.state);
    let mut response = HttpResponse::Ok();
    if !disable_redirect {
        response.insert_header((LOCATION, in_ascii(&begun.url)));
    }
    response.json(SentAway {
        url: begun.url,
        redirect: !disable_redirect,
    })
}

/// Parameters for the provider, none of them ours.
pub(super) fn additional(fields: &mut Fields<'_>) -> Option<BTreeMap<String, String>> {
    const NAME: &str = "additionalParams";
    let asked = fields.optional_record_of_text(NAME)?;
    if RESERVED_PARAMETERS
        .iter()
        .any(|reserved| asked.contains_key(*reserved))
    {
        let reserved = RESERVED_PARAMETERS.join(", ");
        fields.note(
            NAME,
            &format!("{NAME} cannot include reserved OAuth parameters: {reserved}"),
        );
    }
    Some(asked)
}
