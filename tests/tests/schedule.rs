//! What the API says of the days of a practitioner or a room.

use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Clinic, Patient, Person};

const NOBODY: &str = "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";

/// A clinic with an owner, a patient, a room, and with Ben, a member.
struct Desk {
    app: App,
    clinic: Clinic,
    ada: Person,
    ben: Person,
    membership: String,
    ana: Patient,
    room: String,
}

/// An appointment of Ana with Ben, written past the API: the statuses that take long to come to are as near as any.
struct Booked<'a> {
    start: &'a str,
    end: &'a str,
    status: &'a str,
    overbooked: bool,
    room: bool,
}

fn booked<'a>(start: &'a str, end: &'a str) -> Booked<'a> {
    Booked {
        start,
        end,
        status: "booked",
        overbooked: false,
        room: true,
    }
}

impl Desk {
    async fn open() -> Self {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        let clinic = app.organization(&ada, "salt-lane").await;
        let ben = app.sign_up("ben").await;
        let membership = app.join(&clinic.id, &ben.id, "member").await;
        let ana = app.patient(&ada).create().await;
        let room = app
            .post("/api/v1/rooms")
            .by(&ada)
            .json(json!({ "name": "Room 1" }));
        let room = room.send().await.expect(201).body["id"]
            .as_str()
            .unwrap()
            .to_owned();
        Self {
            app,
            clinic,
            ada,
            ben,
            membership,
            ana,
            room,
        }
    }

    async fn hours(&self, days: Value, opens_at: &str, closes_at: &str) {
        let body = json!({
            "practitionerId": self.ben.id,
            "daysOfWeek": days,
            "opensAt": opens_at,
            "closesAt": closes_at,
            "timeZone": "Europe/Berlin",
        });
        let request = self.app.post("/api/v1/working-hours").by(&self.ada);
        request.json(body).send().await.expect(201);
    }

    async fn weekly(&self, opens_at: &str, closes_at: &str) {
        let days = json!(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
        self.hours(days, opens_at, closes_at).await;
    }

    async fn away(&self, start: &str, end: &str) -> String {
        let body = json!({ "practitionerId": self.ben.id, "start": start, "end": end, "reason": "ill" });
        let request = self.app.post("/api/v1/absences").by(&self.ada);
        let added = request.json(body).send().await.expect(201);
        added.body["id"].as_str().unwrap().to_owned()
    }

    async fn book(&self, booked: Booked<'_>) -> String {
        const BOOK: &str = "insert into appointments (organization_id, id, patient_id, practitioner_id, practitioner_name,
              room_id, starts_at, ends_at, time_zone, status, cancellation_reason, overbooking_reason, created_by,
              created_by_name, created_at, updated_at)
            values ($1::text::uuid, gen_random_uuid(), $2::text::uuid, $3::text::uuid, 'ben', $4::text::uuid,
              $5::text::timestamptz, $6::text::timestamptz, 'Europe/Berlin', $7,
              case when $7 = 'cancelled' then 'ill' end, case when $8 then 'urgent' end, $3::text::uuid, 'ben',
              current_timestamp, current_timestamp)
            returning id::text";
        let booking = sqlx::query_scalar(BOOK)
            .bind(&self.clinic.id)
            .bind(&self.ana.id)
            .bind(&self.ben.id)
            .bind(booked.room.then_some(&self.room))
            .bind(booked.start)
            .bind(booked.end)
            .bind(booked.status)
            .bind(booked.overbooked);
        let mut admin = self.app.database.admin().await;
        booking.fetch_one(&mut admin).await.expect("it is booked")
    }

    async fn ask(&self, by: &Person, query: &str) -> Answer {
        let request = self.app.get(&format!("/api/v1/schedule?{query}")).by(by);
        request.organization(&self.clinic.id).send().await
    }

    async fn of_ben(&self, query: &str) -> Value {
        let query = format!("practitionerId={}&timeZone=Europe/Berlin&{query}", self.ben.id);
        self.ask(&self.ada, &query).await.expect(200).body
    }

