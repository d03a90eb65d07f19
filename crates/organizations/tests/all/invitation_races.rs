//! Requests about invitations at the same moment, as the application's login.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails as the test does"
)]

use futures_util::future::{join, join_all};
use wardkeep_auth::deletions::Deleted;
use wardkeep_auth::sessions::CurrentSession;
use wardkeep_organizations::Rules;
use wardkeep_organizations::invitations::{self, Accepted, InvitationError};
use wardkeep_tenancy::{InvitationId, OrganizationId, UserId};
use wardkeep_testkit::{context, race_rounds};

use crate::clinic::{Clinic, Person};
use crate::invitations::{enter, invite_in, members, to};

/// What is different in every round.
fn rounds() -> impl Iterator<Item = u64> {
    (1..).take(race_rounds()).map(|round: u64| round * 1_000)
}

/// Pending invitations, past every rule.
async fn invitations_to<'a>(
    clinic: &Clinic,
    seed: u64,
    (organization, inviter): (OrganizationId, UserId),
    emails: impl IntoIterator<Item = &'a str>,
) -> Vec<InvitationId> {
    let emails: Vec<_> = emails.into_iter().collect();
    let cx = context(seed);
    let ids: Vec<InvitationId> = emails.iter().map(|_| cx.new_id()).collect();
    sqlx::query(
        "insert into invitation (id, email, \"organizationId\", status, \"expiresAt\", \"inviterId\")
         select id, email, $3, 'pending', '2026-03-03 09:00Z', $4
         from unnest($1::uuid[], $2::text[]) as invited (id, email)",
    )
    .bind(ids.iter().map(|id| id.as_uuid()).collect::<Vec<_>>())
    .bind(emails)
    .bind(organization.as_uuid())
    .bind(inviter.as_uuid())
    .execute(&mut clinic.db.admin().await)
    .await
    .unwrap();
    ids
}

async fn invitation(
    clinic: &Clinic,
    seed: u64,
    organization: OrganizationId,
    (inviter, email): (UserId, &str),
) -> InvitationId {
    invitations_to(clinic, seed, (organization, inviter), [email]).await[0]
}

async fn accept(
    clinic: &Clinic,
    seed: u64,
    session: &CurrentSession,
    id: InvitationId,
) -> Result<Accepted, InvitationError> {
    let rules = Rules::default();
    invitations::accept(
        &clinic.database,
        &context(seed),
        &clinic.access,
        &rules,
        session,
        Some(id),
    )
    .await
}

