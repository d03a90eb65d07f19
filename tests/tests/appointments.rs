//! What the API says of appointments: what is kept of them, what may follow what, and how they are found.

use serde_json::{Value, json};
use wardkeep_tests::Answer;

use crate::desk::{APPOINTMENTS, Booked, Desk, at, problems, with};

#[actix_web::test]
async fn an_appointment_is_made_read_changed_deleted_and_restored() {
    let desk = Desk::open().await;
    let wish = with(
        desk.wish("09:00", "09:30"),
        &json!({
            "roomId": desk.room,
            "start": "2026-03-03T10:00:00+01:00",
            "timeZone": "europe/berlin",
            "appointmentType": " check-up ",
            "reason": "knee",
            "comment": "one\ntwo",
        }),
    );

    let made = desk.ask(&desk.ada, wish).await.expect(201);
    let booked = Booked::of(&made);
    let read = desk
        .here(desk.app.get(&booked.path), &desk.bea)
        .send()
        .await
        .expect(200);
    let moved = desk
        .changed(&booked, json!({ "end": at("09:45"), "comment": null }))
        .await;
    let deleted = desk.deleted(&moved).await;
    let gone = desk.here(desk.app.get(&booked.path), &desk.ada).send().await;
    let listed = desk.list("?deleted=true").await.expect(200);
    let restored = desk.restore(&deleted).await.expect(200);

    assert_eq!(made.header("location"), booked.path);
    let expected = json!({
        "id": booked.body["id"],
        "patientId": desk.patient,
        "practitionerId": desk.ada.id,
        "practitionerName": "ada",
        "roomId": desk.room,
        "start": at("09:00"),
        "end": at("09:30"),
        "timeZone": "Europe/Berlin",
        "status": "booked",
        "appointmentType": "check-up",
        "reason": "knee",
        "comment": "one\ntwo",
        "cancellationReason": null,
        "overbooked": false,
        "overbookingReason": null,
        "createdBy": { "id": desk.ada.id, "name": "ada" },
        "version": 1,
        "createdAt": "2026-03-02T09:00:00.000Z",
        "updatedAt": "2026-03-02T09:00:00.000Z",
    });
    assert_eq!(made.body, expected);
    assert_eq!(
        (read.body, read.headers.get("etag")),
        (made.body, made.headers.get("etag"))
    );
    assert_eq!(moved.body["end"], at("09:45"));
    assert_eq!(moved.body["comment"], Value::Null);
    assert_eq!((gone.status, gone.code()), (404, "APPOINTMENT_NOT_FOUND"));
    let shown = &listed.body["items"][0];
    assert_eq!(
        (&shown["status"], &shown["deletionReason"]),
        (&json!("entered-in-error"), &json!("entered twice"))
    );
    assert_eq!(restored.body, with(moved.body, &json!({ "version": 4 })));
}