    async fn of_room(&self, query: &str) -> Value {
        let query = format!("roomId={}&timeZone=Europe/Berlin&{query}", self.room);
        self.ask(&self.ada, &query).await.expect(200).body
    }
}

/// Spans, written short: `03-02T08:00-11:00`, by UTC.
fn short(spans: &Value) -> Vec<String> {
    let spans = spans.as_array().expect("a list of spans").iter();
    let part = |span: &Value, field: &str, from, to| span[field].as_str().unwrap()[from..to].to_owned();
    spans
        .map(|span| format!("{}-{}", part(span, "start", 5, 16), part(span, "end", 11, 16)))
        .collect()
}

/// How long a day is, in hours.
fn length(day: &Value) -> f64 {
    let at = |field: &str| {
        let text = day[field].as_str().unwrap();
        let parse = |from, to| text[from..to].parse::<f64>().unwrap();
        parse(8, 10) * 24.0 + parse(11, 13) + parse(14, 16) / 60.0
    };
    at("end") - at("start")
}

#[actix_web::test]
async fn a_day_shows_what_is_busy_and_what_is_free() {
    let desk = Desk::open().await;
    desk.hours(json!(["mon"]), "09:00", "12:00").await;
    desk.hours(json!(["mon"]), "13:00", "17:00").await;
    let first = desk
        .book(booked("2026-03-02T09:00+01", "2026-03-02T09:30+01"))
        .await;
    let pending = Booked {
        status: "pending",
        room: false,
        ..booked("2026-03-02T10:00+01", "2026-03-02T10:30+01")
    };
    desk.book(pending).await;
    let over = Booked {
        overbooked: true,
        ..booked("2026-03-02T11:45+01", "2026-03-02T12:15+01")
    };
    desk.book(over).await;
    for status in ["proposed", "waitlist", "cancelled", "noshow"] {
        desk.book(Booked {
            status,
            ..booked("2026-03-02T13:30+01", "2026-03-02T14:30+01")
        })
        .await;
    }
    let absence = desk
        .away("2026-03-02T16:00:00+01:00", "2026-03-04T00:00:00+01:00")
        .await;

    let schedule = desk.of_ben("from=2026-03-02").await;

    assert_eq!(schedule["practitionerId"], json!(desk.ben.id));
    assert_eq!(schedule.get("roomId"), None);
    assert_eq!(schedule["timeZone"], "Europe/Berlin");
    let days = schedule["days"].as_array().unwrap();
    assert_eq!((days.len(), &days[0]["date"]), (1, &json!("2026-03-02")));
    assert_eq!(
        (&days[0]["start"], &days[0]["end"]),
        (
            &json!("2026-03-01T23:00:00.000Z"),
            &json!("2026-03-02T23:00:00.000Z")
        )
    );
    assert_eq!(
        short(&days[0]["free"]),
        ["03-02T08:30-09:00", "03-02T09:30-10:45", "03-02T12:00-15:00"]
    );
    assert_eq!(short(&days[0]["absences"]), ["03-02T15:00-23:00"]);
    assert_eq!(
        days[0]["busy"][0],
        json!({
            "start": "2026-03-02T08:00:00.000Z",
            "end": "2026-03-02T08:30:00.000Z",
            "status": "busy",
            "appointmentId": first,
            "appointmentStatus": "booked",
            "appointmentVersion": 1,
            "overbooked": false,
            "patientId": desk.ana.id,
            "patientName": "Ana Brandt",
            "practitionerId": desk.ben.id,
            "practitionerName": "ben",
            "roomId": desk.room,
        })
    );
    assert_eq!(days[0]["busy"][1]["status"], "busy-tentative");
    assert_eq!(days[0]["busy"][2]["overbooked"], true);
    assert_eq!(
        days[0]["busy"][3],
        json!({
            "start": "2026-03-02T15:00:00.000Z",
            "end": "2026-03-03T23:00:00.000Z",
            "status": "busy-unavailable",
            "overbooked": false,
            "absenceId": absence,
        })
    );
    assert_eq!(days[0]["busy"].as_array().unwrap().len(), 4);
}

