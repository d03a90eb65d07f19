//! What the OpenAPI document says of values that have no type of their own in Rust.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Actions by resource.
pub(super) enum Permissions {}

impl PartialSchema for Permissions {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .description(Some("Actions by resource"))
            .additional_properties(Some(Vec::<String>::schema()))
            .examples([serde_json::json!({"patient": ["read"]})])
            .into()
    }
}

impl ToSchema for Permissions {
    fn name() -> Cow<'static, str> {
        "Permissions".into()
    }
}

/// A text, or several in an array; in a query, the parameter once or several times.
pub(super) enum TextOrTexts {}

impl PartialSchema for TextOrTexts {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        OneOfBuilder::new()
            .item(text())
            .item(ArrayBuilder::new().items(text()))
            .into()
    }
}

impl ToSchema for TextOrTexts {}

/// A text of these.
pub(super) fn one_of<T>(choices: &[(&'static str, T)]) -> RefOr<Schema> {
    let names = choices.iter().map(|(name, _)| *name);
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names))
        .into()
}
