//! Known and unknown addresses are one request to the database: neither an answer nor its time tells them apart.

use time::Duration;
use wardkeep_auth::{Auth, CurrentSession, Policy, email_proofs, resets, sign_in, sign_up};
use wardkeep_tenancy::Database;
use wardkeep_testkit::{Heard, Proxy};

use crate::world::{PASSWORD, World, at, at_rest, credentials, email, form, single};

/// What a request of each kind costs on the wire, in the order of `cases`. Each is made twice: the first time, its
/// statements are prepared.
async fn costs<C>(world: &World, cases: &[C], request: impl AsyncFn(&Database, &Auth, &C)) -> Vec<Heard> {
    let proxy = Proxy::before(&world.test.app_url()).await;
    let db = single(&proxy.url).await;
    for case in cases {
        request(&db, &world.auth, case).await;
        at_rest(&db).await;
    }
    let mut heard = Vec::new();
    for case in cases {
        proxy.heard();
        request(&db, &world.auth, case).await;
        at_rest(&db).await;
        heard.push(proxy.heard());
    }
    heard
}

/// All the same, and this many statements, each of which is a round trip. One more is the pool's, when the connection
/// comes back.
fn assert_alike(heard: &[Heard], statements: usize) {
    let (first, others) = heard.split_first().unwrap();
    for other in others {
        assert_eq!(other, first);
    }
    assert_eq!(
        (first.statements.len(), first.turns),
        (statements, statements + 1),
        "{first:#?}"
    );
}

#[tokio::test]
async fn a_wrong_password_is_the_same_to_the_database_for_everybody_and_nobody() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;
    let blocked = world.sign_up("blocked@example.test").await;
    let early = world.sign_up("early@example.test").await;
    for (user, guesses) in [(blocked.user.id, "100"), (early.user.id, "20")] {
        let insert = format!("insert into password_guesses values ($1, {guesses}, 'infinity')");
        sqlx::query(sqlx::AssertSqlSafe(insert))
            .bind(user.as_uuid())
            .execute(&mut world.admin().await)
            .await
            .unwrap();
    }
    // Has no password.
    world.test.user("Bo Lind").await;

    let cases = [
        "ana@example.test",
        "nobody@example.test",
        "bo.lind@example.com",
        "blocked@example.test",
        "early@example.test",
    ];
    let heard = costs(&world, &cases, async |db, auth, case| {
        let sign_in = credentials(case, "correct horse batterz");
        let error = sign_in::with_password(db, &at(Duration::ZERO), auth, sign_in).await;
        assert!(
            matches!(error, Err(sign_in::SignInError::InvalidCredentials)),
            "{error:?}"
        );
    })
    .await;

    // Begin, the user, the guess, commit.
    assert_alike(&heard, 4);
}

#[tokio::test]
async fn a_reset_is_asked_for_by_the_same_statements_and_leaves_the_same_rows() {
    let world = World::new().await;
    world.test.user("Ana Reyes").await;

    let cases = ["ana.reyes@example.com", "nobody@example.com"];
    let heard = costs(&world, &cases, async |db, auth, case| {
        let before = rows(&world).await;
        resets::request(db, &at(Duration::ZERO), auth, &email(case), Some("/new"))
            .await
            .unwrap();
        assert_eq!(rows(&world).await, (before.0 + 1, before.1 + 1), "{case}");
    })
    .await;

    // Begin, the user, the token, the mail, commit.
    assert_alike(&heard, 5);
    let sizes: Vec<i32> = sqlx::query_scalar("select distinct length(content) from outbox")
        .fetch_all(&mut world.admin().await)
        .await
        .unwrap();
    assert_eq!(sizes.len(), 1, "{sizes:?}");
}

async fn rows(world: &World) -> (i64, i64) {
    (world.count("verification").await, world.count("outbox").await)
}

#[tokio::test]
async fn a_proof_is_asked_for_by_the_same_statements_whoever_has_the_address() {
    let world = World::new().await;
    world.sign_up("unproven@example.test").await;
    // Has proven the address.
    world.test.user("Bo Lind").await;

    let cases = [
        "unproven@example.test",
        "bo.lind@example.com",
        "nobody@example.test",
    ];
    let heard = costs(&world, &cases, async |db, auth, case| {
        email_proofs::request(db, &at(Duration::ZERO), auth, None, &email(case), None)
            .await
            .unwrap();
    })
    .await;

    // Begin, the user, the mail, commit.
    assert_alike(&heard, 4);
    assert_eq!(world.count("outbox").await, 6);
}

