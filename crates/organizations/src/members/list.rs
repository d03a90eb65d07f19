//! The list of members.

use sea_orm::sea_query::{Asterisk, Expr, ExprTrait as _, JoinType, Order, Query, SelectStatement};
use sea_orm::{
    ConnectionTrait as _, DbErr, FromQueryResult as _, IdenStatic as _, Iterable as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, Select,
};
use wardkeep_auth::Listed;
use wardkeep_tenancy::TenantTx;

use super::filter::{Field, Filter};
use super::{Member, entity};
use crate::profiles::{self, Profile};

/// The most members of one answer, whatever limit is asked for.
pub const MOST_LISTED: u64 = 1000;

/// What to list, in which order and from where.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// How many members at most, up to [`MOST_LISTED`].
    pub limit: u64,
    /// How many to leave out at the beginning.
    pub offset: u64,
    /// By what to sort; else in the order of joining. The id decides between equal ones.
    pub order: Option<(Field, Direction)>,
    /// Which ones alone.
    pub filter: Option<Filter>,
}

/// Which end of a list comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, the earliest.
    Ascending,
    /// The greatest, the latest.
    Descending,
}

/// A member and the user behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fellow {
    /// The membership.
    pub member: Member,
    /// What members see of each other.
    pub profile: Profile,
}

impl Default for Listing {
    fn default() -> Self {
        Self {
            limit: Listed::MOST,
            offset: 0,
            order: None,
            filter: None,
        }
    }
}

/// Lists members with their users, and counts all that the filter lets through: one statement, and another one to count
/// where the page begins after the end.
///
/// # Errors
///
/// When the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Listed<Fellow>, DbErr> {
    let rows = tx.query_all(&page(tx, listing)).await?;
    let total = match rows.first() {
        Some(row) => row.try_get::<i64>("", "total")?.unsigned_abs(),
        None if listing.offset > 0 => matching(tx, listing).count(tx).await?,
        None => 0,
    };
    let fellow = |row| {
        Ok(Fellow {
            member: Member::from_query_result(row, "")?,
            profile: Profile::from_query_result(row, "user_")?,
        })
    };
    Ok(Listed {
        rows: rows.iter().map(fellow).collect::<Result<_, DbErr>>()?,
        total,
    })
}

fn matching(tx: &TenantTx, listing: &Listing) -> Select<entity::Entity> {
    let all = tx.find::<entity::Entity>();
    match &listing.filter {
        Some(filter) => all.filter(filter.expression()),
        None => all,
    }
}

/// Cuts the members before their users are looked up, one by one.
fn page(tx: &TenantTx, listing: &Listing) -> SelectStatement {
    const PAGE: &str = "page";
    let (field, direction) = listing.order.unwrap_or((Field::CreatedAt, Direction::Ascending));
    let (column, order) = (field.column(), Order::from(direction));
    let members = matching(tx, listing)
        .expr_as(Expr::cust("count(*) over ()"), "total")
        .order_by(column, order.clone())
        .order_by_asc(entity::Column::Id)
        .limit(Ord::min(listing.limit, MOST_LISTED))
        .offset(listing.offset);
    let mut page = Query::select();
    page.column((PAGE, Asterisk));
    for column in profiles::entity::Column::iter() {
        page.expr_as(
            Expr::col((profiles::entity::Entity, column)),
            format!("user_{}", column.as_str()),
        );
    }
    page.from_subquery(members.into_query(), PAGE)
        .join(
            JoinType::InnerJoin,
            profiles::entity::Entity,
            Expr::col((profiles::entity::Entity, profiles::entity::Column::Id))
                .equals((PAGE, entity::Column::UserId)),
        )
        .order_by((PAGE, column), order)
        .order_by((PAGE, entity::Column::Id), Order::Asc);
    page
}

impl From<Direction> for Order {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Ascending => Self::Asc,
            Direction::Descending => Self::Desc,
        }
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{PostgresQueryBuilder, Values};
    use wardkeep_tenancy::Grants;
    use wardkeep_testkit::{TestDatabase, context, scope};

    use super::*;

    /// A hundred organizations of a hundred members, nobody in two of them.
    const MEMBERS: [&str; 4] = [
        r#"insert into organization (name, slug) select 'o' || n, 'o' || n from generate_series(1, 99) as n"#,
        r#"
        with places as (select id as organization, gen_random_uuid() as person from organization, generate_series(1, 100)),
        people as (
            insert into "user" (id, name, email, "emailVerified")
            select person, 'P', person || '@example.test', false from places
        )
        insert into member ("organizationId", "userId", role) select organization, person, 'member' from places"#,
        r#"analyze "user""#,
        "analyze member",
    ];

    /// What PostgreSQL did, as the role `authenticated` under row security.
    async fn plan(tx: &TenantTx, listing: &Listing) -> String {
        let (text, Values(values)) = page(tx, listing).build(PostgresQueryBuilder);
        // The test ends before the leak matters.
        let explain = Box::leak(format!("explain (analyze, costs off, timing off) {text}").into_boxed_str());
        let lines = tx.sql(explain, values).all().await.unwrap();
        let lines = lines
            .iter()
            .map(|line| line.try_get_by_index::<String>(0).unwrap());
        lines.collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn a_list_reads_the_members_of_one_organization_and_their_users_alone() {
        let test = TestDatabase::create().await;
        let (salt_lane, ada) = (test.organization("Salt Lane").await, test.user("Ada").await);
        let mut admin = test.admin().await;
        for statement in MEMBERS {
            sqlx::query(statement).execute(&mut admin).await.unwrap();
        }
        let scope = scope(
            &test.connect().await,
            &context(7),
            (salt_lane, ada),
            Grants::none(),
        );
        let tx = scope.begin().await.unwrap();

        let plan = plan(&tx, &Listing::default()).await;

        assert!(!plan.contains("Seq Scan"), "{plan}");
        let read: u64 = plan
            .lines()
            .filter(|line| line.contains(" Scan "))
            .map(|line| {
                let number = |name: &str| -> u64 {
                    let after = line.split(name).nth(1).unwrap();
                    let digits = after.split(|letter: char| !letter.is_ascii_digit()).next();
                    digits.unwrap().parse().unwrap()
                };
                number("rows=") * number("loops=")
            })
            .sum();
        // The members by their index and in the table, their users, and that these are members here.
        assert!(read <= 400, "{read}\n{plan}");
    }
}
