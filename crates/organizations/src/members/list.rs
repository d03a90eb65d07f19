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
