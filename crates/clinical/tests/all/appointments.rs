//! What a booking costs: the locks, one look at each calendar, the row and its trace. No number of appointments makes it
//! more.

use time::{Duration, OffsetDateTime};
use wardkeep_clinical::appointments::{self, AppointmentChanges, AppointmentError, Listing, NewAppointment};
use wardkeep_tenancy::UserId;
use wardkeep_testkit::START;

use crate::clinic::{OF_MEMBER, assert_waits};
use crate::schedule_model::{Clinics, Desk};
use crate::statements::sent;

/// Half an hour in no room.
fn wish(desk: &Desk<'_>, practitioner: UserId, start: OffsetDateTime) -> NewAppointment {
    NewAppointment {
        patient: desk.patient,
        practitioner,
        room: None,
        start,
        end: start + Duration::minutes(30),
        time_zone: "Europe/Berlin".to_owned(),
        status: None,
        appointment_type: None,
        reason: None,
        comment: None,
        overbooking_reason: None,
    }
}

#[tokio::test]
async fn every_operation_takes_few_statements_and_binds_its_organization() {
    let clinics = Clinics::new().await;
    let desk = clinics.open().await;
    let tx = clinics.begin(desk.organization, "owner").await;
    let start = START + Duration::hours(1);
    let wish = wish(&desk, clinics.practitioners[0], start);
    let in_room = NewAppointment {
        room: Some(desk.rooms[0]),
        start: start + Duration::hours(1),
        end: start + Duration::hours(2),
        ..wish.clone()
    };
    let waiting = NewAppointment {
        status: Some("waitlist".to_owned()),
        ..wish.clone()
    };
    let comment = AppointmentChanges {
        comment: Some(Some("x".to_owned())),
        ..AppointmentChanges::default()
    };
    let move_to_room = AppointmentChanges {
        room: Some(Some(desk.rooms[1])),
        ..AppointmentChanges::default()
    };

    let (made, create) = sent(appointments::create(&tx, wish.clone())).await;
    let id = made.unwrap().id;
    let (made, create_in_room) = sent(appointments::create(&tx, in_room)).await;
    made.unwrap();
    let (_, create_waiting) = sent(appointments::create(&tx, waiting)).await;
    let (refused, refusal) = sent(appointments::create(&tx, wish)).await;
    let (_, get) = sent(appointments::get(&tx, id)).await;
    let (_, list) = sent(appointments::list(&tx, &Listing::default())).await;
    let (_, change) = sent(appointments::update(&tx, id, 1, comment)).await;
    let (_, moving) = sent(appointments::update(&tx, id, 2, move_to_room)).await;
    let (_, delete) = sent(appointments::delete(&tx, id, 3, "entered twice")).await;
    let (restored, restore) = sent(appointments::restore(&tx, id, 4)).await;

    restored.unwrap();
    assert!(matches!(refused, Err(AppointmentError::SlotTaken(_))));
    // Patient, practitioner; what they have, their hours, their absences.
    let look = ["select"; 3];
    let locks = ["select"; 2];
    assert_eq!(create, [&locks[..], &look, &["insert"; 2]].concat());
    // The room, and what is in it.
    assert_eq!(
        create_in_room,
        [&locks[..], &look, &["select"; 2], &["insert"; 2]].concat()
    );
    assert_eq!(create_waiting, [&locks[..], &["insert"; 2]].concat());
    // What was looked at has the free slots too.
    assert_eq!(refusal, [&locks[..], &look].concat());
    assert_eq!(get, ["select", "insert"]);
    assert_eq!(list, ["select", "insert"]);
    assert_eq!(change, ["select", "update", "insert"]);
    assert_eq!(
        moving,
        [&["select"; 3][..], &look, &["select"], &["update", "insert"]].concat()
    );
    // Whether a session takes place in it.
    assert_eq!(delete, ["select", "select", "update", "insert"]);
    assert_eq!(
        restore,
        [&["select"; 4][..], &look, &["select"], &["update", "insert"]].concat()
    );
}

/// Whatever is read before the lock could be another's by the time it is written.
#[tokio::test]
async fn a_booking_waits_for_who_holds_its_patient_its_practitioner_or_its_room() {
    let clinics = Clinics::new().await;
    let desk = clinics.open().await;
    let locks = [
        (
            "patient",
            "select from patients where id = $1 for no key update",
            desk.patient.as_uuid(),
        ),
        ("practitioner", OF_MEMBER, clinics.practitioners[0].as_uuid()),
        (
            "room",
            "select from rooms where id = $1 for no key update",
            desk.rooms[0].as_uuid(),
        ),
    ];

    for (number, (name, lock, row)) in (1..).zip(locks) {
        let wish = NewAppointment {
            room: Some(desk.rooms[0]),
            ..wish(&desk, clinics.practitioners[0], START + Duration::hours(number))
        };
        let tx = clinics.begin(desk.organization, "owner").await;
        let booking = appointments::create(&tx, wish);
        assert_waits(&clinics.test, (lock, row), name, booking).await;
        tx.commit().await.unwrap();
    }
}