#[actix_web::test]
async fn an_absence_over_an_appointment_leaves_both_to_be_seen() {
    let desk = Desk::open().await;
    desk.book(booked("2026-03-02T09:00+01", "2026-03-02T09:30+01"))
        .await;
    desk.away("2026-03-02T08:00:00+01:00", "2026-03-02T10:00:00+01:00")
        .await;

    let schedule = desk.of_ben("from=2026-03-02").await;

    let day = &schedule["days"][0];
    assert_eq!(short(&day["busy"]), ["03-02T07:00-09:00", "03-02T08:00-08:30"]);
    assert_eq!(short(&day["free"]), ["03-01T23:00-07:00", "03-02T09:00-23:00"]);
}

#[actix_web::test]
async fn weeks_in_which_the_clocks_are_changed_are_right() {
    let desk = Desk::open().await;
    desk.weekly("09:00", "17:00").await;
    desk.book(booked("2026-03-29T09:00+02", "2026-03-29T10:00+02"))
        .await;
    desk.book(booked("2026-10-25T09:00+01", "2026-10-25T10:00+01"))
        .await;

    let spring = desk.of_ben("from=2026-03-27&to=2026-03-30").await;
    let autumn = desk.of_ben("from=2026-10-24&to=2026-10-26").await;

    let lengths = |week: &Value| {
        week["days"]
            .as_array()
            .unwrap()
            .iter()
            .map(length)
            .collect::<Vec<_>>()
    };
    let free = |week: &Value| -> Vec<_> {
        let days = week["days"].as_array().unwrap().iter();
        days.flat_map(|day| short(&day["free"])).collect()
    };
    assert_eq!(lengths(&spring), [24.0, 24.0, 23.0, 24.0]);
    assert_eq!(
        free(&spring),
        [
            "03-27T08:00-16:00",
            "03-28T08:00-16:00",
            "03-29T08:00-15:00",
            "03-30T07:00-15:00"
        ]
    );
    assert_eq!(short(&spring["days"][2]["busy"]), ["03-29T07:00-08:00"]);
    assert_eq!(lengths(&autumn), [24.0, 25.0, 24.0]);
    assert_eq!(
        free(&autumn),
        ["10-24T07:00-15:00", "10-25T09:00-16:00", "10-26T08:00-16:00"]
    );
    let days = autumn["days"].as_array().unwrap();
    assert!(days.windows(2).all(|pair| pair[0]["end"] == pair[1]["start"]));
}

#[actix_web::test]
async fn a_night_across_a_change_of_the_clocks_is_as_long_as_it_is() {
    let desk = Desk::open().await;
    desk.weekly("22:00", "06:00").await;
    // From one to four is two hours here.
    desk.book(booked("2026-03-29T01:00+01", "2026-03-29T04:00+02"))
        .await;
    // The hour that comes twice, the first time only.
    desk.book(booked("2026-10-25T02:00+02", "2026-10-25T02:00+01"))
        .await;

    let spring = desk.of_ben("from=2026-03-29").await;
    let autumn = desk.of_ben("from=2026-10-25").await;

    assert_eq!(
        short(&spring["days"][0]["free"]),
        ["03-28T23:00-00:00", "03-29T02:00-04:00", "03-29T20:00-22:00"]
    );
    assert_eq!(
        short(&autumn["days"][0]["free"]),
        ["10-24T22:00-00:00", "10-25T01:00-05:00", "10-25T21:00-23:00"]
    );
}

