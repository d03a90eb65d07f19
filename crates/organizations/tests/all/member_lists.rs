//! The list of members: filters, order, pages and the total.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use wardkeep_organizations::members::{self, Direction, Field, Filter, Listing, MOST_LISTED, Operator};
use wardkeep_tenancy::OrganizationId;

use crate::clinic::{Clinic, Person};

/// An organization whose owner is Ana, who joined first, and members with these roles, Member0 and so on.
async fn salt_lane(clinic: &Clinic, roles: &[&str]) -> (Person, OrganizationId) {
    let ana = clinic.person(1, "Ana").await;
    let salt_lane = clinic.db.organization("Salt Lane").await;
    clinic.db.member(salt_lane, ana.id, "owner").await;
    for (n, role) in roles.iter().enumerate() {
        let user = clinic.db.user(&format!("Member{n}")).await;
        clinic.db.member(salt_lane, user, role).await;
    }
    sqlx::query("update member set \"createdAt\" = \"createdAt\" - interval '1 day' where role = 'owner'")
        .execute(&mut clinic.db.admin().await)
        .await
        .unwrap();
    (ana, salt_lane)
}

async fn listed(
    clinic: &Clinic,
    caller: &Person,
    organization: OrganizationId,
    listing: &Listing,
) -> (Vec<String>, u64) {
    let tx = clinic.enter(caller, organization).await;
    let list = members::list(&tx, listing).await.unwrap();
    let roles = list.rows.into_iter().map(|fellow| fellow.member.role);
    (roles.collect(), list.total)
}

fn filtered(field: Field, operator: Operator, values: &[&str]) -> Listing {
    let values: Vec<_> = values.iter().map(|value| (*value).to_owned()).collect();
    Listing {
        filter: Some(Filter::new(field, operator, &values).unwrap()),
        order: Some((Field::Role, Direction::Ascending)),
        ..Listing::default()
    }
}

#[tokio::test]
async fn members_are_listed_with_their_users_in_the_order_of_joining() {
    let clinic = Clinic::new().await;
    let (ana, salt_lane) = salt_lane(&clinic, &["nurse"]).await;
    let elsewhere = clinic.db.organization("Elsewhere").await;
    clinic.db.member(elsewhere, ana.id, "admin").await;

    let tx = clinic.enter(&ana, salt_lane).await;
    let list = members::list(&tx, &Listing::default()).await.unwrap();

    assert_eq!(list.total, 2);
    let shown: Vec<_> = list
        .rows
        .iter()
        .map(|fellow| {
            (
                &*fellow.member.role,
                &*fellow.profile.name,
                fellow.member.user_id == fellow.profile.id,
            )
        })
        .collect();
    assert_eq!(shown, [("owner", "Ana", true), ("nurse", "Member0", true)]);
}

#[tokio::test]
async fn a_page_counts_all_and_one_after_the_end_too() {
    let clinic = Clinic::new().await;
    let (ana, salt_lane) = salt_lane(&clinic, &["a", "b", "c"]).await;
    let page = async |limit, offset| {
        let listing = Listing {
            limit,
            offset,
            order: Some((Field::Role, Direction::Descending)),
            filter: None,
        };
        listed(&clinic, &ana, salt_lane, &listing).await
    };

    assert_eq!(page(2, 0).await, (vec!["owner".to_owned(), "c".to_owned()], 4));
    assert_eq!(page(2, 3).await, (vec!["a".to_owned()], 4));
    assert_eq!(page(2, 4).await, (vec![], 4));
    assert_eq!(page(u64::MAX >> 1, 0).await.0.len(), 4);
}

#[tokio::test]
async fn one_answer_holds_a_thousand_members_at_most_and_counts_the_rest() {
    let clinic = Clinic::new().await;
    let (ana, salt_lane) = salt_lane(&clinic, &[]).await;
    sqlx::query(
        "with person as (
           insert into \"user\" (name, email, \"emailVerified\")
           select 'M', 'm' || n || '@example.com', false from generate_series(1, 1000) as n
           returning id
         )
         insert into member (\"organizationId\", \"userId\", role) select $1, id, 'member' from person",
    )
    .bind(salt_lane.as_uuid())
    .execute(&mut clinic.db.admin().await)
    .await
    .unwrap();

    let listing = Listing {
        limit: 5000,
        ..Listing::default()
    };
    let (members, total) = listed(&clinic, &ana, salt_lane, &listing).await;

    assert_eq!((members.len() as u64, total), (MOST_LISTED, 1001));
}

