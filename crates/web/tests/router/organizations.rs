//! The endpoints of the organization itself: what they answer, and in which order they look.

use serde_json::{Value, json};
use wardkeep_organizations::Rules;

use crate::clinics::{UNKNOWN, join, path};
use crate::world::{Answer, Browser, World};

async fn found(founder: &mut Browser<'_>, slug: &str) -> String {
    let answer = founder
        .post(
            &path("create"),
            &json!({"name": slug.to_uppercase(), "slug": slug}),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["id"].as_str().unwrap().to_owned()
}

async fn leave(world: &World, browser: &mut Browser<'_>) {
    let user = browser.user().await.unwrap();
    sqlx::query("delete from member where \"userId\" = $1")
        .bind(user.as_uuid())
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();
}

async fn activate(browser: &mut Browser<'_>, organization: &str) {
    let answer = browser
        .post(&path("set-active"), &json!({"organizationId": organization}))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn active(browser: &mut Browser<'_>) -> Value {
    let answer = browser.get("/api/auth/get-session").await;
    answer.body["session"]["activeOrganizationId"].clone()
}

#[track_caller]
fn is_null(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "null"));
}

#[actix_web::test]
async fn a_slug_is_free_until_somebody_has_it() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let asked = json!({"slug": "salt-lane"});

    ana.post(&path("check-slug"), &asked).await.done();
    ana.post(&path("check-slug"), &json!({"slug": ""})).await.done();
    found(&mut ana, "salt-lane").await;
    ana.post(&path("check-slug"), &asked)
        .await
        .refused(400, "ORGANIZATION_SLUG_ALREADY_TAKEN");
    ana.post(&path("check-slug"), &json!({"slug": "Salt-Lane"}))
        .await
        .done();
    let mut nobody = world.browser();
    nobody
        .post(&path("check-slug"), &json!({}))
        .await
        .refused(400, "VALIDATION_ERROR");
    nobody
        .post(&path("check-slug"), &asked)
        .await
        .refused(401, "UNAUTHORIZED");
}

#[actix_web::test]
async fn who_may_not_found_is_told_so_before_the_slug_is_looked_at() {
    let mut world = World::new().await;
    world.state = world.state.with_rules(Rules {
        organizations_per_user: Some(1),
        ..Rules::default()
    });
    let mut ana = world.sign_up("ana@example.test").await;
    let body = json!({"name": "Salt Lane", "slug": "salt-lane"});
    assert_eq!(ana.post(&path("create"), &body).await.status, 200);
    ana.post(&path("create"), &body)
        .await
        .refused(403, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS");

    let mut strict = world.beside().await;
    strict.state = strict.state.with_rules(Rules {
        anybody_founds: false,
        ..Rules::default()
    });
    let mut ben = strict.sign_up("ben@example.test").await;
    ben.post(&path("create"), &body)
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION");
    let answer = strict.browser().post(&path("create"), &body).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (401, ""));
}

#[actix_web::test]
async fn a_list_of_more_than_a_hundred_organizations_says_how_many_there_are() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let none = ana.get(&path("list")).await;
    assert_eq!(
        (none.text.as_str(), none.header("x-total-count")),
        ("[]", Some("0"))
    );
    let user = ana.user().await.unwrap();
    sqlx::query(
        "with founded as (
           insert into organization (name, slug) select 'Clinic', 'clinic-' || number from generate_series(1, 101) as number
           returning id
         )
         insert into member (\"organizationId\", \"userId\") select id, $1 from founded",
    )
    .bind(user.as_uuid())
    .execute(&mut world.test.admin().await)
    .await
    .unwrap();

    let answer = ana.get(&path("list")).await;

    assert_eq!(answer.body.as_array().unwrap().len(), 100);
    assert_eq!(answer.header("x-total-count"), Some("101"));
}

