//! Inviting, and answering an invitation, as the application's login.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use sqlx::Row as _;
use time::Duration;
use wardkeep_auth::emails::Email;
use wardkeep_auth::sessions::CurrentSession;
use wardkeep_auth::{Auth, AuthConfig, Secrets};
use wardkeep_organizations::Rules;
use wardkeep_organizations::invitations::{self, Accepted, Invitation, InvitationError, NewInvitation, Sent};
use wardkeep_organizations::members::MemberKey;
use wardkeep_organizations::roles::{self, RoleKey};
use wardkeep_organizations::teams::members::TeamMemberError;
use wardkeep_tenancy::{Entropy, InvitationId, MemberId, OrganizationId, RequestContext, TeamId, TenantTx};
use wardkeep_testkit::{START, context};

use crate::clinic::{Clinic, Person};

/// A request so long after the start.
pub(crate) fn later(seed: u64, after: Duration) -> RequestContext {
    RequestContext::new(format!("later-{seed}"), START + after, Entropy::seeded(seed))
}

pub(crate) fn to(email: &str, role: &str) -> NewInvitation {
    NewInvitation {
        email: Email::parse(email).unwrap(),
        roles: vec![role.to_owned()],
        resend: false,
        teams: Vec::new(),
    }
}

/// Opens a transaction of a member in the request of the context.
pub(crate) async fn enter(clinic: &Clinic, session: &CurrentSession, cx: &RequestContext) -> TenantTx {
    let membership = session.membership.as_ref().unwrap();
    let scope = wardkeep_organizations::enter(&clinic.database, cx, &clinic.access, membership);
    scope.begin().await.unwrap()
}

/// What a handler does.
pub(crate) async fn invite_in(
    clinic: &Clinic,
    session: &CurrentSession,
    cx: &RequestContext,
    rules: &Rules,
    new: NewInvitation,
) -> Result<Sent, InvitationError> {
    let tx = enter(clinic, session, cx).await;
    let sent = invitations::create(&tx, &clinic.access, rules, &clinic.auth, &session.user, new).await?;
    tx.commit().await?;
    Ok(sent)
}

async fn invite(
    clinic: &Clinic,
    seed: u64,
    (inviter, organization): (&Person, OrganizationId),
    new: NewInvitation,
) -> Result<Invitation, InvitationError> {
    let session = clinic.session(inviter, Some(organization)).await;
    let sent = invite_in(clinic, &session, &context(seed), &Rules::default(), new).await?;
    Ok(sent.invitation)
}

async fn accept(
    clinic: &Clinic,
    seed: u64,
    person: &Person,
    id: InvitationId,
) -> Result<Accepted, InvitationError> {
    let session = clinic.session(person, None).await;
    let cx = context(seed);
    invitations::accept(
        &clinic.database,
        &cx,
        &clinic.access,
        &Rules::default(),
        &session,
        Some(id),
    )
    .await
}

async fn status(clinic: &Clinic, id: InvitationId) -> String {
    let query = sqlx::query("select status from invitation where id = $1").bind(id.as_uuid());
    query
        .fetch_one(&mut clinic.db.admin().await)
        .await
        .unwrap()
        .get(0)
}

async fn mails(clinic: &Clinic) -> i64 {
    let query = sqlx::query_scalar("select count(*) from outbox");
    query.fetch_one(&mut clinic.db.admin().await).await.unwrap()
}

pub(crate) async fn members(clinic: &Clinic, organization: OrganizationId) -> i64 {
    let members = "select count(*) from member where \"organizationId\" = $1";
    clinic.count(members, organization).await
}

/// A clinic with one owner, and somebody who is in none.
async fn ana_and_ben() -> (Clinic, Person, OrganizationId, Person) {
    let clinic = Clinic::new().await;
    let (ana, ben) = (clinic.person(1, "Ana").await, clinic.person(2, "Ben").await);
    let salt_lane = clinic.db.organization("Salt Lane").await;
    clinic.db.member(salt_lane, ana.id, "owner").await;
    (clinic, ana, salt_lane, ben)
}

