//! What treatments and sessions cost, and which locks they wait for: whatever is read before a lock could be otherwise by
//! the time it is written.

use std::fmt::Debug;

use time::{Date, Duration};
use uuid::Uuid;
use wardkeep_clinical::appointments::{
    self, Appointment, AppointmentChanges, AppointmentError, NewAppointment,
};
use wardkeep_clinical::rooms::RoomId;
use wardkeep_clinical::treatment_sessions::{
    self as sessions, NewSession, SessionChanges, SessionError, TreatmentSession,
};
use wardkeep_clinical::treatments::{self, NewTreatment, Treatment, TreatmentChanges, TreatmentError};
use wardkeep_tenancy::{TenantTx, UserId};
use wardkeep_testkit::START;

use crate::clinic::{OF_MEMBER, assert_waits};
use crate::schedule_model::{Clinics, Desk};
use crate::statements::sent;

const OF_PATIENT: &str = "select from patients where id = $1 for no key update";
const OF_ROOM: &str = "select from rooms where id = $1 for no key update";
const OF_TREATMENT: &str = "select from treatments where id = $1 for no key update";
const OF_APPOINTMENT: &str = "select from appointments where id = $1 for no key update";

/// A clinic in which somebody is treated.
struct Practice<'a> {
    clinics: &'a Clinics,
    desk: Desk<'a>,
}

impl<'a> Practice<'a> {
    async fn open(clinics: &'a Clinics) -> Self {
        let desk = clinics.open().await;
        Self { clinics, desk }
    }

    async fn begin(&self) -> TenantTx {
        self.clinics.begin(self.desk.organization, "owner").await
    }

    /// What somebody does, committed.
    async fn done<T, E: Debug>(&self, something: impl AsyncFnOnce(&TenantTx) -> Result<T, E>) -> T {
        let tx = self.begin().await;
        let done = something(&tx).await.unwrap();
        tx.commit().await.unwrap();
        done
    }

