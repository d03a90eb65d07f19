//! `/api/v1/medical-records`.

mod create;
mod delete;
mod get;
mod get_content;
mod list;
mod put_content;
mod restore;
mod update;
mod upload;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use upload::Uploads;
pub(crate) use view::MedicalRecordView;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create)
        .service(list::list)
        .service(get::get)
        .service(update::update)
        .service(delete::delete)
        .service(restore::restore)
        .service(put_content::put_content)
        .service(get_content::get_content);
}
