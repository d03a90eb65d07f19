//! `GET /api/v1/rooms`.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use utoipa::IntoParams;
use wardkeep_clinical::rooms::{self, Listing};

use super::view::RoomView;
use crate::clinical::InOrganization;
use crate::clinical::page::{PageView, paging};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListRooms {
    /// Only rooms that can be booked, or only those that cannot.
    #[param(example = true)]
    active: Option<bool>,
    /// The deleted rooms instead; takes the right to restore them.
    #[param(default = false, example = true)]
    deleted: Option<bool>,
    /// `name` or `updatedAt`; with `-` in front, the other way round.
    #[param(pattern = "^-?(name|updatedAt)$", default = "name", example = "-updatedAt")]
    sort: Option<String>,
    /// The `nextCursor` of the page before, of the same list.
    #[param(
        max_length = 4096,
        example = "WyJVb2Z0dDJUeVo5RkQiLCIwMTljYWUyYi0zYzgwLTdhMTEtOWM1ZS0wZDZmM2IxYTJjNGQiXQ"
    )]
    cursor: Option<String>,
    /// How many rooms at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// Whether to count the rooms on all pages.
    #[param(default = false, example = true)]
    total: Option<bool>,
}

/// Lists rooms.
#[utoipa::path(
    tag = "rooms",
    operation_id = "listRooms",
    params(ListRooms, InOrganization),
    responses((status = 200, description = "One page of rooms.", body = PageView<RoomView>)),
)]
#[get("/rooms")]
pub(super) async fn list(
    InOrder((tenant, query)): InOrder<(Tenant, Query<ListRooms>)>,
) -> ApiResult<Json<PageView<RoomView>>> {
    let tx = tenant.begin().await?;
    let page = rooms::list(&tx, &query.0.into()).await?;
    tx.commit().await?;
    Ok(Json(PageView::of(page)))
}

impl From<ListRooms> for Listing {
    fn from(query: ListRooms) -> Self {
        Self {
            active: query.active,
            deleted: query.deleted.unwrap_or_default(),
            paging: paging(query.cursor, query.limit, query.sort, query.total),
        }
    }
}