#[actix_web::test]
async fn a_status_follows_only_what_it_can_follow_and_the_refusal_says_what_can() {
    let desk = Desk::open().await;
    let booked = desk.book(desk.wish("09:00", "09:30")).await;
    let refusal = |answer: Answer| {
        assert_eq!((answer.status, answer.code()), (409, "STATUS_NOT_ALLOWED"));
        (
            answer.body["currentStatus"].clone(),
            answer.body["allowed"].clone(),
        )
    };

    // A day before, nobody can be missing.
    let early = desk
        .change(&desk.ada, &booked, json!({ "status": "noshow" }))
        .await;
    desk.app.clock.advance(std::time::Duration::from_secs(24 * 3600));
    let unknown = desk
        .change(&desk.ada, &booked, json!({ "status": "proposed" }))
        .await;
    let same = desk.changed(&booked, json!({ "status": "booked" })).await;
    let missing = desk.changed(&same, json!({ "status": "noshow" })).await;
    let done = desk
        .change(&desk.ada, &missing, json!({ "status": "fulfilled" }))
        .await;
    let arrived = desk.changed(&missing, json!({ "status": "arrived" })).await;
    let checked_in = desk.changed(&arrived, json!({ "status": "checked-in" })).await;
    let fulfilled = desk.changed(&checked_in, json!({ "status": "fulfilled" })).await;
    let cancel = json!({ "status": "cancelled", "cancellationReason": "no" });
    let late = desk.change(&desk.ada, &fulfilled, cancel.clone()).await;
    let other = desk.book(desk.wish("10:00", "10:30")).await;
    let cancelled = desk.changed(&other, cancel).await;
    let again = desk
        .change(&desk.ada, &cancelled, json!({ "status": "booked" }))
        .await;

    let before = json!(["pending", "waitlist", "arrived", "checked-in", "cancelled"]);
    assert_eq!(refusal(early), (json!("booked"), before));
    let now = json!([
        "pending",
        "waitlist",
        "arrived",
        "checked-in",
        "fulfilled",
        "noshow",
        "cancelled"
    ]);
    assert_eq!(refusal(unknown), (json!("booked"), now));
    assert_eq!(refusal(done), (json!("noshow"), json!(["booked", "arrived"])));
    assert_eq!(refusal(late), (json!("fulfilled"), json!(["checked-in"])));
    assert_eq!(refusal(again), (json!("cancelled"), json!([])));
}

#[actix_web::test]
async fn who_cancels_says_why_and_nobody_else_does() {
    let desk = Desk::open().await;
    let booked = desk.book(desk.wish("09:00", "09:30")).await;
    let field = |detail: &str| vec![("cancellationReason".to_owned(), detail.to_owned())];

    let silent = desk
        .change(&desk.ada, &booked, json!({ "status": "cancelled" }))
        .await;
    let premature = desk
        .change(&desk.ada, &booked, json!({ "cancellationReason": "ill" }))
        .await;
    let cancel = json!({ "status": "cancelled", "cancellationReason": "ill" });
    let cancelled = desk.changed(&booked, cancel).await;
    let reworded = desk
        .changed(&cancelled, json!({ "cancellationReason": "very ill" }))
        .await;
    let blanked = desk
        .change(&desk.ada, &reworded, json!({ "cancellationReason": null }))
        .await;
    let in_error = desk
        .change(&desk.ada, &reworded, json!({ "status": "entered-in-error" }))
        .await;

    assert_eq!(problems(&silent), field("must say why it is cancelled"));
    assert_eq!(problems(&premature), field("is only for the status cancelled"));
    assert_eq!(reworded.body["cancellationReason"], "very ill");
    assert_eq!(problems(&blanked), field("must say why it is cancelled"));
    let expected = (
        "status".to_owned(),
        "is set by deleting the appointment".to_owned(),
    );
    assert_eq!(problems(&in_error), [expected]);
}

#[actix_web::test]
async fn what_is_over_keeps_who_when_and_where_until_it_is_opened_again() {
    let desk = Desk::open().await;
    desk.app.clock.advance(std::time::Duration::from_secs(24 * 3600));
    let other = desk.app.patient(&desk.ada).name("Ben", "Costa").create().await;
    let booked = desk.book(desk.wish("09:00", "09:30")).await;
    let missing = desk.changed(&booked, json!({ "status": "noshow" })).await;

    for change in [
        json!({ "start": at("08:45") }),
        json!({ "end": at("10:00") }),
        json!({ "practitionerId": desk.bea.id }),
        json!({ "patientId": other.id }),
        json!({ "roomId": desk.room }),
    ] {
        let answer = desk.change(&desk.ada, &missing, change.clone()).await;
        assert_eq!(
            (answer.status, answer.code()),
            (409, "APPOINTMENT_CLOSED"),
            "{change}"
        );
    }
    let noted = desk
        .changed(
            &missing,
            json!({ "comment": "called twice", "start": at("09:00") }),
        )
        .await;
    let reopened = desk
        .changed(
            &noted,
            json!({ "status": "booked", "start": at("11:00"), "end": at("11:30") }),
        )
        .await;

    assert_eq!(reopened.body["start"], at("11:00"));
}

