//! A chart takes the same few statements however much it shows.

use time::Duration;
use time::macros::datetime;
use wardkeep_clinical::appointments::{self, NewAppointment};
use wardkeep_clinical::charts::{self, Chart};
use wardkeep_clinical::clinical_notes::{self, NewNote};
use wardkeep_clinical::coding::Code;
use wardkeep_clinical::medical_records::{self, Details, NewMedicalRecord};
use wardkeep_clinical::patients::Patient;
use wardkeep_clinical::treatment_sessions::{self, NewSession};
use wardkeep_clinical::treatments::{self, NewTreatment};
use wardkeep_tenancy::TenantTx;

use crate::clinic::World;
use crate::statements::sent;

/// One of everything, on a day of its own.
async fn one_of_each(tx: &TenantTx, patient: &Patient, number: i64) {
    let start = datetime!(2026-04-01 09:00 UTC) + Duration::days(number);
    let appointment = NewAppointment {
        patient: patient.id,
        practitioner: tx.user(),
        room: None,
        start,
        end: start + Duration::minutes(30),
        time_zone: "UTC".to_owned(),
        status: None,
        appointment_type: None,
        reason: None,
        comment: None,
        overbooking_reason: None,
    };
    let appointment = appointments::create(tx, appointment).await.unwrap();
    let treatment = NewTreatment {
        patient: patient.id,
        title: format!("Course {number}"),
        code: None,
        goal: None,
        planned_sessions: Some(6),
        practitioner: tx.user(),
        period_start: None,
        period_end: None,
        status: None,
    };
    let treatment = treatments::create(tx, treatment).await.unwrap().treatment;
    let session = NewSession {
        treatment: treatment.id,
        appointment: appointment.id,
        performer: None,
        number: None,
        start: None,
        end: None,
        outcome: None,
        measures: Vec::new(),
        status: None,
    };
    let session = treatment_sessions::create(tx, session).await.unwrap().session;
    let note = NewNote {
        treatment_session: session.id,
        note_type: "progress".to_owned(),
        text: "better".to_owned(),
    };
    clinical_notes::create(tx, note).await.unwrap();
    for category in ["problem", "allergy", "medication", "document"] {
        let record = NewMedicalRecord {
            patient: patient.id,
            category: category.to_owned(),
            code: Code {
                text: "Knee".to_owned(),
                ..Code::default()
            },
            details: Details::default(),
        };
        medical_records::create(tx, record).await.unwrap();
    }
}

fn shown(chart: &Chart) -> [usize; 5] {
    [
        chart.appointments.as_ref().unwrap().items.len(),
        chart.treatments.as_ref().unwrap().items.len(),
        chart.medical_records.as_ref().unwrap().allergy.items.len(),
        chart.treatment_sessions.as_ref().unwrap().items.len(),
        chart.clinical_notes.as_ref().unwrap().items.len(),
    ]
}

#[tokio::test]
async fn a_chart_takes_the_same_statements_however_much_it_shows() {
    let world = World::new().await;
    world.join(world.salt_lane).await;
    let ana = world.patient(world.salt_lane, ("Ana", "Brandt")).await;
    let tx = world.begin(world.salt_lane, "owner").await;
    let mut counts: Vec<Vec<String>> = Vec::new();
    for number in 1..=5 {
        one_of_each(&tx, &ana, number).await;
        let (chart, statements) = sent(charts::read(&tx, ana.id, 20)).await;
        let shown = shown(&chart.unwrap());
        assert!(shown.iter().all(|rows| *rows == counts.len() + 1), "{shown:?}");
        counts.push(statements);
    }

    // The patient, appointments, treatments and their progress, sessions and their plans, five categories, notes with their addenda and patients, and
    // the event.
    let mut expected = vec!["select"; 14];
    expected.push("insert");
    assert_eq!(counts, vec![expected; 5]);
}

#[tokio::test]
async fn a_chart_reads_nothing_that_the_caller_may_not_see() {
    let world = World::new().await;
    let ana = world.patient(world.salt_lane, ("Ana", "Brandt")).await;
    let tx = world.begin(world.salt_lane, "reader").await;

    let (chart, statements) = sent(charts::read(&tx, ana.id, 20)).await;

    let chart = chart.unwrap();
    assert!(chart.appointments.is_none() && chart.treatments.is_none());
    assert!(chart.medical_records.is_none() && chart.clinical_notes.is_none());
    assert_eq!(statements, ["select", "insert"]);
}