    /// That it waits for whoever holds this lock, and is then done and committed.
    async fn waits<T, E: Debug>(
        &self,
        lock: (&'static str, Uuid),
        name: &str,
        something: impl AsyncFnOnce(&TenantTx) -> Result<T, E>,
    ) -> T {
        let tx = self.begin().await;
        let done = assert_waits(&self.clinics.test, lock, name, something(&tx)).await;
        tx.commit().await.unwrap();
        done
    }

    fn treatment_wish(&self) -> NewTreatment {
        NewTreatment {
            patient: self.desk.patient,
            title: "Knee".to_owned(),
            code: None,
            goal: None,
            planned_sessions: Some(6),
            practitioner: self.clinics.practitioners[0],
            period_start: None,
            period_end: None,
            status: None,
        }
    }

    async fn treatment(&self) -> Treatment {
        let wish = self.treatment_wish();
        self.done(async |tx| treatments::create(tx, wish).await)
            .await
            .treatment
    }

    /// Half an hour with Ada that began this long ago, overbooked if need be.
    async fn appointment(&self, ago: Duration, room: Option<RoomId>) -> Appointment {
        let wish = NewAppointment {
            patient: self.desk.patient,
            practitioner: self.clinics.practitioners[0],
            room,
            start: START - ago,
            end: START - ago + Duration::minutes(30),
            time_zone: "Europe/Berlin".to_owned(),
            status: None,
            appointment_type: None,
            reason: None,
            comment: None,
            overbooking_reason: Some("a group".to_owned()),
        };
        self.done(async |tx| appointments::create(tx, wish).await).await
    }

    /// An appointment that the desk fulfilled: no session changes it.
    async fn fulfilled(&self) -> Appointment {
        let made = self.appointment(Duration::hours(1), None).await;
        let fulfil = AppointmentChanges {
            status: Some("fulfilled".to_owned()),
            ..AppointmentChanges::default()
        };
        self.done(async |tx| appointments::update(tx, made.id, 1, fulfil).await)
            .await
    }

    async fn session(&self, places: (&Treatment, &Appointment), status: &str) -> TreatmentSession {
        let wish = wish(places, status);
        self.done(async |tx| sessions::create(tx, wish).await)
            .await
            .session
    }

    async fn change(&self, session: &TreatmentSession, changes: SessionChanges) -> TreatmentSession {
        let (id, version) = (session.id, session.version);
        self.done(async |tx| sessions::update(tx, id, version, changes).await)
            .await
            .session
    }

    async fn delete(&self, session: &TreatmentSession) -> TreatmentSession {
        let (id, version) = (session.id, session.version);
        self.done(async |tx| sessions::delete(tx, id, version, "twice").await)
            .await
    }
}

fn wish((treatment, appointment): (&Treatment, &Appointment), status: &str) -> NewSession {
    NewSession {
        treatment: treatment.id,
        appointment: appointment.id,
        performer: None,
        number: None,
        start: None,
        end: None,
        outcome: None,
        measures: Vec::new(),
        status: Some(status.to_owned()),
    }
}

fn to(status: &str) -> SessionChanges {
    SessionChanges {
        status: Some(status.to_owned()),
        ..SessionChanges::default()
    }
}

fn of_treatment(status: &str) -> TreatmentChanges {
    TreatmentChanges {
        status: Some(status.to_owned()),
        ..TreatmentChanges::default()
    }
}

#[tokio::test]
async fn a_treatment_takes_few_statements_and_binds_its_organization() {
    let clinics = Clinics::new().await;
    let practice = Practice::open(&clinics).await;
    let place = practice.appointment(Duration::hours(1), None).await;
    let tx = practice.begin().await;
    let title = TreatmentChanges {
        title: Some("Knee, left".to_owned()),
        ..TreatmentChanges::default()
    };
    let lead = TreatmentChanges {
        practitioner: Some(clinics.practitioners[1]),
        period_start: Some(Some(
            Date::from_calendar_date(2026, time::Month::March, 2).unwrap(),
        )),
        ..TreatmentChanges::default()
    };

    let (made, create) = sent(treatments::create(&tx, practice.treatment_wish())).await;
    let treatment = made.unwrap().treatment;
    let id = treatment.id;
    for _ in 0..3 {
        treatments::create(&tx, practice.treatment_wish()).await.unwrap();
        sessions::create(&tx, wish((&treatment, &place), "completed"))
            .await
            .unwrap();
    }
    let (_, get) = sent(treatments::get(&tx, id)).await;
    let (listed, list) = sent(treatments::list(&tx, &treatments::Listing::default())).await;
    let (_, change) = sent(treatments::update(&tx, id, 1, title)).await;
    let (_, change_lead) = sent(treatments::update(&tx, id, 2, lead)).await;
    let (_, complete) = sent(treatments::update(&tx, id, 3, of_treatment("completed"))).await;
    let (reopened, reopen) = sent(treatments::update(&tx, id, 4, of_treatment("active"))).await;
    let (refused, refusal) = sent(treatments::delete(&tx, id, 5, "entered twice")).await;
    let empty = treatments::create(&tx, practice.treatment_wish()).await.unwrap();
    let (_, delete) = sent(treatments::delete(&tx, empty.treatment.id, 1, "entered twice")).await;
    let (restored, restore) = sent(treatments::restore(&tx, empty.treatment.id, 2)).await;

    assert_eq!(reopened.unwrap().progress.completed, 3);
    restored.unwrap();
    refused.unwrap_err();
    // Patient, lead; the row and its trace.
    assert_eq!(create, ["select", "select", "insert", "insert"]);
    // How far it is comes of one statement, be there one treatment or many.
    assert_eq!(get, ["select", "insert", "select"]);
    assert_eq!(listed.unwrap().items.len(), 4);
    assert_eq!(list, ["select", "select", "insert"]);
    assert_eq!(change, ["select", "update", "insert", "select"]);
    assert_eq!(
        change_lead,
        ["select", "select", "select", "update", "insert", "select"]
    );
    // Its open sessions; its patient.
    assert_eq!(complete, ["select", "select", "update", "insert", "select"]);
    assert_eq!(reopen, ["select", "select", "update", "insert", "select"]);
    assert_eq!(refusal, ["select", "select"]);
    assert_eq!(delete, ["select", "select", "update", "insert"]);
    assert_eq!(restore, ["select", "select", "update", "insert"]);
}

#[tokio::test]
async fn a_session_takes_few_statements_and_binds_its_organization() {
    let clinics = Clinics::new().await;
    let practice = Practice::open(&clinics).await;
    let treatment = practice.treatment().await;
    let place = practice.appointment(Duration::hours(1), None).await;
    let tx = practice.begin().await;
    let places = (&treatment, &place);
    let numbered = NewSession {
        number: Some(7),
        ..wish(places, "preparation")
    };
    let note = SessionChanges {
        outcome: Some(Some("x".to_owned())),
        ..SessionChanges::default()
    };
    let times = SessionChanges {
        start: Some(Some(START - Duration::minutes(9))),
        ..SessionChanges::default()
    };

    let (made, create) = sent(sessions::create(&tx, wish(places, "preparation"))).await;
    let id = made.unwrap().session.id;
    let (_, create_numbered) = sent(sessions::create(&tx, numbered)).await;
    let (_, get) = sent(sessions::get(&tx, id)).await;
    let (listed, list) = sent(sessions::list(&tx, &sessions::Listing::default())).await;
    let (_, change) = sent(sessions::update(&tx, id, 1, note)).await;
    let (_, change_times) = sent(sessions::update(&tx, id, 2, times)).await;
    let (_, start) = sent(sessions::update(&tx, id, 3, to("in-progress"))).await;
    let (_, complete) = sent(sessions::update(&tx, id, 4, to("completed"))).await;
    let (_, reopen) = sent(sessions::update(&tx, id, 5, to("in-progress"))).await;
    let (_, stop) = sent(sessions::update(&tx, id, 6, to("stopped"))).await;
    let (made, create_completed) = sent(sessions::create(&tx, wish(places, "completed"))).await;
    let completed = made.unwrap().session.id;
    let (_, delete) = sent(sessions::delete(&tx, completed, 1, "entered twice")).await;
    let (restored, restore) = sent(sessions::restore(&tx, completed, 2)).await;
    let (_, delete_stopped) = sent(sessions::delete(&tx, id, 7, "entered twice")).await;
    let (refused, refusal) = sent(appointments::delete(&tx, place.id, place.version + 5, "x")).await;

    restored.unwrap();
    refused.unwrap_err();
    assert_eq!(listed.unwrap().items.len(), 2);
    let written = ["update", "insert"];
    // Treatment, appointment, the last number, patient, performer.
    assert_eq!(create, [&["select"; 5][..], &["insert"; 2]].concat());
    assert_eq!(create_numbered, [&["select"; 4][..], &["insert"; 2]].concat());
    assert_eq!(
        create_completed,
        [&["select"; 5][..], &["insert"; 2], &written].concat()
    );
    // The plan, be there one session or many.
    assert_eq!(get, ["select", "insert", "select"]);
    assert_eq!(list, ["select", "select", "insert"]);
    assert_eq!(change, ["select", "update", "insert", "select"]);
    assert_eq!(change_times, ["select", "select", "update", "insert", "select"]);
    // Treatment and appointment, of which the first has the plan.
    assert_eq!(start, [&["select"; 3][..], &written].concat());
    // The appointment follows.
    assert_eq!(
        complete,
        [&["select"; 2][..], &written, &written, &["select"]].concat()
    );
    // Treatment and appointment; whether another keeps it fulfilled; its patient.
    assert_eq!(reopen, [&["select"; 5][..], &written, &written].concat());
    assert_eq!(stop, ["select", "update", "insert", "select"]);
    // Whether a note is signed; the appointment, whether another keeps it fulfilled, its patient.
    assert_eq!(delete, [&["select"; 5][..], &written, &written].concat());
    // Treatment, appointment, patient.
    assert_eq!(restore, [&["select"; 4][..], &written, &written].concat());
    assert_eq!(delete_stopped, [&["select"; 2][..], &written].concat());
    assert_eq!(refusal, ["select", "select"]);
}

#[tokio::test]
async fn a_treatment_waits_for_who_holds_its_patient_or_its_lead() {
    let clinics = Clinics::new().await;
    let practice = Practice::open(&clinics).await;
    let patient = (OF_PATIENT, practice.desk.patient.as_uuid());
    let [ada, bea] = clinics.practitioners;

    for lock in [patient, (OF_MEMBER, ada.as_uuid())] {
        let wish = practice.treatment_wish();
        practice
            .waits(lock, "create", async |tx| treatments::create(tx, wish).await)
            .await;
    }
    let made = practice.treatment().await;
    let lead = TreatmentChanges {
        practitioner: Some(bea),
        ..TreatmentChanges::default()
    };
    let given = practice.waits((OF_MEMBER, bea.as_uuid()), "change of the lead", async |tx| {
        treatments::update(tx, made.id, 1, lead).await
    });
    given.await;
    practice
        .done(async |tx| treatments::update(tx, made.id, 2, of_treatment("revoked")).await)
        .await;
    let reopened = practice.waits(patient, "reopening", async |tx| {
        treatments::update(tx, made.id, 3, of_treatment("active")).await
    });
    reopened.await;
    practice
        .done(async |tx| treatments::delete(tx, made.id, 4, "twice").await)
        .await;
    practice
        .waits(patient, "restoration", async |tx| {
            treatments::restore(tx, made.id, 5).await
        })
        .await;
}

/// Whoever holds the treatment may be about to complete or to delete it, and draws no number; whoever holds the appointment
/// may be about to cancel it, to hand it over or to delete it.
#[tokio::test]
async fn a_session_that_comes_to_be_waits_for_who_holds_what_it_refers_to() {
    let clinics = Clinics::new().await;
    let practice = Practice::open(&clinics).await;
    let treatment = practice.treatment().await;
    let place = practice.appointment(Duration::hours(1), None).await;
    let of_treatment = (OF_TREATMENT, treatment.id.as_uuid());
    let of_place = (OF_APPOINTMENT, place.id.as_uuid());
    let patient = (OF_PATIENT, practice.desk.patient.as_uuid());
    let performer = (OF_MEMBER, clinics.practitioners[0].as_uuid());
    let places = (&treatment, &place);

    for lock in [of_treatment, of_place, patient, performer] {
        let made = practice.waits(lock, "create", async |tx| {
            sessions::create(tx, wish(places, "preparation")).await
        });
        made.await;
    }
    for lock in [of_treatment, of_place, patient] {
        let deleted = practice
            .delete(&practice.session(places, "preparation").await)
            .await;
        let restored = practice.waits(lock, "restoration", async |tx| {
            sessions::restore(tx, deleted.id, 2).await
        });
        restored.await;
    }
}

#[tokio::test]
async fn a_change_of_a_session_waits_for_who_holds_what_it_claims() {
    let clinics = Clinics::new().await;
    let practice = Practice::open(&clinics).await;
    let (treatment, home) = (practice.treatment().await, practice.treatment().await);
    // Nobody writes it, so that who waits for it waits for a lock of it.
    let place = practice.fulfilled().await;
    let start = practice.appointment(Duration::hours(1), None).await;
    let of_treatment = (OF_TREATMENT, treatment.id.as_uuid());
    let of_place = (OF_APPOINTMENT, place.id.as_uuid());
    let [_, bea]: [UserId; 2] = clinics.practitioners;
    let there = (&treatment, &place);
    let default = SessionChanges::default;
    let changes = [
        (
            "begin",
            there,
            vec![],
            to("in-progress"),
            vec![of_treatment, of_place],
        ),
        (
            "skip the beginning",
            there,
            vec![],
            to("completed"),
            vec![of_treatment, of_place],
        ),
        (
            "complete",
            there,
            vec!["in-progress"],
            to("completed"),
            vec![of_place],
        ),
        (
            "plan again",
            there,
            vec!["not-done"],
            to("preparation"),
            vec![of_treatment, of_place],
        ),
        (
            "resume",
            there,
            vec!["in-progress", "stopped"],
            to("in-progress"),
            vec![of_treatment, of_place],
        ),
        (
            "reopen",
            there,
            vec!["completed"],
            to("in-progress"),
            vec![of_treatment, of_place],
        ),
        (
            "come to the treatment",
            (&home, &place),
            vec![],
            SessionChanges {
                treatment: Some(treatment.id),
                number: Some(100),
                ..default()
            },
            vec![of_treatment, of_place],
        ),
        (
            "come to the appointment",
            (&treatment, &start),
            vec![],
            SessionChanges {
                appointment: Some(place.id),
                ..default()
            },
            vec![of_treatment, of_place],
        ),
        (
            "take a number",
            there,
            vec![],
            SessionChanges {
                number: Some(200),
                ..default()
            },
            vec![of_treatment],
        ),
        (
            "be performed by another",
            there,
            vec![],
            SessionChanges {
                performer: Some(bea),
                ..default()
            },
            vec![(OF_MEMBER, bea.as_uuid())],
        ),
        (
            "have times",
            there,
            vec![],
            SessionChanges {
                start: Some(Some(START)),
                ..default()
            },
            vec![(OF_PATIENT, practice.desk.patient.as_uuid())],
        ),
    ];

    for (name, places, statuses, change, locks) in changes {
        for (taken, lock) in (0..).zip(locks) {
            let mut session = practice.session(places, "preparation").await;
            for status in &statuses {
                session = practice.change(&session, to(status)).await;
            }
            let change = SessionChanges {
                number: change.number.map(|number| number + taken),
                ..change.clone()
            };
            let changed = practice.waits(lock, name, async |tx| {
                sessions::update(tx, session.id, session.version, change).await
            });
            changed.await;
        }
    }
    let completed = practice.session(there, "completed").await;
    let deleted = practice.waits(of_place, "delete", async |tx| {
        sessions::delete(tx, completed.id, 1, "twice").await
    });
    deleted.await;
}

#[tokio::test]
async fn an_appointment_is_opened_again_only_after_who_holds_its_patient_or_its_room() {
    let clinics = Clinics::new().await;
    let practice = Practice::open(&clinics).await;
    let treatment = practice.treatment().await;
    let room = practice.desk.rooms[0];
    let now = practice.appointment(Duration::minutes(10), Some(room)).await;

    for lock in [
        (OF_PATIENT, practice.desk.patient.as_uuid()),
        (OF_ROOM, room.as_uuid()),
    ] {
        let session = practice.session((&treatment, &now), "completed").await;
        let reopened = practice.waits(lock, "reopen", async |tx| {
            sessions::update(tx, session.id, 1, to("in-progress")).await
        });
        let again = practice.change(&reopened.await.session, to("completed")).await;
        let deleted = practice.waits(lock, "delete", async |tx| {
            sessions::delete(tx, again.id, again.version, "twice").await
        });
        deleted.await;
    }
}

/// Whether a note is signed is asked once nobody can sign one any more.
#[tokio::test]
async fn whoever_changes_a_session_sees_what_was_signed_while_they_waited() {
    const DRAFT: &str = "insert into clinical_notes
          (organization_id, id, treatment_session_id, author_id, author_name, note_type, text, status)
        select organization_id, gen_random_uuid(), id, created_by, 'Ada', 'progress', 'better', 'draft'
        from treatment_sessions where id = $1";
    const SIGN: &str = "with session as (select id from treatment_sessions where id = $1 for share)
        update clinical_notes
        set status = 'final', signed_by = author_id, signed_by_name = 'Ada', signed_at = now(), sha256 = 'x'
        from session where treatment_session_id = session.id and signed_at is null";
    let clinics = Clinics::new().await;
    let practice = Practice::open(&clinics).await;
    let treatment = practice.treatment().await;
    let place = practice.fulfilled().await;
    let refused = |result: Result<_, SessionError>| match result {
        Err(SessionError::HasSignedNote) => Ok(()),
        other => Err(other),
    };

    for name in ["move", "undo", "delete"] {
        let session = practice.session((&treatment, &place), "in-progress").await;
        let draft = sqlx::query(DRAFT).bind(session.id.as_uuid());
        draft.execute(&mut clinics.test.admin().await).await.unwrap();
        let change = match name {
            "move" => SessionChanges {
                number: Some(100),
                ..SessionChanges::default()
            },
            _ => to("preparation"),
        };
        let waited = practice.waits((SIGN, session.id.as_uuid()), name, async |tx| match name {
            "delete" => refused(sessions::delete(tx, session.id, 1, "twice").await.map(drop)),
            _ => refused(sessions::update(tx, session.id, 1, change).await.map(drop)),
        });
        waited.await;
    }
}

/// Whether sessions are open, or there at all, is asked once none can come any more. Who asked before would wait as well, to
/// write, and then write what the session contradicts: it gives neither of the two another version.
#[tokio::test]
async fn whoever_ends_a_treatment_or_an_appointment_sees_the_session_that_began_while_they_waited() {
    const IN_TREATMENT: &str = "with treatment as (select * from treatments where id = $1 for no key update)
        insert into treatment_sessions (organization_id, id, treatment_id, appointment_id, patient_id, performer_id,
          performer_name, number, status, created_by, created_by_name)
        select organization_id, gen_random_uuid(), id, (select id from appointments limit 1), patient_id, practitioner_id, 'Ada',
          1, 'in-progress', created_by, 'Ada'
        from treatment";
    const IN_APPOINTMENT: &str = "with appointment as (select * from appointments where id = $1 for no key update)
        insert into treatment_sessions (organization_id, id, treatment_id, appointment_id, patient_id, performer_id,
          performer_name, number, status, created_by, created_by_name)
        select organization_id, gen_random_uuid(), (select id from treatments where status = 'draft'), id, patient_id,
          practitioner_id, 'Ada', extract(minute from starts_at), 'in-progress', created_by, 'Ada'
        from appointment";
    let clinics = Clinics::new().await;
    let practice = Practice::open(&clinics).await;
    practice.appointment(Duration::hours(1), None).await;

    for name in ["complete", "delete"] {
        let id = practice.treatment().await.id;
        let waited = practice.waits((IN_TREATMENT, id.as_uuid()), name, async |tx| {
            let done = match name {
                "complete" => treatments::update(tx, id, 1, of_treatment("completed"))
                    .await
                    .map(drop),
                _ => treatments::delete(tx, id, 1, "twice").await.map(drop),
            };
            match done {
                Err(TreatmentError::HasOpenSessions(_) | TreatmentError::HasSessions) => Ok(()),
                other => Err(other),
            }
        });
        waited.await;
    }
    let draft = NewTreatment {
        status: Some("draft".to_owned()),
        ..practice.treatment_wish()
    };
    practice
        .done(async |tx| treatments::create(tx, draft).await)
        .await;
    for (name, minutes) in [("cancel", 10), ("delete", 20)] {
        let id = practice.appointment(Duration::minutes(minutes), None).await.id;
        let cancel = AppointmentChanges {
            status: Some("cancelled".to_owned()),
            cancellation_reason: Some(Some("ill".to_owned())),
            ..AppointmentChanges::default()
        };
        let waited = practice.waits((IN_APPOINTMENT, id.as_uuid()), name, async |tx| {
            let done = match name {
                "cancel" => appointments::update(tx, id, 1, cancel).await.map(drop),
                _ => appointments::delete(tx, id, 1, "twice").await.map(drop),
            };
            match done {
                Err(AppointmentError::HasSessions) => Ok(()),
                other => Err(other),
            }
        });
        waited.await;
    }
}
