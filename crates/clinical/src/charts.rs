//! A patient's chart: what is known of a patient, at a glance.
//!
//! It is one read of the patient, with one audit event that names the parts that were shown, and takes the same number of
//! statements however much there is.

use sea_orm::ModelTrait;
use serde_json::json;
use wardkeep_tenancy::{InvalidField, Permission, TenantTx};

use crate::appointments::{self, Appointment};
use crate::audit;
use crate::clinical_notes::{self, Note};
use crate::medical_records::{self, MedicalRecord};
use crate::paging::{LARGEST_PAGE, Page, Paging};
use crate::patients::{self, Patient, PatientId};
use crate::records::{self, RecordError};
use crate::treatment_sessions::{self, PlannedSession};
use crate::treatments::{self, Course};

type Patients = <Patient as ModelTrait>::Entity;

/// What is known of a patient: of each part the newest, as many as were asked for. A part is none for who may not see it.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The patient.
    pub patient: Patient,
    /// The latest to begin comes first. It goes on as the list of the patient's appointments by `-start`.
    pub appointments: Option<Page<Appointment>>,
    /// The latest to be made comes first. It goes on as the list of the patient's treatments by `-createdAt`.
    pub treatments: Option<Page<Course>>,
    /// The latest to be planned comes first. It goes on as the list of the patient's sessions by `-createdAt`.
    pub treatment_sessions: Option<Page<PlannedSession>>,
    /// What is known, by category.
    pub medical_records: Option<MedicalRecords>,
    /// The latest to be written comes first, each with its addenda. It goes on as the list of the patient's notes that are
    /// no addenda by `-createdAt`.
    pub clinical_notes: Option<Page<Note>>,
}

/// The medical records of a patient by category. In each the latest onset comes first, and it goes on as the list of the
/// patient's records of this category by `-effective`.
#[derive(Clone, Debug)]
pub struct MedicalRecords {
    /// What the patient has.
    pub problem: Page<MedicalRecord>,
    /// What the patient does not tolerate.
    pub allergy: Page<MedicalRecord>,
    /// What the patient takes.
    pub medication: Page<MedicalRecord>,
    /// What was found.
    pub observation: Page<MedicalRecord>,
    /// Documents, without their content.
    pub document: Page<MedicalRecord>,
}

/// Reads the chart of a patient, with at most `limit` rows of each part, from 1 to [`LARGEST_PAGE`]. Whoever may read the
/// patient reads it, and sees those parts that they may read as well.
///
/// # Errors
///
/// When the caller may not, the limit is out of range, there is no such patient, or the database fails.
pub async fn read(tx: &TenantTx, id: PatientId, limit: u64) -> Result<Chart, RecordError> {
    tx.require(patients::READ)?;
    if !(1..=LARGEST_PAGE).contains(&limit) {
        let limit = InvalidField::new("limit", "must be from 1 to 200");
        return Err(RecordError::Invalid(vec![limit]));
    }
    let patient = records::find::<Patients>(tx, id).await?;
    let patient = patient.ok_or(records::not_found::<Patients>())?;
    let newest = Newest { tx, id, limit };
    let chart = Chart {
        appointments: newest.part(appointments::READ, newest.appointments()).await?,
        treatments: newest.part(treatments::READ, newest.treatments()).await?,
        treatment_sessions: newest.part(treatment_sessions::READ, newest.sessions()).await?,
        medical_records: newest.part(medical_records::READ, newest.records()).await?,
        clinical_notes: newest.part(clinical_notes::READ, newest.notes()).await?,
        patient,
    };
    let event = records::event::<Patients>(tx, "read", &chart.patient).await?;
    audit::record(
        tx,
        event.asking(json!({ "chart": chart.parts(), "limit": limit })),
    )
    .await?;
    Ok(chart)
}

impl Chart {
    /// The parts that it shows, as they are called on the wire.
    fn parts(&self) -> Vec<&'static str> {
        let parts = [
            ("appointments", self.appointments.is_some()),
            ("treatments", self.treatments.is_some()),
            ("treatmentSessions", self.treatment_sessions.is_some()),
            ("medicalRecords", self.medical_records.is_some()),
            ("clinicalNotes", self.clinical_notes.is_some()),
        ];
        let shown = parts.into_iter().filter(|(_, shown)| *shown);
        shown.map(|(part, _)| part).collect()
    }
}

/// The newest of each kind of record of one patient.
struct Newest<'a> {
    tx: &'a TenantTx,
    id: PatientId,
    limit: u64,
}

impl Newest<'_> {
    /// What the caller may see of it.
    async fn part<T>(
        &self,
        read: Permission,
        part: impl Future<Output = Result<T, RecordError>>,
    ) -> Result<Option<T>, RecordError> {
        if !self.tx.allows(read) {
            return Ok(None);
        }
        part.await.map(Some)
    }

    async fn appointments(&self) -> Result<Page<Appointment>, RecordError> {
        let listing = appointments::Listing {
            patient: Some(self.id),
            paging: self.first_page("-start"),
            ..Default::default()
        };
        appointments::page(self.tx, &listing).await
    }

    async fn treatments(&self) -> Result<Page<Course>, RecordError> {
        let listing = treatments::Listing {
            patient: Some(self.id),
            paging: self.first_page("-createdAt"),
            ..Default::default()
        };
        treatments::page(self.tx, &listing).await
    }

    async fn sessions(&self) -> Result<Page<PlannedSession>, RecordError> {
        let listing = treatment_sessions::Listing {
            patient: Some(self.id),
            paging: self.first_page("-createdAt"),
            ..Default::default()
        };
        treatment_sessions::page(self.tx, &listing).await
    }

    async fn records(&self) -> Result<MedicalRecords, RecordError> {
        Ok(MedicalRecords {
            problem: self.category("problem").await?,
            allergy: self.category("allergy").await?,
            medication: self.category("medication").await?,
            observation: self.category("observation").await?,
            document: self.category("document").await?,
        })
    }

    async fn category(&self, name: &str) -> Result<Page<MedicalRecord>, RecordError> {
        let listing = medical_records::Listing {
            patient: Some(self.id),
            categories: Some(vec![name.to_owned()]),
            paging: self.first_page("-effective"),
            ..Default::default()
        };
        medical_records::page(self.tx, &listing).await
    }

    async fn notes(&self) -> Result<Page<Note>, RecordError> {
        let listing = clinical_notes::Listing {
            patient: Some(self.id),
            addendum: Some(false),
            paging: self.first_page("-createdAt"),
            ..Default::default()
        };
        clinical_notes::page(self.tx, &listing).await
    }

    fn first_page(&self, sort: &str) -> Paging {
        Paging {
            limit: self.limit,
            sort: Some(sort.to_owned()),
            ..Paging::default()
        }
    }
}