#[actix_web::test]
async fn what_goes_on_past_midnight_is_in_both_days_as_a_whole() {
    let desk = Desk::open().await;
    desk.book(booked("2026-03-02T23:30+01", "2026-03-03T00:30+01"))
        .await;
    desk.book(booked("2026-03-03T23:00+01", "2026-03-04T00:00+01"))
        .await;

    let schedule = desk.of_room("from=2026-03-02&to=2026-03-04").await;
    let alone = desk.of_room("from=2026-03-03").await;

    let days = schedule["days"].as_array().unwrap();
    assert_eq!(short(&days[0]["busy"]), ["03-02T22:30-23:30"]);
    assert_eq!(days[1]["busy"][0], days[0]["busy"][0]);
    assert_eq!(
        short(&days[1]["busy"]),
        ["03-02T22:30-23:30", "03-03T22:00-23:00"]
    );
    assert_eq!(days[2]["busy"], json!([]));
    assert_eq!(short(&days[0]["free"]), ["03-01T23:00-22:30"]);
    assert_eq!(short(&days[1]["free"]), ["03-02T23:30-22:00"]);
    assert_eq!(short(&days[2]["free"]), ["03-03T23:00-23:00"]);
    assert_eq!(alone["days"][0], days[1]);
}

#[actix_web::test]
async fn a_leap_day_is_a_day_and_one_that_is_not_in_the_calendar_is_empty() {
    let desk = Desk::open().await;

    let leap = desk.of_room("from=2028-02-28&to=2028-03-01").await;
    let none = format!("roomId={}&timeZone=Europe/Berlin&from=2026-02-29", desk.room);
    let none = desk.ask(&desk.ada, &none).await;
    let apia = format!(
        "roomId={}&timeZone=pacific/apia&from=2011-12-29&to=2011-12-31",
        desk.room
    );
    desk.book(booked("2011-12-30T09:00Z", "2011-12-30T11:00Z")).await;
    let apia = desk.ask(&desk.ada, &apia).await.expect(200).body;

    let dates: Vec<_> = leap["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| &day["date"])
        .collect();
    assert_eq!(dates, ["2028-02-28", "2028-02-29", "2028-03-01"]);
    assert_eq!((none.status, none.code()), (400, "INVALID_QUERY"));
    assert_eq!(apia["timeZone"], "Pacific/Apia");
    let days = apia["days"].as_array().unwrap();
    assert_eq!(days[1]["start"], days[1]["end"]);
    assert_eq!((&days[1]["free"], &days[1]["busy"]), (&json!([]), &json!([])));
    // The appointment is on both sides of the day that was left out.
    assert_eq!(days[0]["busy"], days[2]["busy"]);
    assert_eq!(short(&days[0]["busy"]), ["12-30T09:00-11:00"]);
}

#[actix_web::test]
async fn a_room_is_free_all_day_and_one_out_of_use_never() {
    let desk = Desk::open().await;
    desk.weekly("09:00", "17:00").await;
    desk.away("2026-03-02T10:00:00+01:00", "2026-03-02T11:00:00+01:00")
        .await;
    desk.book(booked("2026-03-02T09:00+01", "2026-03-02T09:30+01"))
        .await;

    let active = desk.of_room("from=2026-03-02").await;
    let update = desk
        .app
        .patch(&format!("/api/v1/rooms/{}", desk.room))
        .by(&desk.ada);
    let update = update.if_match("\"1\"").json(json!({ "active": false }));
    update.send().await.expect(200);
    let inactive = desk.of_room("from=2026-03-02").await;

    assert_eq!(
        (&active["roomId"], active.get("practitionerId")),
        (&json!(desk.room), None)
    );
    let (active, inactive) = (&active["days"][0], &inactive["days"][0]);
    assert_eq!(short(&active["free"]), ["03-01T23:00-08:00", "03-02T08:30-23:00"]);
    assert_eq!(active["absences"], json!([]));
    assert_eq!(
        (&inactive["busy"], &inactive["free"]),
        (&active["busy"], &json!([]))
    );
}

#[actix_web::test]
async fn the_days_of_somebody_who_left_can_be_seen_and_have_no_free_time() {
    let desk = Desk::open().await;
    let remove = || async {
        let request = desk
            .app
            .post("/api/auth/organization/remove-member")
            .by(&desk.ada);
        let request = request.json(json!({ "memberIdOrEmail": desk.membership }));
        request.send().await.expect(200)
    };
    desk.book(booked("2026-03-02T09:00+01", "2026-03-02T09:30+01"))
        .await;
    remove().await;

    let schedule = desk.of_ben("from=2026-03-02").await;

    assert_eq!(short(&schedule["days"][0]["busy"]), ["03-02T08:00-08:30"]);
    assert_eq!(schedule["days"][0]["free"], json!([]));
}

#[actix_web::test]
async fn whoever_is_not_known_here_is_answered_alike() {
    let desk = Desk::open().await;
    let bea = desk.app.sign_up("bea").await;
    desk.app.organization(&bea, "mill-road").await;
    let theirs = desk
        .app
        .post("/api/v1/rooms")
        .by(&bea)
        .json(json!({ "name": "Room 1" }));
    let theirs = theirs.send().await.expect(201).body["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let remove = desk
        .app
        .post("/api/auth/organization/remove-member")
        .by(&desk.ada);
    let remove = remove.json(json!({ "memberIdOrEmail": desk.membership }));
    remove.send().await.expect(200);
    let delete = desk
        .app
        .delete(&format!("/api/v1/rooms/{}", desk.room))
        .by(&desk.ada);
    let delete = delete.if_match("\"1\"").json(json!({ "reason": "walled up" }));
    delete.send().await.expect(204);

    for (field, problem, ids) in [
        (
            "practitionerId",
            "names no member",
            [NOBODY, &bea.id, &desk.ben.id],
        ),
        ("roomId", "names no room", [NOBODY, &theirs, &desk.room]),
    ] {
        for id in ids {
            let answer = desk
                .ask(&desk.ada, &format!("{field}={id}&timeZone=UTC&from=2026-03-02"))
                .await;
            assert_eq!(
                (answer.status, answer.code()),
                (400, "INVALID_FIELD"),
                "{field} {id}"
            );
            assert_eq!(
                answer.body["errors"],
                json!([{ "field": field, "detail": problem }])
            );
        }
    }
}

#[actix_web::test]
async fn a_question_that_makes_no_sense_is_refused() {
    let desk = Desk::open().await;
    let (ben, room) = (
        format!("practitionerId={}", desk.ben.id),
        format!("roomId={}", desk.room),
    );

    for (query, code, field) in [
        (
            "timeZone=UTC&from=2026-03-02".to_owned(),
            "INVALID_FIELD",
            "practitionerId",
        ),
        (
            format!("{ben}&{room}&timeZone=UTC&from=2026-03-02"),
            "INVALID_FIELD",
            "roomId",
        ),
        (
            format!("{ben}&timeZone=UTC&from=2026-03-02&to=2026-03-01"),
            "INVALID_FIELD",
            "to",
        ),
        (
            format!("{ben}&timeZone=UTC&from=2026-03-01&to=2026-04-01"),
            "INVALID_FIELD",
            "to",
        ),
        (
            format!("{ben}&timeZone=UTC&from=1969-12-31"),
            "INVALID_FIELD",
            "from",
        ),
        (
            format!("{ben}&timeZone=UTC&from=2199-12-31&to=2200-01-01"),
            "INVALID_FIELD",
            "to",
        ),
        (
            format!("{ben}&timeZone=UTC&from=1970-01-01&to=9999-12-31"),
            "INVALID_FIELD",
            "to",
        ),
        (
            format!("{ben}&timeZone=Europe/Atlantis&from=2026-03-02"),
            "INVALID_FIELD",
            "timeZone",
        ),
        (
            format!("{ben}&timeZone=CET-1CEST&from=2026-03-02"),
            "INVALID_FIELD",
            "timeZone",
        ),
        (
            format!("{ben}&timeZone=%00&from=2026-03-02"),
            "INVALID_FIELD",
            "timeZone",
        ),
        (format!("{ben}&timeZone=UTC"), "INVALID_QUERY", ""),
        (format!("{ben}&from=2026-03-02"), "INVALID_QUERY", ""),
        (format!("{ben}&timeZone=UTC&from=2026-3-2"), "INVALID_QUERY", ""),
        (
            format!("{ben}&timeZone=UTC&from=2026-03-02T00:00:00Z"),
            "INVALID_QUERY",
            "",
        ),
        (
            format!("{ben}&timeZone=UTC&from=2026-03-02&days=7"),
            "INVALID_QUERY",
            "",
        ),
        (
            "practitionerId=ben&timeZone=UTC&from=2026-03-02".to_owned(),
            "INVALID_QUERY",
            "",
        ),
    ] {
        let answer = desk.ask(&desk.ada, &query).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, code),
            "{query}: {}",
            answer.text
        );
        if !field.is_empty() {
            assert_eq!(answer.body["errors"][0]["field"], field, "{query}");
        }
    }
    let month = desk.of_ben("from=2026-03-01&to=2026-03-31").await;
    assert_eq!(month["days"].as_array().unwrap().len(), 31);
}

