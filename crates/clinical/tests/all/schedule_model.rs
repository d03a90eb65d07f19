//! The schedule against a model of it: whatever is booked, moved, cancelled, overbooked, deleted and restored in whatever
//! order, nobody is taken twice but on purpose, and every refusal says exactly what the model says. `PROPTEST_CASES` says
//! how many days at the desk are tried.

mod model;

use std::cell::RefCell;

use proptest::option::{self, weighted};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use sqlx::PgConnection;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use wardkeep_clinical::RecordError;
use wardkeep_clinical::absences::{self, Absence, NewAbsence};
use wardkeep_clinical::appointments::{
    self, Appointment, AppointmentChanges, AppointmentError, NewAppointment, SlotTaken, Status,
};
use wardkeep_clinical::calendar::Span;
use wardkeep_clinical::patients::{self, PatientId};
use wardkeep_clinical::rooms::{self, NewRoom, RoomId};
use wardkeep_clinical::working_hours::{self, DayOfWeek, NewWorkingHours, WorkingHours};
use wardkeep_tenancy::{AccessControl, Database, OrganizationId, RequestContext, TenantTx, UserId};
use wardkeep_testkit::{TestDatabase, context, scope};

use crate::clinic::named;
use model::{Change, Clash, Overbooking, Schedule, Time, Verdict, Visit, occupies, overlap};

const EVERY_DAY: [DayOfWeek; 7] = {
    use DayOfWeek::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    [Mon, Tue, Wed, Thu, Fri, Sat, Sun]
};

const MIDNIGHT: OffsetDateTime = datetime!(2026-03-02 00:00 UTC);

/// Two that overlap, for a practitioner or a room, although both take their time; and whether each has a reason.
const OVERLAPS: &str =
    "select one.id, one.overbooking_reason is not null, other.id, other.overbooking_reason is not null
    from appointments as one join appointments as other
    on other.organization_id = one.organization_id and other.id > one.id
    and (other.practitioner_id = one.practitioner_id or other.room_id = one.room_id)
    and other.starts_at < one.ends_at and one.starts_at < other.ends_at
    where one.organization_id = $1 and one.deleted_at is null and other.deleted_at is null
    and one.status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')
    and other.status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')";

/// One thing that happens at the desk.
#[derive(Clone, Debug)]
enum Step {
    Book(Visit, Overbooking),
    Change(Index, Change),
    Delete(Index),
    Restore(Index),
    Away(usize, Time),
    Back(Index),
    Hours(usize, Option<Time>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        7 => (visit(), overbooking()).prop_map(|(visit, overbooking)| Step::Book(visit, overbooking)),
        10 => (any::<Index>(), change()).prop_map(|(which, change)| Step::Change(which, change)),
        1 => any::<Index>().prop_map(Step::Delete),
        2 => any::<Index>().prop_map(Step::Restore),
        1 => (0..2_usize, at()).prop_map(|(who, at)| Step::Away(who, at)),
        1 => any::<Index>().prop_map(Step::Back),
        1 => (0..2_usize, option::of(hours())).prop_map(|(who, at)| Step::Hours(who, at)),
    ];
    proptest::collection::vec(step, 10..40)
}

fn visit() -> impl Strategy<Value = Visit> {
    let status = prop_oneof![
        6 => Just(Status::Booked),
        1 => prop_oneof![Just(Status::Pending), Just(Status::Arrived)],
        1 => prop_oneof![Just(Status::Proposed), Just(Status::Waitlist)],
    ];
    (0..2_usize, room(), at(), status).prop_map(|(who, room, at, status)| Visit {
        who,
        room,
        at,
        status,
        overbooked: false,
        deleted: false,
        placed: 0,
    })
}

fn change() -> impl Strategy<Value = Change> {
    let status = prop_oneof![
        1 => Just(Status::Proposed),
        1 => Just(Status::Pending),
        1 => Just(Status::Waitlist),
        3 => Just(Status::Booked),
        1 => Just(Status::Arrived),
        1 => Just(Status::CheckedIn),
        1 => Just(Status::Fulfilled),
        2 => Just(Status::Cancelled),
        2 => Just(Status::NoShow),
    ];
    (
        weighted(0.3, 0..2_usize),
        weighted(0.3, room()),
        weighted(0.5, at()),
        weighted(0.5, status),
        overbooking(),
    )
        .prop_map(|(who, room, at, status, overbooking)| Change {
            who,
            room,
            at,
            status,
            overbooking,
        })
}

fn overbooking() -> impl Strategy<Value = Overbooking> {
    prop_oneof![
        6 => Just(Overbooking::No),
        1 => Just(Overbooking::Forbidden),
        2 => Just(Overbooking::Allowed),
    ]
}

