//! Where a page ended: the sort key of its last row, and what was being listed.

use std::marker::PhantomData;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sea_orm::sea_query::Order as Direction;
use sea_orm::{ColumnTrait, ColumnType, EntityTrait, ModelTrait, Value};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;
use wardkeep_tenancy::OrganizationId;

use super::Order;

/// Longer than any cursor made here: two names of 100 characters, escaped, an id and a fingerprint.
const LONGEST: usize = 4096;

/// What a cursor is made for. It works nowhere else: in another organization, order or search its position would mean nothing.
pub(crate) struct Listed<E: EntityTrait> {
    fingerprint: String,
    key: &'static [E::Column],
    rows: PhantomData<E>,
}

impl<E: EntityTrait> Listed<E> {
    pub(super) fn new(
        organization: OrganizationId,
        order: &'static Order<E::Column>,
        direction: &Direction,
        filters: &Json,
    ) -> Self {
        let described = json!([
            E::default().table_name(),
            organization,
            order.name,
            matches!(direction, Direction::Desc),
            filters
        ]);
        let hash = Sha256::digest(described.to_string());
        Self {
            fingerprint: BASE64_URL_SAFE_NO_PAD.encode(hash.get(..9).unwrap_or_default()),
            key: order.key,
            rows: PhantomData,
        }
    }

    /// Writes the position of a row as text that is safe in a URL.
    pub(super) fn write(&self, row: &E::Model) -> String {
        let position = self.key.iter().map(|column| written(row.get(*column)));
        let text = Json::from_iter([json!(self.fingerprint)].into_iter().chain(position)).to_string();
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    /// Reads what [`Listed::write`] wrote for the same list; nothing if it is anything else.
    pub(super) fn read(&self, cursor: &str) -> Option<Vec<Value>> {
        if cursor.len() > LONGEST {
            return None;
        }
        let text = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let parts: Vec<Json> = serde_json::from_slice(&text).ok()?;
        let (fingerprint, position) = parts.split_first()?;
        if *fingerprint != json!(self.fingerprint) || position.len() != self.key.len() {
            return None;
        }
        self.key
            .iter()
            .zip(position)
            .map(|(column, part)| read(column.def().get_column_type(), part))
            .collect()
    }
}

/// Texts and ids as texts, numbers as numbers, instants as microseconds, which is what PostgreSQL keeps.
fn written(value: Value) -> Json {
    match value {
        Value::String(Some(text)) => json!(text),
        Value::Uuid(Some(id)) => json!(id),
        Value::Int(Some(number)) => json!(number),
        Value::BigInt(Some(number)) => json!(number),
        Value::TimeDateTimeWithTimeZone(Some(instant)) => {
            json!(i64::try_from(instant.unix_timestamp_nanos() / 1_000).unwrap_or_default())
        }
        _ => Json::Null,
    }
}

fn read(column: &ColumnType, part: &Json) -> Option<Value> {
    match column {
        ColumnType::Uuid => part.as_str()?.parse::<Uuid>().ok().map(Value::from),
        ColumnType::Integer => i32::try_from(part.as_i64()?).ok().map(Value::from),
        ColumnType::BigInteger => part.as_i64().map(Value::from),
        ColumnType::TimestampWithTimeZone => {
            let nanoseconds = i128::from(part.as_i64()?) * 1_000;
            let instant = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()?;
            Some(Value::from(instant))
        }
        // A text with a NUL never came from here, and PostgreSQL answers it with an error.
        _ => part
            .as_str()
            .filter(|text| !text.contains('\0'))
            .map(|text| Value::from(text.to_owned())),
    }
}