#[actix_web::test]
async fn patients_have_names_only_for_who_may_see_patients() {
    let desk = Desk::open().await;
    let create = desk.app.post("/api/auth/organization/create-role").by(&desk.ada);
    let desks = json!({ "role": "planner", "permission": { "appointment": ["read"] } });
    create.json(desks).send().await.expect(200);
    let nobody = json!({ "role": "watcher", "permission": { "patient": ["read"] } });
    let create = desk.app.post("/api/auth/organization/create-role").by(&desk.ada);
    create.json(nobody).send().await.expect(200);
    let give = async |role: &str| {
        let request = desk
            .app
            .post("/api/auth/organization/update-member-role")
            .by(&desk.ada);
        let body = json!({ "memberId": desk.membership, "role": role });
        request.json(body).send().await.expect(200);
    };
    desk.book(booked("2026-03-02T09:00+01", "2026-03-02T09:30+01"))
        .await;
    let query = format!("practitionerId={}&timeZone=UTC&from=2026-03-02", desk.ben.id);

    let named = desk.ask(&desk.ben, &query).await.expect(200).body;
    give("planner").await;
    let unnamed = desk.ask(&desk.ben, &query).await.expect(200).body;
    give("watcher").await;
    let refused = desk.ask(&desk.ben, &query).await;

    let first = |schedule: &Value| schedule["days"][0]["busy"][0].clone();
    assert_eq!(first(&named)["patientName"], "Ana Brandt");
    assert_eq!(first(&unnamed).get("patientName"), None);
    assert_eq!(first(&unnamed)["patientId"], json!(desk.ana.id));
    assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"));
}

