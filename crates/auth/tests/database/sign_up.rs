use futures_util::future::join_all;
use sqlx::Row as _;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use wardkeep_auth::passwords::{Password, PasswordError};
use wardkeep_auth::sessions::{Client, Remember};
use wardkeep_auth::sign_up::{SignUp, SignUpError};
use wardkeep_tenancy::{Fault as _, FaultKind};
use wardkeep_testkit::START;

use crate::world::{PASSWORD, World, at, form};

#[tokio::test]
async fn a_sign_up_stores_a_user_a_password_and_a_session() {
    let world = World::new().await;
    let client = Client {
        ip_address: "192.0.2.7".to_owned(),
        user_agent: "test/1".to_owned(),
    };
    let image = Some("https://img.example/ana.png".to_owned());

    let sign_up = SignUp {
        image,
        client,
        ..form("Ana@Example.Test")
    };
    let signed_in = world.try_sign_up(&at(Duration::ZERO), sign_up).await.unwrap();

    let mut admin = world.admin().await;
    let user = sqlx::query("select * from \"user\"")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(user.get::<Uuid, _>("id"), signed_in.user.id.as_uuid());
    assert_eq!(user.get::<&str, _>("name"), "Ana Reyes");
    assert_eq!(user.get::<&str, _>("email"), "ana@example.test");
    assert!(!user.get::<bool, _>("emailVerified"));
    assert_eq!(user.get::<&str, _>("image"), "https://img.example/ana.png");
    assert_eq!(user.get::<OffsetDateTime, _>("createdAt"), START);
    assert_eq!(user.get::<OffsetDateTime, _>("updatedAt"), START);

    let account = sqlx::query("select * from account")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(account.get::<Uuid, _>("userId"), signed_in.user.id.as_uuid());
    assert_eq!(account.get::<&str, _>("accountId"), signed_in.user.id.to_string());
    assert_eq!(account.get::<&str, _>("providerId"), "credential");
    assert!(
        account
            .get::<&str, _>("password")
            .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
    );

    let session = sqlx::query("select * from session")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(session.get::<Uuid, _>("userId"), signed_in.user.id.as_uuid());
    assert_eq!(session.get::<&str, _>("token"), signed_in.secret.handle());
    assert_eq!(
        session.get::<OffsetDateTime, _>("expiresAt"),
        START + Duration::days(7)
    );
    assert_eq!(session.get::<&str, _>("ipAddress"), "192.0.2.7");
    assert_eq!(session.get::<&str, _>("userAgent"), "test/1");
    assert_eq!(session.get::<Option<Uuid>, _>("activeOrganizationId"), None);
}

#[tokio::test]
async fn the_secret_of_a_session_is_stored_nowhere() {
    let world = World::new().await;

    let signed_in = world.sign_up("ana@example.test").await;

    let sealed = signed_in.secret.seal(world.auth.secrets());
    let secret = sealed.split('.').next().unwrap();
    assert_eq!(secret.len(), 32);
    let sql = "select concat((select string_agg(to_jsonb(session)::text, '') from session),
                             (select string_agg(to_jsonb(account)::text, '') from account))";
    let stored: String = sqlx::query_scalar(sql)
        .fetch_one(&mut world.admin().await)
        .await
        .unwrap();
    assert!(stored.contains(&signed_in.secret.handle()));
    assert!(!stored.contains(secret));
    assert!(!stored.contains(PASSWORD));
}

#[tokio::test]
async fn who_does_not_want_to_be_remembered_gets_a_day() {
    let world = World::new().await;

    let sign_up = SignUp {
        remember: Remember::No,
        ..form("ana@example.test")
    };
    let signed_in = world.try_sign_up(&at(Duration::ZERO), sign_up).await.unwrap();

    assert_eq!(signed_in.session.expires_at, START + Duration::days(1));
}

