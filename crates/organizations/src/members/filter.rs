//! Filters of the list of members.

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait as _, Value};
use time::format_description::well_known::Iso8601;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};
use uuid::Uuid;

use super::entity::Column;

/// A column of a member that may be filtered and sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The member's id.
    Id,
    /// The organization: the same for all of them.
    OrganizationId,
    /// The user.
    UserId,
    /// The list of roles, as it is stored.
    Role,
    /// Since when.
    CreatedAt,
}

/// How a column is compared with what is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// It is the value.
    Equal,
    /// It is another one.
    NotEqual,
    /// It comes before.
    Less,
    /// It comes before, or is the value.
    AtMost,
    /// It comes after.
    Greater,
    /// It comes after, or is the value.
    AtLeast,
    /// It is one of the values.
    In,
    /// It is none of them.
    NotIn,
    /// The value is somewhere in it.
    Contains,
    /// It begins with the value.
    StartsWith,
    /// It ends with the value.
    EndsWith,
}

/// A condition on members that can be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Condition);

#[derive(Clone, Debug, PartialEq)]
enum Condition {
    /// Nothing was given to compare with: as with null in SQL, no row fits.
    Nothing,
    Compared(Field, Operator, Value),
    In(Field, Vec<Value>),
    NotIn(Field, Vec<Value>),
    Like(String),
}

/// Why a filter cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Only a text has parts.
    #[error("contains, starts_with and ends_with are for texts: the field is none")]
    Operator,
    /// Several values, and an operator that takes one.
    #[error("the operator takes one value")]
    Several,
    /// The value is not one of the column's type.
    #[error("the value is no {0}")]
    Value(&'static str),
}

impl Filter {
    /// Reads the values as what the column holds: an id is a uuid; a time is a date, which is its midnight, or a date and a
    /// time of day as in ISO 8601, in UTC unless it says otherwise.
    ///
    /// # Errors
    ///
    /// [`FilterError`]'s variants.
    pub fn new(field: Field, operator: Operator, values: &[String]) -> Result<Self, FilterError> {
        let parts = matches!(
            operator,
            Operator::Contains | Operator::StartsWith | Operator::EndsWith
        );
        if parts && field != Field::Role {
            return Err(FilterError::Operator);
        }
        if values.is_empty() {
            return Ok(Self(Condition::Nothing));
        }
        let condition = match (operator, values) {
            (Operator::In, values) => Condition::In(field, typed(field, values)?),
            (Operator::NotIn, values) => Condition::NotIn(field, typed(field, values)?),
            (Operator::Contains, [part]) => Condition::Like(containing(part)),
            (Operator::StartsWith, [part]) => Condition::Like(format!("{}%", escaped(part))),
            (Operator::EndsWith, [part]) => Condition::Like(format!("%{}", escaped(part))),
            (_, [value]) => Condition::Compared(field, operator, field.value(value)?),
            _ => return Err(FilterError::Several),
        };
        Ok(Self(condition))
    }

    pub(super) fn expression(&self) -> SimpleExpr {
        match self.0.clone() {
            Condition::Nothing => Expr::value(false),
            Condition::In(field, values) => field.column().is_in(values),
            Condition::NotIn(field, values) => field.column().is_not_in(values),
            Condition::Like(pattern) => Column::Role.like(pattern),
            Condition::Compared(field, operator, value) => {
                let column = field.column();
                match operator {
                    Operator::NotEqual => column.ne(value),
                    Operator::Less => column.lt(value),
                    Operator::AtMost => column.lte(value),
                    Operator::Greater => column.gt(value),
                    Operator::AtLeast => column.gte(value),
                    _ => column.eq(value),
                }
            }
        }
    }
}

impl Field {
    pub(super) fn column(self) -> Column {
        match self {
            Self::Id => Column::Id,
            Self::OrganizationId => Column::OrganizationId,
            Self::UserId => Column::UserId,
            Self::Role => Column::Role,
            Self::CreatedAt => Column::CreatedAt,
        }
    }

