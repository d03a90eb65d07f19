//! Members over HTTP: the order of the checks, every refusal, and what a query may say.

use serde_json::{Value, json};
use wardkeep_tenancy::{MemberId, OrganizationId, UserId};

use crate::clinics::{UNKNOWN, path};
use crate::world::{Answer, Browser, World};

/// Ana owns Salt Lane and Ben is a member of it; Eve owns another organization. Each works in the own one.
struct People<'a> {
    ana: Browser<'a>,
    ben: Browser<'a>,
    eve: Browser<'a>,
    salt_lane: OrganizationId,
    elsewhere: OrganizationId,
    /// Member ids, of Ana, Ben and Eve.
    members: [MemberId; 3],
    users: [UserId; 3],
}

impl<'a> People<'a> {
    async fn new(world: &'a World) -> Self {
        let mut people = Vec::new();
        let mut users = Vec::new();
        for name in ["ana", "ben", "eve"] {
            let mut browser = world.sign_up(&format!("{name}@example.test")).await;
            users.push(browser.user().await.unwrap());
            people.push(browser);
        }
        let salt_lane = world.test.organization("salt-lane").await;
        let elsewhere = world.test.organization("elsewhere").await;
        let mut members = Vec::new();
        for (user, organization, role) in [
            (users[0], salt_lane, "owner"),
            (users[1], salt_lane, "member"),
            (users[2], elsewhere, "owner"),
        ] {
            members.push(world.test.member(organization, user, role).await);
            sqlx::query("update session set \"activeOrganizationId\" = $1 where \"userId\" = $2")
                .bind(organization.as_uuid())
                .bind(user.as_uuid())
                .execute(&mut world.test.admin().await)
                .await
                .unwrap();
        }
        sqlx::query(
            "update member set \"createdAt\" = \"createdAt\" - interval '1 day' where role = 'owner'",
        )
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();
        let [ana, ben, eve] = people.try_into().ok().unwrap();
        Self {
            ana,
            ben,
            eve,
            salt_lane,
            elsewhere,
            members: members.try_into().unwrap(),
            users: users.try_into().unwrap(),
        }
    }
}

async fn nowhere(world: &World) -> Browser<'_> {
    world.sign_up("nobody@example.test").await
}

/// The roles of the members listed, and the total.
fn listed(answer: &Answer) -> (Vec<&str>, u64) {
    let members = answer.body["members"].as_array().unwrap();
    let roles = members.iter().map(|member| member["role"].as_str().unwrap());
    (roles.collect(), answer.body["total"].as_u64().unwrap())
}

#[actix_web::test]
async fn a_list_shows_members_with_their_users_and_says_the_total_twice() {
    let world = World::new().await;
    let mut people = People::new(&world).await;

    let all = people.ben.get(&path("list-members")).await;
    let first = people
        .ana
        .get(&path(
            "list-members?limit=1&organizationSlug=salt-lane&organizationId=abc",
        ))
        .await;

    assert_eq!(listed(&all), (vec!["owner", "member"], 2));
    let member = &all.body["members"][0];
    let shown: Vec<_> = member.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        shown,
        ["createdAt", "id", "organizationId", "role", "user", "userId"]
    );
    let [ana, ..] = people.users;
    let user = json!({"id": ana, "name": "Ana Reyes", "email": "ana@example.test", "image": null});
    assert_eq!(member["user"], user);
    assert_eq!(listed(&first), (vec!["owner"], 2));
    assert_eq!(first.header("x-total-count"), Some("2"));
}

