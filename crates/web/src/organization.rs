//! The endpoints under `/api/auth/organization`, in the protocol of Better Auth 1.7.25.

mod caller;
mod check_slug;
mod create;
mod delete;
mod get;
mod list;
mod remove_member;
mod set_active;
mod update;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(check_slug::check_slug)
        .service(create::create)
        .service(update::update)
        .service(delete::delete)
        .service(get::get_organization)
        .service(list::list)
        .service(set_active::set_active)
        .service(remove_member::remove_member);
}