async fn team(clinic: &Clinic, organization: OrganizationId, seed: u64) -> TeamId {
    let id: TeamId = context(seed).new_id();
    sqlx::query("insert into team (id, name, \"organizationId\") values ($1, 'A team', $2)")
        .bind(id.as_uuid())
        .bind(organization.as_uuid())
        .execute(&mut clinic.db.admin().await)
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn who_accepts_is_a_member_with_the_roles_of_the_invitation() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let new = NewInvitation {
        roles: vec![" admin,".to_owned(), "member".to_owned()],
        ..to("Ben@Example.com", "")
    };
    let invitation = invite(&clinic, 3, (&ana, salt_lane), new).await.unwrap();
    assert_eq!(
        (
            invitation.email.as_str(),
            invitation.status.as_str(),
            invitation.inviter_id
        ),
        (ben.email.as_str(), "pending", ana.id)
    );
    assert_eq!(
        (invitation.created_at, invitation.expires_at),
        (START, START + Duration::hours(48))
    );
    assert_eq!(invitation.id.as_uuid().get_version_num(), 4, "its id is random");

    let accepted = accept(&clinic, 4, &ben, invitation.id).await.unwrap();

    assert_eq!(accepted.invitation.status, "accepted");
    assert_eq!(
        (
            accepted.member.user_id,
            accepted.member.role.as_str(),
            accepted.team
        ),
        (ben.id, "admin,member", None)
    );
    let session = clinic.session(&ben, None).await;
    assert_eq!(session.session.active_organization_id, Some(salt_lane));
    assert_eq!(session.membership.unwrap().role(), "admin,member");
}

#[tokio::test]
async fn who_accepts_an_invitation_to_one_team_works_in_it() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let (one, two) = (
        team(&clinic, salt_lane, 3).await,
        team(&clinic, salt_lane, 4).await,
    );
    let into = |teams: &[TeamId], email: &str| NewInvitation {
        teams: teams.iter().map(TeamId::to_string).collect(),
        ..to(email, "member")
    };
    let eve = clinic.person(5, "Eve").await;
    let bens = invite(&clinic, 6, (&ana, salt_lane), into(&[one], &ben.email))
        .await
        .unwrap();
    let eves = invite(&clinic, 7, (&ana, salt_lane), into(&[one, two], &eve.email))
        .await
        .unwrap();
    assert_eq!(eves.team_id, Some(format!("{one},{two}")));

    let ben_accepted = accept(&clinic, 8, &ben, bens.id).await.unwrap();
    let eve_accepted = accept(&clinic, 9, &eve, eves.id).await.unwrap();

    assert_eq!((ben_accepted.team, eve_accepted.team), (Some(one), None));
    assert_eq!(clinic.session(&ben, None).await.session.active_team_id, Some(one));
    assert_eq!(clinic.session(&eve, None).await.session.active_team_id, None);
    let counted =
        "select sum(\"memberCount\") from team where \"organizationId\" = $1 and \"memberCount\" = (
        select count(*) from \"teamMember\" where \"teamId\" = team.id)";
    assert_eq!(clinic.count(counted, salt_lane).await, 3);
    let keyed = "select count(*) from \"teamMember\" where \"organizationId\" = $1 and length(\"membershipKey\") = 43";
    assert_eq!(clinic.count(keyed, salt_lane).await, 3);
}

#[tokio::test]
async fn an_invitation_to_a_team_that_is_gone_or_full_changes_nothing() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let (one, two) = (
        team(&clinic, salt_lane, 3).await,
        team(&clinic, salt_lane, 4).await,
    );
    let new = NewInvitation {
        teams: vec![one.to_string(), two.to_string()],
        ..to(&ben.email, "member")
    };
    let invitation = invite(&clinic, 5, (&ana, salt_lane), new).await.unwrap();
    let session = clinic.session(&ben, None).await;
    let full = Rules {
        members_per_team: Some(0),
        ..Rules::default()
    };

    let refused_full = invitations::accept(
        &clinic.database,
        &context(6),
        &clinic.access,
        &full,
        &session,
        Some(invitation.id),
    )
    .await;
    sqlx::query("delete from team where id = $1")
        .bind(two.as_uuid())
        .execute(&mut clinic.db.admin().await)
        .await
        .unwrap();
    let refused_gone = accept(&clinic, 7, &ben, invitation.id).await;

    assert!(matches!(
        refused_full,
        Err(InvitationError::Place(TeamMemberError::Limit))
    ));
    assert!(matches!(
        refused_gone,
        Err(InvitationError::Place(TeamMemberError::TeamNotFound))
    ));
    assert_eq!(status(&clinic, invitation.id).await, "pending");
    assert_eq!(members(&clinic, salt_lane).await, 1);
    let session = clinic.session(&ben, None).await.session;
    assert_eq!(
        (session.active_organization_id, session.active_team_id),
        (None, None)
    );
}

