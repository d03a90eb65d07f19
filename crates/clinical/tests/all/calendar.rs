//! When practitioners are there: what a change of it waits for, and what it takes to show it.

use time::macros::{date, datetime, time};
use time::{Date, Duration};
use wardkeep_clinical::absences::{self, AbsenceChanges, NewAbsence};
use wardkeep_clinical::patients;
use wardkeep_clinical::rooms::{self, NewRoom};
use wardkeep_clinical::schedule::{self, Asked, Calendar};
use wardkeep_clinical::working_hours::{self, DayOfWeek, NewWorkingHours, WorkingHoursChanges};
use wardkeep_tenancy::{AccessControl, Database, OrganizationId, RequestContext, TenantTx, UserId};
use wardkeep_testkit::{START, TestDatabase, context, scope};

use crate::clinic::{OF_MEMBER, assert_waits, named};
use crate::statements::sent;

/// A clinic whose owner treats.
struct Clinic {
    database: Database,
    organization: OrganizationId,
    ada: UserId,
    cx: RequestContext,
    /// Dropped last: the database goes when nobody is connected any more.
    test: TestDatabase,
}

impl Clinic {
    async fn new() -> Self {
        let test = TestDatabase::create().await;
        let organization = test.organization("Salt Lane").await;
        let ada = test.user("Ada Byron").await;
        test.member(organization, ada, "owner").await;
        Self {
            database: test.connect().await,
            organization,
            ada,
            cx: context(7),
            test,
        }
    }

    async fn begin(&self) -> TenantTx {
        let grants = wardkeep_clinical::extend(AccessControl::new()).grants("owner", &[]);
        let scope = scope(&self.database, &self.cx, (self.organization, self.ada), grants);
        scope.begin().await.unwrap()
    }

    fn hours(&self) -> NewWorkingHours {
        NewWorkingHours {
            practitioner: self.ada,
            days_of_week: vec![DayOfWeek::Mon],
            opens_at: time!(09:00),
            closes_at: time!(17:00),
            time_zone: "Europe/Berlin".to_owned(),
            valid_from: None,
            valid_to: None,
        }
    }

    fn absence(&self) -> NewAbsence {
        NewAbsence {
            practitioner: self.ada,
            start: datetime!(2026-07-06 00:00 UTC),
            end: datetime!(2026-07-27 00:00 UTC),
            reason: None,
        }
    }

    /// That the change waits for a booking for the same practitioner, and is then made.
    async fn assert_waits<T, E: std::fmt::Debug>(
        &self,
        name: &str,
        change: impl Future<Output = Result<T, E>>,
    ) -> T {
        assert_waits(&self.test, (OF_MEMBER, self.ada.as_uuid()), name, change).await
    }
}

