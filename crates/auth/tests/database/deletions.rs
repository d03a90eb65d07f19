use sqlx::AssertSqlSafe;
use time::Duration;
use wardkeep_auth::credentials::CredentialError;
use wardkeep_auth::deletions::{self, Deleted, Deletion, DeletionError};
use wardkeep_auth::passwords::Password;
use wardkeep_auth::{CurrentSession, Policy, resets, sessions};
use wardkeep_tenancy::{Asked, Fault as _, FaultKind};

use crate::post::Post;
use crate::world::{PASSWORD, World, at, email};

const ANA: &str = "ana@example.test";

fn by_password(password: &str) -> Deletion {
    Deletion {
        password: Some(Password::new(password)),
        ..Deletion::default()
    }
}

pub(crate) fn by_token(token: &str) -> Deletion {
    Deletion {
        token: Some(token.to_owned()),
        ..Deletion::default()
    }
}

pub(crate) fn confirmed() -> Policy {
    Policy {
        confirm_deletion: true,
        ..Policy::default()
    }
}

async fn delete_at(
    world: &World,
    after: Duration,
    current: &CurrentSession,
    deletion: Deletion,
) -> Result<Deleted, DeletionError> {
    deletions::delete(&world.db, &at(after), &world.auth, current, deletion).await
}

pub(crate) async fn delete(
    world: &World,
    current: &CurrentSession,
    deletion: Deletion,
) -> Result<Deleted, DeletionError> {
    delete_at(world, Duration::ZERO, current, deletion).await
}

/// The columns of all tables that refer to a user, as the catalogue has them.
async fn columns_of_users(world: &World) -> Vec<(String, String)> {
    sqlx::query_as(
        "select conrelid::regclass::text, attname::text
         from pg_constraint
         join pg_attribute on attrelid = conrelid and attnum = conkey[1]
         where contype = 'f' and confrelid = 'public.\"user\"'::regclass
         order by 1, 2",
    )
    .fetch_all(&mut world.admin().await)
    .await
    .unwrap()
}

/// How many rows of each table have this text in them.
async fn mentions(world: &World, text: &str) -> Vec<(String, i64)> {
    let mut admin = world.admin().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select oid::regclass::text from pg_class
         where relkind in ('r', 'p') and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
           and relnamespace::regnamespace::text not like 'pg_toast%'
         order by 1",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    let mut mentions = Vec::new();
    for table in tables {
        let sql = format!("select count(*) from {table} as t where strpos(to_jsonb(t)::text, $1) > 0");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(text)
            .fetch_one(&mut admin)
            .await
            .unwrap();
        if count > 0 {
            mentions.push((table, count));
        }
    }
    mentions
}

#[tokio::test]
async fn the_right_password_deletes_however_old_the_session_is() {
    let world = World::new().await;
    let current = world.current(&world.sign_up(ANA).await).await;

    for wrong in ["correct horse batterz", ""] {
        let error = delete(&world, &current, by_password(wrong)).await.unwrap_err();
        assert!(
            matches!(error, DeletionError::Password(CredentialError::Wrong)),
            "{error:?}"
        );
        assert_eq!(
            (error.kind(), error.code()),
            (FaultKind::Invalid, "INVALID_PASSWORD")
        );
    }
    let deleted = delete_at(&world, Duration::days(6), &current, by_password(PASSWORD)).await;

    assert_eq!(deleted.unwrap(), Deleted::Now);
    assert_eq!(world.count("\"user\"").await, 0);
}

#[tokio::test]
async fn without_a_password_the_session_must_be_of_today() {
    let world = World::new().await;
    let current = world.current(&world.sign_up(ANA).await).await;
    let day = Duration::days(1);

    let old = delete_at(&world, day, &current, Deletion::default())
        .await
        .unwrap_err();
    assert!(matches!(old, DeletionError::NotFresh), "{old:?}");
    assert_eq!((old.kind(), old.code()), (FaultKind::Invalid, "SESSION_EXPIRED"));
    assert_eq!(world.count("\"user\"").await, 1);

    let fresh = delete_at(
        &world,
        day - Duration::milliseconds(1),
        &current,
        Deletion::default(),
    )
    .await;
    assert_eq!(fresh.unwrap(), Deleted::Now);
}

