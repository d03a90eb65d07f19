//! Teams and who is in them, as the application's login.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use sqlx::Row as _;
use wardkeep_organizations::Rules;
use wardkeep_organizations::invitations::NewInvitation;
use wardkeep_organizations::teams::members::{self, TeamMember, TeamMemberError};
use wardkeep_organizations::teams::own::{self, Activation, OwnTeamError, Selection};
use wardkeep_organizations::teams::{self, Team, TeamError};
use wardkeep_tenancy::{Asked, InvitationId, OrganizationId, TeamId, UserId};
use wardkeep_testkit::context;

use crate::clinic::{Clinic, Person};
use crate::invitations::{invite_in, to};

const PLACES: &str = "select count(*) from \"teamMember\" where \"teamId\" = $1";
const MEMBER_COUNT: &str = "select \"memberCount\"::bigint from team where id = $1";

/// An owner in an organization with its default team.
pub(crate) struct Founded {
    pub(crate) clinic: Clinic,
    pub(crate) ana: Person,
    pub(crate) id: OrganizationId,
    pub(crate) rules: Rules,
}

impl Founded {
    pub(crate) async fn new() -> Self {
        let clinic = Clinic::new().await;
        let ana = clinic.person(1, "Ana").await;
        let id = clinic.found(&ana, 2, "salt-lane").await.unwrap().organization.id;
        Self {
            clinic,
            ana,
            id,
            rules: Rules::default(),
        }
    }

    /// Somebody who belongs to the organization.
    pub(crate) async fn colleague(&self, seed: u64, name: &str, role: &str) -> Person {
        let person = self.clinic.person(seed, name).await;
        self.clinic.db.member(self.id, person.id, role).await;
        person
    }

    pub(crate) async fn create(&self, caller: &Person, name: &str) -> Result<Team, TeamError> {
        let tx = self.clinic.enter(caller, self.id).await;
        let team = teams::create(&tx, &self.clinic.access, &self.rules, name.to_owned()).await?;
        tx.commit().await?;
        Ok(team)
    }

    pub(crate) async fn team(&self, name: &str) -> TeamId {
        self.create(&self.ana, name).await.unwrap().id
    }

    async fn update(&self, caller: &Person, team: TeamId, name: Option<&str>) -> Result<Team, TeamError> {
        let tx = self.clinic.enter(caller, self.id).await;
        let name = name.map(str::to_owned);
        let team = teams::update(&tx, &self.clinic.access, team, name).await?;
        tx.commit().await?;
        Ok(team)
    }

    pub(crate) async fn remove(&self, caller: &Person, team: TeamId) -> Result<(), TeamError> {
        let session = self.clinic.session(caller, Some(self.id)).await;
        let tx = self.clinic.enter_in(&session).await;
        let active = session.session.active_team_id;
        teams::remove(&tx, &self.clinic.access, active, team).await?;
        Ok(tx.commit().await?)
    }

    pub(crate) async fn add(
        &self,
        caller: &Person,
        team: TeamId,
        user: UserId,
    ) -> Result<TeamMember, TeamMemberError> {
        let tx = self.clinic.enter(caller, self.id).await;
        let member = members::add(&tx, &self.clinic.access, &self.rules, team, user).await?;
        tx.commit().await?;
        Ok(member)
    }

    async fn take_out(&self, caller: &Person, team: TeamId, user: UserId) -> Result<(), TeamMemberError> {
        let tx = self.clinic.enter(caller, self.id).await;
        members::remove(&tx, &self.clinic.access, team, user).await?;
        Ok(tx.commit().await?)
    }

    pub(crate) async fn number(&self, query: &'static str, team: TeamId) -> i64 {
        let row = sqlx::query(query).bind(team.as_uuid());
        row.fetch_one(&mut self.clinic.db.admin().await)
            .await
            .unwrap()
            .get(0)
    }