#[actix_web::test]
async fn whoever_looks_leaves_one_trace_that_says_at_what() {
    const TRACES: &str = "select coalesce(jsonb_agg(jsonb_build_array(action, resource, outcome, code, query)
        order by id), '[]')::text from audit_events where recorded_at > $1::text::timestamptz";
    let desk = Desk::open().await;
    desk.book(booked("2026-03-02T09:00+01", "2026-03-02T09:30+01"))
        .await;
    desk.app.clock.advance(std::time::Duration::from_secs(60));

    desk.of_ben("from=2026-03-02&to=2026-03-08").await;
    desk.app.clock.advance(std::time::Duration::from_secs(1));
    let other = format!("practitionerId={NOBODY}&timeZone=UTC&from=2026-03-02");
    desk.ask(&desk.ada, &other).await.expect(400);

    let traces = sqlx::query_scalar(TRACES).bind("2026-03-02T09:00:30Z");
    let traces: String = traces
        .fetch_one(&mut desk.app.database.admin().await)
        .await
        .unwrap();
    let asked = json!({
        "practitionerId": desk.ben.id,
        "from": "2026-03-02",
        "to": "2026-03-08",
        "timeZone": "Europe/Berlin",
    });
    let refused = json!({ "practitionerId": NOBODY, "from": "2026-03-02", "timeZone": "UTC" });
    assert_eq!(
        serde_json::from_str::<Value>(&traces).unwrap(),
        json!([
            ["search", "appointment", "success", null, asked],
            ["search", "appointment", "refused", "INVALID_FIELD", refused],
        ])
    );
}
