use futures_util::future::join_all;
use time::Duration;
use wardkeep_auth::accounts::{self, AccountError, AccountId};
use wardkeep_tenancy::{Fault as _, FaultKind, UserId};
use wardkeep_testkit::race_rounds;

use crate::world::{PASSWORD, World, at};

async fn unlink(world: &World, user: UserId, account: Option<AccountId>) -> Result<(), AccountError> {
    accounts::unlink(&world.db, &at(Duration::ZERO), user, account).await
}

#[tokio::test]
async fn a_list_has_the_own_accounts_oldest_first_and_its_debug_form_no_secret() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await.user.id;
    let bo = world.test.user("Bo Lind").await;
    let github = world.link(ana, "github").await;
    world.link(bo, "github").await;
    let tokens = "update account set \"createdAt\" = \"createdAt\" + interval '1 hour', \"accessToken\" = 'the-access-token'
         where \"userId\" = $1 and \"providerId\" = 'github'";
    world.execute(tokens, ana).await;

    let listed = accounts::list(&world.db, &at(Duration::ZERO), ana).await.unwrap();

    let providers: Vec<_> = listed
        .rows
        .iter()
        .map(|account| account.provider_id.as_str())
        .collect();
    assert_eq!((providers, listed.total), (vec!["credential", "github"], 2));
    assert_eq!(listed.rows[0].account_id, ana.to_string());
    assert_eq!(listed.rows[1].id, github);
    let shown = format!("{listed:?}");
    assert!(
        !shown.contains("argon2") && !shown.contains("the-access-token"),
        "{shown}"
    );
}

#[tokio::test]
async fn an_account_is_unlinked_and_the_last_one_stays() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await.user.id;
    let github = world.link(ana, "github").await;

    unlink(&world, ana, Some(github)).await.unwrap();

    let left = accounts::list(&world.db, &at(Duration::ZERO), ana)
        .await
        .unwrap()
        .rows;
    for account in [Some(left[0].id), Some(github), None] {
        let last = unlink(&world, ana, account).await.unwrap_err();
        assert!(matches!(last, AccountError::Last), "{last:?}");
        assert_eq!(
            (last.kind(), last.code()),
            (FaultKind::Invalid, "FAILED_TO_UNLINK_LAST_ACCOUNT")
        );
    }
    assert!(world.sign_in("ana@example.test", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn an_account_that_is_somebody_elses_or_nobodys_is_not_found() {
    let world = World::new().await;
    let (ana, bo) = (
        world.test.user("Ana Reyes").await,
        world.test.user("Bo Lind").await,
    );
    for user in [ana, bo] {
        world.link(user, "github").await;
    }
    world.link(ana, "gitlab").await;
    let bos = accounts::list(&world.db, &at(Duration::ZERO), bo)
        .await
        .unwrap()
        .rows[0]
        .id;

    for account in [Some(bos), Some(at(Duration::ZERO).new_id()), None] {
        let error = unlink(&world, ana, account).await.unwrap_err();
        assert!(matches!(error, AccountError::NotFound), "{error:?}");
        assert_eq!(
            (error.kind(), error.code()),
            (FaultKind::Invalid, "ACCOUNT_NOT_FOUND")
        );
    }
    // Nor does who has none lose any.
    let nobody = world.test.user("Nobody").await;
    assert!(matches!(
        unlink(&world, nobody, Some(bos)).await,
        Err(AccountError::NotFound)
    ));
    assert_eq!(world.count("account").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_accounts_that_64_unlink_at_once_one_stays() {
    let world = World::new().await;
    for round in 0..race_rounds() {
        let ana = world.test.user(&format!("Ana {round}")).await;
        let both = [world.link(ana, "github").await, world.link(ana, "gitlab").await];

        let answers = join_all((0..64).map(|number| unlink(&world, ana, Some(both[number % 2])))).await;

        assert_eq!(
            answers.iter().filter(|answer| answer.is_ok()).count(),
            1,
            "round {round}"
        );
        for error in answers.into_iter().filter_map(Result::err) {
            assert!(matches!(error, AccountError::Last), "round {round}: {error:?}");
        }
        let left = accounts::list(&world.db, &at(Duration::ZERO), ana).await.unwrap();
        assert_eq!(left.total, 1, "round {round}");
    }
}
