//! What notes cost and wait for, and that a signed one is not changed by entity either.

use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue, ColumnTrait as _, DbErr, EntityTrait, IntoActiveModel as _,
    ModelTrait, QueryFilter as _,
};
use wardkeep_clinical::RecordError;
use wardkeep_clinical::clinical_notes::{
    self, ClinicalNote, Listing, NewAddendum, NewNote, Note, NoteChanges, NoteError, Status,
};
use wardkeep_clinical::paging::Paging;
use wardkeep_clinical::treatment_sessions::TreatmentSessionId;
use wardkeep_tenancy::{TenantTx, sqlstate};

use crate::clinic::{World, assert_waits};
use crate::statements::sent;

type Notes = <ClinicalNote as ModelTrait>::Entity;
type Column = <Notes as EntityTrait>::Column;

fn note(treatment_session: TreatmentSessionId) -> NewNote {
    NewNote {
        treatment_session,
        note_type: "progress".to_owned(),
        text: "Less pain.".to_owned(),
    }
}

fn addendum(retracts: bool) -> NewAddendum {
    NewAddendum {
        note_type: None,
        text: "The right knee.".to_owned(),
        retracts,
    }
}

fn rewrite(text: &str) -> NoteChanges {
    NoteChanges {
        text: Some(text.to_owned()),
        ..NoteChanges::default()
    }
}

/// A session of Ana's at Salt Lane.
async fn session(world: &World) -> TreatmentSessionId {
    let ana = world.patient(world.salt_lane, ("Ana", "Brandt")).await;
    world.session(&ana).await
}

/// A signed note of the session.
async fn signed(world: &World, session: TreatmentSessionId) -> Note {
    let tx = world.begin_freshly(world.salt_lane).await;
    let draft = clinical_notes::create(&tx, note(session)).await.unwrap();
    let signed = clinical_notes::sign(&tx, draft.row.id, 1).await.unwrap();
    tx.commit().await.unwrap();
    signed
}

#[tokio::test]
async fn every_operation_takes_few_statements_and_binds_its_organization() {
    let world = World::new().await;
    let session = session(&world).await;
    let tx = world.begin_freshly(world.salt_lane).await;

    let (made, create) = sent(clinical_notes::create(&tx, note(session))).await;
    let id = made.unwrap().row.id;
    let (_, update) = sent(clinical_notes::update(&tx, id, 1, rewrite("No pain."))).await;
    let (_, delete) = sent(clinical_notes::delete(&tx, id, 2, "entered twice")).await;
    let (_, restore) = sent(clinical_notes::restore(&tx, id, 3)).await;
    let (signed, sign) = sent(clinical_notes::sign(&tx, id, 4)).await;
    let (_, get_alone) = sent(clinical_notes::get(&tx, id)).await;
    let (_, list_of_one) = sent(clinical_notes::list(&tx, &Listing::default())).await;
    let (_, add) = sent(clinical_notes::add(&tx, id, addendum(false))).await;
    for _ in 0..3 {
        let added = clinical_notes::add(&tx, id, addendum(true)).await.unwrap();
        clinical_notes::sign(&tx, added.row.id, 1).await.unwrap();
        clinical_notes::create(&tx, note(session)).await.unwrap();
    }
    let (whole, get) = sent(clinical_notes::get(&tx, id)).await;
    let (verified, verify) = sent(clinical_notes::verify(&tx, id)).await;
    let (_, versions) = sent(clinical_notes::versions(&tx, id, &Paging::default())).await;
    let by_everything = Listing {
        treatment_session: Some(session),
        patient: Some(whole.as_ref().unwrap().patient),
        author: Some(tx.user()),
        statuses: Some(
            ["draft", "final", "amended", "entered-in-error"]
                .map(str::to_owned)
                .into(),
        ),
        addendum: Some(false),
        ..Listing::default()
    };
    let (listed, list) = sent(clinical_notes::list(&tx, &by_everything)).await;

    assert_eq!(signed.unwrap().row.version, 5);
    assert_eq!(whole.unwrap().addenda.len(), 4);
    assert_eq!(verified.unwrap().addenda.len(), 3);
    assert_eq!(listed.unwrap().items.len(), 4);
    // The session; the row, whose it is, its trace; what it says.
    assert_eq!(create, ["select", "insert", "select", "insert", "insert"]);
    assert_eq!(
        update,
        ["select", "select", "update", "select", "insert", "insert"]
    );
    assert_eq!(delete, ["select", "update", "select", "insert"]);
    assert_eq!(restore, ["select", "select", "update", "select", "insert"]);
    assert_eq!(sign, ["select", "select", "update", "select", "insert"]);
    // The note that it adds to, how many it has, and the session.
    assert_eq!(
        add,
        [
            "select", "select", "select", "insert", "select", "insert", "insert"
        ]
    );
    // The row or rows, their addenda, whose they are; the trace.
    for read in [get_alone, get, list_of_one, list, verify, versions] {
        assert_eq!(read, ["select", "select", "select", "insert"]);
    }
}

