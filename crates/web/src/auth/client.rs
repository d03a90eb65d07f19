use actix_web::http::header::USER_AGENT;
use actix_web::{HttpMessage as _, HttpRequest};
use wardkeep_auth::sessions::Client;

use crate::client_address::ClientAddress;

/// What a request says about the browser or program that sent it.
pub(crate) fn of(request: &HttpRequest) -> Client {
    let address = request.extensions().get::<ClientAddress>().copied();
    let user_agent = request.headers().get(USER_AGENT);
    Client {
        ip_address: address.unwrap_or_default().to_string(),
        user_agent: user_agent
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .unwrap_or_default(),
    }
}
