use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpRequest, Responder as _, get};
use serde::Serialize;
use utoipa::openapi::{RefOr, schema};
use utoipa::{PartialSchema, ToSchema};
use wardkeep_organizations::members::{self, Direction, Field, Filter, FilterError, Listing, Operator};

use super::caller::{self, Refusals};
use super::schemas::{TextOrTexts, one_of};
use super::view::MemberView;
use crate::auth::{Fields, Query, Shape, TOTAL_COUNT};
use crate::error::{AuthErrorBody, AuthResult};

const REFUSALS: Refusals =
    Refusals::usual(StatusCode::FORBIDDEN, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");

const DIRECTIONS: [(&str, Direction); 2] = [("asc", Direction::Ascending), ("desc", Direction::Descending)];
const FIELDS: [(&str, Field); 5] = [
    ("id", Field::Id),
    ("organizationId", Field::OrganizationId),
    ("userId", Field::UserId),
    ("role", Field::Role),
    ("createdAt", Field::CreatedAt),
];
const OPERATORS: [(&str, Operator); 11] = [
    ("eq", Operator::Equal),
    ("ne", Operator::NotEqual),
    ("lt", Operator::Less),
    ("lte", Operator::AtMost),
    ("gt", Operator::Greater),
    ("gte", Operator::AtLeast),
    ("in", Operator::In),
    ("not_in", Operator::NotIn),
    ("contains", Operator::Contains),
    ("starts_with", Operator::StartsWith),
    ("ends_with", Operator::EndsWith),
];

/// The greatest whole number that JavaScript counts with.
const GREATEST: f64 = 9_007_199_254_740_991.0;

pub(super) struct ListMembers {
    organization_id: Option<String>,
    organization_slug: Option<String>,
    listing: Listing,
}

enum MemberField {}
enum SortDirection {}
enum FilterOperator {}

impl PartialSchema for MemberField {
    fn schema() -> RefOr<schema::Schema> {
        one_of(&FIELDS)
    }
}

impl PartialSchema for SortDirection {
    fn schema() -> RefOr<schema::Schema> {
        one_of(&DIRECTIONS)
    }
}

impl PartialSchema for FilterOperator {
    fn schema() -> RefOr<schema::Schema> {
        one_of(&OPERATORS)
    }
}

impl ToSchema for MemberField {}
impl ToSchema for SortDirection {}
impl ToSchema for FilterOperator {}

/// Some members.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberPage {
    /// With their users.
    members: Vec<MemberView>,
    /// How many members the filter lets through, on all pages.
    total: u64,
}

