//! Bookings that meet: of many for one slot one gets it, whatever way they come.

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use wardkeep_testkit::race_rounds;

use crate::desk::{APPOINTMENTS, Booked, Desk, with};
use crate::races::{counted, fewer_rounds};

const OVERLAPS: &str = "select count(*) from appointments as one join appointments as other
    on other.organization_id = one.organization_id and other.id > one.id
    and (other.practitioner_id = one.practitioner_id or other.room_id = one.room_id)
    and other.starts_at < one.ends_at and one.starts_at < other.ends_at
    where one.deleted_at is null and other.deleted_at is null
    and one.status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')
    and other.status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')";

/// Half an hour of its own for each round, from midnight of a day that is each race's own.
fn slot(day: u32, round: usize) -> Value {
    let (day, half) = (day + round as u32 / 40, round % 40);
    let minute = |half: usize| format!("{:02}:{:02}:00.000Z", half / 2, half % 2 * 30);
    json!({
        "start": format!("2026-05-{day:02}T{}", minute(half)),
        "end": format!("2026-05-{day:02}T{}", minute(half + 1)),
    })
}

async fn assert_no_overlap(desk: &Desk) {
    let mut admin = desk.app.database.admin().await;
    let overlaps: i64 = sqlx::query_scalar(OVERLAPS).fetch_one(&mut admin).await.unwrap();
    assert_eq!(overlaps, 0);
}

#[actix_web::test]
async fn of_64_who_book_one_slot_one_gets_it_and_the_others_are_told_why() {
    let desk = Desk::open().await;
    for round in 0..race_rounds() {
        let slot = slot(1, round);
        let wish = with(desk.wish("09:00", "09:30"), &slot);
        let asking = (0..64).map(|asker| {
            let person = if asker % 2 == 0 { &desk.ada } else { &desk.bea };
            desk.ask(person, wish.clone())
        });

        let answers = join_all(asking).await;

        let expected = BTreeMap::from([((201, ""), 1), ((409, "SLOT_TAKEN"), 63)]);
        assert_eq!(counted(&answers), expected, "round {round}");
        let booked = answers.iter().find(|answer| answer.status == 201).unwrap();
        let clash = json!([{
            "kind": "practitioner",
            "appointmentId": booked.body["id"],
            "start": slot["start"],
            "end": slot["end"],
            "overbooked": false,
        }]);
        for answer in answers.iter().filter(|answer| answer.status == 409) {
            assert_eq!(answer.body["clashes"], clash);
            assert_eq!(answer.body["freeSlots"].as_array().unwrap().len(), 3);
            assert_eq!(answer.body["freeSlots"][0]["start"], slot["end"]);
        }
    }
    assert_no_overlap(&desk).await;
}

#[actix_web::test]
async fn of_64_who_come_for_one_room_or_one_practitioner_no_two_get_the_same() {
    let desk = Desk::open().await;
    let other_room = desk.new_room("Room 2").await;
    for round in 0..fewer_rounds() {
        let slot = slot(1, round);
        // Four pairs: each practitioner in each room. At most two of them go together.
        let pairs: Vec<Value> = [&desk.ada, &desk.bea]
            .into_iter()
            .flat_map(|person| {
                [&desk.room, &other_room].map(|room| json!({ "practitionerId": person.id, "roomId": room }))
            })
            .collect();
        let asking = (0..64).map(|asker| {
            let wish = with(desk.wish("09:00", "09:30"), &slot);
            desk.ask(&desk.ada, with(wish, &pairs[asker % 4]))
        });

        let answers = join_all(asking).await;

        let expected = BTreeMap::from([((201, ""), 2), ((409, "SLOT_TAKEN"), 62)]);
        assert_eq!(counted(&answers), expected, "round {round}");
    }
    assert_no_overlap(&desk).await;
}