#[actix_web::test]
async fn a_reference_that_is_not_there_is_refused_in_the_same_words_whatever_the_cause() {
    let desk = Desk::open().await;
    let mia = desk.app.sign_up("mia").await;
    desk.app.organization(&mia, "mill-road").await;
    let foreign_patient = desk.app.patient(&mia).create().await.id;
    let foreign_room = desk.app.post("/api/v1/rooms").by(&mia);
    let foreign_room = foreign_room
        .json(json!({ "name": "Room 1" }))
        .send()
        .await
        .expect(201);
    let deleted_room = desk.new_room("Room 2").await;
    let deletion = desk.app.delete(&format!("/api/v1/rooms/{deleted_room}"));
    let deletion = deletion
        .by(&desk.ada)
        .if_match("\"1\"")
        .json(json!({ "reason": "x" }));
    deletion.send().await.expect(204);
    let nobody = "0194d3a0-7c11-4e5b-8a44-0f2e6b1c9d38";
    let booked = desk.book(desk.wish("15:00", "15:30")).await;
    let causes: [(&str, Vec<&str>, &str); 3] = [
        ("patientId", vec![nobody, &foreign_patient], "names no patient"),
        ("practitionerId", vec![nobody, &mia.id], "names no member"),
        (
            "roomId",
            vec![nobody, foreign_room.body["id"].as_str().unwrap(), &deleted_room],
            "names no room",
        ),
    ];

    for (field, ids, problem) in causes {
        for id in ids {
            let wish = with(desk.wish("09:00", "09:30"), &json!({ field: id }));
            let created = desk.ask(&desk.ada, wish).await;
            let changed = desk.change(&desk.ada, &booked, json!({ field: id })).await;
            for answer in [created, changed] {
                assert_eq!((answer.status, answer.code()), (400, "INVALID_FIELD"));
                assert_eq!(
                    problems(&answer),
                    [(field.to_owned(), problem.to_owned())],
                    "{id}"
                );
                assert!(!answer.text.contains(id), "{}", answer.text);
            }
        }
    }
    let all = json!({ "patientId": nobody, "practitionerId": nobody, "roomId": nobody });
    let all = desk.ask(&desk.ada, with(desk.wish("09:00", "09:30"), &all)).await;
    assert_eq!(problems(&all).len(), 3);
    let total = desk.list("?total=true").await;
    assert_eq!(total.body["total"], 1);
}

#[actix_web::test]
async fn a_room_that_is_out_of_use_is_not_booked_anew() {
    let desk = Desk::open().await;
    let wish = |from, to| with(desk.wish(from, to), &json!({ "roomId": desk.room }));
    let booked = desk.book(wish("09:00", "09:30")).await;
    let close = desk.app.patch(&format!("/api/v1/rooms/{}", desk.room));
    let close = close
        .by(&desk.ada)
        .if_match("\"1\"")
        .json(json!({ "active": false }));
    close.send().await.expect(200);

    let created = desk.ask(&desk.ada, wish("10:00", "10:30")).await;
    let moved = desk
        .change(&desk.ada, &booked, json!({ "end": at("09:40") }))
        .await;
    desk.changed(&booked, json!({ "status": "arrived" })).await;

    let expected = ("roomId".to_owned(), "names no room that can be booked".to_owned());
    assert_eq!(problems(&created), std::slice::from_ref(&expected));
    assert_eq!(problems(&moved), [expected]);
}

/// Deletes a patient or a room as Ada, for it was entered in error.
async fn entered_in_error(desk: &Desk, path: &str) {
    let request = desk.here(desk.app.delete(path), &desk.ada).if_match("\"1\"");
    let body = json!({ "reason": "entered twice" });
    request.json(body).send().await.expect(204);
}