#[actix_web::test]
async fn a_change_shows_the_attachment_as_an_object_and_a_look_as_text() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let id = found(&mut ana, "salt-lane").await;

    let changed = ana
        .post(
            &path("update"),
            &json!({"data": {"name": "Salt Lane", "logo": "/logo.png", "metadata": {"beds": 5}}}),
        )
        .await;
    let looked = ana.get(&path("get-organization")).await;
    let cleared = ana
        .post(
            &path("update"),
            &json!({"data": {"logo": null}, "organizationId": ""}),
        )
        .await;
    let unchanged = ana.post(&path("update"), &json!({"data": {"unknown": 1}})).await;

    let shown = |logo: Value, metadata: Value| {
        json!({
            "id": id, "name": "Salt Lane", "slug": "salt-lane", "logo": logo, "metadata": metadata,
            "createdAt": changed.body["createdAt"],
        })
    };
    assert_eq!(changed.body, shown(json!("/logo.png"), json!({"beds": 5})));
    assert_eq!(looked.body, shown(json!("/logo.png"), json!("{\"beds\":5}")));
    assert_eq!(cleared.body, shown(json!(null), json!({"beds": 5})));
    assert_eq!(
        (unchanged.status.as_u16(), unchanged.body),
        (200, cleared.body.clone())
    );
    assert!(changed.cookies.is_empty());
}

#[actix_web::test]
async fn where_nothing_is_attached_a_change_leaves_the_attachment_out() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    found(&mut ana, "salt-lane").await;

    let changed = ana
        .post(&path("update"), &json!({"data": {"name": "Lane"}}))
        .await;
    let looked = ana.get(&path("get-organization")).await;

    assert_eq!(changed.body.get("metadata"), None);
    assert_eq!(looked.body["metadata"], Value::Null);
}

#[actix_web::test]
async fn a_slug_changes_to_a_free_one_and_to_itself() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    found(&mut ana, "north-gate").await;
    found(&mut ana, "salt-lane").await;

    for (slug, status) in [("salt-lane", 200), ("salt-road", 200), ("north-gate", 400)] {
        let answer = ana.post(&path("update"), &json!({"data": {"slug": slug}})).await;
        assert_eq!(answer.status, status, "{slug}: {}", answer.text);
        if status == 400 {
            answer.refused(400, "ORGANIZATION_SLUG_ALREADY_TAKEN");
        }
    }
    let looked = ana.get(&path("get-organization")).await;
    assert_eq!(looked.body["slug"], "salt-road");
}

#[actix_web::test]
async fn a_change_is_refused_for_the_first_of_its_reasons() {
    let world = World::new().await;
    let (mut ana, mut ben) = (
        world.sign_up("ana@example.test").await,
        world.sign_up("ben@example.test").await,
    );
    let taken = found(&mut ana, "taken").await;
    let id = found(&mut ana, "salt-lane").await;
    let body = |data: Value| json!({"data": data, "organizationId": id});

    let wrong = json!({"data": {"name": "", "slug": null, "logo": 4, "metadata": []}, "organizationId": 5});
    let answer = world.browser().post(&path("update"), &wrong).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(
        answer.body["message"],
        "[body.data.name] Too small: expected string to have >=1 characters; \
         [body.data.slug] Invalid input: expected string, received null; \
         [body.data.logo] Invalid input: expected string, received number; \
         [body.data.metadata] Invalid input: expected record, received array; \
         [body.organizationId] Invalid input: expected string, received number"
    );
    let answer = world
        .browser()
        .post(&path("update"), &json!({"data": null}))
        .await;
    assert_eq!(
        answer.body["message"],
        "[body.data] Invalid input: expected object, received null"
    );
    world
        .browser()
        .post(&path("update"), &body(json!({})))
        .await
        .refused_in_words(401, "User not found");
    ben.post(&path("update"), &json!({"data": {}}))
        .await
        .refused(400, "ORGANIZATION_NOT_FOUND");
    for outside in [id.as_str(), UNKNOWN, "nonsense"] {
        ben.post(
            &path("update"),
            &json!({"data": {"slug": "taken"}, "organizationId": outside}),
        )
        .await
        .refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    }
    join(&world, &mut ben, &id, "member").await;
    ben.post(&path("update"), &body(json!({"slug": "taken"})))
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION");
    join(&world, &mut ben, &taken, "admin").await;
    let theirs = json!({"data": {"slug": "salt-lane"}, "organizationId": taken});
    ben.post(&path("update"), &theirs)
        .await
        .refused(400, "ORGANIZATION_SLUG_ALREADY_TAKEN");
    ana.post(&path("update"), &body(json!({"name": "a\u{0}"})))
        .await
        .refused(400, "UNSTORABLE_TEXT");
}

