//! Ids: one type for each kind of row, so that a patient's id cannot stand where a user's is asked for.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{
    ActiveValue, ColIdx, DbErr, IntoActiveValue, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// A uuid that knows what it names. `T` is a marker and never made: an empty enum, or the entity's own type.
///
/// In JSON, in the database and in text it is the bare uuid, lower case and hyphenated.
pub struct Id<T> {
    uuid: Uuid,
    of: PhantomData<fn() -> T>,
}

/// Marks the id of an organization: one clinic.
pub enum Organization {}
/// Marks the id of a user: a person with an account, in any number of organizations.
pub enum User {}
/// Marks the id of a member row: one user in one organization.
pub enum Member {}
/// Marks the id of a session row.
pub enum Session {}
/// Marks the id of a team of an organization.
pub enum Team {}
/// Marks the id of an invitation.
pub enum Invitation {}

/// The id of an organization.
pub type OrganizationId = Id<Organization>;
/// The id of a user.
pub type UserId = Id<User>;
/// The id of a member row.
pub type MemberId = Id<Member>;
/// The id of a session row. It is no secret: the session's secret is another value.
pub type SessionId = Id<Session>;
/// The id of a team.
pub type TeamId = Id<Team>;
/// The id of an invitation. It is what the link in its mail holds, so nobody can guess it: it is random, never in order.
pub type InvitationId = Id<Invitation>;

impl<T> Id<T> {
    /// Names a row by its uuid.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self {
            uuid,
            of: PhantomData,
        }
    }

    /// The bare uuid.
    #[must_use]
    pub const fn as_uuid(self) -> Uuid {
        self.uuid
    }
}

// Derives would ask the same of T, which is only a marker.
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.uuid.cmp(&other.uuid)
    }
}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uuid, f)
    }
}

impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uuid, f)
    }
}

/// The text is not a uuid. Outside, it is an id that nothing has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a uuid")]
pub struct InvalidId;

impl<T> FromStr for Id<T> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self::from_uuid).map_err(|_| InvalidId)
    }
}

impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.uuid.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|_| de::Error::custom("must be an id, which is a uuid"))
    }
}

impl<T> From<Id<T>> for Value {
    fn from(id: Id<T>) -> Self {
        Value::Uuid(Some(id.uuid))
    }
}

impl<T> Nullable for Id<T> {
    fn null() -> Value {
        Value::Uuid(None)
    }
}

impl<T> ValueType for Id<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <Uuid as ValueType>::try_from(value).map(Self::from_uuid)
    }

    fn type_name() -> String {
        "Id".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::Uuid
    }

    fn column_type() -> ColumnType {
        ColumnType::Uuid
    }
}

impl<T> TryGetable for Id<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        Uuid::try_get_by(row, index).map(Self::from_uuid)
    }
}

impl<T> TryFromU64 for Id<T> {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("Id"))
    }
}

impl<T> IntoActiveValue<Id<T>> for Id<T> {
    fn into_active_value(self) -> ActiveValue<Id<T>> {
        ActiveValue::Set(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";

    #[test]
    fn an_id_is_its_bare_uuid_in_text_and_json() {
        let id: UserId = TEXT.parse().unwrap();

        assert_eq!(id.to_string(), TEXT);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{TEXT}\""));
        assert_eq!(
            serde_json::from_str::<UserId>(&format!("\"{TEXT}\"")).unwrap(),
            id
        );
    }

    #[test]
    fn what_is_no_uuid_is_no_id() {
        for text in ["", "1", "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d3", "' or true --"] {
            assert_eq!(text.parse::<UserId>(), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn an_id_survives_the_way_through_a_query_value() {
        let id: OrganizationId = TEXT.parse().unwrap();

        let value = Value::from(id);

        assert_eq!(<OrganizationId as ValueType>::try_from(value).ok(), Some(id));
        assert_eq!(<OrganizationId as Nullable>::null(), Value::Uuid(None));
        assert!(<OrganizationId as TryFromU64>::try_from_u64(7).is_err());
    }
}