#[tokio::test]
async fn a_change_is_asked_for_by_the_same_statements_whoever_has_the_new_address() {
    let world = World::new().await;
    let ana = world.test.user("Ana Reyes").await;
    let (current, _) = world.session_of(ana).await;
    world.test.user("Bo Lind").await;

    let ask = async |db: &Database, auth: &Auth, current: &CurrentSession, new: &str| {
        let cx = at(Duration::ZERO);
        email_proofs::request_change(db, &cx, auth, current, &email(new), None).await
    };
    let cases = ["bo.lind@example.com", "nobody@example.test"];
    let heard = costs(&world, &cases, async |db, auth, case| {
        ask(db, auth, &current, case).await.unwrap();
    })
    .await;

    // Begin, who has the new address, the own user and password, the session, the mail, commit.
    assert_alike(&heard, 6);
}

#[tokio::test]
async fn where_addresses_are_proven_first_signing_up_is_the_same_for_a_known_and_an_unknown_one() {
    let world = World::ruled(Policy {
        require_verified_email: true,
        ..Policy::default()
    })
    .await;
    world.test.user("Ana Reyes").await;
    let new = std::cell::Cell::new(0);

    let heard = costs(&world, &[true, false], async |db, auth, known| {
        new.set(new.get() + 1);
        let address = if *known {
            "ana.reyes@example.com".to_owned()
        } else {
            format!("new{}@example.test", new.get())
        };
        let signed_up = sign_up::with_password(db, &at(Duration::ZERO), auth, form(&address)).await;
        let sign_up::SignedUp::Pending(user) = signed_up.unwrap() else {
            panic!("signed in");
        };
        assert_eq!((user.email.as_str(), user.email_verified), (&*address, false));
    })
    .await;

    // Begin, the user, then the password or a look at who is there, the mail, commit.
    let [known, unknown] = &heard[..] else { panic!() };
    assert_eq!((known.statements.len(), known.turns), (5, 6), "{known:#?}");
    assert_eq!((unknown.statements.len(), unknown.turns), (5, 6), "{unknown:#?}");
    assert_eq!(known.statements[1], unknown.statements[1]);
    // The owner keeps the password, which is none.
    assert!(world.sign_in("ana.reyes@example.com", PASSWORD).await.is_err());
}

/// The sizes of all rows of the outbox.
async fn sizes(world: &World) -> Vec<i32> {
    sqlx::query_scalar("select length(content) from outbox")
        .fetch_all(&mut world.admin().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn with_the_longest_link_as_much_is_written_for_nobody_as_for_somebody() {
    let world = World::ruled(Policy {
        require_verified_email: true,
        ..Policy::default()
    })
    .await;
    let ana = world.test.user("Ana Reyes").await;
    world
        .execute("update \"user\" set \"emailVerified\" = false where id = $1", ana)
        .await;
    world.test.user("Bo Lind").await;
    let (current, _) = world.session_of(ana).await;
    // As many as a field may have, and nine bytes of a link for each.
    let long = format!("/{}", "\u{4e2d}".repeat(2_000));
    let (db, auth, cx) = (&world.db, &world.auth, at(Duration::ZERO));

    for (known, unknown) in [
        ("ana.reyes@example.com", "nob.reyes@example.com"),
        ("bo.lind@example.com", "nn.lind@example.com"),
    ] {
        for address in [known, unknown] {
            let address = email(address);
            resets::request(db, &cx, auth, &address, Some(&long))
                .await
                .unwrap();
            email_proofs::request(db, &cx, auth, None, &address, Some(&long))
                .await
                .unwrap();
        }
    }
    for address in ["bo.lind@example.com", "nn.lind@example.com"] {
        email_proofs::request_change(db, &cx, auth, &current, &email(address), Some(&long))
            .await
            .unwrap();
    }
    for address in ["bo.lind@example.com", "new.lind@example.com"] {
        let sign_up = sign_up::SignUp {
            callback: Some(long.clone()),
            ..form(address)
        };
        sign_up::with_password(db, &cx, auth, sign_up).await.unwrap();
    }

    let sizes = sizes(&world).await;
    assert_eq!(sizes.len(), 12);
    assert!(sizes.iter().all(|size| *size == sizes[0]), "{sizes:?}");
}
