//! Inviting somebody, and what becomes of it.

use serde_json::{Value, json};
use uuid::Uuid;
use wardkeep_organizations::Rules;

use crate::clinics::{UNKNOWN, join, path};
use crate::letters::link_in;
use crate::world::{Answer, Browser, World};

const ANA: &str = "ana@example.test";
const BEN: &str = "ben@example.test";

/// Ana, who has founded Salt Lane and works in it; its id.
async fn salt_lane(world: &World) -> (Browser<'_>, String) {
    let mut ana = world.sign_up(ANA).await;
    let new = json!({"name": "Salt Lane", "slug": "salt-lane"});
    let founded = ana.post(&path("create"), &new).await;
    let id = founded.body["id"].as_str().unwrap().to_owned();
    (ana, id)
}

async fn post(browser: &mut Browser<'_>, endpoint: &str, body: Value) -> Answer {
    browser.post(&path(endpoint), &body).await
}

async fn get(browser: &mut Browser<'_>, endpoint: &str) -> Answer {
    browser.get(&path(endpoint)).await
}

async fn invite(browser: &mut Browser<'_>, body: Value) -> Answer {
    post(browser, "invite-member", body).await
}

/// Invites an address as a member; the id of the invitation.
async fn invited(browser: &mut Browser<'_>, email: &str) -> String {
    let answer = invite(browser, json!({"email": email, "role": "member"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["id"].as_str().unwrap().to_owned()
}

async fn run(world: &World, sql: &'static str) {
    sqlx::query(sql)
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();
}

async fn default_team(world: &World) -> Uuid {
    let query = sqlx::query_scalar("select id from team");
    query.fetch_one(&mut world.test.admin().await).await.unwrap()
}

fn total(answer: &Answer) -> (usize, Option<&str>) {
    (
        answer.body.as_array().unwrap().len(),
        answer.header("x-total-count"),
    )
}

#[actix_web::test]
async fn inviting_checks_in_the_order_of_the_protocol() {
    let world = World::new().await;
    let (mut ana, id) = salt_lane(&world).await;
    let (mut ben, mut eve) = (world.sign_up(BEN).await, world.sign_up("eve@example.test").await);

    let shape = invite(&mut world.browser(), json!({"resend": "yes", "teamId": null})).await;
    shape.refused(400, "VALIDATION_ERROR");
    assert_eq!(
        shape.body["message"],
        "[body.email] Invalid input: expected string, received undefined; [body.role] Invalid input; \
         [body.resend] Invalid input: expected boolean, received string; [body.teamId] Invalid input"
    );
    let nonsense = json!({"email": "nonsense", "role": ""});
    invite(&mut world.browser(), nonsense.clone())
        .await
        .refused(401, "UNAUTHORIZED");
    invite(&mut ben, nonsense)
        .await
        .refused(400, "ORGANIZATION_NOT_FOUND");
    let elsewhere = json!({"email": "nonsense", "role": "", "organizationId": id});
    invite(&mut ben, elsewhere).await.refused(400, "INVALID_EMAIL");
    for organization in [id.as_str(), UNKNOWN, "nonsense"] {
        let outside = json!({"email": ANA, "role": "", "organizationId": organization});
        invite(&mut ben, outside).await.refused(400, "MEMBER_NOT_FOUND");
    }

    join(&world, &mut ben, &id, "member").await;
    let empty = json!({"email": ANA, "role": [" ", ","], "organizationId": id});
    invite(&mut ben, empty.clone())
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION");

    join(&world, &mut eve, &id, "admin").await;
    invite(&mut eve, empty).await.refused(400, "ROLE_NOT_FOUND");
    let unknown = json!({"email": ANA, "role": "owner,x, y", "organizationId": id});
    invite(&mut eve, unknown)
        .await
        .refused_in_words(400, "ROLE_NOT_FOUND: x, y");
    let owner = json!({"email": ANA, "role": ["member", "owner"], "organizationId": id});
    invite(&mut eve, owner)
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE");
    invite(&mut ana, json!({"email": "Ben@Example.TEST", "role": "owner"}))
        .await
        .refused(400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION");
    assert_eq!(world.count("invitation").await, 0);
}

#[actix_web::test]
async fn inviting_again_and_into_teams_is_checked_last() {
    let mut world = World::new().await;
    world.state = world.state.with_rules(Rules {
        pending_invitations: 1,
        ..Rules::default()
    });
    let (mut ana, id) = salt_lane(&world).await;
    let mut eve = world.sign_up("eve@example.test").await;
    join(&world, &mut eve, &id, "admin").await;
    let owner = invite(&mut ana, json!({"email": "kim@example.test", "role": "owner"})).await;
    assert_eq!(owner.status, 200);

    let again = json!({"email": "Kim@example.test", "role": "member", "organizationId": id, "teamId": "a,b"});
    invite(&mut eve, again)
        .await
        .refused(400, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION");
    let resend = json!({"email": "kim@example.test", "role": "member", "organizationId": id, "resend": true});
    invite(&mut eve, resend)
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE");
    let other = |team: Value| json!({"email": BEN, "role": "member", "teamId": team});
    invite(&mut ana, other(json!("a,b")))
        .await
        .refused(403, "INVITATION_LIMIT_REACHED");

    world.state = world.state.with_rules(Rules::default());
    let mut ana = world.sign_in(ANA, true).await;
    let active = json!({"organizationId": id});
    post(&mut ana, "set-active", active).await;
    invite(&mut ana, other(json!([UNKNOWN, "a,b"])))
        .await
        .refused(400, "INVALID_TEAM_ID");
    for team in [json!(UNKNOWN), json!("nonsense"), json!(["nonsense"])] {
        invite(&mut ana, other(team)).await.refused(400, "TEAM_NOT_FOUND");
    }
    let none = invite(&mut ana, other(json!(""))).await;
    assert_eq!((none.status.as_u16(), &none.body["teamId"]), (200, &Value::Null));
}

#[actix_web::test]
async fn an_invitation_is_mailed_and_its_recipient_joins() {
    let world = World::new().await;
    let (mut ana, organization) = salt_lane(&world).await;
    let mut ben = world.sign_up(BEN).await;
    let team = default_team(&world).await;
    let body = json!({"email": "Ben@example.test", "role": ["admin", "member"], "teamId": [team]});

    let answer = invite(&mut ana, body).await;

    let id = answer.body["id"].as_str().unwrap();
    let user = ana.user().await.unwrap().to_string();
    assert_eq!(
        answer.body,
        json!({
            "id": id, "organizationId": organization, "email": BEN, "role": "admin,member",
            "teamId": team, "status": "pending", "expiresAt": "2026-03-04T09:00:00.000Z",
            "createdAt": "2026-03-02T09:00:00.000Z", "inviterId": user,
        })
    );
    let mails = world.mails().await;
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        (BEN, "Invitation to Salt Lane")
    );
    assert_eq!(link_in(mail).path(), format!("/accept-invitation/{id}"));

    let shown = get(&mut ben, &format!("get-invitation?id={id}")).await;
    assert_eq!(shown.body["organizationName"], "Salt Lane");
    assert_eq!(shown.body["organizationSlug"], "salt-lane");
    assert_eq!(shown.body["inviterEmail"], ANA);
    let accepted = post(&mut ben, "accept-invitation", json!({"invitationId": id})).await;
    assert_eq!(accepted.body["invitation"]["status"], "accepted");
    assert_eq!(accepted.body["member"]["role"], "admin,member");
    assert!(accepted.body["member"].get("user").is_none());
    accepted.session_cookie();
    let session = ben.get("/api/auth/get-session").await.body;
    assert_eq!(session["session"]["activeOrganizationId"], organization.as_str());
    assert_eq!(session["session"]["activeTeamId"], json!(team));
}

#[actix_web::test]
async fn an_invitation_that_is_sent_again_is_mailed_again() {
    let world = World::new().await;
    let (mut ana, _) = salt_lane(&world).await;
    let id = invited(&mut ana, BEN).await;
    world.clock.advance(std::time::Duration::from_secs(3_600));

    let again = json!({"email": BEN, "role": "admin", "resend": true});
    let answer = invite(&mut ana, again).await;

    assert_eq!(
        (
            &answer.body["id"],
            &answer.body["role"],
            &answer.body["expiresAt"]
        ),
        (&json!(id), &json!("member"), &json!("2026-03-04T10:00:00.000Z"))
    );
    let mails = world.mails().await;
    assert_eq!(mails.len(), 2);
    assert_eq!(link_in(&mails[0]), link_in(&mails[1]));
}

#[actix_web::test]
async fn whoever_delivers_invitations_themselves_has_none_mailed() {
    let mut world = World::new().await;
    world.state = world.state.with_rules(Rules {
        mail_invitations: false,
        ..Rules::default()
    });
    let (mut ana, _) = salt_lane(&world).await;

    invited(&mut ana, BEN).await;

    assert_eq!(world.count("outbox").await, 0);
}

#[actix_web::test]
async fn names_write_no_mails() {
    let world = World::new().await;
    let (mut ana, _) = salt_lane(&world).await;
    run(
        &world,
        r"update organization set name = E'Win\r\n\r\nhttp://evil.test\r\n' || repeat('x', 5000)",
    )
    .await;

    invited(&mut ana, BEN).await;

    let mails = world.mails().await;
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert!(
        mail.subject
            .starts_with("Invitation to Win http: //evil. test xxx")
    );
    assert!(mail.subject.chars().count() < 120 && !mail.subject.contains(['\r', '\n']));
    assert!(!mail.text.contains('\r') && mail.text.len() < 1_000);
}

#[actix_web::test]
async fn accepting_checks_in_the_order_of_the_protocol() {
    let mut world = World::new().await;
    let (mut ana, _) = salt_lane(&world).await;
    let (id, kims) = (
        invited(&mut ana, BEN).await,
        invited(&mut ana, "kim@example.test").await,
    );
    world.sign_up(BEN).await;
    world.sign_up("kim@example.test").await;
    for (endpoint, message) in [
        ("accept-invitation", "Invitation not found"),
        ("reject-invitation", "Invitation not found!"),
    ] {
        let mut ben = world.sign_in(BEN, true).await;
        post(&mut world.browser(), endpoint, json!({"invitationId": 5}))
            .await
            .refused(400, "VALIDATION_ERROR");
        post(&mut world.browser(), endpoint, json!({"invitationId": id}))
            .await
            .refused(401, "UNAUTHORIZED");
        for unknown in [UNKNOWN, "nonsense", ""] {
            let answer = post(&mut ben, endpoint, json!({"invitationId": unknown})).await;
            answer.refused(400, "INVITATION_NOT_FOUND");
            assert_eq!(answer.body["message"], message);
        }
        post(&mut ben, endpoint, json!({"invitationId": kims}))
            .await
            .refused(403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION");
    }

    world.state = world.state.with_rules(Rules {
        members: 1,
        invitations_need_verified_email: true,
        ..Rules::default()
    });
    let mut ben = world.sign_in(BEN, true).await;
    for endpoint in ["accept-invitation", "reject-invitation"] {
        post(&mut ben, endpoint, json!({"invitationId": id}))
            .await
            .refused(
                403,
                "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION",
            );
    }
    get(&mut ben, &format!("get-invitation?id={id}"))
        .await
        .refused(403, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION");
    run(&world, r#"update "user" set "emailVerified" = true"#).await;
    post(&mut ben, "accept-invitation", json!({"invitationId": id}))
        .await
        .refused(403, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED");
    run(
        &world,
        r#"update invitation set "teamId" = gen_random_uuid()::text"#,
    )
    .await;
    world.state = world.state.with_rules(Rules::default());
    let mut ben = world.sign_in(BEN, true).await;
    post(&mut ben, "accept-invitation", json!({"invitationId": id}))
        .await
        .refused(400, "TEAM_NOT_FOUND");
    run(&world, r#"update invitation set "teamId" = null"#).await;

    let accepted = post(&mut ben, "accept-invitation", json!({"invitationId": id})).await;
    assert_eq!(accepted.status, 200);
    assert!(accepted.cookies.is_empty(), "no team, no cookie");
    for endpoint in ["accept-invitation", "reject-invitation"] {
        post(&mut ben, endpoint, json!({"invitationId": id}))
            .await
            .refused(400, "INVITATION_NOT_FOUND");
    }
}

#[actix_web::test]
async fn an_invitation_that_is_over_is_found_by_who_rejects_it_alone() {
    let world = World::new().await;
    let (mut ana, _) = salt_lane(&world).await;
    let id = invited(&mut ana, BEN).await;
    let mut ben = world.sign_up(BEN).await;
    run(&world, r#"update "user" set "emailVerified" = true"#).await;
    world
        .clock
        .advance(std::time::Duration::from_secs(48 * 3_600 + 1));

    post(&mut ben, "accept-invitation", json!({"invitationId": id}))
        .await
        .refused(400, "INVITATION_NOT_FOUND");
    get(&mut ben, &format!("get-invitation?id={id}"))
        .await
        .refused(400, "INVITATION_NOT_FOUND");
    let listed = get(&mut ben, "list-user-invitations").await;
    assert_eq!(listed.body[0]["id"], json!(id));
    let rejected = post(&mut ben, "reject-invitation", json!({"invitationId": id})).await;
    assert_eq!(rejected.body["invitation"]["status"], "rejected");
    assert_eq!(rejected.body["member"], Value::Null);
    let listed = get(&mut ben, "list-user-invitations").await;
    assert_eq!((listed.text.as_str(), total(&listed)), ("[]", (0, Some("0"))));
}

#[actix_web::test]
async fn an_invitation_is_shown_to_its_recipient_alone() {
    let world = World::new().await;
    let (mut ana, _) = salt_lane(&world).await;
    let id = invited(&mut ana, BEN).await;
    let mut ben = world.sign_up(BEN).await;
    let path = format!("get-invitation?id={id}");

    get(&mut world.browser(), "get-invitation")
        .await
        .refused(400, "VALIDATION_ERROR");
    get(&mut world.browser(), &path)
        .await
        .refused_in_words(401, "Not authenticated");
    for unknown in [UNKNOWN, "nonsense", ""] {
        get(&mut ben, &format!("get-invitation?id={unknown}"))
            .await
            .refused(400, "INVITATION_NOT_FOUND");
    }
    get(&mut ana, &path)
        .await
        .refused(403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION");
    assert_eq!(get(&mut ben, &path).await.status, 200);
    run(&world, "delete from member").await;
    get(&mut ben, &path)
        .await
        .refused(400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION");
}

#[actix_web::test]
async fn cancelling_checks_in_the_order_of_the_protocol() {
    let world = World::new().await;
    let (mut ana, organization) = salt_lane(&world).await;
    let id = invited(&mut ana, "kim@example.test").await;
    let mut ben = world.sign_up(BEN).await;
    let cancel = json!({"invitationId": id});

    post(&mut world.browser(), "cancel-invitation", json!({}))
        .await
        .refused(400, "VALIDATION_ERROR");
    post(&mut world.browser(), "cancel-invitation", cancel.clone())
        .await
        .refused(401, "UNAUTHORIZED");
    for unknown in [UNKNOWN, "nonsense", ""] {
        post(&mut ben, "cancel-invitation", json!({"invitationId": unknown}))
            .await
            .refused(400, "INVITATION_NOT_FOUND");
    }
    post(&mut ben, "cancel-invitation", cancel.clone())
        .await
        .refused(400, "MEMBER_NOT_FOUND");
    join(&world, &mut ben, &organization, "member").await;
    post(&mut ben, "cancel-invitation", cancel.clone())
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION");
    // Whatever organization is active.
    let unset = json!({"organizationId": null});
    post(&mut ana, "set-active", unset).await;
    let cancelled = post(&mut ana, "cancel-invitation", cancel.clone()).await;
    assert_eq!(
        (cancelled.status.as_u16(), &cancelled.body["status"]),
        (200, &json!("canceled"))
    );
    let again = post(&mut ana, "cancel-invitation", cancel).await;
    assert_eq!(again.body["status"], "canceled");
}

#[actix_web::test]
async fn the_invitations_of_an_organization_are_listed_for_who_may_invite() {
    let world = World::new().await;
    let (mut ana, id) = salt_lane(&world).await;
    let (mut ben, mut eve) = (world.sign_up(BEN).await, world.sign_up("eve@example.test").await);
    let owner = invite(&mut ana, json!({"email": "kim@example.test", "role": "owner"})).await;
    assert_eq!(owner.status, 200);
    invited(&mut ana, "lee@example.test").await;
    let path = format!("list-invitations?organizationId={id}");

    get(
        &mut world.browser(),
        "list-invitations?organizationId=a&organizationId=b",
    )
    .await
    .refused(400, "VALIDATION_ERROR");
    get(&mut world.browser(), &path)
        .await
        .refused(401, "UNAUTHORIZED");
    get(&mut ben, "list-invitations")
        .await
        .refused_in_words(400, "Organization ID is required");
    for organization in [id.as_str(), UNKNOWN, "nonsense"] {
        get(
            &mut ben,
            &format!("list-invitations?organizationId={organization}"),
        )
        .await
        .refused_in_words(403, "You are not a member of this organization");
    }
    join(&world, &mut ben, &id, "member").await;
    get(&mut ben, &path)
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS");
    join(&world, &mut eve, &id, "admin").await;
    let by_admin = get(&mut eve, &path).await;
    assert_eq!(total(&by_admin), (1, Some("1")));
    assert_eq!(by_admin.body[0]["email"], "lee@example.test");
    assert_eq!(total(&get(&mut ana, "list-invitations").await), (2, Some("2")));
}

#[actix_web::test]
async fn the_invitations_to_an_address_are_listed_for_who_has_proven_it() {
    let world = World::new().await;
    let (mut ana, _) = salt_lane(&world).await;
    let id = invited(&mut ana, BEN).await;
    let mut ben = world.sign_up(BEN).await;
    let path = "list-user-invitations";

    get(&mut world.browser(), &format!("{path}?email=a&email=b"))
        .await
        .refused(400, "VALIDATION_ERROR");
    let asked = format!("{path}?email={BEN}");
    for browser in [&mut world.browser(), &mut ben] {
        get(browser, &asked)
            .await
            .refused_in_words(400, "User email cannot be passed for client side API calls.");
    }
    get(&mut world.browser(), path)
        .await
        .refused_in_words(400, "Missing session headers, or email query parameter.");
    get(&mut ben, &format!("{path}?email="))
        .await
        .refused(403, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION");
    run(&world, r#"update "user" set "emailVerified" = true"#).await;
    let listed = get(&mut ben, path).await;
    assert_eq!(total(&listed), (1, Some("1")));
    assert_eq!(
        (&listed.body[0]["id"], &listed.body[0]["organizationName"]),
        (&json!(id), &json!("Salt Lane"))
    );
    assert_eq!(total(&get(&mut ana, path).await), (0, Some("0")));
}