#[actix_web::test]
async fn a_list_asks_for_the_shape_the_session_the_organization_and_the_membership_in_this_order() {
    let world = World::new().await;
    let mut people = People::new(&world).await;
    let mut nobody = nowhere(&world).await;
    for endpoint in ["list-members", "get-active-member-role"] {
        let twice = path(&format!("{endpoint}?organizationSlug=a&organizationSlug=b"));
        let unknown = path(&format!("{endpoint}?organizationSlug=nowhere"));
        let foreign = path(&format!("{endpoint}?organizationId={}", people.elsewhere));
        let slug = path(&format!("{endpoint}?organizationSlug=elsewhere"));

        world.browser().get(&twice).await.refused(400, "VALIDATION_ERROR");
        world.browser().get(&unknown).await.refused(401, "UNAUTHORIZED");
        nobody.get(&unknown).await.refused(400, "ORGANIZATION_NOT_FOUND");
        nobody
            .get(&path(endpoint))
            .await
            .refused(400, "NO_ACTIVE_ORGANIZATION");
        nobody
            .get(&path(&format!("{endpoint}?organizationId=&organizationSlug=")))
            .await
            .refused(400, "NO_ACTIVE_ORGANIZATION");
        for outside in [foreign, slug, path(&format!("{endpoint}?organizationId=abc"))] {
            let refused = people.ana.get(&outside).await;
            refused.refused(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");
        }
    }
}

#[actix_web::test]
async fn a_list_is_filtered_sorted_and_cut_as_the_query_says() {
    let world = World::new().await;
    let mut people = People::new(&world).await;
    let (salt_lane, [ana, ben, _]) = (people.salt_lane, people.users);
    let both = format!("filterField=userId&filterOperator=in&filterValue={ana}&filterValue={ben}");
    let of_ana = format!("filterField=userId&filterValue={ana}");
    let of_salt_lane = format!("filterField=organizationId&filterValue={salt_lane}");
    let (owner, member, all, none) = (&["owner"][..], &["member"][..], &["owner", "member"][..], &[][..]);
    for (query, roles, total) in [
        ("", all, 2),
        // What is no number is none, and 0 and nothing are the default.
        ("limit=0", all, 2),
        ("limit=", all, 2),
        ("limit=%20", all, 2),
        ("limit=abc", all, 2),
        ("limit=NaN&offset=abc", all, 2),
        ("limit=nan&offset=inf", all, 2),
        ("limit=1", owner, 2),
        ("limit=%201%20", owner, 2),
        ("limit=1e0", owner, 2),
        ("limit=0x1", owner, 2),
        ("limit=5000", all, 2),
        ("offset=1", member, 2),
        ("offset=9", none, 2),
        ("sortBy=role", &["member", "owner"], 2),
        ("sortBy=role&sortDirection=desc", all, 2),
        ("sortBy=createdAt&sortDirection=asc", all, 2),
        ("sortBy=&sortDirection=desc", all, 2),
        ("sortBy=role&limit=1&offset=1", owner, 2),
        ("filterField=role&filterValue=owner", owner, 1),
        ("filterField=role&filterValue=owner&filterOperator=ne", member, 1),
        ("filterField=role&filterValue=owner&filterOperator=in", owner, 1),
        (
            "filterField=role&filterValue=owner&filterOperator=not_in",
            member,
            1,
        ),
        (
            "filterField=role&filterValue=e&filterOperator=contains&limit=1",
            owner,
            2,
        ),
        (
            "filterField=role&filterValue=%25&filterOperator=contains",
            none,
            0,
        ),
        (
            "filterField=role&filterValue=_wner&filterOperator=contains",
            none,
            0,
        ),
        (
            "filterField=role&filterValue=%5C&filterOperator=contains",
            none,
            0,
        ),
        (
            "filterField=role&filterValue=me&filterOperator=starts_with",
            member,
            1,
        ),
        (
            "filterField=role&filterValue=ber&filterOperator=ends_with",
            member,
            1,
        ),
        ("filterField=role&filterValue=n&filterOperator=lt", member, 1),
        ("filterField=role", none, 0),
        ("filterField=userId", none, 0),
        ("filterField=&filterValue=x", all, 2),
        ("filterValue=x&filterOperator=contains", all, 2),
        (&of_ana, owner, 1),
        (&both, all, 2),
        (&of_salt_lane, all, 2),
        (
            "filterField=createdAt&filterOperator=gt&filterValue=2000-01-01",
            all,
            2,
        ),
        (
            "filterField=createdAt&filterOperator=lt&filterValue=2000-01-01T00:00:00%2B02:00",
            none,
            0,
        ),
    ] {
        let answer = people.ana.get(&path(&format!("list-members?{query}"))).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        assert_eq!(listed(&answer), (roles.to_vec(), total), "{query}");
    }
}

#[actix_web::test]
async fn what_cannot_be_asked_is_refused_by_the_name_of_the_parameter() {
    let world = World::new().await;
    let mut people = People::new(&world).await;
    for (query, parameter) in [
        ("limit=-1", "limit"),
        ("limit=1.5", "limit"),
        ("limit=Infinity", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=1&limit=2", "limit"),
        ("offset=-1", "offset"),
        ("offset=1.5", "offset"),
        ("offset=-Infinity", "offset"),
        ("offset=1e300", "offset"),
        ("sortBy=nope", "sortBy"),
        ("sortBy=updatedAt", "sortBy"),
        ("sortBy=user.email", "sortBy"),
        ("sortBy=__proto__", "sortBy"),
        ("sortBy=role&sortBy=id", "sortBy"),
        ("sortDirection=DESC", "sortDirection"),
        ("filterField=email&filterValue=x", "filterField"),
        ("filterField=role&filterField=id", "filterField"),
        (
            "filterField=role&filterValue=x&filterOperator=like",
            "filterOperator",
        ),
        ("filterOperator=", "filterOperator"),
        ("filterField=userId&filterValue=abc", "filterValue"),
        ("filterField=userId&filterValue=", "filterValue"),
        (
            "filterField=userId&filterValue=abc&filterOperator=in",
            "filterValue",
        ),
        (
            "filterField=userId&filterValue=abc&filterOperator=contains",
            "filterOperator",
        ),
        (
            "filterField=createdAt&filterValue=nonsense&filterOperator=gt",
            "filterValue",
        ),
        (
            "filterField=createdAt&filterValue=2020&filterOperator=starts_with",
            "filterOperator",
        ),
        ("filterField=role&filterValue=a&filterValue=b", "filterValue"),
        (
            "filterField=role&filterValue=a&filterValue=b&filterOperator=contains",
            "filterValue",
        ),
    ] {
        let answer = people.ana.get(&path(&format!("list-members?{query}"))).await;
        answer.refused(400, "VALIDATION_ERROR");
        let message = answer.body["message"].as_str().unwrap();
        assert!(
            message.starts_with(&format!("[query.{parameter}] Invalid")),
            "{query}: {message}"
        );
    }
    let answer = people
        .ana
        .get(&path("list-members?filterField=role&filterValue=a%00b"))
        .await;
    answer.refused(400, "UNSTORABLE_TEXT");
}

#[actix_web::test]
async fn the_own_membership_is_shown_with_the_own_user() {
    let world = World::new().await;
    let mut people = People::new(&world).await;

    let member = people.ben.get(&path("get-active-member")).await;

    let [_, ben, _] = people.users;
    assert_eq!(member.body["id"], json!(people.members[1]));
    assert_eq!(member.body["role"], "member");
    let user = json!({"id": ben, "name": "Ana Reyes", "email": "ben@example.test", "image": null});
    assert_eq!(member.body["user"], user);
    world
        .browser()
        .get(&path("get-active-member"))
        .await
        .refused(401, "UNAUTHORIZED");
    let mut nobody = nowhere(&world).await;
    nobody
        .get(&path("get-active-member"))
        .await
        .refused(400, "NO_ACTIVE_ORGANIZATION");
    people
        .ana
        .post(
            &path("remove-member"),
            &json!({"memberIdOrEmail": "ben@example.test"}),
        )
        .await;
    people
        .ben
        .get(&path("get-active-member"))
        .await
        .refused(400, "MEMBER_NOT_FOUND");
}

#[actix_web::test]
async fn roles_are_told_of_oneself_and_of_fellow_members() {
    let world = World::new().await;
    let mut people = People::new(&world).await;
    let [ana, _, eve] = people.users;
    let role = |query: String| path(&format!("get-active-member-role{query}"));

    for (query, expected) in [
        (String::new(), "member"),
        ("?userId=".to_owned(), "member"),
        (format!("?userId={ana}"), "owner"),
        (format!("?organizationId={}", people.salt_lane), "member"),
    ] {
        let answer = people.ben.get(&role(query)).await;
        assert_eq!(answer.body, json!({"role": expected}));
    }
    for stranger in [eve.to_string(), UNKNOWN.to_owned(), "abc".to_owned()] {
        let refused = people.ben.get(&role(format!("?userId={stranger}"))).await;
        refused.refused(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");
    }
}

#[actix_web::test]
async fn other_roles_are_given_and_shown_without_the_user() {
    let world = World::new().await;
    let mut people = People::new(&world).await;
    let [_, ben, _] = people.members;

    let body = json!({"memberId": ben, "role": [" admin ,, member", "member"], "organizationId": ""});
    let changed = people.ana.post(&path("update-member-role"), &body).await;

    assert_eq!(changed.body["role"], "admin,member,member");
    assert_eq!(changed.body["id"], json!(ben));
    assert_eq!(changed.body.get("user"), None);
}

#[actix_web::test]
async fn a_change_of_roles_is_checked_in_the_order_of_the_original() {
    let world = World::new().await;
    let mut people = People::new(&world).await;
    let mut nobody = nowhere(&world).await;
    let mut anonymous = world.browser();
    let [ana, ben, eve] = people.members;
    let endpoint = &path("update-member-role");
    let change = |member: &str, role: Value| json!({"memberId": member, "role": role});
    let (ana, ben, eve) = (&*ana.to_string(), &*ben.to_string(), &*eve.to_string());

    let misshapen = anonymous.post(endpoint, &change(ben, json!(5))).await;
    misshapen.refused(400, "VALIDATION_ERROR");
    let signed_out = anonymous.post(endpoint, &change(ben, json!(""))).await;
    signed_out.refused(401, "UNAUTHORIZED");
    // An empty text comes before the organization, and what has no name in it after.
    let without = nobody.post(endpoint, &change(ben, json!(""))).await;
    assert_eq!((without.status.as_u16(), &*without.text), (400, ""));
    let no_active = nobody.post(endpoint, &change(ben, json!(" , "))).await;
    no_active.refused(400, "NO_ACTIVE_ORGANIZATION");
    let mut elsewhere = change(ben, json!([]));
    elsewhere["organizationId"] = json!(people.elsewhere);
    let without = people.ana.post(endpoint, &elsewhere).await;
    assert_eq!((without.status.as_u16(), &*without.text), (400, ""));
    elsewhere["role"] = json!("wizard");
    let outsider = people.ana.post(endpoint, &elsewhere).await;
    outsider.refused(400, "MEMBER_NOT_FOUND");

    for unknown in [eve, UNKNOWN, "abc", ""] {
        let refused = people.ben.post(endpoint, &change(unknown, json!("wizard"))).await;
        refused.refused(400, "MEMBER_NOT_FOUND");
    }
    let not_allowed = "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER";
    for (member, role) in [(ana, "wizard"), (ben, "owner"), (ben, "wizard")] {
        let refused = people.ben.post(endpoint, &change(member, json!(role))).await;
        refused.refused(403, not_allowed);
    }
    let last = people.ana.post(endpoint, &change(ana, json!("wizard"))).await;
    last.refused(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER");
    let unknown = people
        .ana
        .post(endpoint, &change(ben, json!("wizard, king ,admin")))
        .await;
    let expected = json!({"code": "ROLE_NOT_FOUND", "message": "ROLE_NOT_FOUND: wizard, king"});
    assert_eq!((unknown.status.as_u16(), &unknown.body), (400, &expected));
}

#[actix_web::test]
async fn who_leaves_works_in_no_organization_any_more() {
    let world = World::new().await;
    let mut people = People::new(&world).await;
    let salt_lane = json!({"organizationId": people.salt_lane});

    let left = people.ben.post(&path("leave"), &salt_lane).await;

    assert_eq!(left.body["id"], json!(people.members[1]));
    assert_eq!(left.body["user"]["email"], "ben@example.test");
    assert!(left.cookies.is_empty());
    let session = people.ben.get("/api/auth/get-session").await;
    assert_eq!(session.body["session"]["activeOrganizationId"], Value::Null);
    let again = people.ben.post(&path("leave"), &salt_lane).await;
    again.refused(400, "MEMBER_NOT_FOUND");
}

#[actix_web::test]
async fn who_leaves_another_organization_goes_on_in_the_active_one() {
    let world = World::new().await;
    let mut people = People::new(&world).await;
    world
        .test
        .member(people.elsewhere, people.users[1], "member")
        .await;

    let left = people
        .ben
        .post(&path("leave"), &json!({"organizationId": people.elsewhere}))
        .await;

    assert_eq!(left.status, 200);
    assert_eq!(people.ben.get(&path("get-active-member")).await.status, 200);
}

#[actix_web::test]
async fn leaving_is_checked_in_the_order_of_the_original() {
    let world = World::new().await;
    let mut people = People::new(&world).await;
    let endpoint = &path("leave");

    let mut anonymous = world.browser();
    anonymous
        .post(endpoint, &json!({}))
        .await
        .refused(400, "VALIDATION_ERROR");
    let signed_out = anonymous.post(endpoint, &json!({"organizationId": "abc"})).await;
    signed_out.refused(401, "UNAUTHORIZED");
    // Not even an empty text stands for the active one.
    for other in [
        people.elsewhere.to_string(),
        UNKNOWN.to_owned(),
        "abc".to_owned(),
        String::new(),
    ] {
        let refused = people.ben.post(endpoint, &json!({"organizationId": other})).await;
        refused.refused(400, "MEMBER_NOT_FOUND");
    }
    let last = people
        .ana
        .post(endpoint, &json!({"organizationId": people.salt_lane}))
        .await;
    last.refused(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER");
}

#[actix_web::test]
async fn a_removal_is_checked_in_the_order_of_the_original() {
    let world = World::new().await;
    let mut people = People::new(&world).await;
    let mut nobody = nowhere(&world).await;
    let endpoint = &path("remove-member");
    let [ana, ben, eve] = people.members;
    let remove = |member: &str| json!({"memberIdOrEmail": member});

    let mut anonymous = world.browser();
    anonymous
        .post(endpoint, &json!({}))
        .await
        .refused(400, "VALIDATION_ERROR");
    anonymous
        .post(endpoint, &remove("x"))
        .await
        .refused(401, "UNAUTHORIZED");
    nobody
        .post(endpoint, &remove("x"))
        .await
        .refused(400, "NO_ACTIVE_ORGANIZATION");
    let mut elsewhere = remove(&ben.to_string());
    elsewhere["organizationId"] = json!(people.elsewhere);
    people
        .ana
        .post(endpoint, &elsewhere)
        .await
        .refused(400, "MEMBER_NOT_FOUND");
    for unknown in [&*eve.to_string(), "abc", "", "eve@example.test", "@"] {
        people
            .ben
            .post(endpoint, &remove(unknown))
            .await
            .refused(400, "MEMBER_NOT_FOUND");
    }
    // The rule about owners comes before the right.
    let owner = people.ben.post(endpoint, &remove(&ana.to_string())).await;
    owner.refused(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER");
    let denied = people.ben.post(endpoint, &remove(&ben.to_string())).await;
    denied.refused(401, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER");
    let last = people.ana.post(endpoint, &remove("ana@example.test")).await;
    last.refused(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER");
    let removed = people.ana.post(endpoint, &remove("BEN@example.test")).await;
    assert_eq!(removed.body["member"]["user"]["email"], "ben@example.test");
    people
        .eve
        .post(endpoint, &remove(&ben.to_string()))
        .await
        .refused(400, "MEMBER_NOT_FOUND");
}
