//! Nothing that is stored is a credential: who reads every table, a backup or a replica signs in nowhere.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use time::Duration;
use wardkeep_auth::deletions::{self, Deleted, Deletion};
use wardkeep_auth::passwords::Password;
use wardkeep_auth::sessions::SessionSecret;
use wardkeep_auth::{CurrentSession, Policy, email_proofs, resets};

use crate::cheap;
use crate::post::{Post, token};
use crate::world::{PASSWORD, SECRET, World, at, email};

const ANA: &str = "ana@example.test";
const BO: &str = "bo@example.test";
const BOS: &str = "another horse battery";

/// Every row of every table, as JSON.
async fn dump(world: &World) -> Vec<Value> {
    let mut admin = world.admin().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', nspname, relname) from pg_class join pg_namespace on pg_namespace.oid = relnamespace
         where relkind in ('r', 'p', 'm') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    let mut rows = Vec::new();
    for table in tables {
        let sql = format!("select to_jsonb(t)::text from {table} as t");
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(&mut admin)
            .await
            .unwrap();
        rows.extend(
            found
                .iter()
                .map(|row| serde_json::from_str::<Value>(row).unwrap()),
        );
    }
    rows
}

/// The texts in a row, and in the JSON that a text may be.
fn texts(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            if let Ok(inner @ (Value::Array(_) | Value::Object(_))) = serde_json::from_str(text) {
                texts(&inner, into);
            }
            into.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, into)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, into)),
        other => drop(into.insert(other.to_string())),
    }
}

/// A value, its parts, and what it is in other encodings.
fn candidates(text: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::from([text.to_owned()]);
    for separator in ['.', ':', '$', ',', '-', '=', ' ', '/', '@', '_'] {
        for (position, _) in text.match_indices(separator) {
            all.insert(text[..position].to_owned());
            all.insert(text[position + 1..].to_owned());
        }
        all.extend(text.split(separator).map(str::to_owned));
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).or_else(|_| STANDARD.decode(text));
    if let Ok(bytes) = bytes {
        all.insert(STANDARD.encode(&bytes));
        all.insert(String::from_utf8_lossy(&bytes).into_owned());
        all.insert(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
    }
    all.insert(text.to_lowercase());
    all.remove("");
    all
}

/// What a text is good for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Opens {
    session: bool,
    reset: bool,
    proof: bool,
    password: bool,
    deletion: bool,
}

async fn opens(world: &World, sessions: &[CurrentSession], text: &str) -> Opens {
    let (db, auth, cx) = (&world.db, &world.auth, at(Duration::ZERO));
    let mut opens = Opens::default();
    for cookie in [text.to_owned(), auth.secrets().seal(text)] {
        if let Some(secret) = SessionSecret::open(auth.secrets(), &cookie) {
            opens.session |= world.find(&secret).await.is_some();
        }
    }
    opens.reset = resets::is_valid(db, &cx, text).await.unwrap();
    opens.proof = email_proofs::follow(db, &cx, auth, None, text).await.is_ok();
    for current in sessions {
        opens.password |= world.sign_in(&current.user.email, text).await.is_ok();
        let deletion = Deletion {
            token: Some(text.to_owned()),
            ..Deletion::default()
        };
        opens.deletion |= deletions::delete(db, &cx, auth, current, deletion).await.is_ok();
    }
    opens
}

/// Goes through everything that leaves a trace, and returns the sessions of two users and their secrets.
async fn exercise(world: &World) -> (Vec<CurrentSession>, Vec<SessionSecret>) {
    let (db, auth, cx) = (&world.db, &world.auth, at(Duration::ZERO));
    let (ana, bo) = (world.sign_up(ANA).await, world.sign_up(BO).await);
    let phone = world.sign_in(ANA, PASSWORD).await.unwrap();
    let clinic = world.test.organization("North").await;
    world.test.member(clinic, ana.user.id, "owner").await;
    world.test.member(clinic, bo.user.id, "owner").await;
    world.link(ana.user.id, "github").await;
    world.sign_in(ANA, "correct horse batterz").await.unwrap_err();
    let change = wardkeep_auth::credentials::Change {
        current: Password::new(PASSWORD),
        new: Password::new(BOS),
        renew: None,
    };
    let sessions = vec![world.current(&ana).await, world.current(&bo).await];
    wardkeep_auth::credentials::change(db, &cx, auth, &sessions[1], change)
        .await
        .unwrap();
    for (current, address) in sessions.iter().zip([ANA, BO]) {
        resets::request(db, &cx, auth, &email(address), Some("/new"))
            .await
            .unwrap();
        email_proofs::request(db, &cx, auth, None, &email(address), None)
            .await
            .unwrap();
        let new = email(&format!("new.{address}"));
        email_proofs::request_change(db, &cx, auth, current, &new, None)
            .await
            .unwrap();
        deletions::delete(db, &cx, auth, current, Deletion::default())
            .await
            .unwrap();
    }
    resets::request(db, &cx, auth, &email("nobody@example.test"), None)
        .await
        .unwrap();
    (sessions, vec![ana.secret, bo.secret, phone.secret])
}

