//! Lists that say when there is more.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, PaginatorTrait as _, QuerySelect as _, Select};

/// The most rows of one answer, as in Better Auth.
const MOST: u64 = 100;

/// The first rows of a list, and how many there are in all: Better Auth cuts its lists at 100 rows without saying so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// At most 100 rows.
    pub rows: Vec<T>,
    /// How many there are.
    pub total: u64,
}

/// Reads the first rows, and counts only where there may be more.
pub(crate) async fn read<E: EntityTrait>(
    tx: &impl ConnectionTrait,
    all: Select<E>,
) -> Result<Listed<E::Model>, DbErr>
where
    E::Model: Send + Sync,
{
    let rows = all.clone().limit(MOST).all(tx).await?;
    let shown = rows.len() as u64;
    let total = if shown < MOST { shown } else { all.count(tx).await? };
    Ok(Listed { rows, total })
}
