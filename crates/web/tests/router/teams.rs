//! The endpoints about teams: in which order they check, and what they answer.

use serde_json::{Value, json};
use wardkeep_organizations::Rules;

use crate::clinics::{UNKNOWN, join, path};
use crate::world::{Answer, Browser, World};

const ANA: &str = "ana@example.test";
const BEN: &str = "ben@example.test";

/// An id of nothing, an id that is none, and one that looks like another's.
const NOTHING: [&str; 3] = [UNKNOWN, "nonsense", "00000000-0000-0000-0000-000000000000"];

/// The clinic that Ana founded: she and its default team are active in her session.
struct Clinic {
    id: String,
    team: String,
}

async fn found(founder: &mut Browser<'_>, slug: &str) -> Clinic {
    let body = json!({"name": slug, "slug": slug});
    let founded = founder.post(&path("create"), &body).await;
    let teams = founder.get(&path("list-teams")).await;
    Clinic {
        id: text(&founded.body["id"]),
        team: text(&teams.body[0]["id"]),
    }
}

async fn post(browser: &mut Browser<'_>, endpoint: &str, body: Value) -> Answer {
    browser.post(&path(endpoint), &body).await
}

async fn team(founder: &mut Browser<'_>, name: &str) -> String {
    let made = post(founder, "create-team", json!({"name": name})).await;
    assert_eq!(made.status, 200, "{}", made.text);
    text(&made.body["id"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn keys(value: &Value) -> Vec<&str> {
    let keys = value.as_object().unwrap().keys();
    let mut keys: Vec<_> = keys.map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn invalid(answer: &Answer, message: &str) {
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.body["message"], message);
}

#[actix_web::test]
async fn a_body_or_query_of_another_shape_is_refused_before_the_session_is_looked_for() {
    let world = World::new().await;
    let mut nobody = world.browser();

    for (endpoint, body, message) in [
        (
            "create-team",
            json!({"organizationId": null}),
            "[body.name] Invalid input: expected string, received undefined; \
             [body.organizationId] Invalid input: expected string, received null",
        ),
        (
            "update-team",
            json!({"teamId": 5}),
            "[body.teamId] Invalid input: expected string, received number; \
             [body.data] Invalid input: expected object, received undefined",
        ),
        (
            "update-team",
            json!({"teamId": "x", "data": {"name": "", "organizationId": 6}}),
            "[body.data.name] Too small: expected string to have >=1 characters; \
             [body.data.organizationId] Invalid input: expected string, received number",
        ),
        (
            "remove-team",
            json!({}),
            "[body.teamId] Invalid input: expected string, received undefined",
        ),
        (
            "set-active-team",
            json!({"teamId": 5}),
            "[body.teamId] Invalid input: expected string, received number",
        ),
        (
            "add-team-member",
            json!({"organizationId": 1}),
            "[body.teamId] Invalid input: expected string, received undefined; \
             [body.userId] Invalid input: expected nonoptional, received undefined; \
             [body.organizationId] Invalid input: expected string, received number",
        ),
        (
            "remove-team-member",
            json!({"teamId": "x"}),
            "[body.userId] Invalid input: expected nonoptional, received undefined",
        ),
    ] {
        invalid(&post(&mut nobody, endpoint, body).await, message);
    }
    for query in [
        "list-teams?organizationId=a&organizationId=b",
        "list-user-teams?organizationId=a&organizationId=b",
    ] {
        invalid(
            &nobody.get(&path(query)).await,
            "[query.organizationId] Invalid input: expected string, received array",
        );
    }
    nobody
        .get(&path("list-team-members?teamId=a&teamId=b"))
        .await
        .refused(400, "VALIDATION_ERROR");
}

#[actix_web::test]
async fn without_a_session_two_answer_without_a_body_and_one_looks_for_an_organization_first() {
    let world = World::new().await;
    let mut nobody = world.browser();

    for (endpoint, body) in [
        ("update-team", json!({"teamId": "x", "data": {}})),
        ("set-active-team", json!({})),
        ("add-team-member", json!({"teamId": "x", "userId": "x"})),
        ("remove-team-member", json!({"teamId": "x", "userId": "x"})),
    ] {
        post(&mut nobody, endpoint, body)
            .await
            .refused(401, "UNAUTHORIZED");
    }
    for endpoint in ["list-teams", "list-user-teams", "list-team-members"] {
        nobody.get(&path(endpoint)).await.refused(401, "UNAUTHORIZED");
    }
    for (endpoint, body) in [
        ("create-team", json!({"name": "x"})),
        ("create-team", json!({"name": "x", "organizationId": UNKNOWN})),
        ("remove-team", json!({"teamId": "x", "organizationId": UNKNOWN})),
    ] {
        let refused = post(&mut nobody, endpoint, body).await;
        assert_eq!((refused.status.as_u16(), &*refused.text), (401, ""), "{endpoint}");
    }
    for body in [
        json!({"teamId": "x"}),
        json!({"teamId": "x", "organizationId": ""}),
    ] {
        let refused = post(&mut nobody, "remove-team", body).await;
        refused.refused(400, "NO_ACTIVE_ORGANIZATION");
    }
}

#[actix_web::test]
async fn where_no_organization_is_named_or_active_there_is_none() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;

    for (endpoint, body) in [
        ("create-team", json!({"name": "x"})),
        (
            "update-team",
            json!({"teamId": "x", "data": {"organizationId": ""}}),
        ),
        ("remove-team", json!({"teamId": "x"})),
        ("set-active-team", json!({"teamId": "x"})),
        ("add-team-member", json!({"teamId": "x", "userId": "x"})),
        ("remove-team-member", json!({"teamId": "x", "userId": "x"})),
    ] {
        let refused = post(&mut ana, endpoint, body).await;
        refused.refused(400, "NO_ACTIVE_ORGANIZATION");
    }
    for query in ["list-teams", "list-user-teams?userId=x"] {
        ana.get(&path(query)).await.refused(400, "NO_ACTIVE_ORGANIZATION");
    }
    ana.get(&path("list-team-members"))
        .await
        .refused(400, "YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM");
    let own = ana.get(&path("list-user-teams")).await;
    assert_eq!((own.status.as_u16(), own.body), (200, json!([])));
}

#[actix_web::test]
async fn an_outsider_is_told_so_in_the_words_of_the_endpoint() {
    let world = World::new().await;
    let (mut ana, mut ben) = (world.sign_up(ANA).await, world.sign_up(BEN).await);
    let clinic = found(&mut ana, "salt-lane").await;
    let bens = found(&mut ben, "other").await;
    let user = ben.user().await.unwrap();

    for id in [&clinic.id, UNKNOWN, "nonsense"] {
        for (endpoint, body, status, code) in [
            (
                "create-team",
                json!({"name": "x", "organizationId": id}),
                403,
                "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION",
            ),
            (
                "update-team",
                json!({"teamId": clinic.team, "data": {"organizationId": id}}),
                403,
                "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM",
            ),
            (
                "remove-team",
                json!({"teamId": clinic.team, "organizationId": id}),
                403,
                "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM",
            ),
            (
                "add-team-member",
                json!({"teamId": clinic.team, "userId": user, "organizationId": id}),
                400,
                "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
            ),
            (
                "remove-team-member",
                json!({"teamId": clinic.team, "userId": user, "organizationId": id}),
                400,
                "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
            ),
        ] {
            post(&mut ben, endpoint, body).await.refused(status, code);
        }
        ben.get(&path(&format!("list-teams?organizationId={id}")))
            .await
            .refused(403, "YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION");
        for query in [
            format!("organizationId={id}"),
            format!("userId={UNKNOWN}&organizationId={id}"),
        ] {
            ben.get(&path(&format!("list-user-teams?{query}")))
                .await
                .refused(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");
        }
    }
    ben.get(&path(&format!("list-team-members?teamId={}", clinic.team)))
        .await
        .refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM");
    let still = ben.get(&path("list-team-members")).await;
    assert_eq!(still.body[0]["teamId"], bens.team);
}

#[actix_web::test]
async fn a_team_of_another_organization_is_answered_as_an_unknown_one() {
    let world = World::new().await;
    let (mut ana, mut ben) = (world.sign_up(ANA).await, world.sign_up(BEN).await);
    let clinic = found(&mut ana, "salt-lane").await;
    let bens = found(&mut ben, "other").await;
    // In both, so that only the team is wrong.
    let user = join(&world, &mut ana, &bens.id, "owner").await.to_string();

    for id in NOTHING.into_iter().chain([&*bens.team]) {
        for (endpoint, body) in [
            ("update-team", json!({"teamId": id, "data": {"name": "x"}})),
            ("remove-team", json!({"teamId": id})),
            ("remove-team", json!({"teamId": id, "organizationId": clinic.id})),
            ("set-active-team", json!({"teamId": id})),
            ("add-team-member", json!({"teamId": id, "userId": user})),
            ("remove-team-member", json!({"teamId": id, "userId": user})),
        ] {
            let refused = post(&mut ana, endpoint, body).await;
            refused.refused(400, "TEAM_NOT_FOUND");
        }
    }
    for id in NOTHING {
        ana.get(&path(&format!("list-team-members?teamId={id}")))
            .await
            .refused(400, "TEAM_NOT_FOUND");
    }
    let teams = ben.get(&path("list-teams")).await;
    assert_eq!(teams.body[0]["name"], "other");
}

#[actix_web::test]
async fn a_plain_member_is_refused_before_anything_is_looked_up() {
    let world = World::new().await;
    let (mut ana, mut ben) = (world.sign_up(ANA).await, world.sign_up(BEN).await);
    let clinic = found(&mut ana, "salt-lane").await;
    join(&world, &mut ben, &clinic.id, "member").await;
    let id = &clinic.id;

    for (endpoint, body, code) in [
        (
            "create-team",
            json!({"name": "x", "organizationId": id}),
            "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION",
        ),
        (
            "update-team",
            json!({"teamId": UNKNOWN, "data": {"organizationId": id}}),
            "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM",
        ),
        (
            "remove-team",
            json!({"teamId": UNKNOWN, "organizationId": id}),
            "YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION",
        ),
        (
            "add-team-member",
            json!({"teamId": UNKNOWN, "userId": UNKNOWN, "organizationId": id}),
            "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER",
        ),
        (
            "remove-team-member",
            json!({"teamId": UNKNOWN, "userId": UNKNOWN, "organizationId": id}),
            "YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER",
        ),
    ] {
        post(&mut ben, endpoint, body).await.refused(403, code);
    }
    ben.get(&path(&format!(
        "list-user-teams?userId={UNKNOWN}&organizationId={id}"
    )))
    .await
    .refused(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER");
    let teams = ben.get(&path(&format!("list-teams?organizationId={id}"))).await;
    assert_eq!(teams.body[0]["id"], clinic.team);
}

#[actix_web::test]
async fn a_team_is_made_renamed_listed_and_removed() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let clinic = found(&mut ana, "salt-lane").await;

    let made = post(&mut ana, "create-team", json!({"name": "", "memberCount": 7})).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let shown = ["createdAt", "id", "name", "organizationId", "updatedAt"];
    assert_eq!(keys(&made.body), shown);
    assert_eq!(
        (&made.body["name"], &made.body["updatedAt"]),
        (&json!(""), &made.body["createdAt"])
    );
    let id = text(&made.body["id"]);
    let data = json!({"name": "Night", "id": UNKNOWN, "createdAt": "x", "organizationId": clinic.id});
    let renamed = post(&mut ana, "update-team", json!({"teamId": id, "data": data})).await;
    assert_eq!(
        (
            renamed.status.as_u16(),
            &renamed.body["id"],
            &renamed.body["name"]
        ),
        (200, &json!(id), &json!("Night"))
    );
    assert_eq!(renamed.body["organizationId"], clinic.id);
    let listed = ana.get(&path("list-teams?organizationId=")).await;
    assert_eq!(listed.header("x-total-count"), Some("2"));
    let mut teams = listed.body.as_array().unwrap().clone();
    teams.sort_by_key(|team| team["name"] == "Night");
    assert_eq!(teams[0]["updatedAt"], Value::Null);
    assert_eq!((keys(&teams[0]), &teams[1]), (shown.to_vec(), &renamed.body));

    let removed = post(&mut ana, "remove-team", json!({"teamId": id})).await;

    let told = json!({"message": "Team removed successfully."});
    assert_eq!((removed.status.as_u16(), removed.body), (200, told));
    let listed = ana.get(&path("list-teams")).await;
    assert_eq!(listed.body.as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn the_active_team_stays_before_rights_are_asked_and_the_last_one_after() {
    let world = World::new().await;
    let (mut ana, mut ben) = (world.sign_up(ANA).await, world.sign_up(BEN).await);
    let clinic = found(&mut ana, "salt-lane").await;

    let same = json!({"teamId": clinic.team.to_uppercase()});
    post(&mut ana, "remove-team", same)
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM");
    let bens = found(&mut ben, "other").await;
    join(&world, &mut ben, &clinic.id, "member").await;
    // Whatever organization it is of.
    let own = json!({"teamId": bens.team, "organizationId": clinic.id});
    post(&mut ben, "remove-team", own)
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM");
    post(&mut ana, "set-active-team", json!({"teamId": null})).await;
    post(&mut ana, "remove-team", json!({"teamId": clinic.team}))
        .await
        .refused(400, "UNABLE_TO_REMOVE_LAST_TEAM");
}

#[actix_web::test]
async fn members_are_added_listed_and_taken_out_of_teams() {
    let world = World::new().await;
    let (mut ana, mut ben) = (world.sign_up(ANA).await, world.sign_up(BEN).await);
    let clinic = found(&mut ana, "salt-lane").await;
    let user = join(&world, &mut ben, &clinic.id, "member").await.to_string();
    let night = team(&mut ana, "Night").await;
    let place = json!({"teamId": night, "userId": user});

    let added = post(&mut ana, "add-team-member", place.clone()).await;
    let again = post(&mut ana, "add-team-member", place.clone()).await;

    assert_eq!(added.status, 200, "{}", added.text);
    assert_eq!(keys(&added.body), ["createdAt", "id", "teamId", "userId"]);
    assert_eq!(added.body, again.body);
    let members = path(&format!("list-team-members?teamId={night}"));
    let listed = ben.get(&members).await;
    assert_eq!(
        (&listed.body, listed.header("x-total-count")),
        (&json!([added.body]), Some("1"))
    );
    ana.get(&members)
        .await
        .refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM");
    let teams = ana.get(&path(&format!("list-user-teams?userId={user}"))).await;
    assert_eq!(
        (&teams.body[0]["id"], teams.header("x-total-count")),
        (&json!(night), Some("1"))
    );
    let own = ben.get(&path("list-user-teams")).await;
    assert_eq!(own.body, teams.body);

    let taken_out = post(&mut ana, "remove-team-member", place.clone()).await;
    let told = json!({"message": "Team member removed successfully."});
    assert_eq!((taken_out.status.as_u16(), taken_out.body), (200, told));
    post(&mut ana, "remove-team-member", place)
        .await
        .refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM");
}

#[actix_web::test]
async fn the_user_must_be_a_member_before_the_team_is_looked_for() {
    let world = World::new().await;
    let (mut ana, mut ben) = (world.sign_up(ANA).await, world.sign_up(BEN).await);
    found(&mut ana, "salt-lane").await;
    let stranger = ben.user().await.unwrap().to_string();

    let users = NOTHING.into_iter().chain([&*stranger]).map(|user| json!(user));
    for user in users.chain([json!(5), json!(null), json!([]), json!({})]) {
        for endpoint in ["add-team-member", "remove-team-member"] {
            let place = json!({"teamId": UNKNOWN, "userId": user});
            let refused = post(&mut ana, endpoint, place).await;
            refused.refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
        }
    }
    for user in NOTHING.into_iter().chain([&*stranger]) {
        ana.get(&path(&format!("list-user-teams?userId={user}")))
            .await
            .refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    }
}

#[actix_web::test]
async fn the_own_teams_are_those_of_all_organizations_unless_one_is_named() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let (one, two) = (found(&mut ana, "one").await, found(&mut ana, "two").await);
    let user = ana.user().await.unwrap().to_string();
    let ids = |answer: &Answer| {
        let teams = answer.body.as_array().unwrap().iter();
        let mut ids: Vec<_> = teams.map(|team| text(&team["id"])).collect();
        ids.sort();
        ids
    };
    let mut both = [one.team.clone(), two.team];
    both.sort();

    for query in ["", "?userId=", &format!("?userId={user}"), "?organizationId="] {
        let own = ana.get(&path(&format!("list-user-teams{query}"))).await;
        assert_eq!(ids(&own), both, "{query}");
        assert_eq!(own.header("x-total-count"), Some("2"));
    }
    let of_one = path(&format!(
        "list-user-teams?userId={user}&organizationId={}",
        one.id
    ));
    assert_eq!(ids(&ana.get(&of_one).await), [one.team]);
}

#[actix_web::test]
async fn choosing_a_team_sets_the_cookie_again_and_choosing_nothing_twice_does_not() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let clinic = found(&mut ana, "salt-lane").await;
    let night = team(&mut ana, "Night").await;

    for same in [json!({}), json!({"teamId": ""}), json!({"teamId": clinic.team})] {
        let chosen = post(&mut ana, "set-active-team", same).await;
        assert_eq!(
            (chosen.status.as_u16(), &chosen.body["id"]),
            (200, &json!(clinic.team))
        );
        chosen.session_cookie();
    }
    let refused = post(&mut ana, "set-active-team", json!({"teamId": night})).await;
    refused.refused(403, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM");
    assert!(refused.cookies.is_empty());
    let unset = post(&mut ana, "set-active-team", json!({"teamId": null})).await;
    assert_eq!(&*unset.text, "null");
    unset.session_cookie();
    for nothing in [json!({"teamId": null}), json!({}), json!({"teamId": ""})] {
        let unset = post(&mut ana, "set-active-team", nothing).await;
        assert_eq!((unset.status.as_u16(), &*unset.text), (200, "null"));
        assert!(unset.cookies.is_empty());
    }
    let session = ana.get("/api/auth/get-session").await;
    let session = &session.body["session"];
    assert_eq!(
        (&session["activeOrganizationId"], &session["activeTeamId"]),
        (&json!(clinic.id), &Value::Null)
    );
}

#[actix_web::test]
async fn the_active_team_is_listed_also_where_another_organization_is_active() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let one = found(&mut ana, "one").await;
    let other = json!({"name": "two", "slug": "two", "keepCurrentActiveOrganization": true});
    let two = post(&mut ana, "create", other).await.body;
    post(&mut ana, "set-active", json!({"organizationId": two["id"]})).await;

    let members = ana.get(&path("list-team-members")).await;

    assert_eq!(members.body[0]["teamId"], one.team, "{}", members.text);
    sqlx::query("delete from team where id = $1::text::uuid")
        .bind(&one.team)
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();
    ana.get(&path("list-team-members"))
        .await
        .refused(400, "TEAM_NOT_FOUND");
    post(&mut ana, "set-active-team", json!({}))
        .await
        .refused(400, "TEAM_NOT_FOUND");
}

#[actix_web::test]
async fn who_was_removed_sees_and_changes_no_team_at_the_next_request() {
    let world = World::new().await;
    let (mut ana, mut ben) = (world.sign_up(ANA).await, world.sign_up(BEN).await);
    let clinic = found(&mut ana, "salt-lane").await;
    let user = join(&world, &mut ben, &clinic.id, "admin").await.to_string();
    post(&mut ben, "set-active", json!({"organizationId": clinic.id})).await;
    let place = json!({"teamId": clinic.team, "userId": user});
    post(&mut ana, "add-team-member", place.clone()).await;
    let chosen = post(&mut ben, "set-active-team", json!({"teamId": clinic.team})).await;
    assert_eq!(chosen.status, 200);

    let removed = post(&mut ana, "remove-member", json!({"memberIdOrEmail": BEN})).await;
    assert_eq!(removed.status, 200, "{}", removed.text);

    ben.get(&path("list-teams"))
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION");
    ben.get(&path("list-team-members"))
        .await
        .refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM");
    post(&mut ben, "set-active-team", json!({}))
        .await
        .refused(403, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM");
    post(&mut ben, "add-team-member", place)
        .await
        .refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    let own = ben.get(&path("list-user-teams")).await;
    assert_eq!(own.body, json!([]));
}

#[actix_web::test]
async fn the_limits_are_those_of_the_rules() {
    let mut world = World::new().await;
    let rules = Rules {
        teams: Some(2),
        members_per_team: Some(1),
        ..Rules::default()
    };
    world.state = world.state.clone().with_rules(rules);
    let (mut ana, mut ben) = (world.sign_up(ANA).await, world.sign_up(BEN).await);
    let clinic = found(&mut ana, "salt-lane").await;
    let user = join(&world, &mut ben, &clinic.id, "member").await.to_string();
    team(&mut ana, "Night").await;

    post(&mut ana, "create-team", json!({"name": "Day"}))
        .await
        .refused(400, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS");
    let place = json!({"teamId": clinic.team, "userId": user});
    post(&mut ana, "add-team-member", place)
        .await
        .refused(403, "TEAM_MEMBER_LIMIT_REACHED");
}

#[actix_web::test]
async fn a_name_that_postgresql_cannot_store_is_the_callers_mistake() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let clinic = found(&mut ana, "salt-lane").await;

    for (endpoint, body) in [
        ("create-team", json!({"name": "a\u{0}"})),
        (
            "update-team",
            json!({"teamId": clinic.team, "data": {"name": "a\u{0}"}}),
        ),
    ] {
        post(&mut ana, endpoint, body)
            .await
            .refused(400, "UNSTORABLE_TEXT");
    }
    let long = "x".repeat(2049);
    post(&mut ana, "create-team", json!({"name": long}))
        .await
        .refused(400, "VALIDATION_ERROR");
}