#[tokio::test]
async fn nobody_is_invited_to_a_team_that_is_full_or_of_another_organization() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let other = clinic.db.organization("Other").await;
    let (own, foreign) = (team(&clinic, salt_lane, 3).await, team(&clinic, other, 4).await);
    let into = |team: String| NewInvitation {
        teams: vec![team],
        ..to(&ben.email, "member")
    };
    let session = clinic.session(&ana, Some(salt_lane)).await;
    let full = Rules {
        members_per_team: Some(0),
        ..Rules::default()
    };

    for unknown in [foreign.to_string(), "nonsense".to_owned()] {
        let refused = invite(&clinic, 5, (&ana, salt_lane), into(unknown)).await;
        assert!(matches!(
            refused,
            Err(InvitationError::Place(TeamMemberError::TeamNotFound))
        ));
    }
    let refused = invite_in(&clinic, &session, &context(6), &full, into(own.to_string())).await;
    assert!(matches!(
        refused,
        Err(InvitationError::Place(TeamMemberError::Limit))
    ));
    let comma = invite(&clinic, 7, (&ana, salt_lane), into(format!("{own},{own}"))).await;
    assert!(matches!(comma, Err(InvitationError::TeamWithComma)));
    assert_eq!(mails(&clinic).await, 0);
}

#[tokio::test]
async fn an_invitation_is_over_when_its_time_is() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let invitation = invite(&clinic, 3, (&ana, salt_lane), to(&ben.email, "member"))
        .await
        .unwrap();
    let session = clinic.session(&ben, None).await;
    let rules = Rules::default();
    let (last, over) = (Duration::hours(48), Duration::hours(48) + Duration::MILLISECOND);
    let get = async |after| {
        let cx = later(4, after);
        invitations::get(&clinic.database, &cx, &rules, &session.user, Some(invitation.id)).await
    };
    let accept = async |after| {
        let cx = later(5, after);
        invitations::accept(
            &clinic.database,
            &cx,
            &clinic.access,
            &rules,
            &session,
            Some(invitation.id),
        )
        .await
    };

    assert!(get(last).await.is_ok());
    assert!(matches!(get(over).await, Err(InvitationError::NotFound)));
    assert!(matches!(accept(over).await, Err(InvitationError::NotFound)));
    assert!(accept(last).await.is_ok());
}

#[tokio::test]
async fn one_that_is_over_can_be_rejected_and_stands_in_nobodys_way() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let first = invite(&clinic, 3, (&ana, salt_lane), to(&ben.email, "member"))
        .await
        .unwrap();
    let rules = Rules {
        pending_invitations: 1,
        ..Rules::default()
    };
    let inviter = clinic.session(&ana, Some(salt_lane)).await;
    let over = Duration::hours(49);

    // Not sent again, but a new one, with which the limit is reached.
    let again = NewInvitation {
        resend: true,
        ..to(&ben.email, "member")
    };
    let second = invite_in(&clinic, &inviter, &later(4, over), &rules, again)
        .await
        .unwrap();
    let third = invite_in(
        &clinic,
        &inviter,
        &later(5, over),
        &rules,
        to("eve@example.com", "member"),
    )
    .await;
    let session = clinic.session(&ben, None).await;
    let rejected = invitations::reject(
        &clinic.database,
        &later(6, over),
        &rules,
        &session,
        Some(first.id),
    )
    .await;

    assert_ne!(second.invitation.id, first.id);
    assert!(matches!(third, Err(InvitationError::TooMany)));
    assert_eq!(rejected.unwrap().status, "rejected");
    assert_eq!(members(&clinic, salt_lane).await, 1);
}