    pub(crate) async fn execute(&self, statement: &'static str) {
        sqlx::query(statement)
            .execute(&mut self.clinic.db.admin().await)
            .await
            .unwrap();
    }

    /// Invites an address to some teams.
    pub(crate) async fn invite(&self, email: &str, teams: Vec<String>) -> InvitationId {
        let session = self.clinic.session(&self.ana, Some(self.id)).await;
        let new = NewInvitation {
            teams,
            ..to(email, "member")
        };
        let cx = self.clinic.next_context();
        let sent = invite_in(&self.clinic, &session, &cx, &self.rules, new).await;
        sent.unwrap().invitation.id
    }

    /// The team that came with the organization.
    pub(crate) async fn default_team(&self) -> TeamId {
        let session = self.clinic.session(&self.ana, None).await;
        session.session.active_team_id.unwrap()
    }

    async fn activate(&self, person: &Person, selection: Selection) -> Result<Activation, OwnTeamError> {
        let asked = match selection {
            Selection::Team(team) => Asked::Team(team),
            Selection::Nothing | Selection::Same => Asked::ActiveTeam,
        };
        let current = self.clinic.session_asked(person, asked).await;
        own::set_active(&self.clinic.database, &context(0), &current, selection).await
    }
}

/// A team of another organization, in which Ben is and Ana is not.
async fn foreign_team(here: &Founded, ben: &Person) -> TeamId {
    let founded = here.clinic.found(ben, 50, "other").await.unwrap();
    let teams = own::list(&here.clinic.database, &context(0), ben.id)
        .await
        .unwrap();
    let of_it = |team: &&Team| team.organization_id == founded.organization.id;
    teams.rows.iter().find(of_it).unwrap().id
}

#[tokio::test]
async fn a_new_team_is_empty_and_stands_in_the_list() {
    let here = Founded::new().await;

    let team = here.create(&here.ana, "").await.unwrap();

    assert_eq!(
        (&*team.name, team.organization_id, team.updated_at),
        ("", here.id, Some(team.created_at))
    );
    assert_eq!(here.number(PLACES, team.id).await, 0);
    let tx = here.clinic.enter(&here.ana, here.id).await;
    let list = teams::list(&tx).await.unwrap();
    assert_eq!((list.total, list.rows.contains(&team)), (2, true));
}

#[tokio::test]
async fn of_more_than_a_hundred_teams_a_hundred_are_shown_and_all_are_counted() {
    let here = Founded::new().await;
    here.execute(
        "with new as (
            insert into team (name, \"organizationId\", \"createdAt\")
            select number, organization.id, organization.\"createdAt\" + number * interval '1 second'
            from organization, generate_series(1, 120) as number
            returning id, \"organizationId\", \"createdAt\"
         )
         insert into \"teamMember\" (\"teamId\", \"userId\", \"createdAt\")
         select new.id, member.\"userId\", new.\"createdAt\"
         from new join member using (\"organizationId\")",
    )
    .await;
    let tx = here.clinic.enter(&here.ana, here.id).await;

    let all = teams::list(&tx).await.unwrap();
    let of_ana = own::list_of(&tx, here.ana.id).await.unwrap();
    let own = own::list(&here.clinic.database, &context(0), here.ana.id)
        .await
        .unwrap();

    for list in [all, of_ana, own] {
        assert_eq!((list.rows.len(), list.total), (100, 121));
        let names: Vec<_> = list.rows.iter().skip(1).map(|team| team.name.clone()).collect();
        let expected: Vec<_> = (1..100).map(|number: u8| number.to_string()).collect();
        assert_eq!(names, expected);
    }
}

#[tokio::test]
async fn an_organization_has_no_more_teams_than_the_rules_allow() {
    let mut here = Founded::new().await;
    here.rules.teams = Some(2);
    here.team("Night").await;

    let refused = here.create(&here.ana, "Day").await;

    assert!(matches!(refused, Err(TeamError::Limit)), "{refused:?}");
}

#[tokio::test]
async fn a_plain_member_changes_no_team_and_an_admin_does() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "member").await;
    let eve = here.colleague(4, "Eve", "admin").await;
    let team = here.team("Night").await;

    assert!(matches!(
        here.create(&ben, "x").await,
        Err(TeamError::CreationDenied)
    ));
    let update = here.update(&ben, team, Some("x")).await;
    assert!(matches!(update, Err(TeamError::UpdateDenied)));
    assert!(matches!(
        here.remove(&ben, team).await,
        Err(TeamError::RemovalDenied)
    ));
    let addition = here.add(&ben, team, ben.id).await;
    assert!(matches!(addition, Err(TeamMemberError::AdditionDenied)));
    here.add(&eve, team, ben.id).await.unwrap();
    let taking_out = here.take_out(&ben, team, ben.id).await;
    assert!(matches!(taking_out, Err(TeamMemberError::RemovalDenied)));
    here.take_out(&eve, team, ben.id).await.unwrap();
    here.update(&eve, team, Some("Day")).await.unwrap();
    here.remove(&eve, team).await.unwrap();
    here.create(&eve, "x").await.unwrap();
}

