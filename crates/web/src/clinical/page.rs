//! A page of a list on the wire.

use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_clinical::paging::{Page, Paging};

/// One page of a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageView<T> {
    /// The records of this page, in the order that was asked for.
    items: Vec<T>,
    /// For the next page; null on the last one.
    #[schema(
        required,
        example = "WyJVb2Z0dDJUeVo5RkQiLCIwMTljYWUyYi0zYzgwLTdhMTEtOWM1ZS0wZDZmM2IxYTJjNGQiXQ"
    )]
    next_cursor: Option<String>,
    /// How many records there are on all pages, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 128)]
    total: Option<u64>,
}

impl<T> PageView<T> {
    pub(crate) fn of<R: Into<T>>(page: Page<R>) -> Self {
        Self {
            items: page.items.into_iter().map(Into::into).collect(),
            next_cursor: page.next,
            total: page.total,
        }
    }
}

/// The names of a parameter that may name several, with commas between.
pub(crate) fn several(names: Option<String>) -> Option<Vec<String>> {
    names.map(|names| names.split(',').map(str::to_owned).collect())
}

/// Which part of a list a query asks for: its fields `cursor`, `limit`, `sort` and `total`.
pub(crate) fn paging(
    cursor: Option<String>,
    limit: Option<u64>,
    sort: Option<String>,
    total: Option<bool>,
) -> Paging {
    let default = Paging::default();
    Paging {
        cursor,
        limit: limit.unwrap_or(default.limit),
        sort,
        total: total.unwrap_or(default.total),
    }
}