#[tokio::test]
async fn resending_renews_the_time_alone_and_mails_again() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let one = team(&clinic, salt_lane, 3).await;
    let new = NewInvitation {
        teams: vec![one.to_string()],
        ..to(&ben.email, "member")
    };
    let first = invite(&clinic, 4, (&ana, salt_lane), new).await.unwrap();
    let inviter = clinic.session(&ana, Some(salt_lane)).await;
    let again = NewInvitation {
        resend: true,
        ..to(&ben.email, "admin")
    };

    let refused = invite(&clinic, 5, (&ana, salt_lane), to(&ben.email, "admin")).await;
    let cx = later(6, Duration::hours(1));
    let sent = invite_in(&clinic, &inviter, &cx, &Rules::default(), again)
        .await
        .unwrap();

    assert!(matches!(refused, Err(InvitationError::AlreadyInvited)));
    assert!(sent.mailed);
    assert_eq!(
        sent.invitation,
        Invitation {
            expires_at: START + Duration::hours(49),
            ..first
        }
    );
    assert_eq!(mails(&clinic).await, 2);
}

#[tokio::test]
async fn only_owners_make_owners_by_invitation() {
    let (clinic, ana, salt_lane, _) = ana_and_ben().await;
    let eve = clinic.person(3, "Eve").await;
    clinic.db.member(salt_lane, eve.id, "admin").await;
    let owners = "member, owner";
    let refused = invite(&clinic, 4, (&eve, salt_lane), to("ben@example.com", owners)).await;
    let owner = invite(&clinic, 5, (&ana, salt_lane), to("ben@example.com", owners))
        .await
        .unwrap();
    let admin = invite(&clinic, 6, (&eve, salt_lane), to("kim@example.com", "admin"))
        .await
        .unwrap();

    let again = NewInvitation {
        resend: true,
        ..to("ben@example.com", "member")
    };
    let resent = invite(&clinic, 7, (&eve, salt_lane), again).await;
    let list = async |person: &Person| {
        let session = clinic.session(person, Some(salt_lane)).await;
        let tx = enter(&clinic, &session, &context(8)).await;
        let listed = invitations::list(&tx, session.membership.as_ref().unwrap())
            .await
            .unwrap();
        let ids: Vec<_> = listed.rows.iter().map(|invitation| invitation.id).collect();
        (ids, listed.total)
    };

    assert!(matches!(refused, Err(InvitationError::RoleDenied)));
    assert!(matches!(resent, Err(InvitationError::RoleDenied)));
    let (mut by_owner, total) = list(&ana).await;
    by_owner.sort_unstable();
    let mut both = vec![owner.id, admin.id];
    both.sort_unstable();
    assert_eq!((by_owner, total), (both, 2));
    assert_eq!(list(&eve).await, (vec![admin.id], 1));
}

#[tokio::test]
async fn a_list_says_how_many_there_are() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    sqlx::query(
        "insert into invitation (\"organizationId\", email, role, status, \"expiresAt\", \"inviterId\")
         select $1, $2, case number when 1 then 'owner' else 'member' end, 'pending', now(), $3
         from generate_series(1, 103) as number",
    )
    .bind(salt_lane.as_uuid())
    .bind(&ben.email)
    .bind(ana.id.as_uuid())
    .execute(&mut clinic.db.admin().await)
    .await
    .unwrap();
    let eve = clinic.person(3, "Eve").await;
    clinic.db.member(salt_lane, eve.id, "admin").await;

    let session = clinic.session(&eve, Some(salt_lane)).await;
    let tx = enter(&clinic, &session, &context(4)).await;
    let listed = invitations::list(&tx, session.membership.as_ref().unwrap())
        .await
        .unwrap();
    let user = clinic.session(&ben, None).await.user;
    let mine = invitations::list_mine(&clinic.database, &context(5), &user)
        .await
        .unwrap();

    assert_eq!((listed.rows.len(), listed.total), (100, 102));
    assert_eq!((mine.rows.len(), mine.total), (100, 103));
    assert_eq!(mine.rows[0].organization_name, "Salt Lane");
}

