//! The endpoints under `/api/auth/organization`, in the protocol of Better Auth 1.7.25.

mod accept_invitation;
mod caller;
mod cancel_invitation;
mod check_slug;
mod create;
mod create_role;
mod delete;
mod delete_role;
mod get;
mod get_active_member;
mod get_active_member_role;
mod get_full;
mod get_invitation;
mod get_role;
mod has_permission;
mod invite_member;
mod leave;
mod list;
mod list_invitations;
mod list_members;
mod list_roles;
mod list_user_invitations;
mod reject_invitation;
mod remove_member;
mod role_view;
mod schemas;
mod set_active;
mod teams;
mod update;
mod update_member_role;
mod update_role;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(check_slug::check_slug)
        .service(create::create)
        .service(update::update)
        .service(delete::delete)
        .service(get::get_organization)
        .service(get_full::get_full_organization)
        .service(list::list)
        .service(set_active::set_active)
        .service(remove_member::remove_member)
        .service(invite_member::invite_member)
        .service(get_invitation::get_invitation)
        .service(accept_invitation::accept_invitation)
        .service(reject_invitation::reject_invitation)
        .service(cancel_invitation::cancel_invitation)
        .service(list_invitations::list_invitations)
        .service(list_user_invitations::list_user_invitations)
        .configure(teams::configure)
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
