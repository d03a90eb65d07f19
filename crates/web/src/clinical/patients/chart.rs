//! `GET /api/v1/patients/{id}/chart`.

use actix_web::get;
use actix_web::web::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wardkeep_clinical::charts;
use wardkeep_clinical::patients::Patient;

use super::view::PatientView;
use crate::clinical::InOrganization;
use crate::clinical::appointments::AppointmentView;
use crate::clinical::clinical_notes::ClinicalNoteView;
use crate::clinical::medical_records::MedicalRecordView;
use crate::clinical::named::Named;
use crate::clinical::page::PageView;
use crate::clinical::treatment_sessions::SessionView;
use crate::clinical::treatments::TreatmentView;
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant};

/// How many rows of each part of a chart, unless something else is asked for.
const ROWS: u64 = 20;

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReadChart {
    /// How many rows of each part at most.
    #[param(minimum = 1, maximum = 200, default = 20, example = 20)]
    limit: Option<u64>,
}

/// What is known of a patient: of each part the newest. A part is null for who may not read it. The `nextCursor` of a part
/// is one of its list, with the order and the filters that are named here.
#[derive(Serialize, ToSchema)]
#[schema(as = Chart)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChartView {
    /// The patient.
    patient: PatientView,
    /// `GET /appointments?patientId=…&sort=-start`.
    #[schema(required)]
    appointments: Option<PageView<AppointmentView>>,
    /// With how far each is. `GET /treatments?patientId=…&sort=-createdAt`.
    #[schema(required)]
    treatments: Option<PageView<TreatmentView>>,
    /// `GET /treatment-sessions?patientId=…&sort=-createdAt`.
    #[schema(required)]
    treatment_sessions: Option<PageView<SessionView>>,
    /// By category.
    #[schema(required)]
    medical_records: Option<MedicalRecordsView>,
    /// With their addenda. `GET /clinical-notes?patientId=…&addendum=false&sort=-createdAt`.
    #[schema(required)]
    clinical_notes: Option<PageView<ClinicalNoteView>>,
}

/// The medical records of a patient by category. `GET /medical-records?patientId=…&category=…&sort=-effective`.
#[derive(Serialize, ToSchema)]
#[schema(as = ChartMedicalRecords)]
#[serde(rename_all = "camelCase")]
struct MedicalRecordsView {
    /// What the patient has.
    problem: PageView<MedicalRecordView>,
    /// What the patient does not tolerate.
    allergy: PageView<MedicalRecordView>,
    /// What the patient takes.
    medication: PageView<MedicalRecordView>,
    /// What was found.
    observation: PageView<MedicalRecordView>,
    /// Documents, without their content.
    document: PageView<MedicalRecordView>,
}

/// Returns the chart of a patient: appointments, treatments with how far they are, their sessions, medical records by category and notes
/// with their addenda, of each the newest first. The audit names the parts that were shown.
#[utoipa::path(
    tag = "patients",
    operation_id = "getChart",
    params(("id" = Uuid, Path, description = "The patient."), ReadChart, InOrganization),
    responses(
        (status = 200, description = "The chart.", body = ChartView),
        (status = 404, description = "`PATIENT_NOT_FOUND`"),
    ),
)]
#[get("/patients/{id}/chart")]
pub(super) async fn read_chart(
    InOrder((tenant, id, query)): InOrder<(Tenant, Named<Patient>, Query<ReadChart>)>,
) -> ApiResult<Json<ChartView>> {
    let tx = tenant.begin().await?;
    let chart = charts::read(&tx, id.0, query.0.limit.unwrap_or(ROWS)).await?;
    tx.commit().await?;
    Ok(Json(chart.into()))
}

impl From<charts::Chart> for ChartView {
    fn from(chart: charts::Chart) -> Self {
        Self {
            patient: chart.patient.into(),
            appointments: chart.appointments.map(PageView::of),
            treatments: chart.treatments.map(PageView::of),
            treatment_sessions: chart.treatment_sessions.map(PageView::of),
            medical_records: chart.medical_records.map(|records| MedicalRecordsView {
                problem: PageView::of(records.problem),
                allergy: PageView::of(records.allergy),
                medication: PageView::of(records.medication),
                observation: PageView::of(records.observation),
                document: PageView::of(records.document),
            }),
            clinical_notes: chart.clinical_notes.map(PageView::of),
        }
    }
}