#[tokio::test]
async fn the_password_of_a_user_without_one_deletes_nothing() {
    let world = World::new().await;
    let (current, _) = world.session_of(world.test.user("Ana Reyes").await).await;

    let error = delete(&world, &current, by_password(PASSWORD)).await.unwrap_err();

    assert!(
        matches!(error, DeletionError::Password(CredentialError::None)),
        "{error:?}"
    );
    assert_eq!(world.count("\"user\"").await, 1);
}

#[tokio::test]
async fn where_it_must_be_confirmed_the_link_in_the_mail_deletes() {
    let world = World::ruled(confirmed()).await;
    let post = Post::of(&world).await;
    let current = world.current(&world.sign_up(ANA).await).await;

    let deletion = Deletion {
        callback: Some("/bye".to_owned()),
        ..by_password(PASSWORD)
    };
    assert_eq!(delete(&world, &current, deletion).await.unwrap(), Deleted::ByMail);

    assert_eq!(world.count("\"user\"").await, 1);
    let mail = post.new_mail().await;
    assert_eq!(mail.to.as_str(), ANA);
    let token = crate::post::token(&mail);
    let link =
        format!("\nhttp://wardkeep.test/api/auth/delete-user/callback?token={token}&callbackURL=%2Fbye\n");
    assert!(mail.text.contains(&link), "{}", mail.text);
    // An old session will do: the mailbox was proven.
    let after = Duration::days(1) - Duration::milliseconds(1);
    assert_eq!(
        delete_at(&world, after, &current, by_token(&token))
            .await
            .unwrap(),
        Deleted::Now
    );
    assert_eq!(
        (world.count("\"user\"").await, world.count("verification").await),
        (0, 0)
    );
}

#[tokio::test]
async fn a_token_that_is_over_or_somebody_elses_or_none_deletes_nothing() {
    let world = World::ruled(confirmed()).await;
    let post = Post::of(&world).await;
    let ana = world.current(&world.sign_up(ANA).await).await;
    let (bo, _) = world.session_of(world.test.user("Bo Lind").await).await;
    delete(&world, &ana, Deletion::default()).await.unwrap();
    let token = post.token().await;

    for (after, current, token) in [
        (Duration::days(1), &ana, &*token),
        (Duration::ZERO, &bo, &*token),
        (Duration::ZERO, &ana, ""),
        (Duration::ZERO, &ana, "0123456789abcdefghijklmnopqrstuv"),
    ] {
        let error = delete_at(&world, after, current, by_token(token))
            .await
            .unwrap_err();
        assert!(matches!(error, DeletionError::InvalidToken), "{error:?}");
        assert_eq!(
            (error.kind(), error.code()),
            (FaultKind::NotFound, "INVALID_TOKEN")
        );
    }
    // A wrong password is wrong although the token is right.
    let both = Deletion {
        token: Some(token.clone()),
        ..by_password("correct horse batterz")
    };
    let error = delete(&world, &ana, both).await.unwrap_err();
    assert!(
        matches!(error, DeletionError::Password(CredentialError::Wrong)),
        "{error:?}"
    );
    assert_eq!(world.count("\"user\"").await, 2);
    delete(&world, &ana, by_token(&token)).await.unwrap();
}

#[tokio::test]
async fn cve_2026_110862_a_token_of_another_purpose_deletes_nothing() {
    let world = World::ruled(confirmed()).await;
    let post = Post::of(&world).await;
    let ana = world.sign_up(ANA).await;
    let current = world.current(&ana).await;
    resets::request(&world.db, &at(Duration::ZERO), &world.auth, &email(ANA), None)
        .await
        .unwrap();
    let reset = post.token().await;
    wardkeep_auth::email_proofs::request(
        &world.db,
        &at(Duration::ZERO),
        &world.auth,
        None,
        &email(ANA),
        None,
    )
    .await
    .unwrap();
    let proof = post.token().await;

    for other in [
        reset.clone(),
        format!("reset-password:{reset}"),
        proof,
        ana.session.token.clone(),
    ] {
        let error = delete(&world, &current, by_token(&other)).await.unwrap_err();
        assert!(matches!(error, DeletionError::InvalidToken), "{error:?}");
    }
    assert_eq!(world.count("\"user\"").await, 1);
}