#[tokio::test]
async fn an_update_without_a_name_notes_the_time_alone() {
    let here = Founded::new().await;
    let team = here.default_team().await;

    let same = here.update(&here.ana, team, None).await.unwrap();
    let renamed = here.update(&here.ana, team, Some("Day")).await.unwrap();

    assert_eq!(
        (&*same.name, same.updated_at),
        ("SALT-LANE", Some(context(0).now()))
    );
    assert_eq!((&*renamed.name, renamed.created_at), ("Day", same.created_at));
}

#[tokio::test]
async fn a_team_of_another_organization_is_none() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "admin").await;
    let foreign = foreign_team(&here, &ben).await;
    // Neither in the rights nor in the place of the caller lies the reason.
    let unknown: TeamId = context(9).new_id();

    for team in [foreign, unknown] {
        let update = here.update(&ben, team, Some("x")).await;
        assert!(matches!(update, Err(TeamError::NotFound)), "{update:?}");
        let removal = here.remove(&ben, team).await;
        assert!(
            matches!(removal, Err(TeamError::NotFound | TeamError::Active)),
            "{removal:?}"
        );
        let addition = here.add(&ben, team, here.ana.id).await;
        assert!(
            matches!(addition, Err(TeamMemberError::TeamNotFound)),
            "{addition:?}"
        );
        let taking_out = here.take_out(&ben, team, ben.id).await;
        assert!(
            matches!(taking_out, Err(TeamMemberError::TeamNotFound)),
            "{taking_out:?}"
        );
        let tx = here.clinic.enter(&ben, here.id).await;
        let list = members::list(&tx, team).await;
        assert!(matches!(list, Err(TeamMemberError::NotInTeam)), "{list:?}");
    }
    assert_eq!(here.number(PLACES, foreign).await, 1);
    let name: String = sqlx::query_scalar("select name from team where id = $1")
        .bind(foreign.as_uuid())
        .fetch_one(&mut here.clinic.db.admin().await)
        .await
        .unwrap();
    assert_eq!(name, "OTHER");
}

