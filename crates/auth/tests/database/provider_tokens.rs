//! The tokens of a linked account: kept sealed, given to its user, refreshed once.

use std::time::Duration as Pause;

use futures_util::future::join_all;
use serde_json::json;
use sqlx::AssertSqlSafe;
use time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wardkeep_auth::accounts::{self, AccountId};
use wardkeep_auth::providers::{self, AccessToken, Info, Refreshed, TokenError};
use wardkeep_tenancy::{Fault as _, FaultKind, UserId};
use wardkeep_testkit::{Endpoint, Misbehaviour, START, race_rounds};

use crate::interleaving::Held;
use crate::providers::{CLINIC, GITHUB, Row, Staged, identity, tokens};
use crate::world::{SECRET, World, at};

/// When the first access token is as good as over: five seconds before its hour.
const DUE: Duration = Duration::seconds(3600 - 4);

/// A user who has come from the provider, and the account.
async fn staged() -> (Staged, UserId, AccountId) {
    let staged = Staged::new().await;
    let user = staged.sign_in().await.user.id;
    let listed = accounts::list(&staged.world.db, &at(Duration::ZERO), user)
        .await
        .unwrap();
    let account = listed.rows[0].id;
    (staged, user, account)
}

impl Staged {
    async fn access(
        &self,
        after: Duration,
        user: UserId,
        account: AccountId,
    ) -> Result<AccessToken, TokenError> {
        let world = &self.world;
        providers::access_token(&world.db, &at(after), &world.auth, user, Some(account)).await
    }

    async fn refresh(&self, user: UserId, account: AccountId) -> Result<Refreshed, TokenError> {
        let world = &self.world;
        providers::refresh(&world.db, &at(Duration::ZERO), &world.auth, user, Some(account)).await
    }

    async fn info(&self, user: UserId, account: AccountId) -> Result<Info, TokenError> {
        let world = &self.world;
        providers::info(&world.db, &at(Duration::ZERO), &world.auth, user, Some(account)).await
    }

    fn refreshes(&self) -> usize {
        let heard = self.provider.heard();
        heard
            .iter()
            .filter(|heard| {
                heard
                    .form
                    .get("grant_type")
                    .is_some_and(|grant| grant == "refresh_token")
            })
            .count()
    }
}

fn text(token: &AccessToken) -> &str {
    token.access_token.as_ref().unwrap().expose()
}

async fn row(world: &World, user: UserId) -> Row {
    world.rows(user).await.remove(0)
}

