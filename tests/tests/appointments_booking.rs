//! Nobody and no room is taken twice: what is refused, what is offered instead, and what may be overbooked.

use serde_json::{Value, json};
use wardkeep_tests::Answer;

use crate::desk::{APPOINTMENTS, Booked, Desk, at, problems, span, with};

fn assert_taken(answer: &Answer, clashes: &Value, free: &Value) {
    assert_eq!(
        (answer.status, answer.code()),
        (409, "SLOT_TAKEN"),
        "{}",
        answer.text
    );
    assert_eq!(&answer.body["clashes"], clashes);
    assert_eq!(&answer.body["freeSlots"], free);
}

fn clash(kind: &str, with_whom: &Booked) -> Value {
    json!({
        "kind": kind,
        "appointmentId": with_whom.body["id"],
        "start": with_whom.body["start"],
        "end": with_whom.body["end"],
        "overbooked": with_whom.body["overbooked"],
    })
}

/// Ada works from Monday to Friday, 9 to 12 in Berlin, and is away on this Tuesday from 10:30 to 11.
async fn with_hours(desk: &Desk) {
    const HOURS: &str = r#"insert into working_hours
        (organization_id, id, practitioner_id, practitioner_name, days_of_week, opens_at, closes_at, time_zone)
        values ($1::text::uuid, gen_random_uuid(), $2::text::uuid, 'ada', '["mon","tue","wed","thu","fri"]', '09:00', '12:00', 'Europe/Berlin')"#;
    const AWAY: &str = r#"insert into absences
        (organization_id, id, practitioner_id, practitioner_name, starts_at, ends_at)
        values ($1::text::uuid, gen_random_uuid(), $2::text::uuid, 'ada', '2026-03-03T10:30+01', '2026-03-03T11:00+01')"#;
    let mut admin = desk.app.database.admin().await;
    for statement in [HOURS, AWAY] {
        let insert = sqlx::query(statement).bind(&desk.clinic.id).bind(&desk.ada.id);
        insert.execute(&mut admin).await.unwrap();
    }
}

#[actix_web::test]
async fn a_refusal_names_the_clashes_and_the_next_three_free_slots_and_no_patient() {
    let desk = Desk::open().await;
    let in_room = json!({ "roomId": desk.room });
    let of_ada = desk.book(desk.wish("09:00", "10:00")).await;
    let of_bea = with(desk.wish("09:30", "10:30"), &in_room);
    let of_bea = desk
        .book(with(of_bea, &json!({ "practitionerId": desk.bea.id })))
        .await;
    desk.book(desk.wish("11:15", "11:30")).await;

    let by_person = desk.ask(&desk.bea, desk.wish("09:45", "10:15")).await;
    let by_both = desk
        .ask(&desk.bea, with(desk.wish("09:45", "10:15"), &in_room))
        .await;
    let around = desk.ask(&desk.ada, desk.wish("08:00", "12:00")).await;

    let free = json!([
        span("10:00", "10:30"),
        span("10:30", "11:00"),
        span("11:30", "12:00")
    ]);
    assert_taken(&by_person, &json!([clash("practitioner", &of_ada)]), &free);
    let clashes = json!([clash("practitioner", &of_ada), clash("room", &of_bea)]);
    let free = json!([
        span("10:30", "11:00"),
        span("11:30", "12:00"),
        span("12:00", "12:30")
    ]);
    assert_taken(&by_both, &clashes, &free);
    assert_eq!(around.body["clashes"].as_array().unwrap().len(), 2);
    for answer in [by_person, by_both, around] {
        assert!(!answer.text.contains(&desk.patient), "{}", answer.text);
    }
}

#[actix_web::test]
async fn one_may_end_when_the_next_begins_and_only_some_statuses_take_time() {
    let desk = Desk::open().await;
    desk.book(desk.wish("09:00", "09:30")).await;
    desk.book(desk.wish("08:30", "09:00")).await;
    desk.book(desk.wish("09:30", "10:00")).await;
    for status in ["proposed", "waitlist"] {
        desk.book(with(desk.wish("09:00", "09:30"), &json!({ "status": status })))
            .await;
    }
    for status in ["pending", "booked", "arrived"] {
        let wish = with(desk.wish("09:00", "09:30"), &json!({ "status": status }));
        let answer = desk.ask(&desk.ada, wish).await;
        assert_eq!(answer.code(), "SLOT_TAKEN", "{status}");
    }
}