#[tokio::test]
async fn a_removed_team_leaves_its_places_and_the_invitations_that_wait() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "member").await;
    let (gone, kept) = (here.team("Night").await, here.team("Day").await);
    here.add(&here.ana, gone, ben.id).await.unwrap();
    let invitations = "
        insert into invitation (\"organizationId\", email, status, \"teamId\", \"expiresAt\", \"inviterId\")
        select organization.id, email, status, team, organization.\"createdAt\" + hours * interval '1 hour', $1
        from organization, (values
            ('a', 'pending', $2::text, 1),
            ('b', 'pending', $3 || ',' || $2 || ',' || $3, 1),
            ('c', 'pending', null, 1),
            ('d', 'pending', $2, 0),
            ('e', 'canceled', $2, 1)
        ) as invited (email, status, team, hours)";
    sqlx::query(invitations)
        .bind(here.ana.id.as_uuid())
        .bind(gone.to_string())
        .bind(kept.to_string())
        .execute(&mut here.clinic.db.admin().await)
        .await
        .unwrap();

    here.remove(&here.ana, gone).await.unwrap();

    assert_eq!(here.number(PLACES, gone).await, 0);
    let left: Vec<Option<String>> = sqlx::query_scalar("select \"teamId\" from invitation order by email")
        .fetch_all(&mut here.clinic.db.admin().await)
        .await
        .unwrap();
    let stays = Some(gone.to_string());
    assert_eq!(
        left,
        [None, Some(format!("{kept},{kept}")), None, stays.clone(), stays]
    );
}

#[tokio::test]
async fn an_invitation_loses_a_removed_team_however_its_id_was_written() {
    let here = Founded::new().await;
    let team = here.team("Night").await;
    let written = [
        team.to_string().to_uppercase(),
        team.as_uuid().simple().to_string(),
    ];
    for (number, written) in written.into_iter().enumerate() {
        here.invite(&format!("ben{number}@example.com"), vec![written])
            .await;
    }

    here.remove(&here.ana, team).await.unwrap();

    let named: i64 = sqlx::query_scalar("select count(*) from invitation where \"teamId\" is not null")
        .fetch_one(&mut here.clinic.db.admin().await)
        .await
        .unwrap();
    assert_eq!(named, 0);
}

#[tokio::test]
async fn the_last_team_stays_and_so_does_the_one_in_which_the_caller_works() {
    let here = Founded::new().await;
    let eve = here.colleague(3, "Eve", "admin").await;
    let default = here.default_team().await;

    let by_ana = here.remove(&here.ana, default).await;
    let by_eve = here.remove(&eve, default).await;

    assert!(matches!(by_ana, Err(TeamError::Active)), "{by_ana:?}");
    assert!(matches!(by_eve, Err(TeamError::Last)), "{by_eve:?}");
    let night = here.team("Night").await;
    here.remove(&eve, default).await.unwrap();
    assert!(matches!(here.remove(&eve, night).await, Err(TeamError::Last)));
}

