//! The endpoints for signing in through somebody else.

mod access_token;
mod account_info;
mod callback;
mod given;
mod link_social;
mod refresh_token;
mod selection;
mod sent_away;
mod sign_in_social;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(sign_in_social::sign_in_social)
        .service(link_social::link_social)
        .service(callback::provider_callback)
        .service(callback::provider_callback_form)
        .service(refresh_token::refresh_token)
        .service(access_token::get_access_token)
        .service(account_info::account_info);
}