/// An organization with an owner.
async fn salt_lane(clinic: &Clinic, seed: u64) -> (Person, OrganizationId) {
    let owner = clinic.person(seed, &format!("Ana{seed}")).await;
    let organization = clinic.db.organization(&format!("Salt Lane {seed}")).await;
    clinic.db.member(organization, owner.id, "owner").await;
    (owner, organization)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_that_is_accepted_64_times_at_once_is_accepted_once() {
    let clinic = Clinic::new().await;
    let ben = clinic.person(1, "Ben").await;
    let session = clinic.session(&ben, None).await;
    for seed in rounds() {
        let (ana, organization) = salt_lane(&clinic, seed).await;
        let id = invitation(&clinic, seed + 1, organization, (ana.id, &ben.email)).await;

        let answers =
            join_all((0..64).map(|number| accept(&clinic, seed + 100 + number, &session, id))).await;

        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        for error in answers.into_iter().filter_map(Result::err) {
            assert!(matches!(error, InvitationError::NotFound), "{error:?}");
        }
        assert_eq!(members(&clinic, organization).await, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_who_accept_at_once_as_many_join_as_there_is_room_for() {
    let clinic = Clinic::new().await;
    let mut people = Vec::new();
    for seed in 1..=64 {
        let person = clinic.person(seed, &format!("Ben{seed}")).await;
        people.push(clinic.session(&person, None).await);
    }
    let rules = Rules {
        members: 4,
        ..Rules::default()
    };
    for seed in rounds() {
        let (ana, organization) = salt_lane(&clinic, seed).await;
        let emails = people.iter().map(|session| session.user.email.as_str());
        let invited = invitations_to(&clinic, seed + 1, (organization, ana.id), emails).await;

        let answers = people
            .iter()
            .zip(invited)
            .zip(seed + 100..)
            .map(|((session, id), seed)| {
                let (clinic, rules) = (&clinic, &rules);
                async move {
                    invitations::accept(
                        &clinic.database,
                        &context(seed),
                        &clinic.access,
                        rules,
                        session,
                        Some(id),
                    )
                    .await
                }
            });
        let answers = join_all(answers).await;

        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
        for error in answers.into_iter().filter_map(Result::err) {
            assert!(matches!(error, InvitationError::Full), "{error:?}");
        }
        assert_eq!(members(&clinic, organization).await, 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_invitations_to_one_person_one_is_accepted() {
    let clinic = Clinic::new().await;
    let ben = clinic.person(1, "Ben").await;
    let session = clinic.session(&ben, None).await;
    for seed in rounds() {
        let (ana, organization) = salt_lane(&clinic, seed).await;
        let one = invitation(&clinic, seed + 1, organization, (ana.id, &ben.email)).await;
        let two = invitation(&clinic, seed + 2, organization, (ana.id, &ben.email)).await;

        let answers = join(
            accept(&clinic, seed + 3, &session, one),
            accept(&clinic, seed + 4, &session, two),
        )
        .await;

        let ((Ok(_), Err(lost)) | (Err(lost), Ok(_))) = answers else {
            panic!("{answers:?}")
        };
        assert!(matches!(lost, InvitationError::AlreadyMember), "{lost:?}");
        let pending = "select count(*) from invitation where \"organizationId\" = $1 and status = 'pending'";
        assert_eq!(clinic.count(pending, organization).await, 1);
        assert_eq!(members(&clinic, organization).await, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_that_is_cancelled_first_makes_no_member() {
    let clinic = Clinic::new().await;
    let ben = clinic.person(1, "Ben").await;
    let session = clinic.session(&ben, None).await;
    for seed in rounds() {
        let (ana, organization) = salt_lane(&clinic, seed).await;
        let id = invitation(&clinic, seed + 1, organization, (ana.id, &ben.email)).await;
        let tx = clinic.enter(&ana, organization).await;
        let cancel = async {
            let cancelled = invitations::cancel(&tx, &clinic.access, id).await?;
            tx.commit().await?;
            Ok::<_, InvitationError>(cancelled)
        };

        let (accepted, cancelled) = join(accept(&clinic, seed + 2, &session, id), cancel).await;

        assert_eq!(cancelled.unwrap().status, "canceled");
        let expected = match accepted {
            Ok(_) => 2,
            Err(InvitationError::NotFound | InvitationError::InviterGone) => 1,
            Err(error) => panic!("{error:?}"),
        };
        assert_eq!(members(&clinic, organization).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_accepts_while_the_account_is_deleted_is_gone_afterwards() {
    let clinic = Clinic::new().await;
    for seed in rounds() {
        let (ana, organization) = salt_lane(&clinic, seed).await;
        let ben = clinic.person(seed + 1, &format!("Ben{seed}")).await;
        let session = clinic.session(&ben, None).await;
        let id = invitation(&clinic, seed + 2, organization, (ana.id, &ben.email)).await;

        let (accepted, deleted) =
            join(accept(&clinic, seed + 3, &session, id), clinic.delete(&session)).await;

        assert_eq!(deleted.unwrap(), Deleted::Now);
        if let Err(error) = accepted {
            // Nobody has an address any more.
            let gone = matches!(
                error,
                InvitationError::RecipientGone | InvitationError::NotRecipient
            );
            assert!(gone, "{error:?}");
        }
        assert_eq!(members(&clinic, organization).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_is_accepted_or_goes_with_who_made_it() {
    let clinic = Clinic::new().await;
    let ben = clinic.person(1, "Ben").await;
    let session = clinic.session(&ben, None).await;
    for (seed, role) in rounds().zip(["admin", "owner"].into_iter().cycle()) {
        let (_, organization) = salt_lane(&clinic, seed).await;
        let eve = clinic.person(seed + 1, &format!("Eve{seed}")).await;
        clinic.db.member(organization, eve.id, role).await;
        let id = invitation(&clinic, seed + 2, organization, (eve.id, &ben.email)).await;
        let eves = clinic.session(&eve, None).await;

        let (accepted, deleted) = join(accept(&clinic, seed + 3, &session, id), clinic.delete(&eves)).await;

        assert_eq!(deleted.unwrap(), Deleted::Now);
        let expected = match accepted {
            Ok(_) => 2,
            Err(InvitationError::NotFound | InvitationError::InviterGone) => 1,
            Err(error) => panic!("{error:?}"),
        };
        assert_eq!(members(&clinic, organization).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_invites_while_the_account_is_deleted_leaves_no_invitation() {
    let clinic = Clinic::new().await;
    for seed in rounds() {
        let (_, organization) = salt_lane(&clinic, seed).await;
        let eve = clinic.person(seed + 1, &format!("Eve{seed}")).await;
        clinic.db.member(organization, eve.id, "owner").await;
        let session = clinic.session(&eve, Some(organization)).await;
        let (cx, rules) = (context(seed + 2), Rules::default());

        let (invited, deleted) = join(
            invite_in(&clinic, &session, &cx, &rules, to("kim@example.com", "member")),
            clinic.delete(&session),
        )
        .await;

        assert_eq!(deleted.unwrap(), Deleted::Now);
        if let Err(error) = invited {
            assert!(matches!(error, InvitationError::Authority(_)), "{error:?}");
        }
        let invitations = "select count(*) from invitation where \"organizationId\" = $1";
        assert_eq!(clinic.count(invitations, organization).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_who_invite_one_address_at_once_one_does_and_the_limit_holds() {
    let clinic = Clinic::new().await;
    let rules = Rules {
        pending_invitations: 3,
        ..Rules::default()
    };
    for seed in rounds() {
        let (ana, organization) = salt_lane(&clinic, seed).await;
        let session = clinic.session(&ana, Some(organization)).await;
        let invite = |number: u64| {
            let (clinic, session, rules) = (&clinic, &session, &rules);
            // 16 addresses, four times each.
            let new = to(&format!("ben{}@example.com", number % 16), "member");
            async move { invite_in(clinic, session, &context(seed + number), rules, new).await }
        };

        let answers = join_all((1..=64).map(invite)).await;

        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
        for error in answers.into_iter().filter_map(Result::err) {
            assert!(
                matches!(error, InvitationError::AlreadyInvited | InvitationError::TooMany),
                "{error:?}"
            );
        }
        let addresses = "select count(distinct email) from invitation where \"organizationId\" = $1";
        assert_eq!(clinic.count(addresses, organization).await, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_removed_while_an_invitation_was_on_its_way_invites_nobody() {
    let clinic = Clinic::new().await;
    let (ana, organization) = salt_lane(&clinic, 1_000).await;
    let eve = clinic.person(1, "Eve").await;
    clinic.db.member(organization, eve.id, "admin").await;
    let session = clinic.session(&eve, Some(organization)).await;
    let cx = context(2);
    let tx = enter(&clinic, &session, &cx).await;
    sqlx::query("delete from member where \"userId\" = $1")
        .bind(eve.id.as_uuid())
        .execute(&mut clinic.db.admin().await)
        .await
        .unwrap();

    let (rules, new) = (Rules::default(), to(&ana.email, "member"));
    let late = invitations::create(&tx, &clinic.access, &rules, &clinic.auth, &session.user, new).await;

    assert!(matches!(late, Err(InvitationError::Authority(_))), "{late:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_accepts_does_not_hold_the_organization_while_waiting_for_those_who_wait_for_it() {
    let clinic = Clinic::new().await;
    let (ana, organization) = salt_lane(&clinic, 1_000).await;
    let ben = clinic.person(1, "Ben").await;
    let id = invitation(&clinic, 2, organization, (ana.id, &ben.email)).await;
    let (owner, recipient) = (
        clinic.session(&ana, Some(organization)).await,
        clinic.session(&ben, None).await,
    );
    // Somebody works in the organization meanwhile; then Ben joins, and ten more want to work, as many as there may be.
    let mut first = clinic.db.admin().await;
    sqlx::query("begin").execute(&mut first).await.unwrap();
    sqlx::query("select from organization where id = $1 for no key update")
        .bind(organization.as_uuid())
        .execute(&mut first)
        .await
        .unwrap();
    let accepting = accept(&clinic, 3, &recipient, id);
    let (clinic, owner) = (&clinic, &owner);
    let working = async {
        wait_for_waiting(clinic, 1).await;
        let workers = (0..10).map(|_| async move {
            let tx = clinic.enter_in(owner).await;
            let rules = Rules::default();
            let made =
                wardkeep_organizations::teams::create(&tx, &clinic.access, &rules, "A".to_owned()).await;
            tx.commit().await.unwrap();
            made
        });
        let release = async {
            wait_for_waiting(clinic, 10).await;
            sqlx::query("rollback").execute(&mut first).await.unwrap();
        };
        join(join_all(workers), release).await
    };

    let (accepted, (made, ())) = join(accepting, working).await;

    assert!(made.iter().all(Result::is_ok));
    assert!(accepted.is_ok(), "{accepted:?}");
}

/// Until so many transactions wait for a lock.
async fn wait_for_waiting(clinic: &Clinic, count: i64) {
    const WAITING: &str = "select count(*) from pg_stat_activity
        where datname = current_database() and usename = 'wardkeep_app' and wait_event_type = 'Lock'";
    let mut admin = clinic.db.admin().await;
    while sqlx::query_scalar::<_, i64>(WAITING)
        .fetch_one(&mut admin)
        .await
        .unwrap()
        < count
    {
        tokio::task::yield_now().await;
    }
}