#[tokio::test]
async fn roles_that_nobody_knows_cannot_be_given() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let other = clinic.db.organization("Other").await;
    sqlx::query(
        "insert into \"organizationRole\" (\"organizationId\", role, permission)
         values ($1, 'nurse', '{}'), ($2, 'surgeon', '{}')",
    )
    .bind(salt_lane.as_uuid())
    .bind(other.as_uuid())
    .execute(&mut clinic.db.admin().await)
    .await
    .unwrap();

    let none = invite(&clinic, 3, (&ana, salt_lane), to(&ben.email, " , ")).await;
    let roles = "member,surgeon,nurse,Nurse";
    let unknown = invite(&clinic, 3, (&ana, salt_lane), to(&ben.email, roles)).await;
    let own = invite(&clinic, 3, (&ana, salt_lane), to(&ben.email, "nurse,member")).await;

    assert!(matches!(none, Err(InvitationError::NoRole)));
    let Err(InvitationError::UnknownRoles(unknown)) = unknown else {
        panic!("{unknown:?}")
    };
    assert_eq!(unknown, ["surgeon", "Nurse"]);
    assert_eq!(own.unwrap().role.as_deref(), Some("nurse,member"));
}

#[tokio::test]
async fn a_member_is_not_invited_and_does_not_join_twice() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let invitation = invite(&clinic, 3, (&ana, salt_lane), to(&ben.email, "admin"))
        .await
        .unwrap();
    clinic.db.member(salt_lane, ben.id, "member").await;

    let invited = invite(&clinic, 4, (&ana, salt_lane), to(&ben.email, "member")).await;
    let accepted = accept(&clinic, 5, &ben, invitation.id).await;

    assert!(matches!(invited, Err(InvitationError::AlreadyMember)));
    assert!(matches!(accepted, Err(InvitationError::AlreadyMember)));
    assert_eq!(status(&clinic, invitation.id).await, "pending");
    let session = clinic.session(&ben, Some(salt_lane)).await;
    assert_eq!(session.session.active_organization_id, None);
    assert_eq!(session.membership.unwrap().role(), "member");
}

#[tokio::test]
async fn an_invitation_is_answered_by_its_recipient_alone_and_once() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let eve = clinic.person(3, "Eve").await;
    let invitation = invite(&clinic, 4, (&ana, salt_lane), to(&ben.email, "member"))
        .await
        .unwrap();
    let reject = async |person: &Person| {
        let session = clinic.session(person, None).await;
        let (cx, rules) = (context(5), Rules::default());
        invitations::reject(&clinic.database, &cx, &rules, &session, Some(invitation.id)).await
    };

    let stranger = accept(&clinic, 6, &eve, invitation.id).await;
    assert!(matches!(stranger, Err(InvitationError::NotRecipient)));
    assert!(matches!(reject(&eve).await, Err(InvitationError::NotRecipient)));
    let unknown = accept(&clinic, 7, &ben, context(99).new_id()).await;
    assert!(matches!(unknown, Err(InvitationError::NotFound)));

    assert_eq!(reject(&ben).await.unwrap().status, "rejected");
    let accepted = accept(&clinic, 8, &ben, invitation.id).await;
    assert!(matches!(accepted, Err(InvitationError::NotFound)));
    assert!(matches!(reject(&ben).await, Err(InvitationError::NotFound)));
    assert_eq!(members(&clinic, salt_lane).await, 1);
}

#[tokio::test]
async fn the_limit_of_members_counts_when_an_invitation_is_accepted() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let invitation = invite(&clinic, 3, (&ana, salt_lane), to(&ben.email, "member"))
        .await
        .unwrap();
    let session = clinic.session(&ben, None).await;
    let accept = async |members| {
        let rules = Rules {
            members,
            ..Rules::default()
        };
        invitations::accept(
            &clinic.database,
            &context(4),
            &clinic.access,
            &rules,
            &session,
            Some(invitation.id),
        )
        .await
    };

    assert!(matches!(accept(1).await, Err(InvitationError::Full)));
    assert_eq!(status(&clinic, invitation.id).await, "pending");
    assert!(accept(2).await.is_ok());
}