#[tokio::test]
async fn who_is_in_a_team_already_stays_as_before() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "member").await;
    let team = here.team("Night").await;

    let first = here.add(&here.ana, team, ben.id).await.unwrap();
    let again = here.add(&here.ana, team, ben.id).await.unwrap();

    assert_eq!(first, again);
    let keyed = "
        select count(*) from \"teamMember\"
        where \"teamId\" = $1
          and \"membershipKey\" = rtrim(translate(
            encode(sha256(convert_to(format('[\"%s\",\"%s\"]', \"teamId\", \"userId\"), 'utf8')), 'base64'), '+/', '-_'), '=')";
    assert_eq!(here.number(keyed, team).await, 1);
}

#[tokio::test]
async fn a_team_counts_its_members_and_heals_a_wrong_count() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "member").await;
    let eve = here.colleague(4, "Eve", "member").await;
    let team = here.team("Night").await;
    here.add(&here.ana, team, ben.id).await.unwrap();
    assert_eq!(here.number(MEMBER_COUNT, team).await, 1);
    here.execute("update team set \"memberCount\" = 77").await;

    here.add(&here.ana, team, eve.id).await.unwrap();
    assert_eq!(here.number(MEMBER_COUNT, team).await, 2);

    here.take_out(&here.ana, team, ben.id).await.unwrap();
    assert_eq!(here.number(MEMBER_COUNT, team).await, 1);
    assert_eq!(here.number(MEMBER_COUNT, here.default_team().await).await, 77);
}

#[tokio::test]
async fn the_limit_of_a_team_counts_rows_and_not_what_the_team_says() {
    let mut here = Founded::new().await;
    here.rules.members_per_team = Some(2);
    let ben = here.colleague(3, "Ben", "member").await;
    let eve = here.colleague(4, "Eve", "member").await;
    let team = here.team("Night").await;
    here.execute("update team set \"memberCount\" = 77").await;
    here.add(&here.ana, team, ben.id).await.unwrap();
    here.add(&here.ana, team, eve.id).await.unwrap();
    here.execute("update team set \"memberCount\" = 0").await;

    let third = here.add(&here.ana, team, here.ana.id).await;
    let again = here.add(&here.ana, team, eve.id).await;

    assert!(matches!(third, Err(TeamMemberError::Limit)), "{third:?}");
    again.unwrap();
}

#[tokio::test]
async fn only_members_of_the_organization_are_in_its_teams() {
    let here = Founded::new().await;
    let stranger = here.clinic.person(3, "Ben").await;
    here.clinic.found(&stranger, 50, "other").await.unwrap();
    let team = here.team("Night").await;

    for user in [stranger.id, context(9).new_id()] {
        let addition = here.add(&here.ana, team, user).await;
        assert!(
            matches!(addition, Err(TeamMemberError::NotAMember)),
            "{addition:?}"
        );
        let taking_out = here.take_out(&here.ana, team, user).await;
        assert!(
            matches!(taking_out, Err(TeamMemberError::NotAMember)),
            "{taking_out:?}"
        );
    }
    let not_in_it = here.take_out(&here.ana, team, here.ana.id).await;
    assert!(
        matches!(not_in_it, Err(TeamMemberError::NotInTeam)),
        "{not_in_it:?}"
    );
}

#[tokio::test]
async fn those_in_a_team_see_who_is_in_it_and_the_owner_does_not() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "member").await;
    let team = here.team("Night").await;
    let place = here.add(&here.ana, team, ben.id).await.unwrap();

    let by_ben = here.clinic.enter(&ben, here.id).await;
    let list = members::list(&by_ben, team).await.unwrap();
    drop(by_ben);
    let by_ana = here.clinic.enter(&here.ana, here.id).await;
    let refused = members::list(&by_ana, team).await;

    assert_eq!((list.rows, list.total), (vec![place], 1));
    assert!(matches!(refused, Err(TeamMemberError::NotInTeam)), "{refused:?}");
}

#[tokio::test]
async fn the_teams_of_others_are_for_those_who_may_change_members() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "member").await;
    let foreign = foreign_team(&here, &ben).await;
    let team = here.team("Night").await;
    here.add(&here.ana, team, ben.id).await.unwrap();

    let by_ana = here.clinic.enter(&here.ana, here.id).await;
    let of_ben = own::list_of(&by_ana, ben.id).await.unwrap();
    let of_nobody = own::list_of(&by_ana, context(9).new_id()).await;
    drop(by_ana);
    let by_ben = here.clinic.enter(&ben, here.id).await;
    let of_ana = own::list_of(&by_ben, here.ana.id).await;
    let of_himself = own::list_of(&by_ben, ben.id).await.unwrap();

    let ids = |teams: &[Team]| teams.iter().map(|team| team.id).collect::<Vec<_>>();
    assert_eq!((ids(&of_ben.rows), of_ben.total), (vec![team], 1));
    assert_eq!(ids(&of_himself.rows), [team]);
    assert!(
        matches!(of_nobody, Err(OwnTeamError::NotAMember)),
        "{of_nobody:?}"
    );
    assert!(matches!(of_ana, Err(OwnTeamError::Denied)), "{of_ana:?}");
    drop(by_ben);
    let everywhere = own::list(&here.clinic.database, &context(0), ben.id).await;
    let mut everywhere = ids(&everywhere.unwrap().rows);
    everywhere.sort();
    let mut expected = [team, foreign];
    expected.sort();
    assert_eq!(everywhere, expected);
}

