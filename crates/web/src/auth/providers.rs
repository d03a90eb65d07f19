//! The endpoints for signing in through somebody else. No provider can be configured yet, so each of them says that there
//! is none, in the order of checks and the words of the protocol.

mod account;
mod callback;
mod sign_in_social;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(sign_in_social::sign_in_social)
        .service(sign_in_social::link_social)
        .service(callback::provider_callback)
        .service(callback::provider_callback_form)
        .service(account::refresh_token)
        .service(account::get_access_token)
        .service(account::account_info);
}
