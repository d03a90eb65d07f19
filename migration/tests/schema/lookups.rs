//! The definer functions, which are asked from outside a tenant.

use sea_orm::TransactionTrait;

use crate::database::{connect, rows, run, state, texts};
use crate::fixture::{ANA, BEN, CLINIC_OF_ANA, CLINIC_OF_BEN, Clinics, EVA};

/// The membership and roles that a session has in an asked organization.
async fn found(clinics: &Clinics, token: &str, asked: &str) -> Vec<String> {
    let app = connect(&clinics.database.app_url()).await;
    let query = format!(
        r#"select concat_ws(' ', u_name, coalesce("m_organizationId"::text, 'nowhere'), m_role, dynamic_roles)
           from tenancy.find_session('{token}', {asked})"#
    );
    texts(&app, &query).await.unwrap()
}

#[tokio::test]
async fn a_session_is_found_by_its_token_with_the_asked_membership() {
    let clinics = Clinics::new().await;

    let asked = format!("'{CLINIC_OF_ANA}'");

    let roles = r#"[{"role": "dentist", "permission": "{\"drill\": [\"a\"]}"}]"#;
    assert_eq!(
        found(&clinics, "token of ana", &asked).await,
        [format!("ana {CLINIC_OF_ANA} owner, dentist {roles}")]
    );
}

