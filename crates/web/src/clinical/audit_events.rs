//! `/api/v1/audit-events`, and those of one patient. They are only read: whatever is done under `/api/v1` writes them.

mod list;
mod of_patient;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list::list).service(of_patient::of_patient);
}