#[actix_web::test]
async fn what_comes_to_take_time_looks_first_and_what_stops_gives_it_back() {
    let desk = Desk::open().await;
    desk.app.clock.advance(std::time::Duration::from_secs(25 * 3600));
    let first = desk.book(desk.wish("09:00", "09:30")).await;
    let waiting = with(desk.wish("09:15", "09:45"), &json!({ "status": "waitlist" }));
    let waiting = desk.book(waiting).await;

    let refused = desk
        .change(&desk.ada, &waiting, json!({ "status": "booked" }))
        .await;
    let missing = desk.changed(&first, json!({ "status": "noshow" })).await;
    let second = desk.changed(&waiting, json!({ "status": "booked" })).await;
    let late = desk
        .change(&desk.ada, &missing, json!({ "status": "arrived" }))
        .await;
    let deleted = desk.deleted(&second).await;
    let arrived = desk.changed(&missing, json!({ "status": "arrived" })).await;
    let restored = desk.restore(&deleted).await;

    assert_eq!(refused.body["clashes"], json!([clash("practitioner", &first)]));
    assert_eq!(late.body["clashes"], json!([clash("practitioner", &second)]));
    let free = json!([
        span("09:30", "10:00"),
        span("10:00", "10:30"),
        span("10:30", "11:00")
    ]);
    assert_taken(&restored, &json!([clash("practitioner", &arrived)]), &free);
}

#[actix_web::test]
async fn an_appointment_is_in_nobodys_way_but_others() {
    let desk = Desk::open().await;
    let booked = desk.book(desk.wish("09:00", "10:00")).await;
    let next = desk.book(desk.wish("10:00", "11:00")).await;

    let moved = desk.changed(&booked, json!({ "start": at("09:30") })).await;
    let refused = desk
        .change(&desk.ada, &moved, json!({ "end": at("10:30") }))
        .await;

    assert_eq!(moved.body["overbooked"], false);
    let free = json!([
        span("11:00", "12:00"),
        span("12:00", "13:00"),
        span("13:00", "14:00")
    ]);
    assert_taken(&refused, &json!([clash("practitioner", &next)]), &free);
}

#[actix_web::test]
async fn who_may_overbook_says_why_and_it_shows() {
    let desk = Desk::open().await;
    let first = desk.book(desk.wish("09:00", "09:30")).await;
    let urgent = with(
        desk.wish("09:15", "09:45"),
        &json!({ "overbookingReason": "in pain" }),
    );

    let forbidden = desk.ask(&desk.bea, urgent.clone()).await;
    let second = desk.book(urgent).await;
    let third = desk.ask(&desk.ada, desk.wish("09:30", "09:45")).await;
    let cancel = json!({ "status": "cancelled", "cancellationReason": "ill" });
    desk.changed(&first, cancel).await;
    let fourth = desk.ask(&desk.ada, desk.wish("09:00", "09:30")).await;

    assert_eq!((forbidden.status, forbidden.code()), (403, "FORBIDDEN"));
    let shown = (&second.body["overbooked"], &second.body["overbookingReason"]);
    assert_eq!(shown, (&json!(true), &json!("in pain")));
    // What is overbooked keeps others out as anything else does.
    for answer in [third, fourth] {
        assert_eq!(answer.body["clashes"], json!([clash("practitioner", &second)]));
    }
}

