//! The endpoints under `/api/auth` about users and sessions, in the protocol of Better Auth 1.7.25.

mod body;
mod client;
mod fields;
mod get_session;
mod ok;
mod sign_in_email;
mod sign_out;
mod sign_up_email;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub use body::{Body, Query};
pub use fields::{Fields, Shape};
pub use view::{SessionView, UserView};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(ok::ok)
        .service(sign_up_email::sign_up_email)
        .service(sign_in_email::sign_in_email)
        .service(sign_out::sign_out)
        .service(get_session::get_session)
        .service(get_session::post_session);
}