#[actix_web::test]
async fn a_deleted_organization_is_shown_as_it_was_and_is_nobodys_active_one_in_this_session() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let id = found(&mut ana, "salt-lane").await;
    let mut elsewhere = world.sign_in("ana@example.test", true).await;
    activate(&mut elsewhere, &id).await;
    let looked = ana.get(&path("get-organization")).await;

    let deleted = ana.post(&path("delete"), &json!({"organizationId": id})).await;

    assert_eq!((deleted.status.as_u16(), &deleted.body), (200, &looked.body));
    assert!(deleted.cookies.is_empty());
    assert_eq!(active(&mut ana).await, Value::Null);
    is_null(&ana.get(&path("get-organization")).await);
    // The other session names it still, and is told that it is gone each time.
    for endpoint in ["get-organization", "get-full-organization"] {
        elsewhere
            .get(&path(endpoint))
            .await
            .refused(400, "ORGANIZATION_NOT_FOUND");
    }
    assert_eq!(active(&mut elsewhere).await, json!(id));
    elsewhere
        .get("/api/v1/patients")
        .await
        .problem(403, "NOT_A_MEMBER");
    assert_eq!(world.count("organization").await, 0);
}

#[actix_web::test]
async fn deleting_another_organization_leaves_the_active_one_active() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let other = found(&mut ana, "other").await;
    let id = found(&mut ana, "salt-lane").await;

    let deleted = ana.post(&path("delete"), &json!({"organizationId": other})).await;

    assert_eq!(deleted.status, 200);
    assert_eq!(active(&mut ana).await, json!(id));
}

#[actix_web::test]
async fn a_deletion_is_refused_for_the_first_of_its_reasons() {
    let world = World::new().await;
    let (mut ana, mut ben) = (
        world.sign_up("ana@example.test").await,
        world.sign_up("ben@example.test").await,
    );
    let id = found(&mut ana, "salt-lane").await;
    let body = json!({"organizationId": id});

    let mut nobody = world.browser();
    nobody
        .post(&path("delete"), &json!({}))
        .await
        .refused(400, "VALIDATION_ERROR");
    let answer = nobody.post(&path("delete"), &json!({"organizationId": ""})).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (401, ""));
    for browser in [&mut ana, &mut ben] {
        browser
            .post(&path("delete"), &json!({"organizationId": ""}))
            .await
            .refused(400, "ORGANIZATION_NOT_FOUND");
    }
    for outside in [id.as_str(), UNKNOWN, "nonsense"] {
        ben.post(&path("delete"), &json!({"organizationId": outside}))
            .await
            .refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    }
    // Records, which she may not know of, come last.
    let bo = json!({"firstName": "Bo", "lastName": "Lind"});
    assert_eq!(ana.post("/api/v1/patients", &bo).await.status, 201);
    join(&world, &mut ben, &id, "admin").await;
    ben.post(&path("delete"), &body)
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION");
    ana.post(&path("delete"), &body)
        .await
        .refused(409, "ORGANIZATION_HAS_RECORDS");
    assert_eq!(active(&mut ana).await, json!(id));
    assert_eq!(
        (world.count("organization").await, world.count("patients").await),
        (1, 1)
    );
}

#[actix_web::test]
async fn an_organization_is_named_by_slug_or_id_or_is_the_active_one() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    for endpoint in ["get-organization", "get-full-organization"] {
        is_null(&ana.get(&path(endpoint)).await);
    }
    let north = found(&mut ana, "north").await;
    let south = found(&mut ana, "south").await;

    for endpoint in ["get-organization", "get-full-organization"] {
        for (query, id) in [
            (String::new(), &south),
            ("?organizationId=&organizationSlug=".to_owned(), &south),
            (format!("?organizationId={north}"), &north),
            (format!("?organizationId={south}&organizationSlug=north"), &north),
        ] {
            let answer = ana.get(&path(&format!("{endpoint}{query}"))).await;
            assert_eq!(answer.body["id"].as_str(), Some(id.as_str()), "{}", answer.text);
        }
    }
}