#[tokio::test]
async fn the_active_organization_counts_where_none_is_asked() {
    let clinics = Clinics::new().await;
    run(
        &clinics.admin,
        &format!(r#"update session set "activeOrganizationId" = '{CLINIC_OF_ANA}'"#),
    )
    .await
    .unwrap();

    let of_ana = found(&clinics, "token of ana", "null").await.concat();
    assert!(
        of_ana.starts_with(&format!("ana {CLINIC_OF_ANA} owner")),
        "{of_ana}"
    );
    // Ben's session names a clinic that is not his: it is worth nothing.
    assert_eq!(found(&clinics, "token of ben", "null").await, ["ben nowhere []"]);
}

#[tokio::test]
async fn an_organization_that_is_not_the_callers_comes_back_null() {
    let clinics = Clinics::new().await;

    let asked = format!("'{CLINIC_OF_BEN}'");

    assert_eq!(found(&clinics, "token of ana", &asked).await, ["ana nowhere []"]);
    assert_eq!(found(&clinics, "token of eva", &asked).await, ["eva nowhere []"]);
}

#[tokio::test]
async fn an_unknown_token_finds_nothing() {
    let clinics = Clinics::new().await;

    assert!(found(&clinics, "token of nobody", "null").await.is_empty());
    assert!(found(&clinics, "", "null").await.is_empty());
}

#[tokio::test]
async fn a_removed_member_loses_the_organization_at_once() {
    let clinics = Clinics::new().await;
    run(
        &clinics.admin,
        &format!(r#"delete from member where "userId" = '{ANA}'"#),
    )
    .await
    .unwrap();

    let asked = format!("'{CLINIC_OF_ANA}'");

    assert_eq!(found(&clinics, "token of ana", &asked).await, ["ana nowhere []"]);
}

#[tokio::test]
async fn my_organizations_are_mine() {
    let clinics = Clinics::new().await;

    for (user, expected) in [
        (ANA, vec![CLINIC_OF_ANA]),
        (BEN, vec![CLINIC_OF_BEN]),
        (EVA, vec![]),
    ] {
        let identity = clinics.identity(user).await;
        let mine = texts(&identity, "select id from tenancy.my_organizations()")
            .await
            .unwrap();
        assert_eq!(mine, expected);
    }
}

#[tokio::test]
async fn my_teams_are_those_in_which_i_am() {
    let clinics = Clinics::new().await;

    // The team of a clinic has its id.
    for (user, expected) in [
        (ANA, vec![CLINIC_OF_ANA]),
        (BEN, vec![CLINIC_OF_BEN]),
        (EVA, vec![]),
    ] {
        let identity = clinics.identity(user).await;
        let mine = texts(&identity, "select id from tenancy.my_teams()")
            .await
            .unwrap();
        assert_eq!(mine, expected);
    }
    let nobody = clinics.scope("set local role wardkeep_identity").await;
    let mine = texts(&nobody, "select id from tenancy.my_teams()").await.unwrap();
    assert!(mine.is_empty());
}

#[tokio::test]
async fn the_organization_asked_for_is_found_and_the_membership_only_of_its_members() {
    let clinics = Clinics::new().await;
    run(
        &clinics.admin,
        &format!(
            r#"update session set "activeTeamId" = '{CLINIC_OF_ANA}';
               update invitation set id = "organizationId""#
        ),
    )
    .await
    .unwrap();
    let app = connect(&clinics.database.app_url()).await;

    for asked in [
        format!("'organization', '{CLINIC_OF_ANA}'"),
        "'slug', 'clinic-a'".to_owned(),
        format!("'team', '{CLINIC_OF_ANA}'"),
        "'active team', null".to_owned(),
        format!("'invitation', '{CLINIC_OF_ANA}'"),
    ] {
        for (token, place) in [("ana", "owner, dentist"), ("ben", "nobody")] {
            let query = format!(
                r#"select concat_ws(' ', "a_organizationId", coalesce(m_role, 'nobody'))
                   from tenancy.find_session('token of {token}', {asked})"#
            );
            let found = texts(&app, &query).await.unwrap();
            assert_eq!(found, [format!("{CLINIC_OF_ANA} {place}")], "{asked}");
        }
    }
    for asked in ["organization", "slug", "team", "invitation"] {
        let unknown = format!(
            r#"select concat_ws(' ', u_name, "a_organizationId", m_role)
               from tenancy.find_session('token of ana', '{asked}', '00000000-0000-0000-0000-000000000000')"#
        );
        assert_eq!(texts(&app, &unknown).await.unwrap(), ["ana"], "{asked}");
    }
}

#[tokio::test]
async fn the_membership_in_the_active_organization_is_found_without_a_word_about_others() {
    let clinics = Clinics::new().await;
    run(
        &clinics.admin,
        &format!(r#"update session set "activeOrganizationId" = '{CLINIC_OF_ANA}'"#),
    )
    .await
    .unwrap();
    let app = connect(&clinics.database.app_url()).await;

    for (token, found) in [("ana", "ana owner, dentist"), ("ben", "ben"), ("eva", "eva")] {
        let query = format!(
            r#"select concat_ws(' ', u_name, "a_organizationId", m_role)
               from tenancy.find_session('token of {token}', 'active', null)"#
        );
        assert_eq!(texts(&app, &query).await.unwrap(), [found]);
    }
}

#[tokio::test]
async fn nobody_in_particular_has_no_organizations_and_no_address() {
    let clinics = Clinics::new().await;
    let identity = clinics.scope("set local role wardkeep_identity").await;

    let mine = texts(&identity, "select id from tenancy.my_organizations()")
        .await
        .unwrap();
    let address = texts(&identity, "select tenancy.current_user_email()")
        .await
        .unwrap();

    assert!(mine.is_empty());
    assert_eq!(address, ["null"]);
}

#[tokio::test]
async fn a_slug_is_answered_by_an_id_and_nothing_else() {
    let clinics = Clinics::new().await;
    let identity = clinics.identity(EVA).await;

    let taken = texts(&identity, "select tenancy.organization_of_slug('clinic-b')")
        .await
        .unwrap();
    let free = texts(&identity, "select tenancy.organization_of_slug('clinic-c')")
        .await
        .unwrap();

    assert_eq!(taken, [CLINIC_OF_BEN]);
    assert_eq!(free, ["null"]);
}

#[tokio::test]
async fn both_logins_ask_for_the_schema_version() {
    let clinics = Clinics::new().await;

    for url in [clinics.database.app_url(), clinics.database.worker_url()] {
        let login = connect(&url).await;
        let version = texts(&login, "select tenancy.schema_version()").await.unwrap();
        assert_eq!(version, [wardkeep_tenancy::SCHEMA_VERSION]);
    }
}

#[tokio::test]
async fn each_function_answers_the_role_that_it_is_for() {
    let clinics = Clinics::new().await;
    let roles = [
        "wardkeep_app",
        "authenticated",
        "wardkeep_identity",
        "wardkeep_credentials",
        "wardkeep_worker",
    ];

    for (call, allowed) in [
        ("tenancy.find_session('', null)", vec!["wardkeep_app"]),
        (
            "tenancy.find_session('', 'active team', null)",
            vec!["wardkeep_app"],
        ),
        ("tenancy.my_organizations()", vec!["wardkeep_identity"]),
        ("tenancy.my_teams()", vec!["wardkeep_identity"]),
        ("tenancy.hold_current_user()", vec!["authenticated"]),
        ("tenancy.my_invitations()", vec!["wardkeep_identity"]),
        (
            "tenancy.invitation_card(null)",
            vec!["wardkeep_identity", "wardkeep_credentials"],
        ),
        (
            "tenancy.lock_inviting_organization(null)",
            vec!["wardkeep_identity"],
        ),
        ("tenancy.organization_of_slug('')", vec!["wardkeep_identity"]),
        ("tenancy.current_user_email()", vec!["wardkeep_identity"]),
        (
            "tenancy.schema_version()",
            vec!["wardkeep_app", "wardkeep_worker"],
        ),
    ] {
        for role in roles {
            let transaction = clinics.admin.begin().await.unwrap();
            run(&transaction, &format!("set local role {role}"))
                .await
                .unwrap();
            let answer = rows(&transaction, &format!("select * from {call}")).await;
            if allowed.contains(&role) {
                assert!(answer.is_ok(), "{role}: {call}: {answer:?}");
            } else {
                assert_eq!(state(answer), "42501", "{role}: {call}");
            }
        }
    }
}

#[tokio::test]
async fn the_lookup_reads_no_password_and_nothing_clinical() {
    let clinics = Clinics::new().await;

    for query in [
        "select password from account",
        "select id from patients",
        "select value from verification",
        r#"select "updatedAt" from member"#,
    ] {
        let lookup = clinics.admin.begin().await.unwrap();
        run(&lookup, "set local role wardkeep_lookup").await.unwrap();
        let answer = rows(&lookup, query).await;
        assert_eq!(state(answer), "42501", "{query}");
    }
}

const LOCK_ALONE_OWNED: &str = "select tenancy.lock_organizations_i_alone_own()";

#[tokio::test]
async fn what_i_alone_own_is_told_and_locked() {
    let clinics = Clinics::new().await;
    let lock = format!("select from organization where id = '{CLINIC_OF_ANA}' for no key update nowait");

    for (user, expected) in [(ANA, vec![CLINIC_OF_ANA]), (EVA, vec![])] {
        let identity = clinics.identity(user).await;
        assert_eq!(texts(&identity, LOCK_ALONE_OWNED).await.unwrap(), expected);
        let tried = clinics.admin.begin().await.unwrap();
        let locked = run(&tried, &lock).await;
        if user == ANA {
            assert_eq!(state(locked), "55P03");
        } else {
            locked.unwrap();
        }
        identity.rollback().await.unwrap();
        tried.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn with_a_second_owner_nobody_owns_alone() {
    let clinics = Clinics::new().await;
    for (role, expected) in [
        ("admin, owner", vec![]),
        ("coowner,owners", vec![CLINIC_OF_ANA]),
        ("admin", vec![CLINIC_OF_ANA]),
    ] {
        let insert = format!(
            r#"insert into member ("organizationId", "userId", role) values ('{CLINIC_OF_ANA}', '{EVA}', '{role}')
               on conflict ("organizationId", "userId") do update set role = excluded.role"#
        );
        run(&clinics.admin, &insert).await.unwrap();

        let identity = clinics.identity(ANA).await;
        let alone = texts(&identity, LOCK_ALONE_OWNED).await.unwrap();
        assert_eq!(alone, expected, "{role}");
        identity.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn the_lock_on_an_organization_changes_nothing_in_it() {
    let clinics = Clinics::new().await;
    // As the owner of the function, if somebody got that far.
    let settings = format!("set local role wardkeep_lookup; set local app.current_user_id = '{ANA}'");
    let lookup = clinics.admin.begin().await.unwrap();
    run(&lookup, &settings).await.unwrap();

    let update = run(&lookup, r#"update organization set "updatedAt" = now()"#).await;

    assert_eq!(state(update), "42501");
}

#[tokio::test]
async fn a_member_holds_the_own_user_and_can_change_nothing_of_it() {
    let clinics = Clinics::new().await;
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;
    let user = format!("set local app.current_user_id = '{ANA}'");
    run(&tenant, &user).await.unwrap();
    run(&tenant, "select tenancy.hold_current_user()").await.unwrap();

    for (user, locked) in [(ANA, true), (EVA, false)] {
        let tried = clinics.admin.begin().await.unwrap();
        let delete = format!(r#"select from "user" where id = '{user}' for update nowait"#);
        let rename = format!(r#"select from "user" where id = '{user}' for no key update nowait"#);
        run(&tried, &rename).await.unwrap();
        let deleted = run(&tried, &delete).await;
        assert_eq!(deleted.is_err(), locked, "{user}");
        tried.rollback().await.unwrap();
    }
    let settings = format!("set local role wardkeep_lookup; set local app.current_user_id = '{ANA}'");
    let lookup = clinics.admin.begin().await.unwrap();
    run(&lookup, &settings).await.unwrap();
    let update = run(&lookup, r#"update "user" set "updatedAt" = now()"#).await;
    assert_eq!(state(update), "42501");
}