#[tokio::test]
async fn no_stored_value_is_a_credential_and_no_credential_is_stored() {
    let policy = Policy {
        confirm_deletion: true,
        limit_guesses: false,
        ..Policy::default()
    };
    let world = World::ruled(Policy {
        limit_guesses: true,
        ..policy
    })
    .await;
    let post = Post::of(&world).await;
    let (sessions, secrets) = exercise(&world).await;
    let before = dump(&world).await;
    let mails = post.new_mails().await;
    let after = dump(&world).await;

    // What the users know: nothing of it is in any row, before the mails were sent or after.
    let tokens: Vec<String> = mails.iter().map(token).collect();
    assert_eq!(tokens.len(), 8);
    let cookies: Vec<String> = secrets
        .iter()
        .map(|secret| secret.seal(world.auth.secrets()))
        .collect();
    let mut known: Vec<&str> = vec![PASSWORD, BOS, SECRET];
    known.extend(tokens.iter().map(String::as_str));
    known.extend(cookies.iter().map(|cookie| cookie.split_once('.').unwrap().0));
    let everything = serde_json::to_string(&(&before, &after)).unwrap();
    for secret in known {
        assert!(!everything.contains(secret), "{secret} is stored");
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!everything.contains(&hex), "{secret} is stored as bytes");
        assert!(
            !everything.contains(&STANDARD.encode(secret)),
            "{secret} is stored in base64"
        );
    }

    // What is in the rows: nothing of it opens anything. Hashes that take no time stand for the ones that were read.
    let world = World {
        auth: crate::world::auth([SECRET], policy, 2, 64),
        ..world
    };
    for (current, password) in sessions.iter().zip([PASSWORD, BOS]) {
        world.set_hash(current.user.id, &cheap::hash(password)).await;
    }
    let mut stored = BTreeSet::new();
    before
        .iter()
        .chain(&after)
        .for_each(|row| texts(row, &mut stored));
    let stored: BTreeSet<String> = stored.iter().flat_map(|text| candidates(text)).collect();
    assert!(stored.len() > 100, "{}", stored.len());
    for handle in sessions.iter().map(|current| &current.session.token) {
        assert!(stored.contains(handle));
    }
    for text in &stored {
        assert_eq!(opens(&world, &sessions, text).await, Opens::default(), "{text}");
    }

    // The test would notice: what the users know does open.
    let open = |text: &str| {
        let (world, sessions, text) = (&world, &sessions, text.to_owned());
        async move { opens(world, sessions, &text).await }
    };
    assert!(open(cookies[0].split_once('.').unwrap().0).await.session);
    assert!(open(&cookies[0]).await.session);
    assert!(open(PASSWORD).await.password && open(BOS).await.password);
    let with = |part: &str| tokens[mails.iter().position(|mail| mail.text.contains(part)).unwrap()].clone();
    assert!(open(&with("/reset-password/")).await.reset);
    assert!(open(&with("/verify-email?")).await.proof);
    let deletion = Deletion {
        token: Some(with("/delete-user/")),
        ..Deletion::default()
    };
    let mut deleted = 0;
    for current in &sessions {
        let deletion = deletion.clone();
        let answer = deletions::delete(&world.db, &at(Duration::ZERO), &world.auth, current, deletion).await;
        deleted += usize::from(matches!(answer, Ok(Deleted::Now)));
    }
    assert_eq!(deleted, 1);
}