#[tokio::test]
async fn a_member_without_teams_has_none() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "member").await;

    let tx = here.clinic.enter(&here.ana, here.id).await;
    let list = own::list_of(&tx, ben.id).await.unwrap();

    assert_eq!((list.rows, list.total), (Vec::new(), 0));
}

#[tokio::test]
async fn a_team_of_ones_own_becomes_the_active_one_and_the_organization_stays() {
    let here = Founded::new().await;
    let team = here.team("Night").await;
    here.add(&here.ana, team, here.ana.id).await.unwrap();

    let chosen = here.activate(&here.ana, Selection::Team(team)).await.unwrap();

    assert!(matches!(&chosen, Activation::Changed(Some(chosen)) if chosen.id == team));
    let session = here.clinic.session(&here.ana, None).await.session;
    assert_eq!(
        (session.active_organization_id, session.active_team_id),
        (Some(here.id), Some(team))
    );
    assert_eq!(here.activate(&here.ana, Selection::Same).await.unwrap(), chosen);
    let unset = here.activate(&here.ana, Selection::Nothing).await.unwrap();
    assert_eq!(unset, Activation::Changed(None));
    for selection in [Selection::Nothing, Selection::Same] {
        let nothing = here.activate(&here.ana, selection).await.unwrap();
        assert_eq!(nothing, Activation::Unchanged);
    }
    let session = here.clinic.session(&here.ana, None).await.session;
    assert_eq!(
        (session.active_organization_id, session.active_team_id),
        (Some(here.id), None)
    );
}

#[tokio::test]
async fn no_team_but_ones_own_in_the_active_organization_becomes_active() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "member").await;
    let foreign = foreign_team(&here, &ben).await;
    let night = here.team("Night").await;
    here.add(&here.ana, night, ben.id).await.unwrap();

    // Ben's own, but of the organization that is not the active one.
    let elsewhere = here.activate(&ben, Selection::Team(night)).await;
    let unknown = here.activate(&ben, Selection::Team(context(9).new_id())).await;
    let not_in_it = here.activate(&here.ana, Selection::Team(night)).await;
    let of_others = here.activate(&here.ana, Selection::Team(foreign)).await;
    here.execute("update session set \"activeOrganizationId\" = null")
        .await;
    let nowhere = here.activate(&ben, Selection::Same).await;

    assert!(
        matches!(elsewhere, Err(OwnTeamError::TeamNotFound)),
        "{elsewhere:?}"
    );
    assert!(matches!(unknown, Err(OwnTeamError::TeamNotFound)), "{unknown:?}");
    assert!(matches!(not_in_it, Err(OwnTeamError::NotInTeam)), "{not_in_it:?}");
    assert!(
        matches!(of_others, Err(OwnTeamError::TeamNotFound)),
        "{of_others:?}"
    );
    assert!(
        matches!(nowhere, Err(OwnTeamError::NoActiveOrganization)),
        "{nowhere:?}"
    );
    let active = here.clinic.session(&ben, None).await.session.active_team_id;
    assert_eq!(active, Some(foreign));
}

#[tokio::test]
async fn who_is_a_member_no_more_gets_no_team() {
    let here = Founded::new().await;
    let ben = here.colleague(3, "Ben", "member").await;
    let team = here.team("Night").await;
    here.add(&here.ana, team, ben.id).await.unwrap();
    here.execute("update session set \"activeOrganizationId\" = (select id from organization)")
        .await;
    here.activate(&ben, Selection::Team(team)).await.unwrap();
    here.execute("delete from member where role = 'member'").await;

    for selection in [Selection::Same, Selection::Team(team)] {
        let refused = here.activate(&ben, selection).await;
        assert!(matches!(refused, Err(OwnTeamError::NotInTeam)), "{refused:?}");
    }
    let own = own::list(&here.clinic.database, &context(0), ben.id)
        .await
        .unwrap();
    assert_eq!((own.rows, own.total), (Vec::new(), 0));
}
