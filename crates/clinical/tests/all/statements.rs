//! How many statements each operation sends: they are round trips, and a query per row would show here first. And that
//! each one names the organization: row security is the net, not the filter.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use time::macros::date;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use wardkeep_clinical::paging::Paging;
use wardkeep_clinical::patients::{self, Identifier, Listing, NewPatient, PatientChanges};

use crate::clinic::{World, named};

/// The statements that sqlx logs on this thread.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            event.record(&mut Text(&mut self.0.lock().unwrap()));
        }
    }
}

struct Text<'a>(&'a mut Vec<String>);

impl Visit for Text<'_> {
    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "db.statement" {
            self.0.push(value.trim().to_owned());
        }
    }
}

/// The verbs of what is sent while the operation runs.
pub(crate) async fn sent<T>(operation: impl Future<Output = T>) -> (T, Vec<String>) {
    let statements = Statements::default();
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(statements.clone()));
    let result = operation.await;
    drop(guard);
    let sent = statements.0.lock().unwrap().clone();
    sent.iter().for_each(|statement| assert_bound(statement));
    let verb = |statement: &String| statement.split_whitespace().next().unwrap().to_lowercase();
    (result, sent.iter().map(verb).collect())
}

/// Every table of a statement has its organization bound, subqueries included.
fn assert_bound(statement: &str) {
    let count = |text: &str| statement.matches(text).count();
    let (tables, bound) = if statement.starts_with("INSERT") {
        (1, count("(\"organization_id\", "))
    } else {
        (
            count("FROM \"") + count("UPDATE \"") + count("from public."),
            // The last two are those of statements written by hand.
            count("\"organization_id\" = $")
                + count(" organization_id = $")
                + count("\"organizationId\" = $"),
        )
    };
    assert!(tables > 0 && bound == tables, "{statement}");
}

#[tokio::test]
async fn every_operation_takes_few_statements_and_binds_its_organization() {
    let world = World::new().await;
    for last_name in ["Brandt", "Costa", "Dahl"] {
        world.patient(world.salt_lane, ("Ana", last_name)).await;
    }
    let tx = world.begin(world.salt_lane, "owner").await;
    let listing = |total| Listing {
        search: Some("ana b".to_owned()),
        paging: Paging {
            total,
            ..Paging::default()
        },
        ..Listing::default()
    };
    let phone = PatientChanges {
        phone: Some(Some("1".to_owned())),
        ..PatientChanges::default()
    };
    let rename = PatientChanges {
        last_name: Some("Ek".to_owned()),
        ..PatientChanges::default()
    };

    let (ben, create) = sent(patients::create(&tx, named(("Ben Uri", "Costa-Braun")))).await;
    let id = ben.unwrap().id;
    let (_, create_whole) = sent(patients::create(&tx, whole())).await;
    let (_, get) = sent(patients::get(&tx, id)).await;
    let (_, find) = sent(patients::list(&tx, &by_everything())).await;
    let (_, list) = sent(patients::list(&tx, &listing(false))).await;
    let (_, list_and_count) = sent(patients::list(&tx, &listing(true))).await;
    let (_, change) = sent(patients::update(&tx, id, 1, phone)).await;
    let (_, change_name) = sent(patients::update(&tx, id, 2, rename)).await;
    let (deleted, delete) = sent(patients::delete(&tx, id, 3, "entered twice")).await;

    let (restored, restore) = sent(patients::restore(&tx, id, 4)).await;

    deleted.unwrap();
    restored.unwrap();
    assert_eq!(create, ["insert", "insert", "insert"]);
    // Who was born that day, has this number, has this identifier; the row, its trace, and what it is found by.
    assert_eq!(
        create_whole,
        [
            "select", "select", "select", "insert", "insert", "insert", "insert", "insert"
        ]
    );
    assert_eq!(get, ["select", "insert"]);
    assert_eq!(find, ["select", "insert"]);
    assert_eq!(list, ["select", "insert"]);
    assert_eq!(list_and_count, ["select", "select", "insert"]);
    assert_eq!(change, ["select", "update", "insert", "insert"]);
    assert_eq!(change_name, ["select", "update", "insert", "delete", "insert"]);
    // Whether an appointment waits, whether a treatment is not over.
    assert_eq!(
        delete,
        [
            "select", "select", "select", "update", "insert", "delete", "delete", "delete"
        ]
    );
    assert_eq!(restore, ["select", "update", "insert", "insert", "insert"]);
}

fn insurance() -> Identifier {
    Identifier {
        system: "urn:insurer".to_owned(),
        value: "A1".to_owned(),
    }
}

fn whole() -> NewPatient {
    NewPatient {
        phone: Some("+49 30 901820".to_owned()),
        identifiers: vec![insurance()],
        date_of_birth: Some(date!(1984 - 11 - 23)),
        medical_record_number: Some("2026-1".to_owned()),
        ..named(("Cleo", "Dahl"))
    }
}

fn by_everything() -> Listing {
    let text = |text: &str| Some(text.to_owned());
    Listing {
        search: text("cle dah"),
        phone: text("030 901820"),
        medical_record_number: text("2026-1"),
        identifier: text("urn:insurer|A1"),
        date_of_birth: Some(date!(1984 - 11 - 23)),
        gender: text("unknown"),
        active: Some(true),
        deceased: Some(false),
        ..Listing::default()
    }
}