#[actix_web::test]
async fn nothing_waits_anew_for_a_room_that_was_deleted() {
    let desk = Desk::open().await;
    let wait = json!({ "roomId": desk.room, "status": "waitlist" });
    let waiting = desk.book(with(desk.wish("09:00", "09:30"), &wait)).await;
    let other = desk.book(with(desk.wish("10:00", "10:30"), &wait)).await;
    let deleted = desk.deleted(&other).await;
    // When the room is deleted, the other one is over.
    desk.app
        .clock
        .advance(std::time::Duration::from_secs(3 * 24 * 3600));
    entered_in_error(&desk, &format!("/api/v1/rooms/{}", desk.room)).await;

    let later = json!({ "start": "2026-03-09T09:00:00Z", "end": "2026-03-09T09:30:00Z" });
    let moved = desk.change(&desk.ada, &waiting, later).await;
    let restored = desk.restore(&deleted).await;

    let refused = [("roomId".to_owned(), "names no room".to_owned())];
    assert_eq!(problems(&moved), refused);
    assert_eq!(problems(&restored), refused);
}

#[actix_web::test]
async fn what_is_over_is_not_opened_again_in_a_room_that_was_deleted() {
    let desk = Desk::open().await;
    let here = json!({ "roomId": desk.room });
    let booked = desk.book(with(desk.wish("09:00", "10:00"), &here)).await;
    // It is done before its time is up, and the room is given up meanwhile.
    desk.app
        .clock
        .advance(std::time::Duration::from_secs(24 * 3600 + 1800));
    let done = desk.changed(&booked, json!({ "status": "fulfilled" })).await;
    entered_in_error(&desk, &format!("/api/v1/rooms/{}", desk.room)).await;

    let reopened = desk
        .change(&desk.ada, &done, json!({ "status": "checked-in" }))
        .await;

    let refused = [("roomId".to_owned(), "names no room".to_owned())];
    assert_eq!(problems(&reopened), refused);
    let elsewhere = json!({ "status": "checked-in", "roomId": null });
    desk.changed(&done, elsewhere).await;
}

#[actix_web::test]
async fn who_left_keeps_their_appointments_and_gets_no_others() {
    let desk = Desk::open().await;
    let of_bea = |from, to| with(desk.wish(from, to), &json!({ "practitionerId": desk.bea.id }));
    let booked = desk.book(of_bea("09:00", "09:30")).await;
    let waiting = with(of_bea("11:00", "11:30"), &json!({ "status": "waitlist" }));
    let waiting = desk.book(waiting).await;
    desk.bea_leaves().await;
    let refused = |problem: &str| [("practitionerId".to_owned(), problem.to_owned())];

    let created = desk.ask(&desk.ada, of_bea("10:00", "10:30")).await;
    let moved = desk
        .change(&desk.ada, &booked, json!({ "start": at("08:50") }))
        .await;
    let taken = desk
        .change(&desk.ada, &waiting, json!({ "status": "booked" }))
        .await;
    let later = desk
        .change(&desk.ada, &waiting, json!({ "end": at("11:45") }))
        .await;
    assert_eq!(problems(&created), refused("names no member"));
    for answer in [moved, taken, later] {
        let told = refused("has left the organization: name another");
        assert_eq!(problems(&answer), told, "{}", answer.text);
    }

    let commented = desk.changed(&booked, json!({ "comment": "x" })).await;
    let arrived = desk.changed(&commented, json!({ "status": "arrived" })).await;
    assert_eq!(arrived.body["practitionerName"], "bea");
    let handed_on = desk
        .changed(&arrived, json!({ "practitionerId": desk.ada.id }))
        .await;
    assert_eq!(handed_on.body["practitionerName"], "ada");
    let cancel = json!({ "status": "cancelled", "cancellationReason": "nobody is there" });
    desk.changed(&waiting, cancel).await;
}

