//! An organization always has an owner, whatever is done to its owners at the same moment.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use futures_util::future::join_all;
use wardkeep_auth::deletions::DeletionError;
use wardkeep_auth::sessions::CurrentSession;
use wardkeep_organizations::AuthorityError;
use wardkeep_organizations::members::{self, DepartureError, MemberKey, RemovalError, RoleChangeError};
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

/// Whether it was done; a refusal must be one of those that the rules give.
async fn does(clinic: &Clinic, owner: &Owner, deed: Deed) -> bool {
    if let Deed::DeleteAccount = deed {
        let deleted = clinic.delete(&owner.session).await;
        return match deleted {
            Ok(_) => true,
            Err(DeletionError::OnlyOwner | DeletionError::NotFresh) => false,
            Err(error) => panic!("{error:?}"),
        };
    }
    let tx = clinic.enter_in(&owner.session).await;
    let refusal: Option<Box<dyn Fault>> = match deed {
        Deed::Leave => match members::leave(&tx, &clinic.access).await {
            Ok(_) => None,
            Err(error @ (DepartureError::OnlyOwner | DepartureError::NotFound)) => Some(Box::new(error)),
            Err(error) => panic!("{error:?}"),
        },
        Deed::Demote(member) => {
            match members::change_roles(&tx, &clinic.access, Some(member), &roles("admin")).await {
                Ok(_) => None,
                Err(
                    error @ (RoleChangeError::OnlyOwner
                    | RoleChangeError::Denied
                    | RoleChangeError::NotFound
                    | RoleChangeError::Authority(AuthorityError::NotAMember)),
                ) => Some(Box::new(error)),
                Err(error) => panic!("{error:?}"),
            }
        }
        Deed::Remove(member) => {
            match members::remove(&tx, &clinic.access, MemberKey::Id(Some(member))).await {
                Ok(_) => None,
                Err(
                    error @ (RemovalError::OnlyOwner
                    | RemovalError::NotFound
                    | RemovalError::Authority(AuthorityError::NotAMember)),
                ) => Some(Box::new(error)),
                Err(error) => panic!("{error:?}"),
            }
        }
        Deed::DeleteAccount => unreachable!("it is done above"),
    };
    if refusal.is_none() {
        tx.commit().await.unwrap();
    }
    refusal.is_none()
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

/// Lets 64 deeds race, `deed(n, of, to)` each, and looks whether an owner is left.
async fn race(deed: impl Fn(usize, &Owner, &Owner) -> Deed) {
    let clinic = Clinic::new().await;
    for round in 0..race_rounds() {
        let (organization, owners) = owners(&clinic, round).await;

        let deeds = (0..64).map(|n| {
            let (of, to) = (&owners[n % OWNERS], &owners[(n / OWNERS + n + 1) % OWNERS]);
            does(&clinic, of, deed(n, of, to))
        });
        let done = join_all(deeds).await;

        assert!(done.contains(&true), "round {round}");
        assert!(
            clinic.count(OWNERS_LEFT, organization).await >= 1,
            "round {round}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_owners_who_leave_at_once_one_stays() {
    race(|_, _, _| Deed::Leave).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_owners_who_demote_each_other_and_themselves_one_stays() {
    race(|n, of, to| Deed::Demote(if n % 2 == 0 { of.member } else { to.member })).await;
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