/// Lists members.
#[utoipa::path(
    tag = "organization",
    operation_id = "listMembers",
    params(
        ("limit" = Option<u64>, Query, description = "At most 1000; 100 if absent or 0"),
        ("offset" = Option<u64>, Query),
        ("sortBy" = inline(Option<MemberField>), Query, description = "The order of joining, if absent"),
        ("sortDirection" = inline(Option<SortDirection>), Query, description = "`asc`, if absent"),
        ("filterField" = inline(Option<MemberField>), Query),
        ("filterValue" = inline(Option<TextOrTexts>), Query, description = "Several times for `in` and `not_in`; a time as in \
            ISO 8601"),
        ("filterOperator" = inline(Option<FilterOperator>), Query, description = "`eq`, if absent; `contains`, `starts_with` and \
            `ends_with` are for the role, and `%` and `_` are characters like others to them"),
        ("organizationId" = Option<String>, Query, description = "The active organization, if absent"),
        ("organizationSlug" = Option<String>, Query, description = "Wins over the id"),
    ),
    responses(
        (status = 200, body = MemberPage, headers(("X-Total-Count" = u64, description = "The total as well")), description = "One page of members"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `ORGANIZATION_NOT_FOUND` (unknown slug), \
            `NO_ACTIVE_ORGANIZATION`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`"),
    ),
)]
#[get("/organization/list-members")]
pub(super) async fn list_members(
    Query(query): Query<ListMembers>,
    request: HttpRequest,
) -> AuthResult<CustomizeResponder<Json<MemberPage>>> {
    let (slug, id) = (
        query.organization_slug.as_deref(),
        query.organization_id.as_deref(),
    );
    let here = caller::enter_by_slug(&request, slug, id, &REFUSALS).await?;
    let tx = here.begin().await?;
    let list = members::list(&tx, &query.listing).await?;
    tx.commit().await?;
    let total = list.total;
    let members = list.rows.into_iter().map(Into::into).collect();
    Ok(Json(MemberPage { members, total })
        .customize()
        .insert_header((TOTAL_COUNT, total)))
}

impl Shape for ListMembers {
    fn read(fields: &mut Fields<'_>) -> Self {
        let default = Listing::default();
        let limit = number(fields, "limit").filter(|limit| *limit > 0);
        let offset = number(fields, "offset");
        let sort_by = field(fields, "sortBy");
        let direction = fields.optional_choice("sortDirection", &DIRECTIONS);
        Self {
            listing: Listing {
                limit: limit.unwrap_or(default.limit),
                offset: offset.unwrap_or(default.offset),
                order: sort_by.map(|field| (field, direction.unwrap_or(Direction::Ascending))),
                filter: filter(fields),
            },
            organization_id: fields.optional_text("organizationId"),
            organization_slug: fields.optional_text("organizationSlug"),
        }
    }
}

/// A whole number as JavaScript reads it, 0 or more; nothing, as there, if it is none at all.
fn number(fields: &mut Fields<'_>, name: &str) -> Option<u64> {
    if !fields.has(name) {
        return None;
    }
    let text = fields.text_of_a_union(name);
    let number = read_number(text.trim())?;
    if !(0.0..=GREATEST).contains(&number) || number.fract() != 0.0 {
        fields.note(name, "Invalid input: expected a whole number of 0 or more");
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is whole, and in the range"
    )]
    Some(number as u64)
}

/// ECMAScript, 7.1.4.1 (ToNumber of a string), but for octal and binary numbers.
fn read_number(text: &str) -> Option<f64> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match (text, hexadecimal) {
        (_, Some(digits)) => u32::from_str_radix(digits, 16).ok().map(f64::from),
        ("Infinity" | "+Infinity", _) => Some(f64::INFINITY),
        ("-Infinity", _) => Some(f64::NEG_INFINITY),
        // Rust reads some words as numbers that JavaScript does not.
        (text, _) if text.contains(|letter: char| letter.is_alphabetic() && !matches!(letter, 'e' | 'E')) => {
            None
        }
        (text, _) => text.parse().ok(),
    }
}

/// A column of a member; nothing, if the text is empty.
fn field(fields: &mut Fields<'_>, name: &str) -> Option<Field> {
    let text = fields.optional_text(name).filter(|text| !text.is_empty())?;
    let found = FIELDS.iter().find(|(known, _)| *known == text);
    if found.is_none() {
        let known: Vec<_> = FIELDS.iter().map(|(known, _)| format!("\"{known}\"")).collect();
        fields.note(
            name,
            &format!("Invalid option: expected one of {}", known.join("|")),
        );
    }
    found.map(|(_, field)| *field)
}

fn filter(fields: &mut Fields<'_>) -> Option<Filter> {
    let field = field(fields, "filterField");
    let values = fields.optional_text_or_texts("filterValue").unwrap_or_default();
    let operator = fields.optional_choice("filterOperator", &OPERATORS);
    match Filter::new(field?, operator.unwrap_or(Operator::Equal), &values) {
        Ok(filter) => Some(filter),
        Err(error) => {
            let name = match error {
                FilterError::Operator => "filterOperator",
                FilterError::Several | FilterError::Value(_) => "filterValue",
            };
            fields.note(name, &format!("Invalid input: {error}"));
            None
        }
    }
}