#[tokio::test]
async fn ghsa_2vg6_77g8_24mp_no_session_outlives_its_user_on_any_server() {
    let world = World::new().await;
    let ana = world.sign_up(ANA).await;
    let phone = world.sign_in(ANA, PASSWORD).await.unwrap();
    let current = world.current(&ana).await;
    let (other_server, _) = world.second_server(Policy::default()).await;

    delete(&world, &current, Deletion::default()).await.unwrap();

    for secret in [&ana.secret, &phone.secret] {
        assert!(world.find(secret).await.is_none());
        let there = sessions::find(&other_server, &at(Duration::ZERO), secret, Asked::Active)
            .await
            .unwrap();
        assert!(there.is_none());
    }
    assert!(world.sign_in(ANA, PASSWORD).await.is_err());
}

#[tokio::test]
async fn everything_of_the_user_goes_and_nothing_of_anybody_else() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    let ana = world.sign_up(ANA).await;
    let bo = world.sign_up("bo@example.test").await;
    let clinic = world.test.organization("North").await;
    world.link(ana.user.id, "github").await;
    for (user, address) in [(&ana, ANA), (&bo, "bo@example.test")] {
        world.test.member(clinic, user.user.id, "owner").await;
        world.sign_in(address, "correct horse batterz").await.unwrap_err();
        resets::request(&world.db, &at(Duration::ZERO), &world.auth, &email(address), None)
            .await
            .unwrap();
        for insert in [
            "insert into invitation (\"organizationId\", email, \"expiresAt\", \"inviterId\")
             select id, 'cy@example.test', 'infinity', $1 from organization",
            "with made as (insert into team (name, \"organizationId\") select $1::text, id from organization returning id)
             insert into \"teamMember\" (\"teamId\", \"userId\") select id, $1 from made",
        ] {
            world.execute(insert, user.user.id).await;
        }
    }
    post.new_mails().await;
    let teams = "update team set name = 'Team' where $1 is not null";
    world.execute(teams, ana.user.id).await;
    // Every table that refers to a user has a row of this one, so that the test notices what stays.
    let columns = columns_of_users(&world).await;
    for (table, column) in &columns {
        let sql = format!("select count(*) from {table} where \"{column}\" = $1");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(ana.user.id.as_uuid())
            .fetch_one(&mut world.admin().await)
            .await
            .unwrap();
        assert!(count > 0, "the test has no row in {table}.{column}");
    }
    assert!(columns.len() >= 5, "{columns:?}");
    let id = ana.user.id.to_string();
    let before = mentions(&world, &id).await;
    for table in [
        "\"user\"",
        "account",
        "session",
        "verification",
        "\"teamMember\"",
        "password_guesses",
    ] {
        assert!(
            before.iter().any(|(found, _)| found == table),
            "{table} in {before:?}"
        );
    }
    let bos = mentions(&world, &bo.user.id.to_string()).await;

    delete(&world, &world.current(&ana).await, Deletion::default())
        .await
        .unwrap();

    assert_eq!(mentions(&world, &id).await, []);
    assert_eq!(mentions(&world, ANA).await, []);
    assert_eq!(mentions(&world, &bo.user.id.to_string()).await, bos);
    assert_eq!(world.count("organization").await, 1);
}

#[tokio::test]
async fn the_only_owner_of_an_organization_stays_and_the_token_is_not_used_up() {
    let world = World::ruled(confirmed()).await;
    let post = Post::of(&world).await;
    let ana = world.current(&world.sign_up(ANA).await).await;
    let bo = world.test.user("Bo Lind").await;
    let (north, south) = (
        world.test.organization("North").await,
        world.test.organization("South").await,
    );
    world.test.member(north, ana.user.id, "member, owner").await;
    world.test.member(north, bo, "admin").await;
    world.test.member(south, ana.user.id, "member").await;
    delete(&world, &ana, Deletion::default()).await.unwrap();
    let token = post.token().await;

    let error = delete(&world, &ana, by_token(&token)).await.unwrap_err();

    assert!(matches!(error, DeletionError::OnlyOwner), "{error:?}");
    assert_eq!(
        (error.kind(), error.code()),
        (
            FaultKind::Invalid,
            "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER"
        )
    );
    assert_eq!(world.count("\"user\"").await, 2);
    world
        .execute("update member set role = 'owner' where \"userId\" = $1", bo)
        .await;
    assert_eq!(
        delete(&world, &ana, by_token(&token)).await.unwrap(),
        Deleted::Now
    );
}