#[actix_web::test]
async fn what_cannot_be_is_refused_and_nothing_is_stored() {
    let desk = Desk::open().await;
    let wrong = [
        (json!({ "end": at("09:00") }), "end"),
        (json!({ "end": at("08:00") }), "end"),
        (json!({ "end": "2026-03-04T09:00:00.001Z" }), "end"),
        (json!({ "end": "2026-03-03T09:00:00.0004Z" }), "end"),
        (json!({ "start": "2026-03-03" }), "start"),
        (json!({ "start": "2026-03-03T09:00:00" }), "start"),
        (json!({ "start": "2026-02-29T09:00:00Z" }), "start"),
        (json!({ "start": null }), "start"),
        (json!({ "start": 1 }), "start"),
        (
            json!({ "start": "1969-12-31T23:59:59Z", "end": "1970-01-01T00:10:00Z" }),
            "start",
        ),
        (
            json!({ "start": "2199-12-31T23:50:00Z", "end": "2200-01-01T00:00:00Z" }),
            "end",
        ),
        (
            json!({ "start": "9999-12-31T23:50:00Z", "end": "9999-12-31T23:59:59-12:00" }),
            "start",
        ),
        (
            json!({ "start": "0000-01-01T00:00:00+12:00", "end": "0000-01-01T00:01:00+12:00" }),
            "start",
        ),
        (json!({ "timeZone": "Mars/Olympus" }), "timeZone"),
        (json!({ "timeZone": "" }), "timeZone"),
        (json!({ "timeZone": "../../etc/passwd" }), "timeZone"),
        (json!({ "timeZone": "CET-1CEST" }), "timeZone"),
        (json!({ "status": "fulfilled" }), "status"),
        (json!({ "status": "cancelled" }), "status"),
        (json!({ "status": "entered-in-error" }), "status"),
        (json!({ "status": "BOOKED" }), "status"),
        (json!({ "status": "" }), "status"),
        (json!({ "appointmentType": "x".repeat(101) }), "appointmentType"),
        (json!({ "appointmentType": "a\nb" }), "appointmentType"),
        (json!({ "reason": " " }), "reason"),
        (json!({ "reason": "x".repeat(501) }), "reason"),
        (json!({ "comment": "x".repeat(2001) }), "comment"),
        (json!({ "comment": "\u{1b}[31m" }), "comment"),
        (json!({ "comment": "a\0b" }), "comment"),
        (
            json!({ "overbookingReason": "x".repeat(501) }),
            "overbookingReason",
        ),
        (json!({ "overbookingReason": "" }), "overbookingReason"),
        (json!({ "cancellationReason": "x" }), "cancellationReason"),
        (json!({ "patientId": "ana" }), "patientId"),
        (json!({ "patientId": null }), "patientId"),
        (json!({ "minutesDuration": 30 }), "minutesDuration"),
    ];

    for (fields, field) in wrong {
        let body = with(desk.wish("09:00", "09:30"), &fields);
        let answer = desk.ask(&desk.ada, body).await;
        assert_eq!((answer.status, answer.code()), (400, "INVALID_FIELD"), "{fields}");
        let told: Vec<_> = problems(&answer).into_iter().map(|(field, _)| field).collect();
        assert_eq!(
            told.first().map(String::as_str),
            Some(field),
            "{fields}: {told:?}"
        );
    }
    for field in ["patientId", "practitionerId", "start", "end", "timeZone"] {
        let mut body = desk.wish("09:00", "09:30");
        body.as_object_mut().unwrap().remove(field);
        let answer = desk.ask(&desk.ada, body).await;
        assert_eq!(problems(&answer)[0].0, field);
    }
    assert_eq!(desk.list("?total=true").await.body["total"], 0);
}