/// Whatever is read before the lock could be otherwise by the time it is written.
#[tokio::test]
async fn whoever_writes_about_a_session_waits_for_who_changes_it() {
    const LOCK: &str = "select from treatment_sessions where id = $1 for no key update";
    let world = World::new().await;
    let session = session(&world).await;
    let signed = signed(&world, session).await;
    let tx = world.begin_freshly(world.salt_lane).await;
    let draft = clinical_notes::create(&tx, note(session)).await.unwrap().row.id;
    let gone = clinical_notes::create(&tx, note(session)).await.unwrap().row.id;
    clinical_notes::delete(&tx, gone, 1, "entered twice")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let lock = (LOCK, session.as_uuid());

    let tx = world.begin_freshly(world.salt_lane).await;
    assert_waits(
        &world.test,
        lock,
        "create",
        clinical_notes::create(&tx, note(session)),
    )
    .await;
    drop(tx);
    let tx = world.begin_freshly(world.salt_lane).await;
    let adding = clinical_notes::add(&tx, signed.row.id, addendum(false));
    assert_waits(&world.test, lock, "add", adding).await;
    drop(tx);
    let tx = world.begin_freshly(world.salt_lane).await;
    let restoring = clinical_notes::restore(&tx, gone, 2);
    assert_waits(&world.test, lock, "restore", restoring).await;
    drop(tx);
    let tx = world.begin_freshly(world.salt_lane).await;
    let changing = clinical_notes::update(&tx, draft, 1, rewrite("No pain."));
    assert_waits(&world.test, lock, "update", changing).await;
    drop(tx);
    let tx = world.begin_freshly(world.salt_lane).await;
    assert_waits(&world.test, lock, "sign", clinical_notes::sign(&tx, draft, 1)).await;
    drop(tx);
}

/// Whoever waited sees what the draft has become, and that it is not what they have read. Without a lock they would wait as
/// well, to write it, and find nothing to write.
#[tokio::test]
async fn a_draft_that_somebody_changes_is_neither_signed_nor_changed_nor_deleted_meanwhile() {
    const CHANGE: &str = "update clinical_notes set text = 'Worse.', version = version + 1 where id = $1";
    let world = World::new().await;
    let session = session(&world).await;
    let stale = |result: Result<(), NoteError>| match result {
        Err(NoteError::Record(RecordError::Stale(2))) => Ok(()),
        other => Err(other),
    };

    for name in ["sign", "change", "delete"] {
        let tx = world.begin_freshly(world.salt_lane).await;
        let draft = clinical_notes::create(&tx, note(session)).await.unwrap().row.id;
        tx.commit().await.unwrap();
        let tx = world.begin_freshly(world.salt_lane).await;
        let something = async {
            stale(match name {
                "sign" => clinical_notes::sign(&tx, draft, 1).await.map(drop),
                "change" => clinical_notes::update(&tx, draft, 1, rewrite("No pain."))
                    .await
                    .map(drop),
                _ => clinical_notes::delete(&tx, draft, 1, "x").await.map(drop),
            })
        };
        assert_waits(&world.test, (CHANGE, draft.as_uuid()), name, something).await;
    }
}

