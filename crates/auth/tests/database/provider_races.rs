//! Sign-ins and links through providers that meet each other, or a reset, a deletion, a sign-up or an unlinking.

use futures_util::future::join_all;
use time::Duration;
use wardkeep_auth::accounts::{self, AccountError};
use wardkeep_auth::deletions::{self, Deletion};
use wardkeep_auth::passwords::Password;
use wardkeep_auth::providers::ProviderSignInError;
use wardkeep_auth::providers::links::By;
use wardkeep_auth::resets;
use wardkeep_auth::{Policy, sign_up};
use wardkeep_testkit::race_rounds;

use crate::cheap;
use crate::interleaving::Held;
use crate::post::Post;
use crate::providers::{GITHUB, GOOGLE, identity, unproven};
use crate::world::{PASSWORD, World, at, email, form};

const NEW: &str = "another horse battery";

fn address(round: usize) -> String {
    format!("ana{round}@example.test")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_first_sign_ins_with_one_account_at_once_all_are_the_same_user() {
    for proven in [true, false] {
        let world = World::new().await;
        for round in 0..race_rounds() {
            let (subject, address) = (format!("{round}"), address(round));
            let ana = if proven {
                identity(&subject, &address)
            } else {
                unproven(&subject, &address)
            };

            let entered = join_all((0..64).map(|_| world.enter(GOOGLE, &ana))).await;

            let entered: Vec<_> = entered.into_iter().map(Result::unwrap).collect();
            let first = entered[0].signed_in.user.id;
            assert!(
                entered.iter().all(|entered| entered.signed_in.user.id == first),
                "round {round}"
            );
            assert_eq!(
                entered.iter().filter(|entered| entered.is_new).count(),
                1,
                "round {round}"
            );
            assert_eq!(world.ways_in(first).await, [GOOGLE], "round {round}");
        }
        assert_eq!(
            world.count("\"user\"").await,
            i64::try_from(race_rounds()).unwrap()
        );
    }
}

/// The address of a linked account is proven now: whoever comes second must not take over what the first has just got.
#[tokio::test(flavor = "multi_thread")]
async fn of_64_sign_ins_at_once_that_prove_the_address_each_keeps_its_session() {
    let world = World::new().await;
    for round in 0..race_rounds() {
        let (subject, address) = (format!("{round}"), address(round));
        let first = world.enter(GOOGLE, &unproven(&subject, &address)).await.unwrap();
        let owner = identity(&subject, &address);

        let entered = join_all((0..64).map(|_| world.enter(GOOGLE, &owner))).await;

        assert!(
            world.find(&first.signed_in.secret).await.is_none(),
            "round {round}"
        );
        for entered in entered {
            let secret = entered.unwrap().signed_in.secret;
            assert!(world.find(&secret).await.is_some(), "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_providers_with_one_address_at_once_all_are_linked_to_one_user() {
    let world = World::new().await;
    for round in 0..race_rounds() {
        let (subject, address) = (format!("{round}"), address(round));
        let ana = identity(&subject, &address);
        let providers: Vec<String> = (0..8).map(|number| format!("provider-{number}")).collect();

        let entered = join_all((0..64).map(|number| world.enter(&providers[number % 8], &ana))).await;

        let entered: Vec<_> = entered.into_iter().map(Result::unwrap).collect();
        let first = entered[0].signed_in.user.id;
        assert!(
            entered.iter().all(|entered| entered.signed_in.user.id == first),
            "round {round}"
        );
        assert_eq!(world.ways_in(first).await, providers, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_account_that_many_users_link_at_once_one_has_it() {
    let world = World::new().await;
    for round in 0..race_rounds() {
        let mut all = Vec::new();
        for number in 0..8 {
            let user = world.test.user(&format!("Ana {round} {number}")).await;
            all.push((
                world.session_of(user).await.0,
                format!("ana.{round}.{number}@example.com"),
            ));
        }
        let subject = format!("{round}");

        let links = (0..64).map(|number| {
            let (current, address) = &all[number % 8];
            let ana = identity(&subject, address);
            let (world, number) = (&world, number % 8);
            async move { (number, world.link_as(current, GITHUB, &ana, By::Browser).await) }
        });
        let answers = join_all(links).await;

        let winner = answers.iter().find(|(_, answer)| answer.is_ok()).unwrap().0;
        for (number, answer) in &answers {
            match answer {
                Ok(()) => assert_eq!(*number, winner, "round {round}"),
                Err(error) => {
                    assert!(
                        matches!(error, ProviderSignInError::LinkedElsewhere),
                        "round {round}: {error:?}"
                    );
                    assert_ne!(*number, winner, "round {round}");
                }
            }
        }
        for (number, (current, _)) in all.iter().enumerate() {
            let accounts = world.rows(current.user.id).await.len();
            assert_eq!(accounts, usize::from(number == winner), "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_with_a_password_that_meets_the_owner_leaves_the_owner_alone_or_nobody() {
    let world = World::new().await;
    for round in 0..race_rounds() {
        let (subject, address) = (format!("{round}"), address(round));
        let owner = identity(&subject, &address);
        let sign_up = async {
            let cx = at(Duration::ZERO);
            sign_up::with_password(&world.db, &cx, &world.auth, form(&address)).await
        };
        let enter = async {
            // Hashing takes most of the time of a sign-up.
            for attempt in 0..20 {
                let entered = world.enter(GOOGLE, &owner).await.unwrap().signed_in;
                if attempt == 19 {
                    return entered;
                }
            }
            unreachable!()
        };

        let (signed_up, entered) = tokio::join!(sign_up, enter);

        let entered = world
            .enter(GOOGLE, &owner)
            .await
            .unwrap_or_else(|error| panic!("{error}: {entered:?}"));
        let user = entered.signed_in.user.id;
        assert_eq!(world.ways_in(user).await, [GOOGLE], "round {round}");
        assert!(world.person(user).await.1, "round {round}");
        if let Ok(sign_up::SignedUp::In(signed_up)) = signed_up {
            assert!(world.find(&signed_up.secret).await.is_none(), "round {round}");
        }
        assert!(world.sign_in(&address, PASSWORD).await.is_err(), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_that_meets_the_owners_sign_in_comes_before_or_is_refused() {
    let world = World::new().await;
    let post = Post::of(&world).await;
    for round in 0..race_rounds() {
        let (subject, address) = (format!("{round}"), address(round));
        let first = world.sign_up(&address).await;
        world.link(first.user.id, GITHUB).await;
        let cx = at(Duration::ZERO);
        resets::request(&world.db, &cx, &world.auth, &email(&address), None)
            .await
            .unwrap();
        let token = post.token().await;
        let owner = identity(&subject, &address);
        let password = Password::new(NEW);

        let (reset, entered) = tokio::join!(
            resets::reset(&world.db, &cx, &world.auth, &token, &password),
            async {
                tokio::time::sleep(std::time::Duration::from_millis(round as u64 % 60)).await;
                world.enter(GOOGLE, &owner).await
            }
        );

        let user = entered.unwrap().signed_in.user.id;
        assert_eq!(user, first.user.id, "round {round}");
        let ways_in = world.ways_in(user).await;
        // Whatever came first, the first password, its sessions and its links are gone.
        match reset {
            Ok(()) => assert!(
                ways_in == ["credential", GOOGLE] || ways_in == ["credential"],
                "round {round}: {ways_in:?}"
            ),
            Err(resets::ResetError::InvalidToken) => assert_eq!(ways_in, [GOOGLE], "round {round}"),
            Err(error) => panic!("round {round}: {error:?}"),
        }
        assert!(world.find(&first.secret).await.is_none(), "round {round}");
        assert!(world.sign_in(&address, PASSWORD).await.is_err(), "round {round}");
        assert_eq!(world.count("verification").await, 0, "round {round}");
    }
}

#[tokio::test]
async fn a_session_that_is_made_while_the_owner_comes_is_ended() {
    let world = World::new().await;
    let first = world.sign_up("ana@example.test").await;
    world.set_hash(first.user.id, &cheap::hash(PASSWORD)).await;
    world.sign_in("ana@example.test", PASSWORD).await.unwrap();
    let mut sessions_held = Held::by(&world, "lock table session in share mode").await;

    let owner = identity("1", "ana@example.test");
    let between = async {
        // The password was checked and is held, the session not yet made; then the owner waits for the password.
        sessions_held.until_waiting(1).await;
        let release = async {
            sessions_held.until_waiting(2).await;
            sessions_held.release().await;
        };
        tokio::join!(world.enter(GOOGLE, &owner), release).0
    };
    let (signed_in, entered) = tokio::join!(world.sign_in("ana@example.test", PASSWORD), between);

    assert!(world.find(&signed_in.unwrap().secret).await.is_none());
    assert!(world.find(&entered.unwrap().signed_in.secret).await.is_some());
    assert_eq!(world.count("session").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_unlinked_while_it_signs_in_is_unlinked_or_linked_again() {
    let world = World::new().await;
    for round in 0..race_rounds() {
        let (subject, address) = (format!("{round}"), address(round));
        let ana = identity(&subject, &address);
        let user = world.enter(GOOGLE, &ana).await.unwrap().signed_in.user.id;
        world.link(user, GITHUB).await;
        let cx = at(Duration::ZERO);
        let listed = accounts::list(&world.db, &cx, user).await.unwrap();
        let google = listed
            .rows
            .iter()
            .find(|row| row.provider_id == GOOGLE)
            .unwrap()
            .id;

        let (unlinked, entered) = tokio::join!(
            accounts::unlink(&world.db, &cx, user, Some(google)),
            join_all((0..16).map(|_| world.enter(GOOGLE, &ana)))
        );

        unlinked.unwrap();
        for entered in entered {
            let entered = entered.unwrap();
            assert_eq!(
                (entered.signed_in.user.id, entered.is_new),
                (user, false),
                "round {round}"
            );
        }
        let ways_in = world.ways_in(user).await;
        assert!(
            ways_in == [GITHUB, GOOGLE] || ways_in == [GITHUB],
            "round {round}: {ways_in:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_accounts_that_64_unlink_and_link_again_at_once_there_is_always_one() {
    let world = World::new().await;
    let policy = Policy::default();
    assert!(policy.reset_ends_all);
    for round in 0..race_rounds() {
        let (subject, address) = (format!("{round}"), address(round));
        let ana = identity(&subject, &address);
        let signed_in = world.enter(GOOGLE, &ana).await.unwrap().signed_in;
        let user = signed_in.user.id;
        let current = world.current(&signed_in).await;
        world.link_as(&current, GITHUB, &ana, By::Browser).await.unwrap();
        let cx = at(Duration::ZERO);
        let listed = accounts::list(&world.db, &cx, user).await.unwrap().rows;

        let (world, listed, cx, current, ana) = (&world, &listed, &cx, &current, &ana);
        let answers = join_all((0..64).map(|number| async move {
            if number % 3 == 0 {
                world.link_as(current, GITHUB, ana, By::Browser).await.unwrap();
                return;
            }
            match accounts::unlink(&world.db, cx, user, Some(listed[number % 2].id)).await {
                Ok(()) | Err(AccountError::Last | AccountError::NotFound) => {}
                Err(error) => panic!("{error:?}"),
            }
        }))
        .await;

        assert_eq!(answers.len(), 64);
        assert!(!world.ways_in(user).await.is_empty(), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_deleted_while_an_account_is_linked_or_signs_in_leaves_no_account_without_a_user() {
    let world = World::new().await;
    for round in 0..race_rounds() {
        let (subject, address) = (format!("{round}"), address(round));
        let ana = identity(&subject, &address);
        let signed_in = world.enter(GOOGLE, &ana).await.unwrap().signed_in;
        let current = world.current(&signed_in).await;
        let cx = at(Duration::ZERO);

        let (deleted, linked, entered) = tokio::join!(
            deletions::delete(&world.db, &cx, &world.auth, &current, Deletion::default()),
            join_all((0..8).map(|number| {
                let (world, current, ana) = (&world, &current, &ana);
                async move {
                    world
                        .link_as(current, &format!("provider-{number}"), ana, By::Browser)
                        .await
                }
            })),
            join_all((0..8).map(|_| world.enter_at(&cx, GOOGLE, &ana, false)))
        );

        deleted.unwrap();
        for linked in linked.into_iter().filter_map(Result::err) {
            assert!(
                matches!(linked, ProviderSignInError::SessionEnded),
                "round {round}: {linked:?}"
            );
        }
        for entered in entered.into_iter().filter_map(Result::err) {
            assert!(
                matches!(entered, ProviderSignInError::SignUpDisabled),
                "round {round}: {entered:?}"
            );
        }
        assert_eq!(
            (world.count("\"user\"").await, world.count("account").await),
            (0, 0),
            "round {round}"
        );
        assert_eq!(world.count("session").await, 0, "round {round}");
    }
}