#[actix_web::test]
async fn every_broken_field_of_a_change_is_named_at_once_and_it_is_not_made() {
    let desk = Desk::open().await;
    let booked = desk.book(desk.wish("09:00", "09:30")).await;
    let change = json!({
        "start": "1900-01-01T00:00:00Z",
        "timeZone": "Nowhere",
        "status": "done",
        "reason": "",
        "comment": "\u{7}",
    });

    let answer = desk.change(&desk.ada, &booked, change).await;
    let null = desk.change(&desk.ada, &booked, json!({ "status": null })).await;
    let empty = desk
        .change(&desk.ada, &booked, json!({ "end": at("09:00") }))
        .await;

    let fields: Vec<_> = problems(&answer).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["start", "timeZone", "reason", "comment", "status"]);
    assert_eq!(problems(&null)[0].0, "status");
    assert_eq!(
        problems(&empty),
        [("end".to_owned(), "must be after the start".to_owned())]
    );
    let now = desk.here(desk.app.get(&booked.path), &desk.ada).send().await;
    assert_eq!(now.body, booked.body);
}

#[actix_web::test]
async fn appointments_cross_midnight_a_change_of_summer_time_and_a_leap_day() {
    let desk = Desk::open().await;
    for (start, end, utc) in [
        // In Berlin, one hour of this night does not exist.
        (
            "2026-03-29T01:30:00+01:00",
            "2026-03-29T03:30:00+02:00",
            ("2026-03-29T00:30:00.000Z", "2026-03-29T01:30:00.000Z"),
        ),
        // And one comes twice.
        (
            "2026-10-25T02:30:00+02:00",
            "2026-10-25T02:30:00+01:00",
            ("2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"),
        ),
        // The whole of a leap day, to the millisecond.
        (
            "2028-02-28T23:00:00.0009-01:00",
            "2028-03-01T00:00:00.0001Z",
            ("2028-02-29T00:00:00.000Z", "2028-03-01T00:00:00.000Z"),
        ),
    ] {
        let wish = with(
            desk.wish("09:00", "09:30"),
            &json!({ "start": start, "end": end }),
        );
        let booked = desk.book(wish).await;
        let shown = (&booked.body["start"], &booked.body["end"]);
        assert_eq!(shown, (&json!(utc.0), &json!(utc.1)));
    }
}

#[actix_web::test]
async fn a_list_is_of_a_patient_a_practitioner_a_room_a_status_and_what_overlaps() {
    let desk = Desk::open().await;
    let ben = desk.app.patient(&desk.ada).name("Ben", "Costa").create().await;
    let mut paths = Vec::new();
    for (from, to, fields) in [
        ("09:00", "09:30", json!({ "roomId": desk.room, "reason": "a" })),
        ("10:00", "10:30", json!({ "patientId": ben.id, "reason": "b" })),
        (
            "10:30",
            "12:00",
            json!({ "practitionerId": desk.bea.id, "reason": "c" }),
        ),
        ("07:00", "08:00", json!({ "status": "waitlist", "reason": "d" })),
    ] {
        desk.app.clock.advance(std::time::Duration::from_secs(1));
        paths.push(desk.book(with(desk.wish(from, to), &fields)).await);
    }
    let shown = async |query: String| {
        let answer = desk.list(&query).await.expect(200);
        let items = answer.body["items"].as_array().unwrap().clone();
        let letters = items
            .iter()
            .map(|item| item["reason"].as_str().unwrap().to_owned());
        letters.collect::<String>()
    };

    for (query, expected) in [
        (String::new(), "dabc"),
        ("?sort=-start".to_owned(), "cbad"),
        ("?sort=updatedAt".to_owned(), "abcd"),
        ("?sort=-updatedAt".to_owned(), "dcba"),
        (format!("?patientId={}", ben.id), "b"),
        (format!("?practitionerId={}", desk.bea.id), "c"),
        (format!("?practitionerId={}&status=booked", desk.ada.id), "ab"),
        (format!("?roomId={}", desk.room), "a"),
        ("?status=waitlist".to_owned(), "d"),
        ("?status=waitlist,booked".to_owned(), "dabc"),
        ("?status=noshow".to_owned(), ""),
        (format!("?from={}&to={}", at("09:30"), at("10:30")), "b"),
        (format!("?from={}", at("09:29")), "abc"),
        (format!("?from={}", at("10:29")), "bc"),
        (format!("?to={}", at("09:00")), "d"),
        (
            format!("?patientId={}&from={}&status=booked", desk.patient, at("09:30")),
            "c",
        ),
    ] {
        assert_eq!(shown(query.clone()).await, expected, "{query}");
    }
    desk.deleted(&paths[1]).await;
    assert_eq!(shown(String::new()).await, "dac");
    assert_eq!(shown("?deleted=true".to_owned()).await, "b");
}