fn room() -> impl Strategy<Value = Option<usize>> {
    option::of(0..2_usize)
}

/// Half an hour to an hour and a half, between seven and half past one: some has begun, and some has not.
fn at() -> impl Strategy<Value = Time> {
    (14..25, 1..4).prop_map(|(from, length)| (from, from + length))
}

fn hours() -> impl Strategy<Value = Time> {
    (12..20, 4..16).prop_map(|(from, length)| (from, from + length))
}

/// The real thing.
pub(crate) struct Desk<'a> {
    clinics: &'a Clinics,
    pub(crate) organization: OrganizationId,
    pub(crate) patient: PatientId,
    pub(crate) rooms: [RoomId; 2],
    /// As they were last seen, in the order of the model.
    booked: Vec<Appointment>,
    absences: Vec<Absence>,
    hours: [Option<WorkingHours>; 2],
}

/// A database with two practitioners, who work in every clinic.
pub(crate) struct Clinics {
    database: Database,
    cx: RequestContext,
    pub(crate) practitioners: [UserId; 2],
    pub(crate) test: TestDatabase,
}

impl Clinics {
    pub(crate) async fn new() -> Self {
        let test = TestDatabase::create().await;
        Self {
            database: test.connect().await,
            cx: context(7),
            practitioners: [test.user("Ada Byron").await, test.user("Bea Cole").await],
            test,
        }
    }

    pub(crate) async fn open(&self) -> Desk<'_> {
        let number = self.cx.new_id::<()>();
        let organization = self.test.organization(&format!("Clinic {number}")).await;
        for practitioner in self.practitioners {
            self.test.member(organization, practitioner, "member").await;
        }
        let tx = self.begin(organization, "owner").await;
        let patient = patients::create(&tx, named(("Ana", "Brandt"))).await.unwrap().id;
        let room = async |name: &str| {
            let room = NewRoom {
                name: name.to_owned(),
                ..NewRoom::default()
            };
            rooms::create(&tx, room).await.unwrap().id
        };
        let rooms = [room("Room 1").await, room("Room 2").await];
        tx.commit().await.unwrap();
        Desk {
            clinics: self,
            organization,
            patient,
            rooms,
            booked: Vec::new(),
            absences: Vec::new(),
            hours: [None, None],
        }
    }

    pub(crate) async fn begin(&self, organization: OrganizationId, role: &str) -> TenantTx {
        let grants = wardkeep_clinical::extend(AccessControl::new()).grants(role, &[]);
        let user = self.practitioners[0];
        let scope = scope(&self.database, &self.cx, (organization, user), grants);
        scope.begin().await.unwrap()
    }
}

fn instant(half: i32) -> OffsetDateTime {
    MIDNIGHT + Duration::minutes(30) * half
}

fn halves(span: Span) -> Time {
    let half = |at: OffsetDateTime| i32::try_from((at - MIDNIGHT).whole_minutes() / 30).unwrap();
    assert_eq!(
        (instant(half(span.start)), instant(half(span.end))),
        (span.start, span.end)
    );
    (half(span.start), half(span.end))
}

fn reason(overbooking: Overbooking) -> Option<String> {
    (overbooking != Overbooking::No).then(|| "in pain".to_owned())
}

fn role(overbooking: Overbooking) -> &'static str {
    match overbooking {
        Overbooking::Allowed => "owner",
        Overbooking::No | Overbooking::Forbidden => "member",
    }
}