/// So whoever changes the session waits until they can see that the note is signed.
#[tokio::test]
async fn who_has_signed_holds_the_session_until_it_is_seen() {
    const TRY: &str = "select from treatment_sessions where id = $1 for no key update nowait";
    let world = World::new().await;
    let session = session(&world).await;
    let tx = world.begin_freshly(world.salt_lane).await;
    let draft = clinical_notes::create(&tx, note(session)).await.unwrap().row.id;
    tx.commit().await.unwrap();
    let tries = async || {
        let mut admin = world.test.admin().await;
        let tried = sqlx::query(TRY).bind(session.as_uuid()).execute(&mut admin).await;
        tried.map_err(|error| error.as_database_error().unwrap().code().unwrap().into_owned())
    };

    let tx = world.begin_freshly(world.salt_lane).await;
    assert!(tries().await.is_ok());
    clinical_notes::sign(&tx, draft, 1).await.unwrap();
    assert_eq!(tries().await.unwrap_err(), "55P03");
    tx.commit().await.unwrap();
    assert!(tries().await.is_ok());
}

#[tokio::test]
async fn who_has_not_signed_in_for_long_signs_nothing() {
    let world = World::new().await;
    let session = session(&world).await;
    let tx = world.begin(world.salt_lane, "owner").await;
    let draft = clinical_notes::create(&tx, note(session)).await.unwrap();

    let refused = clinical_notes::sign(&tx, draft.row.id, 1).await;

    assert!(matches!(refused, Err(NoteError::NotFresh)));
    let read = clinical_notes::get(&tx, draft.row.id).await.unwrap();
    assert_eq!(read, draft);
}

/// A signed row is not changed by entity: each attempt is an error, and nothing of it stays.
#[tokio::test]
async fn a_signed_note_is_not_changed_by_entity() {
    let world = World::new().await;
    let session = session(&world).await;
    let note = signed(&world, session).await;
    let row = note.row.clone();

    for attempt in 0..9 {
        let tx = world.begin_freshly(world.salt_lane).await;
        let refused = try_to_change(&tx, row.clone(), attempt).await.unwrap_err();
        assert_eq!(
            sqlstate(&refused).as_deref(),
            Some("42501"),
            "{attempt}: {refused}"
        );
        assert!(
            refused.to_string().contains("signed notes are never changed"),
            "{attempt}: {refused}"
        );
    }
    let tx = world.begin_freshly(world.salt_lane).await;
    assert_eq!(clinical_notes::get(&tx, row.id).await.unwrap(), note);
    let versions = clinical_notes::versions(&tx, row.id, &Paging::default())
        .await
        .unwrap();
    for version in versions.items {
        let mut changed = version.clone().into_active_model();
        changed.text = ActiveValue::Set("Worse.".to_owned());
        let nested = world.begin_freshly(world.salt_lane).await;
        let refused = changed.update(&nested).await.unwrap_err();
        assert_eq!(sqlstate(&refused).as_deref(), Some("42501"), "{refused}");
        let nested = world.begin_freshly(world.salt_lane).await;
        let refused = version.delete(&nested).await.unwrap_err();
        assert_eq!(sqlstate(&refused).as_deref(), Some("42501"), "{refused}");
    }
}

async fn try_to_change(tx: &TenantTx, row: ClinicalNote, attempt: u32) -> Result<(), DbErr> {
    let mut changed = row.clone().into_active_model();
    let this = Column::Id
        .eq(row.id)
        .and(Column::OrganizationId.eq(row.organization_id));
    match attempt {
        0 => {
            changed.text = ActiveValue::Set("Worse.".to_owned());
            changed.update(tx).await.map(drop)
        }
        1 => {
            // As a draft again.
            changed.status = ActiveValue::Set("draft".to_owned());
            changed.signed_by = ActiveValue::Set(None);
            changed.signed_by_name = ActiveValue::Set(None);
            changed.signed_at = ActiveValue::Set(None);
            changed.sha256 = ActiveValue::Set(None);
            changed.update(tx).await.map(drop)
        }
        2 => changed.reset_all().update(tx).await.map(drop),
        3 => changed.delete(tx).await.map(drop),
        4 => row.delete(tx).await.map(drop),
        5 => {
            let many = Notes::update_many().col_expr(Column::Text, Expr::value("Worse."));
            many.filter(this).exec(tx).await.map(drop)
        }
        6 => Notes::delete_many().filter(this).exec(tx).await.map(drop),
        7 => Notes::delete_by_id((row.organization_id, row.id))
            .exec(tx)
            .await
            .map(drop),
        _ => {
            let taken = OnConflict::columns([Column::OrganizationId, Column::Id])
                .update_column(Column::Text)
                .to_owned();
            let mut again = changed.reset_all();
            again.text = ActiveValue::Set("Worse.".to_owned());
            let inserted = Notes::insert(again).on_conflict(taken);
            inserted.exec_without_returning(tx).await.map(drop)
        }
    }
}

