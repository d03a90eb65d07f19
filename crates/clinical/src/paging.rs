//! Lists, a page at a time.

mod cursor;

use sea_orm::sea_query::{Expr, ExprTrait, Order as Direction, SimpleExpr};
use sea_orm::{DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value};
use serde_json::Value as Json;
use wardkeep_tenancy::{InvalidField, OrganizationOwned, TenantTx};

use crate::records::RecordError;
use cursor::Listed;

/// The most rows on one page.
pub const LARGEST_PAGE: u64 = 200;

/// Which part of a list, and in what order.
#[derive(Clone, Debug)]
pub struct Paging {
    /// The [`Page::next`] of an earlier page of the same list in the same organization.
    pub cursor: Option<String>,
    /// How many rows at most, from 1 to [`LARGEST_PAGE`].
    pub limit: u64,
    /// One of the orders that the list has, with a `-` in front for the other way round; none for the usual one.
    pub sort: Option<String>,
    /// Whether to count all rows that match, at the cost of a second statement.
    pub total: bool,
}

impl Default for Paging {
    fn default() -> Self {
        Self {
            cursor: None,
            limit: 50,
            sort: None,
            total: false,
        }
    }
}

/// Some rows of a list.
///
/// Paging goes by the sort key of the last row seen, so a row that is there all the while, under one key, is listed
/// exactly once, whatever is recorded or deleted in between.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last one.
    pub next: Option<String>,
    /// How many rows match on all pages together, if that was asked.
    pub total: Option<u64>,
}

/// An order of a list: its name on the wire, and the columns that it goes by. None of them is ever null, together they
/// are unique, and an index has them in this order behind the organization.
pub(crate) struct Order<C: 'static> {
    pub(crate) name: &'static str,
    pub(crate) key: &'static [C],
}

impl Paging {
    /// The same part of the list, in this order unless another is asked for.
    pub(crate) fn or_sorted_by(&self, sort: &str) -> Self {
        let mut paging = self.clone();
        paging.sort.get_or_insert_with(|| sort.to_owned());
        paging
    }

    /// Checks the page itself; the error names what is wrong with it.
    fn checked<C>(&self, orders: &'static [Order<C>]) -> Result<(&'static Order<C>, Direction), RecordError> {
        let asked = self.sort.as_deref().unwrap_or_default();
        let (name, direction) = match asked.strip_prefix('-') {
            Some(name) => (name, Direction::Desc),
            None => (asked, Direction::Asc),
        };
        let order = orders
            .iter()
            .find(|order| order.name == name || (self.sort.is_none() && name.is_empty()));
        let mut refusals = Vec::new();
        if !(1..=LARGEST_PAGE).contains(&self.limit) {
            refusals.push(InvalidField::new("limit", "must be from 1 to 200"));
        }
        match order {
            Some(order) if refusals.is_empty() => Ok((order, direction)),
            Some(_) => Err(RecordError::Invalid(refusals)),
            None => {
                let names: Vec<_> = orders.iter().map(|order| order.name).collect();
                let problem = format!(
                    "must be one of {}, or one of them with - in front",
                    names.join(", ")
                );
                refusals.push(InvalidField::new("sort", problem));
                Err(RecordError::Invalid(refusals))
            }
        }
    }
}

/// One page of `rows`, in one of the orders. `filters` are all that chose the rows: a cursor works only with the same.
pub(crate) async fn page<E: OrganizationOwned>(
    tx: &TenantTx,
    rows: Select<E>,
    orders: &'static [Order<E::Column>],
    filters: &Json,
    paging: &Paging,
) -> Result<Page<E::Model>, RecordError>
where
    E::Model: Send + Sync,
{
    let (listed, asked) = asked(tx, rows.clone(), orders, filters, paging)?;
    let mut items = asked.all(tx).await?;
    let more = items.len() as u64 > paging.limit;
    items.truncate(usize::try_from(paging.limit).unwrap_or(usize::MAX));
    let next = items.last().filter(|_| more).map(|last| listed.write(last));

    let total = if paging.total {
        Some(count(tx, rows).await?)
    } else {
        None
    };
    Ok(Page { items, next, total })
}

/// What a page asks of the database: one row more than it shows, which tells whether there is another page.
pub(crate) fn asked<E: OrganizationOwned>(
    tx: &TenantTx,
    rows: Select<E>,
    orders: &'static [Order<E::Column>],
    filters: &Json,
    paging: &Paging,
) -> Result<(Listed<E>, Select<E>), RecordError> {
    let (order, direction) = paging.checked(orders)?;
    let listed = Listed::<E>::new(tx.organization(), order, &direction, filters);
    let after = match &paging.cursor {
        Some(cursor) => Some(listed.read(cursor).ok_or(RecordError::InvalidCursor)?),
        None => None,
    };
    let asked = ordered(rows, order, &direction, after).limit(paging.limit + 1);
    Ok((listed, asked))
}

/// What comes after a position. A row comparison, not its cases joined by `or`: it is one condition on the index.
fn ordered<E: EntityTrait>(
    rows: Select<E>,
    order: &Order<E::Column>,
    direction: &Direction,
    after: Option<Vec<Value>>,
) -> Select<E> {
    let rows = order
        .key
        .iter()
        .fold(rows, |rows, column| rows.order_by(*column, direction.clone()));
    let Some(after) = after else {
        return rows;
    };
    let key = Expr::tuple(
        order
            .key
            .iter()
            .map(|column| SimpleExpr::from(Expr::col((E::default(), *column)))),
    );
    let last = Expr::tuple(after.into_iter().map(SimpleExpr::from));
    rows.filter(match direction {
        Direction::Desc => key.lt(last),
        _ => key.gt(last),
    })
}

async fn count<E: EntityTrait>(tx: &TenantTx, rows: Select<E>) -> Result<u64, DbErr>
where
    E::Model: Send + Sync,
{
    let counted = rows
        .select_only()
        .expr_as(Expr::cust("count(*)"), "total")
        .into_tuple::<i64>();
    Ok(counted.one(tx).await?.unwrap_or_default().unsigned_abs())
}
