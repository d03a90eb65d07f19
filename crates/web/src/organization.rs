//! The endpoints under `/api/auth/organization`, in the protocol of Better Auth 1.7.25.

mod caller;
mod create;
mod create_role;
mod delete_role;
mod get_active_member;
mod get_active_member_role;
mod get_role;
mod has_permission;
mod leave;
mod list;
mod list_members;
mod list_roles;
mod remove_member;
mod role_view;
mod set_active;
mod update_member_role;
mod update_role;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create)
        .service(list::list)
        .service(set_active::set_active)
        .service(remove_member::remove_member)
        .service(list_members::list_members)
        .service(get_active_member::get_active_member)
        .service(get_active_member_role::get_active_member_role)
        .service(update_member_role::update_member_role)
        .service(leave::leave)
        .service(has_permission::has_permission)
        .service(create_role::create_role)
        .service(list_roles::list_roles)
        .service(get_role::get_role)
        .service(update_role::update_role)
        .service(delete_role::delete_role);
}
