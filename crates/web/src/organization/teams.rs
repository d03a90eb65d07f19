//! The endpoints about teams.

mod add_member;
mod create;
mod list;
mod list_members;
mod list_of_user;
mod remove;
mod remove_member;
mod set_active;
mod update;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) use view::TeamView;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create_team)
        .service(list::list_teams)
        .service(update::update_team)
        .service(remove::remove_team)
        .service(set_active::set_active_team)
        .service(list_of_user::list_user_teams)
        .service(list_members::list_team_members)
        .service(add_member::add_team_member)
        .service(remove_member::remove_team_member);
}