#[actix_web::test]
async fn a_reason_that_is_not_needed_is_dropped_and_one_of_before_does_not_count() {
    let desk = Desk::open().await;
    desk.book(desk.wish("09:00", "09:30")).await;
    desk.book(desk.wish("11:00", "11:30")).await;
    let reason = |reason: &str| json!({ "overbookingReason": reason });

    let free = with(desk.wish("10:00", "10:30"), &reason("just so"));
    let free = Booked::of(&desk.ask(&desk.bea, free).await.expect(201));
    let over = desk
        .book(with(desk.wish("09:00", "09:30"), &reason("in pain")))
        .await;
    let commented = desk
        .changed(&over, json!({ "comment": "x", "status": "arrived" }))
        .await;
    let elsewhere = json!({ "start": at("11:00"), "end": at("11:30") });
    let again = desk.change(&desk.ada, &commented, elsewhere.clone()).await;
    let forbidden = desk
        .change(&desk.bea, &commented, with(elsewhere.clone(), &reason("x")))
        .await;
    let reworded = desk.changed(&commented, reason("in great pain")).await;
    let cleared = desk
        .change(&desk.ada, &reworded, json!({ "overbookingReason": null }))
        .await;
    let over_again = desk
        .changed(&reworded, with(elsewhere, &reason("still in pain")))
        .await;
    let freed = desk
        .changed(&over_again, json!({ "start": at("13:00"), "end": at("13:30") }))
        .await;

    assert_eq!(free.body["overbooked"], false);
    assert_eq!(commented.body["overbookingReason"], "in pain");
    assert_eq!((again.status, again.code()), (409, "SLOT_TAKEN"));
    assert_eq!((forbidden.status, forbidden.code()), (403, "FORBIDDEN"));
    assert_eq!(reworded.body["overbookingReason"], "in great pain");
    assert_eq!((cleared.status, cleared.code()), (409, "SLOT_TAKEN"));
    assert_eq!(over_again.body["overbookingReason"], "still in pain");
    let shown = (&freed.body["overbooked"], &freed.body["overbookingReason"]);
    assert_eq!(shown, (&json!(false), &Value::Null));
}

#[actix_web::test]
async fn what_was_overbooked_is_restored_only_where_it_need_not_be() {
    let desk = Desk::open().await;
    let first = desk.book(desk.wish("09:00", "09:30")).await;
    let reason = json!({ "overbookingReason": "in pain" });
    let over = desk.book(with(desk.wish("09:00", "09:30"), &reason)).await;
    let over = desk.deleted(&over).await;

    let refused = desk.restore(&over).await;
    desk.deleted(&first).await;
    let restored = desk.restore(&over).await.expect(200);

    assert_eq!(refused.body["clashes"], json!([clash("practitioner", &first)]));
    assert_eq!(restored.body["overbooked"], false);
}

#[actix_web::test]
async fn a_patient_who_was_deleted_brings_no_appointment_back() {
    let desk = Desk::open().await;
    let booked = desk.book(desk.wish("09:00", "09:30")).await;
    let deleted = desk.deleted(&booked).await;
    let mut admin = desk.app.database.admin().await;
    let hide = sqlx::query("update patients set deleted_at = now() where id = $1::text::uuid");
    hide.bind(&desk.patient).execute(&mut admin).await.unwrap();

    let refused = desk.restore(&deleted).await;

    assert_eq!(
        problems(&refused),
        [("patientId".to_owned(), "names no patient".to_owned())]
    );
}

/// Nothing kept the patient from being deleted: the appointments were over.
#[actix_web::test]
async fn what_is_over_is_not_opened_again_for_a_patient_who_was_deleted() {
    let desk = Desk::open().await;
    desk.app.clock.advance(std::time::Duration::from_secs(25 * 3600));
    let missing = desk.book(desk.wish("09:00", "09:30")).await;
    let missing = desk.changed(&missing, json!({ "status": "noshow" })).await;
    let done = desk.book(desk.wish("08:00", "08:30")).await;
    let done = desk.changed(&done, json!({ "status": "fulfilled" })).await;
    let deletion = desk.app.delete(&format!("/api/v1/patients/{}", desk.patient));
    let deletion = desk.here(deletion, &desk.ada).if_match("\"1\"");
    let deletion = deletion.json(json!({ "reason": "entered twice" }));
    deletion.send().await.expect(204);

    let booked = desk
        .change(&desk.ada, &missing, json!({ "status": "booked" }))
        .await;
    let checked_in = desk
        .change(&desk.ada, &done, json!({ "status": "checked-in" }))
        .await;
    desk.changed(&done, json!({ "comment": "of a file that is gone" }))
        .await;

    for refused in [booked, checked_in] {
        assert_eq!(
            problems(&refused),
            [("patientId".to_owned(), "names no patient".to_owned())]
        );
    }
}

