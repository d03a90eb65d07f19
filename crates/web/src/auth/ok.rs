use actix_web::get;
use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(super) struct Ok {
    ok: bool,
}

/// Says that the server answers. Public.
#[utoipa::path(tag = "auth", operation_id = "ok", responses((status = 200, body = Ok, description = "Always")))]
#[get("/ok")]
pub(super) async fn ok() -> Json<Ok> {
    Json(Ok { ok: true })
}
