//! The definer functions for those who are invited, and for whoever has an invitation's link.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use sea_orm::{ConnectionTrait, TransactionTrait as _};

use crate::database::{run, state, texts};
use crate::fixture::{ANA, BEN, CLINIC_OF_ANA, Clinics, EVA};

/// Two clinics that invite Eva. The id of each invitation is that of its clinic.
async fn inviting() -> Clinics {
    let clinics = Clinics::new().await;
    run(&clinics.admin, r#"update invitation set id = "organizationId""#)
        .await
        .unwrap();
    clinics
}

/// What a card shows: the organization, the inviter, the address of an inviter who is a member, and whose it is.
async fn card(connection: &impl ConnectionTrait, invitation: &str) -> Vec<String> {
    let query = format!(
        r#"select concat_ws(', ', email, status, "organizationName", "organizationSlug", "inviterName",
             coalesce("inviterEmail", 'nobody'), mine)
           from tenancy.invitation_card('{invitation}')"#
    );
    texts(connection, &query).await.unwrap()
}

#[tokio::test]
async fn my_invitations_are_those_to_my_address_that_wait_with_the_names_of_their_organizations() {
    let clinics = inviting().await;
    run(
        &clinics.admin,
        r#"update invitation set status = 'accepted' where "organizationId" in (select id from organization where slug = 'clinic-b')"#,
    )
    .await
    .unwrap();
    let mine = r#"select "organizationName" || ' ' || status from tenancy.my_invitations() order by 1"#;

    for (user, expected) in [(EVA, vec!["Clinic a pending"]), (ANA, vec![]), (BEN, vec![])] {
        let identity = clinics.identity(user).await;
        assert_eq!(texts(&identity, mine).await.unwrap(), expected);
    }
    let nobody = clinics.scope("set local role wardkeep_identity").await;
    assert!(texts(&nobody, mine).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_changes_the_address_has_the_invitations_to_the_new_one() {
    let clinics = inviting().await;
    run(
        &clinics.admin,
        &format!(
            r#"update "user" set email = 'eva@new.test' where id = '{EVA}';
               update "user" set email = 'eva@example.test' where id = '{BEN}'"#
        ),
    )
    .await
    .unwrap();

    for (user, count) in [(EVA, "0"), (BEN, "2")] {
        let identity = clinics.identity(user).await;
        let mine = texts(&identity, "select count(*) from tenancy.my_invitations()").await;
        assert_eq!(mine.unwrap(), [count]);
    }
}

#[tokio::test]
async fn whoever_has_the_link_sees_what_the_mail_says_and_whether_it_is_theirs() {
    let clinics = inviting().await;
    let shown = "eva@example.test, pending, Clinic a, clinic-a, ana, ana@example.test";
    let nobody = clinics.scope("set local role wardkeep_credentials").await;

    for (user, mine) in [(EVA, "t"), (BEN, "f"), (ANA, "f")] {
        let identity = clinics.identity(user).await;
        assert_eq!(card(&identity, CLINIC_OF_ANA).await, [format!("{shown}, {mine}")]);
    }
    assert_eq!(card(&nobody, CLINIC_OF_ANA).await, [format!("{shown}, f")]);
    assert!(card(&nobody, ANA).await.is_empty());
}

#[tokio::test]
async fn an_inviter_who_is_no_member_any_more_is_not_shown() {
    let clinics = inviting().await;
    run(
        &clinics.admin,
        &format!(r#"delete from member where "userId" = '{ANA}'"#),
    )
    .await
    .unwrap();

    let identity = clinics.identity(EVA).await;

    let shown = "eva@example.test, pending, Clinic a, clinic-a, nobody, t";
    assert_eq!(card(&identity, CLINIC_OF_ANA).await, [shown]);
}

/// Whether the organization's row is locked against rule checks; rows that refer to it can be inserted all the same.
async fn is_locked(clinics: &Clinics) -> bool {
    let tried = clinics.admin.begin().await.unwrap();
    let row = format!("select from organization where id = '{CLINIC_OF_ANA}'");
    run(&tried, &format!("{row} for key share nowait")).await.unwrap();
    let locked = run(&tried, &format!("{row} for no key update nowait")).await;
    let is_locked = locked.is_err();
    if is_locked {
        assert_eq!(state(locked), "55P03");
    }
    tried.rollback().await.unwrap();
    is_locked
}

#[tokio::test]
async fn who_is_invited_locks_the_organization_and_nobody_else_does() {
    let clinics = inviting().await;
    let lock = format!("select tenancy.lock_inviting_organization('{CLINIC_OF_ANA}')");

    for (user, told, locks) in [
        (EVA, CLINIC_OF_ANA, true),
        (BEN, "null", false),
        (ANA, "null", false),
    ] {
        let identity = clinics.identity(user).await;
        assert_eq!(texts(&identity, &lock).await.unwrap(), [told]);
        assert_eq!(is_locked(&clinics).await, locks, "{user}");
        identity.rollback().await.unwrap();
        assert!(!is_locked(&clinics).await);
    }
    let nobody = clinics.scope("set local role wardkeep_identity").await;
    assert_eq!(texts(&nobody, &lock).await.unwrap(), ["null"]);
    let unknown = format!("select tenancy.lock_inviting_organization('{EVA}')");
    assert_eq!(texts(&nobody, &unknown).await.unwrap(), ["null"]);
}

#[tokio::test]
async fn an_invitation_that_was_answered_leads_nowhere() {
    let clinics = inviting().await;
    let lock = format!("select tenancy.lock_inviting_organization('{CLINIC_OF_ANA}')");

    for status in ["accepted", "rejected", "canceled"] {
        run(
            &clinics.admin,
            &format!("update invitation set status = '{status}'"),
        )
        .await
        .unwrap();
        let identity = clinics.identity(EVA).await;
        assert_eq!(texts(&identity, &lock).await.unwrap(), ["null"], "{status}");
    }
}
