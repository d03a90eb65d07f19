//! Lists that say when there is more.

use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait as _, QueryResult, QuerySelect as _,
    Select,
};

/// The first rows of a list, and how many there are in all: Better Auth cuts its lists at [`Listed::MOST`] rows without
/// saying so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// At most as many as the list shows.
    pub rows: Vec<T>,
    /// How many there are.
    pub total: u64,
}

impl Listed<()> {
    /// The most rows of one answer, as in Better Auth.
    pub const MOST: u64 = 100;
}

impl<T> Listed<T> {
    /// Reads the first rows, and counts only where there may be more.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn read<E>(tx: &impl ConnectionTrait, all: Select<E>) -> Result<Self, DbErr>
    where
        E: EntityTrait<Model = T>,
        T: FromQueryResult + Send + Sync,
    {
        let rows = all.clone().limit(Listed::MOST).all(tx).await?;
        let shown = rows.len() as u64;
        let total = if shown < Listed::MOST {
            shown
        } else {
            all.count(tx).await?
        };
        Ok(Self { rows, total })
    }

    /// Takes the rows of a statement that is cut at some number and counts in each row, as `total`, how many there would
    /// be without (`count(*) over ()`).
    ///
    /// # Errors
    ///
    /// When the rows have other columns.
    pub fn counted(rows: &[QueryResult]) -> Result<Self, DbErr>
    where
        T: FromQueryResult,
    {
        let total: Option<i64> = rows.first().map(|row| row.try_get("", "total")).transpose()?;
        Ok(Self {
            rows: rows
                .iter()
                .map(|row| T::from_query_result(row, ""))
                .collect::<Result<_, _>>()?,
            total: total.unwrap_or_default().unsigned_abs(),
        })
    }
}