#[actix_web::test]
async fn of_64_that_are_moved_to_one_slot_one_arrives() {
    let desk = Desk::open().await;
    let places: Vec<Value> = (0..64).map(|place| slot(10, place)).collect();
    let mut booked = Vec::new();
    for place in &places {
        let wish = with(desk.wish("09:00", "09:30"), place);
        booked.push(
            desk.book(with(wish, &json!({ "practitionerId": desk.bea.id })))
                .await,
        );
    }
    for round in 0..fewer_rounds() {
        let mut target = slot(1, round);
        target["practitionerId"] = json!(desk.ada.id);
        let moving = booked
            .iter()
            .map(|appointment| desk.change(&desk.ada, appointment, target.clone()));

        let answers = join_all(moving).await;

        let expected = BTreeMap::from([((200, ""), 1), ((409, "SLOT_TAKEN"), 63)]);
        assert_eq!(counted(&answers), expected, "round {round}");
        // Back to where it was, for the next round.
        let arrived = answers.iter().position(|answer| answer.status == 200).unwrap();
        let mut back = places[arrived].clone();
        back["practitionerId"] = json!(desk.bea.id);
        booked[arrived] = desk.changed(&Booked::of(&answers[arrived]), back).await;
    }
    assert_no_overlap(&desk).await;
}

/// Each wants where the other is, so neither can go first.
#[actix_web::test]
async fn two_that_change_places_are_both_refused_and_neither_waits_for_ever() {
    let desk = Desk::open().await;
    for round in 0..race_rounds() {
        let slot = slot(1, round);
        let at = |person: &str| with(slot.clone(), &json!({ "practitionerId": person }));
        let one = desk
            .book(with(desk.wish("09:00", "09:30"), &at(&desk.ada.id)))
            .await;
        let other = desk
            .book(with(desk.wish("09:00", "09:30"), &at(&desk.bea.id)))
            .await;

        let (there, back) = join(
            desk.change(&desk.ada, &one, at(&desk.bea.id)),
            desk.change(&desk.bea, &other, at(&desk.ada.id)),
        )
        .await;

        for (answer, in_the_way) in [(there, &other), (back, &one)] {
            assert_eq!(
                (answer.status, answer.code()),
                (409, "SLOT_TAKEN"),
                "round {round}"
            );
            assert_eq!(answer.body["clashes"][0]["appointmentId"], in_the_way.body["id"]);
        }
    }
}

#[actix_web::test]
async fn of_32_that_move_to_and_fro_each_is_moved_or_told_why() {
    let desk = Desk::open().await;
    let other_room = desk.new_room("Room 2").await;
    let mut booked = Vec::new();
    let place = |number: usize| {
        let person = [&desk.ada, &desk.bea][number % 2];
        let room = [&desk.room, &other_room][number / 2 % 2];
        let place = json!({ "practitionerId": person.id, "roomId": room });
        with(slot(1, number / 4), &place)
    };
    // Every second place is taken: each moves to the one behind its own, which others want too.
    for number in 0..32 {
        let diagonal = number / 2 * 4 + number % 2 * 3;
        booked.push(
            desk.book(with(desk.wish("09:00", "09:30"), &place(diagonal)))
                .await,
        );
    }
    for round in 0..fewer_rounds() {
        let moving = booked.iter().enumerate().map(|(number, appointment)| {
            let goal = (number * 7 + round * 5) % 64;
            desk.change(&desk.ada, appointment, place(goal))
        });

        let answers = join_all(moving).await;

        for (appointment, answer) in booked.iter_mut().zip(&answers) {
            match answer.status {
                200 => *appointment = Booked::of(answer),
                _ => assert_eq!((answer.status, answer.code()), (409, "SLOT_TAKEN")),
            }
        }
        assert_no_overlap(&desk).await;
    }
}

