//! `/api/v1/clinical-notes`.

mod add;
mod create;
mod delete;
mod get;
mod list;
mod restore;
mod sign;
mod update;
mod verify;
mod versions;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use view::ClinicalNoteView;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create)
        .service(list::list)
        .service(get::get)
        .service(update::update)
        .service(delete::delete)
        .service(restore::restore)
        .service(sign::sign)
        .service(add::add)
        .service(versions::versions)
        .service(verify::verify);
}
