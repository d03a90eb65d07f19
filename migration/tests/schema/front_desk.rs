//! What the tables of the front desk refuse, whoever writes: two bookings of one time, and values that mean nothing.

use sea_orm::TransactionTrait as _;
use wardkeep_migration::lint::{CLASSIFICATION, Class, lint};
use wardkeep_migration::{down, up};
use wardkeep_tenancy::{sqlstate, violated_constraint};

use crate::database::{run, state, texts};
use crate::fixture::{ANA, BEN, CLINIC_OF_ANA, CLINIC_OF_BEN, Clinics, ROW};
use crate::treatment;

const ROOM: &str = "appointments_room_id_excl";
const PRACTITIONER: &str = "appointments_practitioner_id_excl";

/// An appointment beside that of the fixture, which takes Ana and the room from 9:00 to 9:30.
#[derive(Clone, Copy)]
struct Booking {
    clinic: &'static str,
    practitioner: &'static str,
    room: Option<&'static str>,
    time: (&'static str, &'static str),
    status: &'static str,
    overbooked: bool,
    deleted: bool,
}

const SAME: Booking = Booking {
    clinic: CLINIC_OF_ANA,
    practitioner: ANA,
    room: Some(ROW),
    time: ("09:00", "09:30"),
    status: "booked",
    overbooked: false,
    deleted: false,
};

impl Booking {
    fn insertion(&self) -> String {
        let text = |value: Option<&str>| value.map_or("null".to_owned(), |value| format!("'{value}'"));
        format!(
            "insert into appointments (organization_id, id, patient_id, created_by, created_by_name, practitioner_id,
               practitioner_name, room_id, starts_at, ends_at, time_zone, status, cancellation_reason, overbooking_reason,
               deleted_at)
             values ('{}', gen_random_uuid(), '{ROW}', '{ANA}', 'ana', '{}', 'somebody', {}, '2026-03-02 {}Z',
               '2026-03-02 {}Z', 'Europe/Berlin', '{}', 'ill', {}, {})",
            self.clinic,
            self.practitioner,
            text(self.room),
            self.time.0,
            self.time.1,
            self.status,
            text(self.overbooked.then_some("urgent")),
            text(self.deleted.then_some("2026-03-02")),
        )
    }

    /// The constraint that refuses it.
    async fn refused_by(&self, clinics: &Clinics) -> Option<String> {
        let transaction = clinics.admin.begin().await.unwrap();
        let refused = run(&transaction, &self.insertion()).await.err();
        transaction.rollback().await.unwrap();
        refused.map(|error| {
            let constraint = violated_constraint(&error).unwrap();
            assert_eq!(sqlstate(&error).as_deref(), Some("23P01"), "{error}");
            constraint
        })
    }
}

#[tokio::test]
async fn nobody_and_no_room_is_taken_twice_at_once() {
    let clinics = Clinics::new().await;
    let (nobody, elsewhere) = (Some(BEN), None);
    let cases = [
        (nobody, Some(ROW), ("09:00", "09:30"), Some(ROOM)),
        (None, elsewhere, ("09:00", "09:30"), Some(PRACTITIONER)),
        (None, elsewhere, ("08:59", "09:01"), Some(PRACTITIONER)),
        (None, elsewhere, ("09:29", "09:31"), Some(PRACTITIONER)),
        (None, elsewhere, ("09:10", "09:20"), Some(PRACTITIONER)),
        (None, elsewhere, ("08:00", "10:00"), Some(PRACTITIONER)),
        (nobody, Some(ROW), ("09:29", "10:00"), Some(ROOM)),
        // An end is not taken any more.
        (None, Some(ROW), ("08:30", "09:00"), None),
        (None, Some(ROW), ("09:30", "10:00"), None),
        (nobody, elsewhere, ("09:00", "09:30"), None),
    ];

    for (practitioner, room, time, expected) in cases {
        let booking = Booking {
            practitioner: practitioner.unwrap_or(ANA),
            room,
            time,
            ..SAME
        };
        assert_eq!(
            booking.refused_by(&clinics).await.as_deref(),
            expected,
            "{:?} {time:?}",
            (practitioner, room)
        );
    }
}

#[tokio::test]
async fn what_takes_no_time_keeps_nobody_out() {
    let clinics = Clinics::new().await;
    let free = ["proposed", "waitlist", "cancelled", "noshow"];
    let taking = ["pending", "booked", "arrived", "checked-in", "fulfilled"];

    for (statuses, refused) in [(&free[..], false), (&taking[..], true)] {
        for status in statuses {
            let booking = Booking { status, ..SAME };
            assert_eq!(booking.refused_by(&clinics).await.is_some(), refused, "{status}");
        }
    }
    let overbooked = Booking {
        overbooked: true,
        ..SAME
    };
    let deleted = Booking {
        deleted: true,
        ..SAME
    };
    for booking in [overbooked, deleted] {
        assert_eq!(booking.refused_by(&clinics).await, None);
    }
}

#[tokio::test]
async fn another_organization_keeps_nobody_out() {
    let clinics = Clinics::new().await;
    // The fixture gives both clinics the same practitioner, room and time; only one's own is in the way.
    let takes = "select count(distinct organization_id) from appointments where status = 'booked'";
    assert_eq!(texts(&clinics.admin, takes).await.unwrap(), ["2"]);
    let missed =
        format!("update appointments set status = 'noshow' where organization_id = '{CLINIC_OF_BEN}'");
    run(&clinics.admin, &missed).await.unwrap();

    let there = Booking {
        clinic: CLINIC_OF_BEN,
        ..SAME
    };

    assert_eq!(there.refused_by(&clinics).await, None);
    assert!(SAME.refused_by(&clinics).await.is_some());
}