/// The API shows what became of a note that was changed past the trigger, and of one whose session was.
#[tokio::test]
async fn what_is_changed_past_the_trigger_does_not_hold() {
    let world = World::new().await;
    let session = session(&world).await;
    let note = signed(&world, session).await.row;
    let tx = world.begin_freshly(world.salt_lane).await;
    let added = clinical_notes::add(&tx, note.id, addendum(false))
        .await
        .unwrap()
        .row;
    clinical_notes::sign(&tx, added.id, 1).await.unwrap();
    clinical_notes::add(&tx, note.id, addendum(true)).await.unwrap();
    tx.commit().await.unwrap();
    let holds = async || {
        let tx = world.begin_freshly(world.salt_lane).await;
        let verified = clinical_notes::verify(&tx, note.id).await.unwrap();
        let addenda: Vec<_> = verified.addenda.iter().map(|addendum| addendum.holds()).collect();
        (verified.note.holds(), addenda)
    };

    assert_eq!(holds().await, (true, vec![true]));
    world
        .past_the_trigger("update clinical_notes set retracts = true where addendum_to is not null and signed_at is not null")
        .await;
    assert_eq!(holds().await, (true, vec![false]));
    world
        .past_the_trigger("update clinical_notes set text = text || ' ' where addendum_to is null")
        .await;
    assert_eq!(holds().await, (false, vec![false]));
    world
        .past_the_trigger("update clinical_notes set text = rtrim(text), retracts = false")
        .await;
    assert_eq!(holds().await, (true, vec![true]));
    world
        .past_the_trigger("update treatment_sessions set performer_id = gen_random_uuid()")
        .await;
    assert_eq!(holds().await, (false, vec![false]));
}

#[tokio::test]
async fn a_list_finds_notes_by_what_became_of_them() {
    let world = World::new().await;
    let session = session(&world).await;
    let tx = world.begin_freshly(world.salt_lane).await;
    let mut notes = Vec::new();
    for _ in 0..4 {
        notes.push(clinical_notes::create(&tx, note(session)).await.unwrap().row.id);
    }
    for id in &notes[1..] {
        clinical_notes::sign(&tx, *id, 1).await.unwrap();
    }
    // The second has an addendum that is a draft, and is final for all that.
    for (id, retracts, signs) in [
        (notes[1], true, false),
        (notes[2], false, true),
        (notes[3], false, true),
        (notes[3], true, true),
    ] {
        let added = clinical_notes::add(&tx, id, addendum(retracts))
            .await
            .unwrap()
            .row
            .id;
        if signs {
            clinical_notes::sign(&tx, added, 1).await.unwrap();
        }
    }
    let found = async |statuses: &[Status]| {
        let names = statuses.iter().map(|status| status.as_str().to_owned());
        let listing = Listing {
            statuses: Some(names.collect()),
            addendum: Some(false),
            ..Listing::default()
        };
        let page = clinical_notes::list(&tx, &listing).await.unwrap();
        let items = page.items.iter();
        assert!(items.clone().all(|note| statuses.contains(&note.status())));
        items.map(|note| note.row.id).collect::<Vec<_>>()
    };

    assert_eq!(found(&[Status::Draft]).await, [notes[0]]);
    assert_eq!(found(&[Status::Final]).await, [notes[1]]);
    assert_eq!(found(&[Status::Amended]).await, [notes[2]]);
    assert_eq!(found(&[Status::EnteredInError]).await, [notes[3]]);
    assert_eq!(
        found(&[Status::Draft, Status::Amended, Status::EnteredInError]).await,
        [notes[0], notes[2], notes[3]]
    );
}