impl Desk<'_> {
    async fn book(&mut self, visit: &Visit, overbooking: Overbooking) -> Verdict {
        let new = NewAppointment {
            patient: self.patient,
            practitioner: self.clinics.practitioners[visit.who],
            room: visit.room.map(|room| self.rooms[room]),
            start: instant(visit.at.0),
            end: instant(visit.at.1),
            time_zone: "Europe/Berlin".to_owned(),
            status: Some(visit.status.as_str().to_owned()),
            appointment_type: None,
            reason: None,
            comment: None,
            overbooking_reason: reason(overbooking),
        };
        let tx = self.clinics.begin(self.organization, role(overbooking)).await;
        let result = appointments::create(&tx, new).await;
        self.done(tx, self.booked.len(), result).await
    }

    async fn change(&mut self, number: usize, change: &Change) -> Verdict {
        let cancels = change.status == Some(Status::Cancelled);
        let changes = AppointmentChanges {
            practitioner: change.who.map(|who| self.clinics.practitioners[who]),
            room: change.room.map(|room| room.map(|room| self.rooms[room])),
            start: change.at.map(|at| instant(at.0)),
            end: change.at.map(|at| instant(at.1)),
            status: change.status.map(|status| status.as_str().to_owned()),
            cancellation_reason: cancels.then(|| Some("ill".to_owned())),
            overbooking_reason: reason(change.overbooking).map(Some),
            ..AppointmentChanges::default()
        };
        let before = &self.booked[number];
        let tx = self
            .clinics
            .begin(self.organization, role(change.overbooking))
            .await;
        let result = appointments::update(&tx, before.id, before.version, changes).await;
        self.done(tx, number, result).await
    }

    async fn delete(&mut self, number: usize) -> Verdict {
        let before = &self.booked[number];
        let tx = self.clinics.begin(self.organization, "owner").await;
        let result = appointments::delete(&tx, before.id, before.version, "entered twice").await;
        self.done(tx, number, result).await
    }

    async fn restore(&mut self, number: usize) -> Verdict {
        let before = &self.booked[number];
        let tx = self.clinics.begin(self.organization, "owner").await;
        let result = appointments::restore(&tx, before.id, before.version).await;
        self.done(tx, number, result).await
    }

    async fn done(
        &mut self,
        tx: TenantTx,
        number: usize,
        result: Result<Appointment, AppointmentError>,
    ) -> Verdict {
        let error = match result {
            Ok(appointment) => {
                tx.commit().await.unwrap();
                match self.booked.get_mut(number) {
                    Some(before) => *before = appointment,
                    None => self.booked.push(appointment),
                }
                return Verdict::Done;
            }
            Err(error) => error,
        };
        match error {
            AppointmentError::SlotTaken(SlotTaken { clashes, free }) => Verdict::Taken {
                clashes: clashes.iter().map(|clash| self.told(clash)).collect(),
                free: free.into_iter().map(halves).collect(),
            },
            AppointmentError::StatusNotAllowed(refused) => Verdict::StatusNotAllowed(refused.allowed),
            AppointmentError::Closed(_) => Verdict::Closed,
            AppointmentError::Record(RecordError::Denied(_)) => Verdict::Denied,
            AppointmentError::Record(RecordError::NotFound { .. }) => Verdict::Missing,
            error @ (AppointmentError::Record(_) | AppointmentError::HasSessions) => panic!("{error}"),
        }
    }

    fn told(&self, clash: &appointments::Clash) -> Clash {
        use appointments::Clash::{Absence, Practitioner, Room, SomePractitioner, SomeRoom, WorkingHours};
        let number = |taken: &appointments::Taken| {
            let known = |row: &Appointment| row.id == taken.appointment;
            let number = self.booked.iter().position(known).unwrap();
            let row = &self.booked[number];
            assert_eq!((taken.span.start, taken.span.end), (row.start, row.end));
            assert_eq!(taken.overbooked, row.overbooking_reason.is_some());
            number
        };
        match clash {
            Practitioner(taken) => Clash::Practitioner(number(taken)),
            Room(taken) => Clash::Room(number(taken)),
            Absence(span) => Clash::Absence(halves(*span)),
            WorkingHours => Clash::WorkingHours,
            SomePractitioner | SomeRoom => panic!("only the constraint saw it"),
        }
    }

    async fn away(&mut self, who: usize, at: Time) {
        let tx = self.clinics.begin(self.organization, "owner").await;
        let absence = NewAbsence {
            practitioner: self.clinics.practitioners[who],
            start: instant(at.0),
            end: instant(at.1),
            reason: None,
        };
        self.absences.push(absences::create(&tx, absence).await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn back(&mut self, number: usize) {
        let absence = self.absences.remove(number);
        let tx = self.clinics.begin(self.organization, "owner").await;
        absences::delete(&tx, absence.id, absence.version, "came back")
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn set_hours(&mut self, who: usize, hours: Option<Time>) {
        let tx = self.clinics.begin(self.organization, "owner").await;
        if let Some(old) = self.hours[who].take() {
            working_hours::delete(&tx, old.id, old.version, "works otherwise")
                .await
                .unwrap();
        }
        if let Some((opens, closes)) = hours {
            let new = NewWorkingHours {
                practitioner: self.clinics.practitioners[who],
                days_of_week: EVERY_DAY.to_vec(),
                opens_at: instant(opens).time(),
                closes_at: instant(closes).time(),
                time_zone: "UTC".to_owned(),
                valid_from: None,
                valid_to: None,
            };
            self.hours[who] = Some(working_hours::create(&tx, new).await.unwrap());
        }
        tx.commit().await.unwrap();
    }

    /// What was last seen of an appointment is what the model says of it.
    fn compare(&self, number: usize, visit: &Visit) -> Result<(), TestCaseError> {
        let row = &self.booked[number];
        let room = visit.room.map(|room| self.rooms[room]);
        prop_assert_eq!(row.practitioner_id, self.clinics.practitioners[visit.who]);
        prop_assert_eq!(row.room_id, room);
        prop_assert_eq!((row.start, row.end), (instant(visit.at.0), instant(visit.at.1)));
        prop_assert_eq!(&row.status, visit.status.as_str());
        prop_assert_eq!(row.overbooking_reason.is_some(), visit.overbooked);
        prop_assert_eq!(row.deleted_at.is_some(), visit.deleted);
        Ok(())
    }

    /// Of two that overlap, the one that came later was overbooked on purpose; the model knows of all of them.
    async fn assert_apart(&self, admin: &mut PgConnection, model: &Schedule) -> Result<(), TestCaseError> {
        let pairs: Vec<(Uuid, bool, Uuid, bool)> = sqlx::query_as(OVERLAPS)
            .bind(self.organization.as_uuid())
            .fetch_all(admin)
            .await
            .unwrap();
        for (one, one_has_reason, other, other_has_reason) in &pairs {
            let placed = |id: &Uuid| {
                let known = |row: &Appointment| row.id.as_uuid() == *id;
                model.visits[self.booked.iter().position(known).unwrap()].placed
            };
            let on_purpose = if placed(one) > placed(other) {
                *one_has_reason
            } else {
                *other_has_reason
            };
            prop_assert!(on_purpose, "{one} and {other} overlap, and nobody wanted it");
        }
        prop_assert_eq!(pairs.len(), overlaps(model));
        Ok(())
    }
}

fn overlaps(model: &Schedule) -> usize {
    let taking: Vec<_> = model
        .visits
        .iter()
        .filter(|visit| !visit.deleted && occupies(visit.status))
        .collect();
    let clash = |one: &Visit, other: &Visit| {
        overlap(one.at, other.at) && (one.who == other.who || (one.room.is_some() && one.room == other.room))
    };
    let behind = |number: usize| taking.iter().skip(number + 1);
    taking
        .iter()
        .enumerate()
        .map(|(number, one)| behind(number).filter(|other| clash(one, other)).count())
        .sum()
}

/// One day at a desk of its own.
async fn day(clinics: &Clinics, admin: &mut PgConnection, steps: &[Step]) -> Result<(), TestCaseError> {
    let (mut model, mut desk) = (Schedule::default(), clinics.open().await);
    for step in steps {
        let of = |which: &Index, length: usize| (length > 0).then(|| which.index(length));
        let any = |which: &Index| of(which, desk.booked.len());
        let (expected, told) = match step {
            Step::Book(visit, overbooking) => (
                model.book(visit.clone(), *overbooking),
                desk.book(visit, *overbooking).await,
            ),
            Step::Change(which, change) => match any(which) {
                Some(number) => (model.change(number, change), desk.change(number, change).await),
                None => continue,
            },
            Step::Delete(which) => match any(which) {
                Some(number) => (model.delete(number), desk.delete(number).await),
                None => continue,
            },
            Step::Restore(which) => match any(which) {
                Some(number) => (model.restore(number), desk.restore(number).await),
                None => continue,
            },
            Step::Away(who, at) => {
                model.absences.push((*who, *at));
                desk.away(*who, *at).await;
                continue;
            }
            Step::Back(which) => {
                if let Some(number) = of(which, model.absences.len()) {
                    model.absences.remove(number);
                    desk.back(number).await;
                }
                continue;
            }
            Step::Hours(who, hours) => {
                model.hours[*who] = *hours;
                desk.set_hours(*who, *hours).await;
                continue;
            }
        };
        prop_assert_eq!(told, expected, "{:?}", step);
        prop_assert_eq!(desk.booked.len(), model.visits.len());
        for (number, visit) in model.visits.iter().enumerate() {
            desk.compare(number, visit)?;
        }
        desk.assert_apart(admin, &model).await?;
    }
    Ok(())
}

#[test]
fn whatever_happens_at_the_desk_nobody_is_taken_twice_and_every_refusal_is_explained() {
    let default = Config::default();
    // 256 is what proptest takes where nothing is said.
    let cases = if default.cases == 256 { 40 } else { default.cases };
    let config = Config {
        cases,
        failure_persistence: None,
        ..default
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let clinics = runtime.block_on(Clinics::new());
    let admin = RefCell::new(runtime.block_on(clinics.test.admin()));

    let result = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(day(&clinics, &mut admin.borrow_mut(), &steps))
    });

    // The pool wants its runtime when it goes.
    runtime.block_on(async move { drop(clinics) });
    result.unwrap();
}