#[actix_web::test]
async fn a_list_says_what_cannot_be_asked() {
    let desk = Desk::open().await;

    for (query, code) in [
        ("?status=", "INVALID_FIELD"),
        ("?status=booked,done", "INVALID_FIELD"),
        ("?from=1900-01-01T00:00:00Z", "INVALID_FIELD"),
        ("?to=2200-01-01T00:00:00Z", "INVALID_FIELD"),
        (
            "?from=2026-03-03T10:00:00Z&to=2026-03-03T10:00:00Z",
            "INVALID_FIELD",
        ),
        ("?from=yesterday", "INVALID_QUERY"),
        ("?patientId=ana", "INVALID_QUERY"),
        ("?doctor=ada", "INVALID_QUERY"),
        ("?sort=patientId", "INVALID_FIELD"),
        ("?cursor=abc", "INVALID_CURSOR"),
    ] {
        let answer = desk.list(query).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{query}");
    }
    let request = desk.app.get(&format!("{APPOINTMENTS}?deleted=true"));
    let answer = desk.here(request, &desk.bea).send().await;
    assert_eq!((answer.status, answer.code()), (403, "FORBIDDEN"));
}

#[actix_web::test]
async fn who_may_book_need_not_see_patients() {
    let desk = Desk::open().await;
    let owner = |endpoint: &str, body: Value| {
        let request = desk.app.post(&format!("/api/auth/organization/{endpoint}"));
        request.by(&desk.ada).json(body).send()
    };
    let role = json!({ "role": "desk", "permission": { "appointment": ["create"] } });
    owner("create-role", role).await.expect(200);
    let mut admin = desk.app.database.admin().await;
    sqlx::query(r#"update member set role = 'desk' where "userId" = $1::text::uuid"#)
        .bind(&desk.bea.id)
        .execute(&mut admin)
        .await
        .unwrap();

    let made = desk.ask(&desk.bea, desk.wish("09:00", "09:30")).await.expect(201);
    let read = desk
        .here(desk.app.get(made.header("location")), &desk.bea)
        .send()
        .await;
    let patient = format!("/api/v1/patients/{}", desk.patient);
    let patient = desk.here(desk.app.get(&patient), &desk.bea).send().await;

    assert_eq!(made.body["createdBy"]["name"], "bea");
    assert_eq!((read.status, patient.status), (403, 403));
}

#[actix_web::test]
async fn each_operation_leaves_one_event_that_names_the_patient() {
    const EVENTS: &str = "select action || ' ' || outcome || coalesce(' ' || code, '') from audit_events
        where resource = 'appointment' and patient_id = $1::text::uuid order by recorded_at, id";
    let desk = Desk::open().await;
    let booked = desk.book(desk.wish("09:00", "09:30")).await;
    let next = || desk.app.clock.advance(std::time::Duration::from_secs(1));

    next();
    desk.here(desk.app.get(&booked.path), &desk.ada)
        .send()
        .await
        .expect(200);
    next();
    let changed = desk.changed(&booked, json!({ "comment": "x" })).await;
    next();
    desk.list(&format!("?patientId={}", desk.patient))
        .await
        .expect(200);
    next();
    let deleted = desk.deleted(&changed).await;
    next();
    desk.restore(&deleted).await.expect(200);

    let mut admin = desk.app.database.admin().await;
    let events: Vec<String> = sqlx::query_scalar(EVENTS)
        .bind(&desk.patient)
        .fetch_all(&mut admin)
        .await
        .unwrap();
    let expected = ["create", "read", "update", "search", "delete", "restore"];
    assert_eq!(events, expected.map(|action| format!("{action} success")));
}
