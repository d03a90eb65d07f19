//! Changes of teams at the same moment.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use futures_util::future::{join, join_all};
use wardkeep_auth::deletions::Deleted;
use wardkeep_organizations::invitations;
use wardkeep_organizations::members::{self, MemberKey};
use wardkeep_organizations::teams::TeamError;
use wardkeep_organizations::teams::members::TeamMemberError;
use wardkeep_tenancy::{MemberId, TeamId};
use wardkeep_testkit::race_rounds;

use crate::teams::Founded;

const PLACES: &str = "select count(*) from \"teamMember\" where \"teamId\" = $1";
const COUNTED: &str = "
    select count(*) from team
    where id = $1
      and \"memberCount\" = (select count(*) from \"teamMember\" where \"teamId\" = team.id)";

fn seed(round: usize) -> u64 {
    100 + u64::try_from(round).unwrap()
}

async fn remove_member(here: &Founded, member: MemberId) {
    let tx = here.clinic.enter(&here.ana, here.id).await;
    members::remove(&tx, &here.clinic.access, MemberKey::Id(Some(member)))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn in_step(here: &Founded, team: TeamId) {
    assert_eq!(here.number(COUNTED, team).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_who_is_added_64_times_at_once_is_in_the_team_once() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "member").await;
    for round in 0..race_rounds() {
        let team = here.team(&format!("Round {round}")).await;

        let places = join_all((0..64).map(|_| here.add(&here.ana, team, ben.id))).await;

        let first = places[0].as_ref().unwrap();
        assert!(places.iter().all(|place| place.as_ref().unwrap() == first));
        assert_eq!(here.number(PLACES, team).await, 1);
        in_step(&here, team).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_never_has_more_members_than_the_rules_allow() {
    let mut here = Founded::new().await;
    here.rules.members_per_team = Some(3);
    let mut users = Vec::new();
    for number in 0..64 {
        let user = here.clinic.db.user(&format!("Ben {number}")).await;
        here.clinic.db.member(here.id, user, "member").await;
        users.push(user);
    }
    for round in 0..race_rounds() {
        let team = here.team(&format!("Round {round}")).await;

        let places = join_all(users.iter().map(|user| here.add(&here.ana, team, *user))).await;

        for refused in places.iter().filter_map(|place| place.as_ref().err()) {
            assert!(matches!(refused, TeamMemberError::Limit), "{refused:?}");
        }
        let added = places.iter().filter(|place| place.is_ok()).count();
        assert_eq!((added, here.number(PLACES, team).await), (3, 3));
        in_step(&here, team).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization_never_has_more_teams_than_the_rules_allow() {
    let mut here = Founded::new().await;
    here.rules.teams = Some(3);
    for round in 0..race_rounds() {
        here.execute("delete from team where \"memberCount\" = 0").await;

        let made = join_all((0..64).map(|_| here.create(&here.ana, "Night"))).await;

        for refused in made.iter().filter_map(|team| team.as_ref().err()) {
            assert!(matches!(refused, TeamError::Limit), "{refused:?}");
        }
        // The default team is the third.
        let made = made.iter().filter(|team| team.is_ok()).count();
        assert_eq!(made, 2, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_the_last_two_teams_removed_at_once_one_stays() {
    let here = Founded::new().await;
    let eve = here.colleague(3, "Eve", "admin").await;
    here.execute("update session set \"activeTeamId\" = null").await;
    let mut one = here.team("Night").await;
    here.execute("delete from team where name <> 'Night'").await;
    for round in 0..race_rounds() {
        let other = here.team("Day").await;

        let outcomes = join(here.remove(&here.ana, one), here.remove(&eve, other)).await;

        one = match outcomes {
            (Ok(()), Err(TeamError::Last)) => other,
            (Err(TeamError::Last), Ok(())) => one,
            outcomes => panic!("round {round}: {outcomes:?}"),
        };
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_removals_of_one_team_one_removes_it() {
    let here = Founded::new().await;
    for round in 0..race_rounds() {
        let team = here.team("Night").await;

        let outcomes = join_all((0..64).map(|_| here.remove(&here.ana, team))).await;

        let removed = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(removed, 1, "round {round}");
        for refused in outcomes.into_iter().filter_map(Result::err) {
            assert!(matches!(refused, TeamError::NotFound), "{refused:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_who_is_added_to_a_team_while_removed_from_the_organization_is_in_neither() {
    let here = Founded::new().await;
    let team = here.team("Night").await;
    for round in 0..race_rounds() {
        let ben = here.clinic.db.user(&format!("Ben {round}")).await;
        let member = here.clinic.db.member(here.id, ben, "member").await;

        let (added, ()) = join(here.add(&here.ana, team, ben), remove_member(&here, member)).await;

        if let Err(refused) = added {
            assert!(matches!(refused, TeamMemberError::NotAMember), "{refused:?}");
        }
        assert_eq!(here.number(PLACES, team).await, 0, "round {round}");
        in_step(&here, team).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_who_is_added_to_a_team_while_deleting_the_account_is_gone() {
    let here = Founded::new().await;
    let team = here.team("Night").await;
    for round in 0..race_rounds() {
        let ben = here
            .colleague(seed(round), &format!("Ben{round}"), "member")
            .await;
        let session = here.clinic.session(&ben, None).await;

        let addition = here.add(&here.ana, team, ben.id);
        let (added, deleted) = join(addition, here.clinic.delete(&session)).await;

        assert_eq!(deleted.unwrap(), Deleted::Now);
        if let Err(refused) = added {
            assert!(matches!(refused, TeamMemberError::NotAMember), "{refused:?}");
        }
        assert_eq!(here.number(PLACES, team).await, 0, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_that_is_removed_while_a_member_is_added_is_gone_with_the_place() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "member").await;
    for round in 0..race_rounds() {
        let team = here.team("Night").await;

        let (added, removed) = join(here.add(&here.ana, team, ben.id), here.remove(&here.ana, team)).await;

        removed.unwrap();
        if let Err(refused) = added {
            assert!(matches!(refused, TeamMemberError::TeamNotFound), "{refused:?}");
        }
        assert_eq!(here.number(PLACES, team).await, 0, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_to_a_team_is_accepted_also_while_the_team_is_removed() {
    let mut here = Founded::new().await;
    here.rules.members = u64::MAX;
    for round in 0..race_rounds() {
        let team = here.team("Night").await;
        let ben = here.clinic.person(seed(round), &format!("Ben{round}")).await;
        let id = here.invite(&ben.email, vec![team.to_string()]).await;
        let session = here.clinic.session(&ben, None).await;
        let cx = here.clinic.next_context();

        let acceptance = invitations::accept(
            &here.clinic.database,
            &cx,
            &here.clinic.access,
            &here.rules,
            &session,
            Some(id),
        );
        let (accepted, removed) = join(acceptance, here.remove(&here.ana, team)).await;

        removed.unwrap();
        accepted.unwrap();
        assert_eq!(here.number(PLACES, team).await, 0, "round {round}");
    }
}