/// What changes the row of the fixture into one that its check refuses. Those of treatments and notes are elsewhere.
const CHECKED: &[(&str, &str, &str)] = &[
    ("patients", "patients_gender_check", "gender = 'man'"),
    (
        "patients",
        "patients_deceased_check",
        "deceased_on = '2026-03-01'",
    ),
    (
        "working_hours",
        "working_hours_validity_check",
        "valid_from = '2026-03-02', valid_to = '2026-03-01'",
    ),
    ("absences", "absences_period_check", "ends_at = starts_at"),
    (
        "absences",
        "absences_period_check",
        "ends_at = starts_at - interval '1 second'",
    ),
    ("appointments", "appointments_period_check", "ends_at = starts_at"),
    (
        "appointments",
        "appointments_period_check",
        "ends_at = starts_at + interval '24 hours 1 second'",
    ),
    (
        "appointments",
        "appointments_cancellation_check",
        "status = 'cancelled'",
    ),
    (
        "appointments",
        "appointments_status_check",
        "status = 'entered-in-error'",
    ),
    ("appointments", "appointments_status_check", "status = 'Booked'"),
];

#[tokio::test]
async fn a_value_that_means_nothing_is_refused() {
    let clinics = Clinics::new().await;

    for (table, constraint, change) in CHECKED.iter().chain(treatment::CHECKED) {
        let statement =
            format!("update public.{table} set {change} where organization_id = '{CLINIC_OF_ANA}'");
        let error = run(&clinics.admin, &statement).await.expect_err(change);
        assert_eq!(
            violated_constraint(&error).as_deref(),
            Some(*constraint),
            "{change}: {error}"
        );
    }
    for change in ["code = 'X'", "outcome = 'refused'", "outcome = 'maybe'"] {
        let row = format!(
            "insert into audit_events (organization_id, id, recorded_at, user_id, user_name, action, resource, request_id, \
               outcome, code)
             select organization_id, gen_random_uuid(), recorded_at, user_id, user_name, action, resource, request_id, {}
             from audit_events",
            match change {
                "code = 'X'" => "outcome, 'X'",
                "outcome = 'refused'" => "'refused', null",
                _ => "'maybe', null",
            }
        );
        assert_eq!(state(run(&clinics.admin, &row).await), "23514", "{change}");
    }
}

#[tokio::test]
async fn every_check_was_tried() {
    let clinics = Clinics::new().await;
    let tables: Vec<_> = CLASSIFICATION
        .iter()
        .filter(|classified| classified.class == Class::Tenant)
        .map(|classified| format!("'public.{}'::regclass", classified.table))
        .collect();
    let query = format!(
        "select conname from pg_constraint where contype = 'c' and conrelid in ({}) order by conname",
        tables.join(", ")
    );

    let found = texts(&clinics.admin, &query).await.unwrap();

    // A new one belongs into the test above.
    let of_events = ["audit_events_code_check", "audit_events_outcome_check"];
    let mut tried: Vec<_> = CHECKED
        .iter()
        .chain(treatment::CHECKED)
        .map(|(_, constraint, _)| *constraint)
        .collect();
    tried.extend(of_events);
    tried.sort_unstable();
    tried.dedup();
    assert_eq!(found, tried);
}

#[tokio::test]
async fn a_record_number_and_the_name_of_a_room_are_free_again_once_deleted() {
    let clinics = Clinics::new().await;
    let patient = format!(
        "insert into patients (organization_id, id, first_name, last_name, medical_record_number)
         values ('{CLINIC_OF_ANA}', gen_random_uuid(), 'Ole', 'Dahl', '7')"
    );
    let room = format!(
        "insert into rooms (organization_id, id, name) values ('{CLINIC_OF_ANA}', gen_random_uuid(), 'Room 1')"
    );
    run(&clinics.admin, "update patients set medical_record_number = '7'")
        .await
        .unwrap();

    for (insertion, table) in [(patient, "patients"), (room, "rooms")] {
        assert_eq!(state(run(&clinics.admin, &insertion).await), "23505", "{table}");
        let deletion = format!(
            "update {table} set deleted_at = now() where id = '{ROW}' and organization_id = '{CLINIC_OF_ANA}'"
        );
        run(&clinics.admin, &deletion).await.unwrap();
        run(&clinics.admin, &insertion).await.unwrap();
    }
}

#[tokio::test]
async fn the_front_desk_comes_and_goes_where_there_are_patients() {
    let clinics = Clinics::new().await;
    let url = clinics.database.admin_url();
    let patients = "select count(*) from patients where first_name = 'Ida' and active";
    let before = "select count(*) from patients where first_name = 'Ida'";

    let mut gone = down(&url, Some(3), &mut |_| ()).await.unwrap();

    assert_eq!(
        gone,
        [
            "m20261126_000011_providers",
            "m20261126_000010_treatment",
            "m20261125_000009_front_desk"
        ]
    );
    gone.reverse();
    assert_eq!(texts(&clinics.admin, before).await.unwrap(), ["2"]);
    // Nobody wrote appointments before there was a front desk: what the columns would hold cannot be made up.
    assert!(up(&url, None, &mut |_| ()).await.is_err());
    run(
        &clinics.admin,
        "delete from clinical_notes; delete from treatment_sessions; delete from appointments; \
         delete from treatments; delete from medical_records",
    )
    .await
    .unwrap();
    assert_eq!(up(&url, None, &mut |_| ()).await.unwrap(), gone);
    assert_eq!(texts(&clinics.admin, patients).await.unwrap(), ["2"]);
    assert_eq!(lint(&url).await.unwrap(), []);
}
