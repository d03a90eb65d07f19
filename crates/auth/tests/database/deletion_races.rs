use futures_util::future::join_all;
use wardkeep_auth::deletions::{Deleted, Deletion, DeletionError};
use wardkeep_tenancy::UserId;
use wardkeep_testkit::race_rounds;

use crate::deletions::{by_token, confirmed, delete};
use crate::post::Post;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn of_64_who_use_one_token_at_once_one_deletes() {
    let world = World::ruled(confirmed()).await;
    let post = Post::of(&world).await;
    for round in 0..race_rounds() {
        let (current, _) = world
            .session_of(world.test.user(&format!("Ana {round}")).await)
            .await;
        delete(&world, &current, Deletion::default()).await.unwrap();
        let token = post.token().await;

        let answers = join_all((0..64).map(|_| delete(&world, &current, by_token(&token)))).await;

        let now = answers
            .iter()
            .filter(|answer| matches!(answer, Ok(Deleted::Now)))
            .count();
        assert_eq!(now, 1, "round {round}");
        for error in answers.into_iter().filter_map(Result::err) {
            assert!(
                matches!(error, DeletionError::InvalidToken),
                "round {round}: {error:?}"
            );
        }
        assert_eq!(world.count("\"user\"").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_deletions_at_once_without_a_token_one_deletes() {
    let world = World::new().await;
    for round in 0..race_rounds() {
        let (current, _) = world
            .session_of(world.test.user(&format!("Ana {round}")).await)
            .await;

        let answers = join_all((0..16).map(|_| delete(&world, &current, Deletion::default()))).await;

        assert_eq!(
            answers.iter().filter(|answer| answer.is_ok()).count(),
            1,
            "round {round}"
        );
        for error in answers.into_iter().filter_map(Result::err) {
            assert!(
                matches!(error, DeletionError::NotFresh),
                "round {round}: {error:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_owners_who_delete_themselves_at_once_one_stays() {
    let world = World::new().await;
    for round in 0..race_rounds() {
        let mut sessions = Vec::new();
        for name in ["Ana", "Bo"] {
            let user: UserId = world.test.user(&format!("{name} {round}")).await;
            sessions.push(world.session_of(user).await.0);
        }
        // Two clinics, so that each could lock first what the other needs next.
        for name in ["North", "South"] {
            let clinic = world.test.organization(&format!("{name} {round}")).await;
            for current in &sessions {
                world.test.member(clinic, current.user.id, "owner").await;
            }
        }

        let deletions = sessions
            .iter()
            .map(|current| delete(&world, current, Deletion::default()));
        let answers = join_all(deletions).await;

        assert_eq!(
            answers.iter().filter(|answer| answer.is_ok()).count(),
            1,
            "round {round}: {answers:?}"
        );
        for error in answers.into_iter().filter_map(Result::err) {
            assert!(
                matches!(error, DeletionError::OnlyOwner),
                "round {round}: {error:?}"
            );
        }
        let ownerless: i64 = world
            .value(
                "select count(*) from organization
                 where not exists (select from member where member.\"organizationId\" = organization.id and role = 'owner')",
            )
            .await;
        assert_eq!(ownerless, 0, "round {round}");
    }
}
