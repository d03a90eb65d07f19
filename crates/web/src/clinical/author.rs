//! Who made a record, on the wire.

use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_tenancy::UserId;

/// A user, as they were when they did something. They may have left since.
#[derive(Serialize, ToSchema)]
#[schema(as = Author)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthorView {
    /// The user.
    #[schema(value_type = uuid::Uuid, example = "5f2b8f0e-6c1d-4a3e-9b57-2d1c0e8a7f61")]
    pub(crate) id: UserId,
    /// The name that they had.
    #[schema(example = "Ada Byron")]
    pub(crate) name: String,
}