    fn value(self, text: &str) -> Result<Value, FilterError> {
        match self {
            Self::Role => Ok(text.into()),
            Self::CreatedAt => time(text).map(Into::into).ok_or(FilterError::Value("date")),
            Self::Id | Self::OrganizationId | Self::UserId => {
                let id = Uuid::parse_str(text).map_err(|_| FilterError::Value("uuid"))?;
                Ok(id.into())
            }
        }
    }
}

/// The pattern of `like` that fits whatever has this part.
pub(super) fn containing(part: &str) -> String {
    format!("%{}%", escaped(part))
}

/// Takes their meaning from the wildcards of `like` and from the backslash itself, which is what PostgreSQL escapes by
/// (manual, 9.7.1).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn typed(field: Field, values: &[String]) -> Result<Vec<Value>, FilterError> {
    values.iter().map(|value| field.value(value)).collect()
}

fn time(text: &str) -> Option<OffsetDateTime> {
    let text = text.replacen(' ', "T", 1);
    if let Ok(time) = OffsetDateTime::parse(&text, &Iso8601::PARSING) {
        return Some(time);
    }
    let in_utc = PrimitiveDateTime::parse(&text, &Iso8601::PARSING)
        .or_else(|_| Date::parse(&text, &Iso8601::PARSING).map(|date| date.with_time(Time::MIDNIGHT)));
    in_utc.ok().map(PrimitiveDateTime::assume_utc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn filter(field: Field, operator: Operator, values: &[&str]) -> Result<Filter, FilterError> {
        let values: Vec<_> = values.iter().map(|value| (*value).to_owned()).collect();
        Filter::new(field, operator, &values)
    }

    #[test]
    fn a_time_is_a_date_or_a_date_and_a_time_of_day() {
        for (text, expected) in [
            ("2026-03-02", datetime!(2026-03-02 00:00 UTC)),
            ("2026-03-02T09:00:00.123Z", datetime!(2026-03-02 09:00:00.123 UTC)),
            ("2026-03-02T09:00:00+02:00", datetime!(2026-03-02 07:00 UTC)),
            ("2026-03-02T09:00:00", datetime!(2026-03-02 09:00 UTC)),
            ("2026-03-02 09:00:00", datetime!(2026-03-02 09:00 UTC)),
        ] {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2026",
            "2026-02-30",
            "1577836800000",
            "2026-03-02T",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn wildcards_stand_for_themselves() {
        let like = filter(Field::Role, Operator::StartsWith, &[r"50%_a\b"]).unwrap();

        assert_eq!(like, Filter(Condition::Like(r"50\%\_a\\b%".to_owned())));
    }

    #[test]
    fn only_a_text_has_parts() {
        for field in [Field::Id, Field::CreatedAt] {
            let refused = filter(field, Operator::Contains, &["2026"]);
            assert_eq!(refused, Err(FilterError::Operator));
        }
    }

    #[test]
    fn a_value_must_be_of_the_type_of_its_column() {
        for operator in [Operator::Equal, Operator::In, Operator::Greater] {
            assert_eq!(
                filter(Field::UserId, operator, &["abc"]),
                Err(FilterError::Value("uuid"))
            );
            assert_eq!(
                filter(Field::CreatedAt, operator, &["abc"]),
                Err(FilterError::Value("date"))
            );
            assert!(filter(Field::Role, operator, &["abc"]).is_ok());
        }
    }

    #[test]
    fn several_values_are_for_in_and_not_in() {
        assert!(filter(Field::Role, Operator::In, &["a", "b"]).is_ok());
        assert!(filter(Field::Role, Operator::NotIn, &["a"]).is_ok());
        for operator in [Operator::Equal, Operator::Greater, Operator::Contains] {
            assert_eq!(
                filter(Field::Role, operator, &["a", "b"]),
                Err(FilterError::Several)
            );
        }
    }
}