#[tokio::test]
async fn address_then_password_then_the_taken_address_are_checked() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;
    let refused = async |email: &str, password: &str| {
        let sign_up = SignUp {
            password: Password::new(password),
            ..form(email)
        };
        world.try_sign_up(&at(Duration::ZERO), sign_up).await.unwrap_err()
    };

    assert!(matches!(refused("ana", "short").await, SignUpError::InvalidEmail));
    let short = refused("ana@example.test", "short").await;
    assert!(matches!(short, SignUpError::Password(PasswordError::TooShort)));
    let long = refused("ana@example.test", &"x".repeat(129)).await;
    assert!(matches!(long, SignUpError::Password(PasswordError::TooLong)));
    let taken = refused("ANA@example.test", "long enough").await;
    assert!(matches!(taken, SignUpError::AlreadyExists));
    assert_eq!(taken.code(), "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL");
    assert_eq!(
        (world.count("\"user\"").await, world.count("session").await),
        (1, 1)
    );
}

#[tokio::test]
async fn an_empty_name_is_a_name() {
    let world = World::new().await;

    let sign_up = SignUp {
        name: String::new(),
        ..form("ana@example.test")
    };

    assert_eq!(
        world
            .try_sign_up(&at(Duration::ZERO), sign_up)
            .await
            .unwrap()
            .user
            .name,
        ""
    );
}

#[tokio::test]
async fn a_text_that_cannot_be_stored_creates_nothing() {
    let world = World::new().await;
    // Longer than a row of an index may be, and not to be compressed.
    let entropy = wardkeep_tenancy::Entropy::seeded(1);
    let long = entropy.text(b"abcdefghijklmnopqrstuvwxyz", 9000);

    for sign_up in [
        SignUp {
            name: "Ana\0".to_owned(),
            ..form("ana@example.test")
        },
        form(&format!("{long}@example.test")),
    ] {
        let error = world.try_sign_up(&at(Duration::ZERO), sign_up).await.unwrap_err();
        assert!(matches!(error, SignUpError::NotCreated(_)), "{error:?}");
        assert_eq!(error.code(), "FAILED_TO_CREATE_USER");
    }
    assert_eq!(
        (world.count("\"user\"").await, world.count("account").await),
        (0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_sign_ups_with_one_address_at_once_one_succeeds() {
    let world = World::new().await;

    let attempts = (0..64).map(|_| async {
        world
            .try_sign_up(&at(Duration::ZERO), form("ana@example.test"))
            .await
    });
    let results = join_all(attempts).await;

    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(
            matches!(error, SignUpError::AlreadyExists | SignUpError::NotCreated(_)),
            "{error:?}"
        );
    }
    for table in ["\"user\"", "account", "session"] {
        assert_eq!(world.count(table).await, 1, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_queue_of_hashes_the_answer_is_busy() {
    let world = World::hashing(1, 1).await;

    let attempts = (0..16).map(|number| {
        let world = &world;
        async move {
            world
                .try_sign_up(&at(Duration::ZERO), form(&format!("ana{number}@example.test")))
                .await
        }
    });
    let results = join_all(attempts).await;

    let errors: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert!(!errors.is_empty());
    for error in errors {
        assert_eq!(
            (error.kind(), error.code()),
            (FaultKind::Unavailable, "HASHING_BUSY")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_transaction_is_open_while_a_password_waits_for_its_hash() {
    let world = World::hashing(1, 64).await;
    let attempts = (0..12).map(|number| {
        let world = &world;
        async move {
            world
                .try_sign_up(&at(Duration::ZERO), form(&format!("ana{number}@example.test")))
                .await
        }
    });
    let watching = async {
        let mut admin = world.admin().await;
        let mut most = 0;
        while world.count("\"user\"").await < 12 {
            let sql = "select count(*) from pg_stat_activity
                       where datname = current_database() and state = 'idle in transaction'";
            let open: i64 = sqlx::query_scalar(sql).fetch_one(&mut admin).await.unwrap();
            most = most.max(open);
        }
        most
    };

    let (results, most) = tokio::join!(join_all(attempts), watching);

    assert!(results.iter().all(Result::is_ok));
    assert!(most < 6, "{most} transactions waited for a hash");
}
