//! An organization always has an owner, whatever is done to its owners at the same moment.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use futures_util::future::join_all;
use wardkeep_auth::sessions::CurrentSession;
use wardkeep_organizations::members::{self, MemberKey};
use wardkeep_tenancy::{Fault, MemberId, OrganizationId};
use wardkeep_testkit::race_rounds;

use crate::clinic::Clinic;
use crate::role_changes::roles;

const OWNERS: usize = 8;

struct Owner {
    session: CurrentSession,
    member: MemberId,
}

/// What an owner does to an owner, or to themself.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Leave,
    Demote(MemberId),
    Remove(MemberId),
    DeleteAccount,
}

/// What the rules may say to a deed that comes too late, or would leave no owner.
const REFUSALS: [&str; 6] = [
    "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER",
    "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER",
    "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER",
    "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
    "MEMBER_NOT_FOUND",
    // The account is gone, and its session with it.
    "SESSION_EXPIRED",
];

/// Does it, or says with which code it was refused.
async fn does(clinic: &Clinic, owner: &Owner, deed: Deed) -> Result<(), &'static str> {
    fn code(error: impl Fault) -> &'static str {
        error.code()
    }
    if let Deed::DeleteAccount = deed {
        return clinic.delete(&owner.session).await.map(drop).map_err(code);
    }
    let (tx, access) = (clinic.enter_in(&owner.session).await, &clinic.access);
    match deed {
        Deed::Leave => drop(members::leave(&tx, access).await.map_err(code)?),
        Deed::Demote(member) => {
            let changed = members::change_roles(&tx, access, Some(member), &roles("admin")).await;
            drop(changed.map_err(code)?);
        }
        Deed::Remove(member) => {
            let removed = members::remove(&tx, access, MemberKey::Id(Some(member))).await;
            drop(removed.map_err(code)?);
        }
        Deed::DeleteAccount => {}
    }
    tx.commit().await.map_err(code)
}

async fn owners(clinic: &Clinic, round: usize) -> (OrganizationId, Vec<Owner>) {
    let organization = clinic.db.organization(&format!("Round {round}")).await;
    let mut owners = Vec::new();
    for n in 0..OWNERS {
        let seed = u64::try_from(round * OWNERS + n).unwrap();
        let person = clinic.person(seed, &format!("Owner{round}-{n}")).await;
        let member = clinic.db.member(organization, person.id, "owner").await;
        let session = clinic.session(&person, Some(organization)).await;
        owners.push(Owner { session, member });
    }
    (organization, owners)
}

const OWNERS_LEFT: &str = "select count(*) from member where \"organizationId\" = $1 and role = 'owner'";

/// Lets 64 deeds race, the nth of one owner to another, and looks whether one owner is left: each tries to be none any more.
async fn race(deed: impl Fn(usize, &Owner, &Owner) -> Deed) {
    let clinic = Clinic::new().await;
    for round in 0..race_rounds() {
        let (organization, owners) = owners(&clinic, round).await;

        let of = owners.iter().cycle();
        let to = owners.iter().cycle().skip(1).step_by(3);
        let deeds = of.zip(to).take(64).enumerate();
        let done = join_all(deeds.map(|(n, (of, to))| does(&clinic, of, deed(n, of, to)))).await;

        assert!(done.contains(&Ok(())), "round {round}");
        for code in done.into_iter().filter_map(Result::err) {
            assert!(REFUSALS.contains(&code), "round {round}: {code}");
        }
        let left = clinic.count(OWNERS_LEFT, organization).await;
        assert_eq!(left, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_owners_who_leave_at_once_one_stays() {
    race(|_, _, _| Deed::Leave).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_owners_who_demote_each_other_and_themselves_one_stays() {
    race(|n, of, to| Deed::Demote(if n % 3 == 0 { of.member } else { to.member })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_owners_who_demote_remove_leave_and_delete_themselves_at_once_one_stays() {
    race(|n, of, to| match n % 5 {
        0 => Deed::Leave,
        1 => Deed::Demote(of.member),
        2 => Deed::Demote(to.member),
        3 => Deed::Remove(to.member),
        _ => Deed::DeleteAccount,
    })
    .await;
}