#[actix_web::test]
async fn of_64_changes_of_one_version_one_is_made() {
    let desk = Desk::open().await;
    let mut booked = desk.book(desk.wish("09:00", "09:30")).await;
    for round in 0..fewer_rounds() {
        let changing = (0..64).map(|writer| {
            let comment = json!({ "comment": format!("{round} {writer}") });
            desk.change(&desk.ada, &booked, comment)
        });

        let answers = join_all(changing).await;

        let expected = BTreeMap::from([((200, ""), 1), ((412, "STALE_VERSION"), 63)]);
        assert_eq!(counted(&answers), expected, "round {round}");
        booked = Booked::of(answers.iter().find(|answer| answer.status == 200).unwrap());
    }
    assert_eq!(booked.body["version"], 1 + fewer_rounds() as u64);
}

#[actix_web::test]
async fn of_64_creates_of_one_key_one_is_made_and_all_have_its_answer() {
    let desk = Desk::open().await;
    for round in 0..fewer_rounds() {
        let wish = with(desk.wish("09:00", "09:30"), &slot(1, round));
        let key = format!("k-{round}");
        let asking = (0..64).map(|_| {
            let request = desk.here(desk.app.post(APPOINTMENTS), &desk.ada);
            request.header("idempotency-key", &key).json(wish.clone()).send()
        });

        let answers = join_all(asking).await;

        for answer in &answers {
            assert_eq!(
                (answer.status, &answer.text),
                (201, &answers[0].text),
                "round {round}"
            );
        }
    }
    let total = desk.list("?total=true").await;
    assert_eq!(total.body["total"], fewer_rounds());
}

/// Somebody leaves while they are booked: either they are booked first, or nobody is booked any more.
#[actix_web::test]
async fn who_leaves_while_they_are_booked_is_booked_before_or_not_at_all() {
    const LEFT: &str = r#"delete from member where "userId" = $1::text::uuid"#;
    let desk = Desk::open().await;
    for round in 0..fewer_rounds() {
        let wish = with(desk.wish("09:00", "09:30"), &slot(1, round));
        let wish = with(wish, &json!({ "practitionerId": desk.bea.id }));
        let mut admin = desk.app.database.admin().await;
        let leaving = sqlx::query(LEFT).bind(&desk.bea.id).execute(&mut admin);

        let (answer, left) = join(desk.ask(&desk.ada, wish.clone()), leaving).await;
        left.unwrap();
        let later = desk.ask(&desk.ada, with(wish, &slot(20, round))).await;

        assert!(
            [201, 400].contains(&answer.status),
            "round {round}: {}",
            answer.text
        );
        assert_eq!((later.status, later.code()), (400, "INVALID_FIELD"));
        desk.app.join(&desk.clinic.id, &desk.bea.id, "member").await;
    }
}

/// A patient and a room are deleted while they are booked: either they are booked first, and stay, or nobody is booked.
#[actix_web::test]
async fn what_is_deleted_while_it_is_booked_is_booked_and_stays_or_is_gone() {
    let desk = Desk::open().await;
    for round in 0..fewer_rounds() {
        let room = desk.new_room(&format!("Room {}", round + 2)).await;
        let patient = desk.app.patient(&desk.ada).name(&format!("Ana{round}"), "Ek");
        let patient = patient.create().await;
        let wish = with(desk.wish("09:00", "09:30"), &slot(1, round));
        let wish = with(wish, &json!({ "patientId": patient.id, "roomId": room }));
        let delete = |path: String, tag: &str| {
            let request = desk.here(desk.app.delete(&path), &desk.ada).if_match(tag);
            request.json(json!({ "reason": "x" })).send()
        };

        let (booked, (room, patient)) = join(
            desk.ask(&desk.ada, wish),
            join(
                delete(format!("/api/v1/rooms/{room}"), "\"1\""),
                delete(patient.path(), &patient.etag),
            ),
        )
        .await;

        let deleted = [room.status, patient.status];
        match booked.status {
            201 => assert_eq!(deleted, [409, 409], "round {round}"),
            _ => {
                assert_eq!((booked.status, booked.code()), (400, "INVALID_FIELD"));
                assert!(deleted.contains(&204), "round {round}");
            }
        }
    }
}