#[actix_web::test]
async fn a_look_is_refused_for_the_first_of_its_reasons() {
    let world = World::new().await;
    let (mut ana, mut ben) = (
        world.sign_up("ana@example.test").await,
        world.sign_up("ben@example.test").await,
    );
    let foreign = found(&mut ana, "foreign").await;
    let own = found(&mut ben, "own").await;

    for endpoint in ["get-organization", "get-full-organization"] {
        let twice = path(&format!("{endpoint}?organizationId=1&organizationId=2"));
        world.browser().get(&twice).await.refused(400, "VALIDATION_ERROR");
        world
            .browser()
            .get(&path(endpoint))
            .await
            .refused(401, "UNAUTHORIZED");
        for query in [
            format!("?organizationId={UNKNOWN}"),
            "?organizationId=nonsense".to_owned(),
            "?organizationSlug=nowhere".to_owned(),
            format!("?organizationSlug=nowhere&organizationId={own}"),
        ] {
            ben.get(&path(&format!("{endpoint}{query}")))
                .await
                .refused(400, "ORGANIZATION_NOT_FOUND");
            assert_eq!(active(&mut ben).await, json!(own), "{query}");
        }
        for query in [
            format!("?organizationId={foreign}"),
            "?organizationSlug=foreign".to_owned(),
        ] {
            ben.get(&path(&format!("{endpoint}{query}")))
                .await
                .refused(403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
            assert_eq!(active(&mut ben).await, Value::Null, "{query}");
            activate(&mut ben, &own).await;
        }
    }
}

#[actix_web::test]
async fn who_was_removed_from_the_active_organization_is_told_so_once() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    for (slug, endpoint) in [("north", "get-organization"), ("south", "get-full-organization")] {
        found(&mut ana, slug).await;
        leave(&world, &mut ana).await;

        ana.get(&path(endpoint))
            .await
            .refused(403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
        is_null(&ana.get(&path(endpoint)).await);
    }
}

/// Fills an organization of Ana's: 102 teams, 101 invitations of which one makes an owner, and 149 members beside her.
async fn fill(world: &World, organization: &str) {
    for statement in [
        "insert into team (name, \"organizationId\", \"createdAt\")
         select 'Team ' || number, $1, timestamptz '2026-02-01' + number * interval '1 second'
         from generate_series(1, 101) as number",
        "insert into \"user\" (name, email)
         select 'Person ' || number, 'person' || number || '@example.test' from generate_series(1, 149) as number
         where $1 is not null",
        "insert into member (\"organizationId\", \"userId\", \"createdAt\")
         select $1, id, timestamptz '2026-04-01' from \"user\" where name like 'Person %'",
        "insert into invitation (\"organizationId\", email, role, \"inviterId\", \"expiresAt\")
         select $1, 'guest' || number || '@example.test', case when number = 1 then 'admin, owner' else 'member' end, id, now()
         from generate_series(1, 101) as number
         join \"user\" on \"user\".email = 'ana@example.test'",
    ] {
        sqlx::query(statement)
            .bind(organization.parse::<uuid::Uuid>().unwrap())
            .execute(&mut world.test.admin().await)
            .await
            .unwrap();
    }
}

fn totals(answer: &Answer) -> [u64; 3] {
    ["", "-teams", "-invitations"].map(|of| {
        let total = answer.header(&format!("x-total-count{of}"));
        total.unwrap().parse().unwrap()
    })
}

fn shown(answer: &Answer) -> [usize; 3] {
    ["members", "teams", "invitations"].map(|list| answer.body[list].as_array().unwrap().len())
}

#[actix_web::test]
async fn nothing_of_a_full_organization_is_cut_without_saying_so() {
    let mut world = World::new().await;
    world.state = world.state.with_rules(Rules {
        members: 120,
        ..Rules::default()
    });
    let mut ana = world.sign_up("ana@example.test").await;
    let mut ben = world.sign_up("ben@example.test").await;
    let mut eve = world.sign_up("eve@example.test").await;
    let id = found(&mut ana, "salt-lane").await;
    join(&world, &mut ben, &id, "admin").await;
    join(&world, &mut eve, &id, "member").await;
    fill(&world, &id).await;
    let full = path(&format!("get-full-organization?organizationId={id}"));

    for (browser, invitations) in [(&mut ana, 101), (&mut ben, 100), (&mut eve, 0)] {
        let answer = browser.get(&full).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(totals(&answer), [152, 102, invitations]);
        let most = usize::try_from(invitations.min(100)).unwrap();
        assert_eq!(shown(&answer), [120, 100, most]);
        assert_eq!(answer.body["teams"][0]["name"], "Team 1");
    }
    for (limit, members) in [
        ("3", 3),
        ("500", 152),
        ("0", 120),
        ("-1", 120),
        ("", 120),
        ("2.5", 2),
    ] {
        let answer = ana.get(&format!("{full}&membersLimit={limit}")).await;
        assert_eq!((shown(&answer)[0], totals(&answer)[0]), (members, 152), "{limit}");
    }
    let twice = ana.get(&format!("{full}&membersLimit=1&membersLimit=2")).await;
    twice.refused(400, "VALIDATION_ERROR");
    assert_eq!(twice.body["message"], "[query.membersLimit] Invalid input");
}

#[actix_web::test]
async fn a_full_organization_shows_members_with_users_and_counts_who_is_in_a_team() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let id = found(&mut ana, "salt-lane").await;
    let user = ana.user().await.unwrap().to_string();
    // Nobody corrects the column when an account is deleted.
    for statement in [
        "update team set \"memberCount\" = 7",
        "insert into invitation (\"organizationId\", email, \"inviterId\", \"expiresAt\")
         select id, 'guest@example.test', (select id from \"user\"), '2026-03-09T09:00:00Z' from organization",
    ] {
        sqlx::query(statement)
            .execute(&mut world.test.admin().await)
            .await
            .unwrap();
    }

    let mut body = ana.get(&path("get-full-organization")).await.body;

    let (member, team) = (body["members"][0]["id"].take(), body["teams"][0]["id"].take());
    let (invitation, invited) = (
        body["invitations"][0]["id"].take(),
        body["invitations"][0]["createdAt"].take(),
    );
    assert!([member, team, invitation, invited].iter().all(Value::is_string));
    let founded = "2026-03-02T09:00:00.000Z";
    assert_eq!(
        body,
        json!({
            "id": id, "name": "SALT-LANE", "slug": "salt-lane", "logo": null, "metadata": null, "createdAt": founded,
            "members": [{
                "id": null, "organizationId": id, "userId": user, "role": "owner", "createdAt": founded,
                "user": {"id": user, "name": "Ana Reyes", "email": "ana@example.test", "image": null},
            }],
            "teams": [{
                "id": null, "name": "SALT-LANE", "organizationId": id, "createdAt": founded, "updatedAt": null,
                "memberCount": 1,
            }],
            "invitations": [{
                "id": null, "organizationId": id, "email": "guest@example.test", "role": "member", "teamId": null,
                "status": "pending", "expiresAt": "2026-03-09T09:00:00.000Z", "createdAt": null, "inviterId": user,
            }],
        })
    );
}

#[actix_web::test]
async fn an_organization_without_a_team_is_shown_without_one() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let id = found(&mut ana, "salt-lane").await;
    sqlx::query("delete from team")
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();

    let answer = ana.get(&path("get-full-organization")).await;

    assert_eq!(
        (answer.body["id"].as_str(), totals(&answer)),
        (Some(id.as_str()), [1, 0, 0])
    );
    assert_eq!(shown(&answer), [1, 0, 0]);
}

#[actix_web::test]
async fn who_records_while_the_organization_is_deleted_is_told_that_it_is_gone() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    found(&mut ana, "salt-lane").await;
    let (mut deleting, mut watching) = (world.test.admin().await, world.test.admin().await);
    for statement in ["begin", "delete from organization"] {
        sqlx::query(statement).execute(&mut deleting).await.unwrap();
    }

    let bo = json!({"firstName": "Bo", "lastName": "Lind"});
    let recording = ana.post("/api/v1/patients", &bo);
    let deletion = async {
        let waiting = "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')";
        while !sqlx::query_scalar::<_, bool>(waiting)
            .fetch_one(&mut watching)
            .await
            .unwrap()
        {}
        sqlx::query("commit").execute(&mut deleting).await.unwrap();
    };
    let (answer, ()) = tokio::join!(recording, deletion);

    answer.problem(404, "ORGANIZATION_NOT_FOUND");
    assert_eq!(world.count("patients").await, 0);
}
