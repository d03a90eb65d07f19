//! `/api/v1/treatment-sessions`.

mod create;
mod delete;
mod get;
mod list;
mod restore;
mod update;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use view::SessionView;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create)
        .service(list::list)
        .service(get::get)
        .service(update::update)
        .service(delete::delete)
        .service(restore::restore);
}