#[tokio::test]
async fn whatever_changes_when_somebody_is_there_waits_for_a_booking() {
    let clinic = Clinic::new().await;
    let later = WorkingHoursChanges {
        opens_at: Some(time!(10:00)),
        ..WorkingHoursChanges::default()
    };
    let ill = AbsenceChanges {
        reason: Some(Some("ill".to_owned())),
        ..AbsenceChanges::default()
    };

    // Each in a transaction of its own, as one that has the lock does not wait for it.
    let tx = clinic.begin().await;
    let hours = clinic
        .assert_waits("create", working_hours::create(&tx, clinic.hours()))
        .await;
    let absence = absences::create(&tx, clinic.absence()).await.unwrap();
    tx.commit().await.unwrap();
    let tx = clinic.begin().await;
    clinic
        .assert_waits("update", working_hours::update(&tx, hours.id, 1, later))
        .await;
    tx.commit().await.unwrap();
    let tx = clinic.begin().await;
    clinic
        .assert_waits("delete", working_hours::delete(&tx, hours.id, 2, "twice"))
        .await;
    tx.commit().await.unwrap();
    let tx = clinic.begin().await;
    clinic
        .assert_waits("restore", working_hours::restore(&tx, hours.id, 3))
        .await;
    tx.commit().await.unwrap();
    let tx = clinic.begin().await;
    clinic
        .assert_waits("create", absences::create(&tx, clinic.absence()))
        .await;
    drop(tx);
    let tx = clinic.begin().await;
    clinic
        .assert_waits("update", absences::update(&tx, absence.id, 1, ill))
        .await;
    tx.commit().await.unwrap();
    let tx = clinic.begin().await;
    clinic
        .assert_waits("delete", absences::delete(&tx, absence.id, 2, "twice"))
        .await;
    tx.commit().await.unwrap();
    let tx = clinic.begin().await;
    clinic
        .assert_waits("restore", absences::restore(&tx, absence.id, 3))
        .await;
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn every_operation_takes_few_statements_and_binds_its_organization() {
    let clinic = Clinic::new().await;
    let tx = clinic.begin().await;
    let later = WorkingHoursChanges {
        opens_at: Some(time!(10:00)),
        ..WorkingHoursChanges::default()
    };
    let of_ada = working_hours::Listing {
        practitioner: Some(clinic.ada),
        ..working_hours::Listing::default()
    };

    let (hours, create) = sent(working_hours::create(&tx, clinic.hours())).await;
    let id = hours.unwrap().id;
    let (_, get) = sent(working_hours::get(&tx, id)).await;
    let (_, list) = sent(working_hours::list(&tx, &of_ada)).await;
    let (changed, change) = sent(working_hours::update(&tx, id, 1, later)).await;
    let (deleted, delete) = sent(working_hours::delete(&tx, id, 2, "entered twice")).await;
    let (restored, restore) = sent(working_hours::restore(&tx, id, 3)).await;
    let (absence, create_absence) = sent(absences::create(&tx, clinic.absence())).await;
    let room = rooms::create(
        &tx,
        NewRoom {
            name: "Room 1".to_owned(),
            ..NewRoom::default()
        },
    )
    .await;
    let (emptied, delete_room) = sent(rooms::delete(&tx, room.unwrap().id, 1, "walled up")).await;

    changed.unwrap();
    deleted.unwrap();
    restored.unwrap();
    absence.unwrap();
    emptied.unwrap();
    assert_eq!(create, ["select", "insert", "insert"]);
    assert_eq!(get, ["select", "insert"]);
    assert_eq!(list, ["select", "insert"]);
    for changing in [change, delete, restore] {
        assert_eq!(changing, ["select", "select", "update", "insert"]);
    }
    assert_eq!(create_absence, ["select", "insert", "insert"]);
    assert_eq!(delete_room, ["select", "select", "update", "insert"]);
}

/// An hour of every day from the first to the last, for another patient each, all in one room.
const BOOK: &str =
    "insert into appointments (organization_id, id, patient_id, practitioner_id, practitioner_name, room_id,
      starts_at, ends_at, time_zone, status, created_by, created_by_name, created_at, updated_at)
    select organization_id, gen_random_uuid(), id, $1, 'Ada', (select id from rooms),
      $2 + make_interval(days => row_number() over ()::int),
      $2 + make_interval(days => row_number() over ()::int, hours => 1), 'UTC', 'booked', $1, 'Ada', $2, $2
    from patients";

#[tokio::test]
async fn a_month_of_a_full_schedule_takes_as_many_statements_as_a_quiet_day() {
    let clinic = Clinic::new().await;
    let tx = clinic.begin().await;
    let room = rooms::create(
        &tx,
        NewRoom {
            name: "Room 1".to_owned(),
            ..NewRoom::default()
        },
    )
    .await;
    let room = room.unwrap().id;
    for day in 0..30 {
        patients::create(&tx, named(("Ana", &format!("{day}"))))
            .await
            .unwrap();
        working_hours::create(&tx, clinic.hours()).await.unwrap();
        let start = datetime!(2026-03-02 16:00 UTC) + Duration::days(day);
        let end = start + Duration::hours(1);
        let away = NewAbsence {
            start,
            end,
            ..clinic.absence()
        };
        absences::create(&tx, away).await.unwrap();
    }
    tx.commit().await.unwrap();
    let book = sqlx::query(BOOK).bind(clinic.ada.as_uuid()).bind(START);
    book.execute(&mut clinic.test.admin().await).await.unwrap();
    let tx = clinic.begin().await;
    let asked = |calendar: Calendar, from: Date, to: Date| Asked {
        calendar,
        from,
        to: Some(to),
        time_zone: "Europe/Berlin".to_owned(),
    };

    for (calendar, statements) in [
        (
            Calendar::Practitioner(clinic.ada),
            &["select", "select", "select", "select", "select", "insert"][..],
        ),
        (
            Calendar::Room(room),
            &["select", "select", "select", "insert"][..],
        ),
    ] {
        let month = asked(calendar, date!(2026 - 03 - 03), date!(2026 - 04 - 01));
        let day = asked(calendar, date!(2026 - 03 - 05), date!(2026 - 03 - 05));
        let (of_month, sent_for_month) = sent(schedule::get(&tx, &month)).await;
        let (of_day, sent_for_day) = sent(schedule::get(&tx, &day)).await;

        let busy =
            |schedule: &schedule::Schedule| -> usize { schedule.days.iter().map(|day| day.busy.len()).sum() };
        assert!(busy(&of_month.unwrap()) >= 30);
        assert!(busy(&of_day.unwrap()) >= 1);
        assert_eq!(sent_for_month, statements);
        assert_eq!(sent_for_day, statements);
    }
}