#[tokio::test]
async fn who_must_prove_the_address_neither_answers_nor_sees_before() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let invitation = invite(&clinic, 3, (&ana, salt_lane), to(&ben.email, "member"))
        .await
        .unwrap();
    sqlx::query("update \"user\" set \"emailVerified\" = false")
        .execute(&mut clinic.db.admin().await)
        .await
        .unwrap();
    let session = clinic.session(&ben, None).await;
    let (database, id, user) = (&clinic.database, Some(invitation.id), &session.user);
    let strict = Rules {
        invitations_need_verified_email: true,
        ..Rules::default()
    };

    let accepted = invitations::accept(database, &context(4), &clinic.access, &strict, &session, id).await;
    let rejected = invitations::reject(database, &context(5), &strict, &session, id).await;
    let seen = invitations::get(database, &context(6), &strict, user, id).await;
    let listed = invitations::list_mine(database, &context(7), user).await;

    assert!(matches!(accepted, Err(InvitationError::Unproven)));
    assert!(matches!(rejected, Err(InvitationError::Unproven)));
    assert!(matches!(seen, Err(InvitationError::UnprovenToSee)));
    assert!(matches!(listed, Err(InvitationError::UnprovenToSee)));
    let usual = Rules::default();
    assert!(
        invitations::get(database, &context(8), &usual, user, id)
            .await
            .is_ok()
    );
    assert!(
        invitations::accept(database, &context(9), &clinic.access, &usual, &session, id)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn whoever_has_the_link_sees_who_invites_as_long_as_they_are_a_member() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let eve = clinic.person(3, "Eve").await;
    clinic.db.member(salt_lane, eve.id, "admin").await;
    let invitation = invite(&clinic, 4, (&eve, salt_lane), to(&ben.email, "member"))
        .await
        .unwrap();
    let card = async |user| {
        let found = invitations::card(&clinic.database, &context(5), user, Some(invitation.id)).await;
        found.unwrap().unwrap()
    };

    let shown = card(None).await;
    assert_eq!((&shown.invitation, shown.mine), (&invitation, false));
    assert_eq!(
        (shown.organization_name.as_str(), shown.organization_slug.as_str()),
        ("Salt Lane", "salt-lane")
    );
    assert_eq!(
        (shown.inviter_name.as_deref(), shown.inviter_email.as_deref()),
        (Some("Eve"), Some("eve@example.com"))
    );
    assert!(card(Some(ben.id)).await.mine && !card(Some(ana.id)).await.mine);

    sqlx::query("delete from member where \"userId\" = $1")
        .bind(eve.id.as_uuid())
        .execute(&mut clinic.db.admin().await)
        .await
        .unwrap();
    let shown = card(Some(ben.id)).await;
    assert_eq!((shown.inviter_name, shown.inviter_email), (None, None));
    let user = clinic.session(&ben, None).await.user;
    let rules = Rules::default();
    let seen = invitations::get(&clinic.database, &context(6), &rules, &user, Some(invitation.id)).await;
    assert!(matches!(seen, Err(InvitationError::InviterGone)));

    for id in [None, Some(context(99).new_id())] {
        let nothing = invitations::card(&clinic.database, &context(8), None, id).await;
        assert_eq!(nothing.unwrap(), None);
    }
}

#[tokio::test]
async fn an_invitation_is_cancelled_in_whatever_state() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let invitation = invite(&clinic, 3, (&ana, salt_lane), to(&ben.email, "member"))
        .await
        .unwrap();
    let cancel = async |person: &Person, id| {
        let tx = clinic.enter(person, salt_lane).await;
        let cancelled = invitations::cancel(&tx, &clinic.access, id).await?;
        tx.commit().await?;
        Ok::<_, InvitationError>(cancelled)
    };
    accept(&clinic, 4, &ben, invitation.id).await.unwrap();

    let by_member = cancel(&ben, invitation.id).await;
    let unknown = cancel(&ana, context(99).new_id()).await;
    let cancelled = cancel(&ana, invitation.id).await.unwrap();

    assert!(matches!(by_member, Err(InvitationError::MayNotCancel)));
    assert!(matches!(unknown, Err(InvitationError::NotFound)));
    assert_eq!(cancelled.status, "canceled");
    assert_eq!(members(&clinic, salt_lane).await, 2, "the member stays");
}

