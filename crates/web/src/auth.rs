//! The endpoints under `/api/auth` about users and sessions, in the protocol of Better Auth 1.7.25.

mod answers;
mod body;
mod change_email;
mod change_password;
pub(crate) mod client;
mod delete_user;
mod error_address;
mod error_page;
mod fields;
mod get_session;
mod list_accounts;
mod list_sessions;
mod ok;
mod providers;
mod request_password_reset;
mod reset_password;
mod revoke_session;
mod revoke_sessions;
mod send_verification_email;
mod sign_in_email;
mod sign_out;
mod sign_up_email;
mod unlink_account;
mod update_session;
mod update_user;
mod verify_email;
mod verify_password;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use answers::{Done, TOTAL_COUNT, done, listed};
pub use body::{Body, Query};
pub(crate) use error_page::explained;
pub(crate) use fields::{Either, filled};
pub use fields::{Fields, Shape};
pub use view::{SessionView, UserView};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(ok::ok)
        .service(error_page::error_page)
        .service(sign_up_email::sign_up_email)
        .service(sign_in_email::sign_in_email)
        .service(sign_out::sign_out)
        .service(get_session::get_session)
        .service(get_session::post_session)
        .service(list_sessions::list_sessions)
        .service(revoke_session::revoke_session)
        .service(revoke_sessions::revoke_sessions)
        .service(revoke_sessions::revoke_other_sessions)
        .service(update_session::update_session)
        .service(update_user::update_user)
        .service(change_password::change_password)
        .service(verify_password::verify_password)
        .service(request_password_reset::request_password_reset)
        .service(reset_password::reset_password_link)
        .service(reset_password::reset_password)
        .service(send_verification_email::send_verification_email)
        .service(verify_email::verify_email)
        .service(change_email::change_email)
        .service(delete_user::delete_user)
        .service(delete_user::delete_user_link)
        .service(list_accounts::list_accounts)
        .service(unlink_account::unlink_account)
        .configure(providers::configure);
}
