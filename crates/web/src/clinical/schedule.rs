//! `GET /api/v1/schedule`.

mod view;

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use wardkeep_clinical::rooms::RoomId;
use wardkeep_clinical::schedule::{self, Asked, Calendar};
use wardkeep_tenancy::UserId;

use crate::clinical::InOrganization;
use crate::clinical::civil::Day;
use crate::error::{ApiError, ApiResult};
use crate::{InOrder, Query, Tenant};
use view::ScheduleView;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_schedule);
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct GetSchedule {
    /// The practitioner whose schedule it is: a member of the organization, or somebody whom one of its records names. Either
    /// a practitioner or a room is given.
    #[param(value_type = Option<uuid::Uuid>, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    practitioner_id: Option<UserId>,
    /// The room whose schedule it is.
    #[param(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4f")]
    room_id: Option<RoomId>,
    /// The first day, from 1970 to 2199.
    #[param(value_type = String, format = Date, example = "2026-03-02")]
    from: Day,
    /// The last day, at most 30 days later; without it, the first day alone.
    #[param(value_type = Option<String>, format = Date, example = "2026-03-08")]
    to: Option<Day>,
    /// The IANA time zone whose days they are.
    #[param(max_length = 64, example = "Europe/Berlin")]
    time_zone: String,
}

/// Returns some days of a practitioner or a room: what takes time and what is free. A day goes from midnight to midnight
/// in the time zone, and has 23 or 25 hours when the clocks are changed.
#[utoipa::path(
    tag = "appointments",
    operation_id = "getSchedule",
    params(GetSchedule, InOrganization),
    responses((status = 200, description = "The days.", body = ScheduleView)),
)]
#[get("/schedule")]
pub(super) async fn get_schedule(
    InOrder((tenant, query)): InOrder<(Tenant, Query<GetSchedule>)>,
) -> ApiResult<Json<ScheduleView>> {
    let asked = query.0.asked()?;
    let tx = tenant.begin().await?;
    let schedule = schedule::get(&tx, &asked).await?;
    tx.commit().await?;
    Ok(Json(schedule.into()))
}

impl GetSchedule {
    fn asked(self) -> ApiResult<Asked> {
        let calendar = match (self.practitioner_id, self.room_id) {
            (Some(practitioner), None) => Calendar::Practitioner(practitioner),
            (None, Some(room)) => Calendar::Room(room),
            (None, None) => {
                let problem = "must be given, or else roomId";
                return Err(ApiError::invalid_field("practitionerId", problem));
            }
            (Some(_), Some(_)) => {
                let problem = "must not be given along with practitionerId";
                return Err(ApiError::invalid_field("roomId", problem));
            }
        };
        Ok(Asked {
            calendar,
            from: self.from.0,
            to: self.to.map(|day| day.0),
            time_zone: self.time_zone,
        })
    }
}