#[tokio::test]
async fn an_invitation_that_is_rolled_back_mails_nothing() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let session = clinic.session(&ana, Some(salt_lane)).await;

    let tx = enter(&clinic, &session, &context(3)).await;
    let (rules, new) = (Rules::default(), to(&ben.email, "member"));
    let sent = invitations::create(&tx, &clinic.access, &rules, &clinic.auth, &session.user, new).await;
    drop(tx);

    assert!(sent.unwrap().mailed);
    assert_eq!(mails(&clinic).await, 0);
    let invitations = "select count(*) from invitation where \"organizationId\" = $1";
    assert_eq!(clinic.count(invitations, salt_lane).await, 0);
}

#[tokio::test]
async fn whoever_delivers_invitations_themselves_has_none_mailed() {
    let (clinic, ana, salt_lane, _) = ana_and_ben().await;
    let session = clinic.session(&ana, Some(salt_lane)).await;
    let none = Rules {
        mail_invitations: false,
        ..Rules::default()
    };
    let sent = invite_in(
        &clinic,
        &session,
        &context(3),
        &none,
        to("ben@example.com", "member"),
    )
    .await;
    assert!(!sent.unwrap().mailed);

    let secrets = Secrets::new(["a secret for tests, longer than 32 bytes"]).unwrap();
    let mute = Auth::new(AuthConfig {
        mails_are_sent: false,
        ..AuthConfig::new(secrets, "http://wardkeep.test")
    });
    let tx = enter(&clinic, &session, &context(4)).await;
    let (rules, new) = (Rules::default(), to("kim@example.com", "member"));
    let sent = invitations::create(&tx, &clinic.access, &rules, &mute, &session.user, new).await;
    tx.commit().await.unwrap();
    assert!(!sent.unwrap().mailed);

    assert_eq!(mails(&clinic).await, 0);
}

#[tokio::test]
async fn nobody_invites_to_a_role_that_grants_more_than_they_hold() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let recruiter = r#"{"invitation":["create"]}"#;
    clinic.role(salt_lane, "recruiter", recruiter).await;
    clinic.db.member(salt_lane, ben.id, "recruiter").await;
    invite(&clinic, 5, (&ana, salt_lane), to("eve@example.com", "admin"))
        .await
        .unwrap();

    let admin = invite(&clinic, 6, (&ben, salt_lane), to("max@example.com", "admin")).await;
    let again = NewInvitation {
        resend: true,
        ..to("eve@example.com", "recruiter")
    };
    let again = invite(&clinic, 7, (&ben, salt_lane), again).await;
    let held = invite(&clinic, 8, (&ben, salt_lane), to("max@example.com", "recruiter")).await;

    assert!(matches!(admin, Err(InvitationError::RoleDenied)), "{admin:?}");
    assert!(matches!(again, Err(InvitationError::RoleDenied)), "{again:?}");
    assert!(held.is_ok(), "{held:?}");
}

#[tokio::test]
async fn an_invitation_rests_on_who_made_it() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let eve = clinic.person(5, "Eve").await;
    let max = clinic.person(6, "Max").await;
    let bens = clinic.db.member(salt_lane, ben.id, "owner").await;
    let invited = async |seed, person: &Person, role| {
        let sent = invite(&clinic, seed, (&ben, salt_lane), to(&person.email, role)).await;
        sent.unwrap().id
    };
    let owner = invited(7, &eve, "owner").await;
    let member = invited(8, &max, "member").await;

    let demote = async |role: &str| {
        let tx = clinic.enter(&ana, salt_lane).await;
        let roles = crate::role_changes::roles(role);
        wardkeep_organizations::members::change_roles(&tx, &clinic.access, Some(bens), &roles)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    demote("admin").await;
    let by_no_owner = accept(&clinic, 9, &eve, owner).await;
    assert!(
        matches!(by_no_owner, Err(InvitationError::InviterGone)),
        "{by_no_owner:?}"
    );
    demote("owner").await;
    let tx = clinic.enter(&ana, salt_lane).await;
    wardkeep_organizations::members::remove(&tx, &clinic.access, MemberKey::Id(Some(bens)))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for (person, id) in [(&eve, owner), (&max, member)] {
        let by_nobody = accept(&clinic, 10, person, id).await;
        assert!(
            matches!(by_nobody, Err(InvitationError::InviterGone)),
            "{by_nobody:?}"
        );
        assert_eq!(status(&clinic, id).await, "pending");
    }
}

