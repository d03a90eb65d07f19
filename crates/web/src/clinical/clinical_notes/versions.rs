//! `GET /api/v1/clinical-notes/{id}/versions`.

use actix_web::get;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use wardkeep_clinical::clinical_notes::{self, ClinicalNote, NoteVersion};

use crate::clinical::InOrganization;
use crate::clinical::author::AuthorView;
use crate::clinical::named::Named;
use crate::clinical::page::{PageView, paging};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant, time_format};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListVersions {
    /// The `nextCursor` of the page before, of the same note.
    #[param(max_length = 4096, example = "WyJVb2Z0dDJUeVo5RkQiLDUxXQ")]
    cursor: Option<String>,
    /// How many versions at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// Whether to count the versions on all pages.
    #[param(default = false, example = true)]
    total: Option<bool>,
}

/// What a note said in one version.
#[derive(Serialize, ToSchema)]
#[schema(as = ClinicalNoteVersion)]
#[serde(rename_all = "camelCase")]
pub(super) struct VersionView {
    /// The version that the note had then.
    #[schema(example = 2)]
    version: i64,
    /// What kind of note it was.
    #[schema(example = "progress")]
    note_type: String,
    /// What it said.
    #[schema(example = "Less pain in the left knee.")]
    text: String,
    /// Who wrote that.
    written_by: AuthorView,
    /// When they wrote it.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    written_at: OffsetDateTime,
}

/// Lists what a note said as it was made and after each change, the newest first. Of a signed note the first is what is
/// signed. Deleting, restoring and signing give a note a new version too, but say nothing new.
#[utoipa::path(
    tag = "clinical-notes",
    operation_id = "listClinicalNoteVersions",
    params(("id" = Uuid, Path, description = "The note."), ListVersions, InOrganization),
    responses(
        (status = 200, description = "One page of versions.", body = PageView<VersionView>),
        (status = 404, description = "`CLINICAL_NOTE_NOT_FOUND`"),
    ),
)]
#[get("/clinical-notes/{id}/versions")]
pub(super) async fn versions(
    InOrder((tenant, id, query)): InOrder<(Tenant, Named<ClinicalNote>, Query<ListVersions>)>,
) -> ApiResult<Json<PageView<VersionView>>> {
    let tx = tenant.begin().await?;
    let paging = paging(query.0.cursor, query.0.limit, None, query.0.total);
    let page = clinical_notes::versions(&tx, id.0, &paging).await?;
    tx.commit().await?;
    Ok(Json(PageView::of(page)))
}

impl From<NoteVersion> for VersionView {
    fn from(version: NoteVersion) -> Self {
        Self {
            version: version.version,
            note_type: version.note_type,
            text: version.text,
            written_by: AuthorView {
                id: version.written_by,
                name: version.written_by_name,
            },
            written_at: version.written_at,
        }
    }
}