#[actix_web::test]
async fn outside_of_hours_and_in_an_absence_only_who_may_overbook_books() {
    let desk = Desk::open().await;
    with_hours(&desk).await;
    // In Berlin it is an hour later than in UTC.
    let free = json!([span("10:00", "10:30"), span("10:30", "11:00"), { "start": "2026-03-04T08:00:00.000Z", "end": "2026-03-04T08:30:00.000Z" }]);

    let inside = desk.book(desk.wish("08:00", "08:30")).await;
    let away = desk.ask(&desk.bea, desk.wish("09:15", "09:45")).await;
    let early = desk.ask(&desk.bea, desk.wish("07:45", "08:15")).await;
    let evening = with(
        desk.wish("18:00", "18:30"),
        &json!({ "overbookingReason": "works late" }),
    );
    let forbidden = desk.ask(&desk.bea, evening.clone()).await;
    let overbooked = desk.book(evening).await;

    let absence = json!({ "kind": "absence", "start": at("09:30"), "end": at("09:45") });
    assert_taken(&away, &json!([absence]), &free);
    let hours = json!({ "kind": "working-hours" });
    let earlier = json!([
        span("08:30", "09:00"),
        span("09:00", "09:30"),
        span("10:00", "10:30")
    ]);
    assert_taken(&early, &json!([clash("practitioner", &inside), hours]), &earlier);
    assert_eq!(forbidden.status, 403);
    assert_eq!(overbooked.body["overbooked"], true);
}

#[actix_web::test]
async fn free_slots_are_looked_for_in_four_weeks_and_no_further() {
    let desk = Desk::open().await;
    with_hours(&desk).await;
    let away =
        "update absences set starts_at = '2026-03-03T00:00Z', ends_at = ends_at + make_interval(days => $1)";
    let mut admin = desk.app.database.admin().await;
    let mut until = async |days: i32| {
        sqlx::query(away).bind(days).execute(&mut admin).await.unwrap();
        desk.ask(&desk.ada, desk.wish("08:00", "10:00")).await
    };

    let weeks = until(20).await;
    let longer = until(5).await;
    let much_longer = until(30).await;

    let starts = |answer: &Answer| -> Vec<String> {
        let slots = answer.body["freeSlots"].as_array().unwrap();
        slots
            .iter()
            .map(|slot| slot["start"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        starts(&weeks),
        [
            "2026-03-24T08:00:00.000Z",
            "2026-03-25T08:00:00.000Z",
            "2026-03-26T08:00:00.000Z"
        ]
    );
    // After the change to summer time, nine o'clock in Berlin is an hour earlier. The morning after is too far ahead.
    assert_eq!(starts(&longer), ["2026-03-30T07:00:00.000Z"]);
    assert_eq!(starts(&much_longer), [""; 0]);
}

#[actix_web::test]
async fn what_the_look_could_not_see_the_constraint_refuses() {
    const HIDDEN: &str = "insert into appointments
        (organization_id, id, patient_id, practitioner_id, practitioner_name, starts_at, ends_at, time_zone, status, created_by, created_by_name)
        values ($1::text::uuid, gen_random_uuid(), $2::text::uuid, $3::text::uuid, '', $4::text::timestamptz, $5::text::timestamptz, 'UTC', 'booked', $3::text::uuid, '')";
    const WAITS: &str = "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')";
    let desk = Desk::open().await;
    let (mut writing, mut watching) = (desk.app.database.admin().await, desk.app.database.admin().await);
    // Somebody who takes none of the locks.
    sqlx::query("begin").execute(&mut writing).await.unwrap();
    sqlx::query(HIDDEN)
        .bind(&desk.clinic.id)
        .bind(&desk.patient)
        .bind(&desk.ada.id)
        .bind(at("09:00"))
        .bind(at("09:30"))
        .execute(&mut writing)
        .await
        .unwrap();

    let asking = desk.ask(&desk.ada, desk.wish("09:15", "09:45"));
    let committing = async {
        while !sqlx::query_scalar::<_, bool>(WAITS)
            .fetch_one(&mut watching)
            .await
            .unwrap()
        {}
        sqlx::query("commit").execute(&mut writing).await.unwrap();
    };
    let (answer, ()) = futures_util::future::join(asking, committing).await;

    assert_taken(&answer, &json!([{ "kind": "practitioner" }]), &json!([]));
    assert_eq!(desk.list("?total=true").await.body["total"], 1);
    let events = desk.app.get(APPOINTMENTS);
    desk.here(events, &desk.ada).send().await.expect(200);
}