/// What the owner does to somebody's membership.
async fn give_roles(
    clinic: &Clinic,
    (owner, organization): (&Person, OrganizationId),
    member: MemberId,
    list: &str,
) {
    let tx = clinic.enter(owner, organization).await;
    let roles = crate::role_changes::roles(list);
    wardkeep_organizations::members::change_roles(&tx, &clinic.access, Some(member), &roles)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn put_out(clinic: &Clinic, (owner, organization): (&Person, OrganizationId), member: MemberId) {
    let tx = clinic.enter(owner, organization).await;
    wardkeep_organizations::members::remove(&tx, &clinic.access, MemberKey::Id(Some(member)))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_invitation_gives_nothing_that_its_maker_may_not_give_any_more() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let eve = clinic.person(5, "Eve").await;
    let bens = clinic.db.member(salt_lane, ben.id, "admin").await;
    let admin = invite(&clinic, 6, (&ben, salt_lane), to(&eve.email, "admin"))
        .await
        .unwrap()
        .id;

    give_roles(&clinic, (&ana, salt_lane), bens, "member").await;
    let by_a_member = accept(&clinic, 7, &eve, admin).await;

    assert!(by_a_member.is_err(), "{by_a_member:?}");
    assert_eq!(status(&clinic, admin).await, "pending");
}

#[tokio::test]
async fn who_was_put_out_and_comes_back_finds_no_old_invitation_that_gives_more() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let eve = clinic.person(5, "Eve").await;
    let bens = clinic.db.member(salt_lane, ben.id, "admin").await;
    let admin = invite(&clinic, 6, (&ben, salt_lane), to(&eve.email, "admin"))
        .await
        .unwrap()
        .id;

    put_out(&clinic, (&ana, salt_lane), bens).await;
    clinic.db.member(salt_lane, ben.id, "member").await;
    let by_a_member = accept(&clinic, 7, &eve, admin).await;

    assert!(by_a_member.is_err(), "{by_a_member:?}");
    assert_eq!(status(&clinic, admin).await, "pending");
}

#[tokio::test]
async fn an_invitation_that_is_sent_again_rests_on_who_sends_it_again() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let eve = clinic.person(5, "Eve").await;
    let bens = clinic.db.member(salt_lane, ben.id, "admin").await;
    invite(&clinic, 6, (&ben, salt_lane), to(&eve.email, "member"))
        .await
        .unwrap();
    put_out(&clinic, (&ana, salt_lane), bens).await;

    let again = NewInvitation {
        resend: true,
        ..to(&eve.email, "member")
    };
    let again = invite(&clinic, 7, (&ana, salt_lane), again).await.unwrap();
    let accepted = accept(&clinic, 8, &eve, again.id).await;

    assert!(accepted.is_ok(), "{accepted:?}");
}

#[tokio::test]
async fn an_invitation_gives_no_more_when_its_role_is_made_again_with_more_rights() {
    let (clinic, ana, salt_lane, ben) = ana_and_ben().await;
    let eve = clinic.person(5, "Eve").await;
    clinic
        .role(salt_lane, "recruiter", r#"{"invitation":["create"]}"#)
        .await;
    clinic.role(salt_lane, "shell", "{}").await;
    clinic.db.member(salt_lane, ben.id, "recruiter").await;
    let shell = invite(&clinic, 6, (&ben, salt_lane), to(&eve.email, "shell"))
        .await
        .unwrap()
        .id;

    // Only members keep a role from being deleted.
    let tx = clinic.enter(&ana, salt_lane).await;
    let key = RoleKey::Name("shell".to_owned());
    roles::delete(&tx, &clinic.access, key).await.unwrap();
    tx.commit().await.unwrap();
    clinic
        .role(salt_lane, "shell", r#"{"organization":["delete"]}"#)
        .await;
    let by_a_recruiter = accept(&clinic, 7, &eve, shell).await;

    assert!(by_a_recruiter.is_err(), "{by_a_recruiter:?}");
}