#[tokio::test]
async fn equal_ones_are_in_the_order_of_their_ids_whichever_page_they_are_on() {
    let clinic = Clinic::new().await;
    let (ana, salt_lane) = salt_lane(&clinic, &[]).await;
    for n in 0..20 {
        let user = clinic.db.user(&format!("Ben{n}")).await;
        clinic.db.member(salt_lane, user, "nurse").await;
    }

    for direction in [Direction::Ascending, Direction::Descending] {
        let mut ids = Vec::new();
        for offset in 0..21 {
            let listing = Listing {
                limit: 1,
                offset,
                order: Some((Field::Role, direction)),
                filter: None,
            };
            let tx = clinic.enter(&ana, salt_lane).await;
            let [fellow] = &members::list(&tx, &listing).await.unwrap().rows[..] else {
                panic!("a page of one")
            };
            if fellow.member.role == "nurse" {
                ids.push(fellow.member.id);
            }
        }
        assert_eq!(ids.len(), 20);
        assert!(ids.is_sorted(), "{direction:?}");
    }
}

#[tokio::test]
async fn every_operator_does_what_its_name_says() {
    let clinic = Clinic::new().await;
    let (ana, salt_lane) = salt_lane(&clinic, &["admin", "member"]).await;
    for (operator, values, expected) in [
        (Operator::Equal, &["admin"][..], &["admin"][..]),
        (Operator::NotEqual, &["admin"], &["member", "owner"]),
        (Operator::Less, &["member"], &["admin"]),
        (Operator::AtMost, &["member"], &["admin", "member"]),
        (Operator::Greater, &["member"], &["owner"]),
        (Operator::AtLeast, &["member"], &["member", "owner"]),
        (Operator::In, &["admin", "owner"], &["admin", "owner"]),
        (Operator::In, &["admin"], &["admin"]),
        (Operator::NotIn, &["admin", "owner"], &["member"]),
        (Operator::Contains, &["m"], &["admin", "member"]),
        (Operator::Contains, &[""], &["admin", "member", "owner"]),
        (Operator::StartsWith, &["o"], &["owner"]),
        (Operator::EndsWith, &["er"], &["member", "owner"]),
        (Operator::Equal, &[], &[]),
        (Operator::NotEqual, &[], &[]),
        (Operator::NotIn, &[], &[]),
    ] {
        let listing = filtered(Field::Role, operator, values);
        let (roles, total) = listed(&clinic, &ana, salt_lane, &listing).await;
        assert_eq!(roles, expected, "{operator:?} {values:?}");
        assert_eq!(total, expected.len() as u64);
    }
}

#[tokio::test]
async fn a_wildcard_is_a_character_like_others() {
    let clinic = Clinic::new().await;
    let (ana, salt_lane) = salt_lane(&clinic, &["a%b", "a_b", r"a\b", "axb"]).await;
    for (part, expected) in [("%", "a%b"), ("_", "a_b"), (r"\", r"a\b")] {
        let listing = filtered(Field::Role, Operator::Contains, &[part]);
        assert_eq!(listed(&clinic, &ana, salt_lane, &listing).await.0, [expected]);
        let listing = filtered(Field::Role, Operator::StartsWith, &[&format!("a{part}")]);
        assert_eq!(listed(&clinic, &ana, salt_lane, &listing).await.0, [expected]);
        let listing = filtered(Field::Role, Operator::EndsWith, &[&format!("{part}b")]);
        assert_eq!(listed(&clinic, &ana, salt_lane, &listing).await.0, [expected]);
    }
}

#[tokio::test]
async fn ids_and_times_are_compared_as_such() {
    let clinic = Clinic::new().await;
    let (ana, salt_lane) = salt_lane(&clinic, &["nurse"]).await;
    let anas = ana.id.to_string();
    for (field, operator, value, expected) in [
        (
            Field::UserId,
            Operator::Equal,
            &*anas.to_uppercase(),
            &["owner"][..],
        ),
        (Field::UserId, Operator::NotEqual, &anas, &["nurse"]),
        (Field::UserId, Operator::In, &anas, &["owner"]),
        (
            Field::OrganizationId,
            Operator::Equal,
            &salt_lane.to_string(),
            &["nurse", "owner"],
        ),
        (
            Field::OrganizationId,
            Operator::NotEqual,
            &salt_lane.to_string(),
            &[],
        ),
        (
            Field::Id,
            Operator::Greater,
            "00000000-0000-0000-0000-000000000000",
            &["nurse", "owner"],
        ),
        (
            Field::CreatedAt,
            Operator::Greater,
            "2000-01-01",
            &["nurse", "owner"],
        ),
        (Field::CreatedAt, Operator::Less, "2000-01-01T00:00:00Z", &[]),
    ] {
        let listing = filtered(field, operator, &[value]);
        let (roles, _) = listed(&clinic, &ana, salt_lane, &listing).await;
        assert_eq!(roles, expected, "{field:?} {operator:?} {value}");
    }
}