/// Replaces columns of the one account.
async fn set(world: &World, columns: &str) {
    sqlx::query(AssertSqlSafe(format!("update account set {columns}")))
        .execute(&mut world.admin().await)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_access_token_is_given_until_five_seconds_before_its_end_and_then_a_new_one() {
    let (staged, user, account) = staged().await;
    let before = row(&staged.world, user).await;

    let first = staged.access(Duration::ZERO, user, account).await.unwrap();
    let last = staged
        .access(Duration::seconds(3600 - 5), user, account)
        .await
        .unwrap();

    assert!(text(&first).starts_with("access-") && text(&first) == text(&last));
    assert_eq!(first.expires_at, Some(START + Duration::hours(1)));
    assert!(first.scopes.contains(&"openid".to_owned()) && first.id_token.is_some());
    assert_eq!(
        (staged.refreshes(), row(&staged.world, user).await),
        (0, before.clone())
    );

    let new = staged.access(DUE, user, account).await.unwrap();
    assert_ne!(text(&new), text(&first));
    assert_eq!(new.expires_at, Some(START + DUE + Duration::hours(1)));
    assert_eq!(
        (
            text(&staged.access(DUE, user, account).await.unwrap()),
            staged.refreshes()
        ),
        (text(&new), 1)
    );
    let after = row(&staged.world, user).await;
    assert!(after.access_token != before.access_token && after.refresh_token != before.refresh_token);
    assert_eq!(after.scope, before.scope);
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_and_keeps_what_the_provider_did_not_send() {
    let (staged, user, account) = staged().await;
    let first = staged.refresh(user, account).await.unwrap();
    assert!(staged.provider.knows_refresh_token(first.refresh_token.expose()));
    let before = row(&staged.world, user).await;
    staged.provider.misbehaves(
        Endpoint::Token,
        Misbehaviour::Says(json!({"refresh_token": null, "id_token": null, "expires_in": null})),
    );

    let second = staged.refresh(user, account).await.unwrap();

    assert_ne!(second.access_token, first.access_token);
    assert_eq!(
        (&second.refresh_token, &second.id_token),
        (&first.refresh_token, &first.id_token)
    );
    assert_eq!(second.access_token_expires_at, None);
    assert_eq!(
        (second.account.id, second.account.provider_id.as_str()),
        (account, CLINIC)
    );
    // Sealed anew all the same.
    let after = row(&staged.world, user).await;
    assert!(after.refresh_token != before.refresh_token && after.id_token == before.id_token);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_who_refresh_at_once_one_asks_the_provider_and_all_get_what_it_gives() {
    let (staged, user, account) = staged().await;
    for round in 0..race_rounds() {
        // The first does not land before all have asked: on a busy machine it could, and who comes later gets another.
        let mut storing = Held::by(&staged.world, "update account set \"updatedAt\" = \"updatedAt\"").await;
        let land = async {
            storing.until_waiting(1).await;
            storing.release().await;
        };
        let all = join_all((0..64).map(|_| staged.refresh(user, account)));
        let (answers, ()) = tokio::join!(all, land);

        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(staged.refreshes(), round + 1);
        assert!(
            answers
                .iter()
                .all(|answer| answer.access_token == answers[0].access_token),
            "round {round}"
        );
        assert!(
            staged
                .provider
                .knows_refresh_token(answers[0].refresh_token.expose()),
            "round {round}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_who_ask_for_an_access_token_that_is_over_all_get_the_new_one() {
    let (staged, user, account) = staged().await;
    for round in 0..race_rounds() {
        set(&staged.world, "\"accessTokenExpiresAt\" = '2026-01-01'").await;
        let answers = join_all((0..64).map(|_| staged.access(Duration::ZERO, user, account))).await;

        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(staged.refreshes(), round + 1);
        assert!(
            answers.iter().all(|answer| text(answer) == text(&answers[0])),
            "round {round}"
        );
    }
}

#[tokio::test]
async fn a_refresh_goes_on_when_nobody_waits_for_it() {
    let (staged, user, account) = staged().await;
    let before = row(&staged.world, user).await;
    {
        let refresh = std::pin::pin!(staged.refresh(user, account));
        assert!(tokio::time::timeout(Pause::ZERO, refresh).await.is_err());
    }
    while row(&staged.world, user).await == before {
        tokio::time::sleep(Pause::from_millis(2)).await;
    }

    // Until it has landed, whoever asks gets what it gave.
    let refreshed = loop {
        let refreshed = staged.refresh(user, account).await.unwrap();
        if staged.refreshes() == 2 {
            break refreshed;
        }
    };
    assert!(
        staged
            .provider
            .knows_refresh_token(refreshed.refresh_token.expose())
    );
}

#[tokio::test]
async fn an_older_answer_does_not_overwrite_newer_tokens() {
    let (staged, user, account) = staged().await;
    let world = &staged.world;
    let old = row(world, user).await;
    world
        .enter(CLINIC, &identity("1", "ana@example.test"))
        .await
        .unwrap();
    let new = row(world, user).await;
    let tokens = |row: &Row| {
        let column = |token: &Option<String>| token.clone().unwrap();
        format!(
            "\"accessToken\" = '{}', \"refreshToken\" = '{}'",
            column(&row.access_token),
            column(&row.refresh_token)
        )
    };
    set(world, &tokens(&old)).await;
    let mut newer = Held::by(world, &format!("update account set {}", tokens(&new))).await;

    let between = async {
        newer.until_waiting(1).await;
        newer.commit().await;
    };
    let (refreshed, ()) = tokio::join!(staged.refresh(user, account), between);

    let refreshed = refreshed.unwrap();
    assert_eq!(staged.refreshes(), 1);
    assert_eq!(refreshed.access_token.expose(), "the-first-access-token");
    let stored = row(world, user).await;
    assert_eq!(
        (stored.access_token, stored.refresh_token),
        (new.access_token, new.refresh_token)
    );
}

#[tokio::test]
async fn an_account_that_is_unlinked_meanwhile_gets_nothing() {
    let (staged, user, account) = staged().await;
    let mut unlinked = Held::by(&staged.world, "delete from account").await;

    let between = async {
        unlinked.until_waiting(1).await;
        unlinked.commit().await;
    };
    let (refreshed, ()) = tokio::join!(staged.refresh(user, account), between);

    assert!(matches!(refreshed, Err(TokenError::NotFound)), "{refreshed:?}");
    assert_eq!((staged.refreshes(), staged.world.count("account").await), (1, 0));
}

#[tokio::test]
async fn a_refresh_token_that_another_server_has_used_a_moment_before_is_no_error() {
    let mut staged = Staged::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    staged.add("slow", &listener.local_addr().unwrap().to_string());
    let mut ana = identity("1", "ana@example.test");
    let entered = staged.world.enter("slow", &ana).await.unwrap();
    let user = entered.signed_in.user.id;
    let account = accounts::list(&staged.world.db, &at(Duration::ZERO), user)
        .await
        .unwrap()
        .rows[0]
        .id;
    let old = row(&staged.world, user).await;
    ana.tokens = tokens("second");
    staged.world.enter("slow", &ana).await.unwrap();
    let new = row(&staged.world, user).await;
    let column = |row: &Row| format!("\"refreshToken\" = '{}'", row.refresh_token.clone().unwrap());
    set(&staged.world, &column(&old)).await;

    let other = async {
        // The provider has the token; before it says no, the other server stores what it got for it.
        let (mut asked, _) = listener.accept().await.unwrap();
        assert!(asked.read(&mut [0; 1024]).await.unwrap() > 0);
        set(&staged.world, &column(&new)).await;
        let answer = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n{\"error\":\"invalid_grant\"}";
        asked.write_all(answer.as_bytes()).await.unwrap();
    };
    let (refreshed, ()) = tokio::join!(staged.refresh(user, account), other);

    assert_eq!(
        refreshed.unwrap().refresh_token.expose(),
        "the-second-refresh-token"
    );
}

#[tokio::test]
async fn a_provider_that_fails_leaves_the_tokens_as_they_were() {
    let (staged, user, account) = staged().await;
    let before = row(&staged.world, user).await;
    for how in [
        Misbehaviour::Status(400, json!({"error": "invalid_grant"})),
        Misbehaviour::Status(503, json!({})),
        Misbehaviour::Says(json!({"access_token": null})),
        Misbehaviour::Page,
    ] {
        staged.provider.misbehaves(Endpoint::Token, how);
        let refreshed = staged.refresh(user, account).await.unwrap_err();
        assert_eq!(
            (refreshed.kind(), refreshed.code()),
            (FaultKind::Invalid, "FAILED_TO_REFRESH_ACCESS_TOKEN")
        );
        let access = staged.access(DUE, user, account).await.unwrap_err();
        assert_eq!(
            (access.kind(), access.code()),
            (FaultKind::Invalid, "FAILED_TO_GET_ACCESS_TOKEN")
        );
        assert_eq!(row(&staged.world, user).await, before);
    }
    // What is not over is given all the same.
    assert!(staged.access(Duration::ZERO, user, account).await.is_ok());
}

#[tokio::test]
async fn tokens_that_no_secret_opens_are_not_there() {
    let (staged, user, account) = staged().await;
    let world = &staged.world;
    let sealed = row(world, user).await;
    let bo = world
        .enter(CLINIC, &identity("2", "bo@example.test"))
        .await
        .unwrap()
        .signed_in
        .user
        .id;
    let bos = accounts::list(&world.db, &at(Duration::ZERO), bo)
        .await
        .unwrap()
        .rows[0]
        .id;
    let column = |token: &Option<String>| token.clone().unwrap();
    for token in [
        "ya29.plain".to_owned(),
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9".to_owned(),
        "$ba$1$0a1b2c3d4e5f6071".to_owned(),
        // Another row's.
        column(&sealed.access_token),
    ] {
        set(world, &format!("\"accessToken\" = '{token}', \"refreshToken\" = '{token}', \"idToken\" = '{token}' where \"userId\" = '{bo}'")).await;
        let access = staged.access(DUE * 2, bo, bos).await.unwrap();
        assert!(
            access.access_token.is_none() && access.id_token.is_none(),
            "{token}"
        );
        assert_eq!(
            staged.refresh(bo, bos).await.unwrap_err().code(),
            "REFRESH_TOKEN_NOT_FOUND"
        );
        let info = staged.info(bo, bos).await.unwrap_err();
        assert_eq!(
            (info.kind(), info.code()),
            (FaultKind::Invalid, "ACCESS_TOKEN_NOT_FOUND")
        );
    }
    // Another column's.
    let swapped = format!(
        "\"accessToken\" = '{}', \"refreshToken\" = '{}' where id = '{account}'",
        column(&sealed.refresh_token),
        column(&sealed.access_token)
    );
    set(world, &swapped).await;
    assert!(
        staged
            .access(Duration::ZERO, user, account)
            .await
            .unwrap()
            .access_token
            .is_none()
    );
    assert_eq!(staged.refreshes(), 0);
    // Another user's, subject's or provider's, in the row that it was sealed for.
    let back = format!(
        "\"accessToken\" = '{}' where id = '{account}'",
        column(&sealed.access_token)
    );
    set(world, &back).await;
    let served = async |user| {
        let access = staged.access(Duration::ZERO, user, account).await.unwrap();
        access.access_token.is_some()
    };
    assert!(served(user).await);
    for (changed, whose) in [
        (format!("\"userId\" = '{bo}'"), bo),
        (format!("\"userId\" = '{user}', \"accountId\" = '9'"), user),
        (format!("\"accountId\" = '1', \"providerId\" = '{GITHUB}'"), user),
    ] {
        set(world, &format!("{changed} where id = '{account}'")).await;
        assert!(!served(whose).await, "{changed}");
    }
}

#[tokio::test]
async fn tokens_outlive_a_new_secret_and_are_sealed_by_it_when_they_are_replaced() {
    const NEW: &str = "another-secret-of-the-tests-0123456789";
    let (mut staged, user, account) = staged().await;

    staged.world.auth = staged.server(&[NEW, SECRET]);
    assert!(
        staged
            .access(Duration::ZERO, user, account)
            .await
            .unwrap()
            .access_token
            .is_some()
    );
    staged.refresh(user, account).await.unwrap();

    staged.world.auth = staged.server(&[NEW]);
    assert!(
        staged
            .access(Duration::ZERO, user, account)
            .await
            .unwrap()
            .access_token
            .is_some()
    );
    staged.refresh(user, account).await.unwrap();
    staged.world.auth = staged.server(&[SECRET]);
    assert!(
        staged
            .access(Duration::ZERO, user, account)
            .await
            .unwrap()
            .access_token
            .is_none()
    );
}

#[tokio::test]
async fn the_provider_says_who_the_user_is_there() {
    let (staged, user, account) = staged().await;

    let info = staged.info(user, account).await.unwrap();

    assert_eq!((info.account.id, info.profile.subject.as_str()), (account, "1"));
    assert_eq!(info.profile.email.as_deref(), Some("ana@example.test"));
    assert_eq!(info.profile.claims["name"], "Ana");
    // Somebody else by now, or nobody.
    set(&staged.world, "\"idToken\" = null").await;
    staged
        .provider
        .misbehaves(Endpoint::Userinfo, Misbehaviour::Says(json!({"sub": "2"})));
    let other = staged.info(user, account).await.unwrap_err();
    assert_eq!(
        (other.kind(), other.code()),
        (FaultKind::Unauthenticated, "FAILED_TO_GET_USER_INFO")
    );
}

#[tokio::test]
async fn an_account_of_somebody_else_or_without_a_provider_has_no_tokens() {
    let (mut staged, user, account) = staged().await;
    let bo = staged.world.sign_up("bo@example.test").await.user.id;
    let password = accounts::list(&staged.world.db, &at(Duration::ZERO), bo)
        .await
        .unwrap()
        .rows[0]
        .id;
    for (whose, which) in [(bo, account), (user, at(Duration::ZERO).new_id())] {
        let codes = [
            staged.access(DUE, whose, which).await.unwrap_err().code(),
            staged.refresh(whose, which).await.unwrap_err().code(),
            staged.info(whose, which).await.unwrap_err().code(),
        ];
        assert_eq!(codes, ["ACCOUNT_NOT_FOUND"; 3]);
    }
    let unsupported = [
        "PROVIDER_NOT_SUPPORTED",
        "PROVIDER_NOT_SUPPORTED",
        "PROVIDER_NOT_CONFIGURED",
    ];
    let cases = [(bo, password, "credential"), (user, account, CLINIC)];
    for (whose, which, provider) in cases {
        if provider == CLINIC {
            staged.world.auth = crate::world::auth([SECRET], wardkeep_auth::Policy::default(), 2, 64);
        }
        let access = staged.access(DUE, whose, which).await.unwrap_err();
        assert_eq!(
            access.to_string(),
            format!("provider {provider} is not supported")
        );
        let codes = [
            access.code(),
            staged.refresh(whose, which).await.unwrap_err().code(),
            staged.info(whose, which).await.unwrap_err().code(),
        ];
        assert_eq!(codes, unsupported);
    }
    assert_eq!(staged.refreshes(), 0);
}
