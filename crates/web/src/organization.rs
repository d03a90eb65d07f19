//! The endpoints under `/api/auth/organization`, in the protocol of Better Auth 1.7.25.

mod caller;
mod create;
mod list;
mod remove_member;
mod set_active;
mod teams;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create)
        .service(list::list)
        .service(set_active::set_active)
        .service(remove_member::remove_member)
        .configure(teams::configure);
}
