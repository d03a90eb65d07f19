//! What the OpenAPI document says of many operations at once: who may call them, and what may keep any of them from being
//! answered.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, Header, HeaderBuilder, OpenApi, Ref, RefOr, Response, Schema, Server,
};

use crate::context::is_auth;

const SCHEME: &str = "session";
const REPLAYED: &str = "Idempotency-Replayed";

/// Who may call an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// Everybody, and the answer is the same. The database is not asked, or the operation itself says what becomes of that.
    Anybody,
    /// Everybody. A session, where there is one, is read, ended or begun.
    Visitor,
    /// Whoever is signed in.
    User,
}

/// What everybody may call, and why nobody's data is in it. Every other operation takes a session: tests/coverage_auth.rs
/// and coverage_api.rs ask each of them without one.
const PUBLIC: [(&str, Caller, &str); 23] = [
    ("live", Caller::Anybody, "says nothing"),
    ("ready", Caller::Anybody, "says whether the database answers"),
    ("openapi", Caller::Anybody, "is published anyway"),
    ("ok", Caller::Anybody, "says nothing"),
    ("errorPage", Caller::Anybody, "says nothing"),
    ("socialSignIn", Caller::Visitor, "leads to a provider"),
    (
        "handleOAuthCallback",
        Caller::Visitor,
        "asks for the state of a sign-in",
    ),
    ("handleOAuthCallbackForm", Caller::Anybody, "goes on with a GET"),
    ("postSession", Caller::Anybody, "is always refused"),
    ("signUpWithEmailAndPassword", Caller::Visitor, "makes a user"),
    ("signInEmail", Caller::Visitor, "asks for the password"),
    ("signOut", Caller::Visitor, "ends the caller's session"),
    ("getSession", Caller::Visitor, "is null for nobody"),
    ("requestPasswordReset", Caller::Visitor, "sends a mail"),
    ("resetPasswordCallback", Caller::Visitor, "goes on with the token"),
    ("resetPassword", Caller::Visitor, "asks for the token"),
    ("sendVerificationEmail", Caller::Visitor, "sends a mail"),
    ("verifyEmail", Caller::Visitor, "asks for the token"),
    ("invitationPage", Caller::Visitor, "asks for the link of a mail"),
    ("answerInvitation", Caller::Visitor, "shows the page to nobody"),
    ("proveForInvitation", Caller::Visitor, "shows the page to nobody"),
    ("signInToInvitation", Caller::Visitor, "asks for the password"),
    ("signUpToInvitation", Caller::Visitor, "makes a user"),
];

/// Completes what the operations say of themselves.
pub(crate) fn complete(document: &mut OpenApi) {
    document.servers = Some(vec![Server::new("/")]);
    document
        .components
        .get_or_insert_with(Components::new)
        .add_security_scheme(SCHEME, session_cookie());
    name_pages(document);
    for (path, item) in &mut document.paths.paths {
        let speaks_auth = is_auth(path);
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            answer_with_pages(operation);
            let caller = caller(operation);
            operation.security = Some(security(caller));
            if path.starts_with("/api/v1/") {
                describe_tenant(operation);
            }
            describe_unavailable(operation, caller, speaks_auth);
            if speaks_auth {
                describe_limit(operation);
            }
        }
    }
}

/// The tags of what is under `/api/v1`.
const CLINICAL: [&str; 10] = [
    "patients",
    "appointments",
    "rooms",
    "working-hours",
    "absences",
    "treatments",
    "treatment-sessions",
    "medical-records",
    "clinical-notes",
    "audit",
];

/// Where a password is hashed or verified.
const HASHING: [&str; 8] = [
    "signUpWithEmailAndPassword",
    "signInEmail",
    "changePassword",
    "verifyPassword",
    "resetPassword",
    "deleteUser",
    "signInToInvitation",
    "signUpToInvitation",
];

/// Where a provider is asked for something, and whoever waits is told that it does not answer.
const PROVIDER: [&str; 2] = ["socialSignIn", "linkSocialAccount"];

/// Where a provider's token may be refreshed, by a task that the end of the server interrupts.
const REFRESHES: [&str; 3] = ["refreshToken", "getAccessToken", "accountInfo"];

/// What a page of something is called after the types that it is made of.
const PAGE: &str = "PageView_";

/// A page of patients is a `PatientPage`.
fn name_pages(document: &mut OpenApi) {
    if let Some(components) = &mut document.components {
        let named = std::mem::take(&mut components.schemas).into_iter();
        let renamed = named.map(|(name, mut schema)| {
            refer_to_pages(&mut schema);
            let name = name.strip_prefix(PAGE).map(page_of).unwrap_or(name);
            (name, schema)
        });
        components.schemas = renamed.collect();
    }
}

fn page_of(records: &str) -> String {
    format!("{records}Page")
}

fn answer_with_pages(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        for content in response.content.values_mut() {
            let RefOr::T(content) = content else { continue };
            if let Some(schema) = &mut content.schema {
                refer_to_pages(schema);
            }
        }
    }
}

/// Wherever a schema refers to a page of something, it does by the name that the page has.
fn refer_to_pages(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::Ref(reference) => {
            if let Some((_, of)) = reference.ref_location.rsplit_once(PAGE) {
                *reference = Ref::from_schema_name(page_of(of));
            }
        }
        RefOr::T(Schema::Object(object)) => object.properties.values_mut().for_each(refer_to_pages),
        RefOr::T(Schema::OneOf(choice)) => choice.items.iter_mut().for_each(refer_to_pages),
        RefOr::T(Schema::AllOf(parts)) => parts.items.iter_mut().for_each(refer_to_pages),
        RefOr::T(_) => {}
    }
}

fn session_cookie() -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        "better-auth.session_token",
        "The cookie that signing up or in sets. Where the server's base address is on HTTPS its name is \
         `__Secure-better-auth.session_token`. A request that changes something and carries it must name a trusted `Origin`.",
    )))
}

fn id(operation: &Operation) -> &str {
    operation.operation_id.as_deref().unwrap_or_default()
}

fn caller(operation: &Operation) -> Caller {
    let public = PUBLIC.iter().find(|(public, ..)| *public == id(operation));
    public.map_or(Caller::User, |(_, caller, _)| *caller)
}

fn security(caller: Caller) -> Vec<SecurityRequirement> {
    let needed = SecurityRequirement::new(SCHEME, [""; 0]);
    match caller {
        Caller::Anybody => Vec::new(),
        Caller::Visitor => vec![SecurityRequirement::default(), needed],
        Caller::User => vec![needed],
    }
}

/// What is answered under `/api/v1` by every operation of a kind: a path names a record, a header a version or a key, and
/// a body has fields. What an operation says itself comes first.
fn describe_tenant(operation: &mut Operation) {
    let parameters: Vec<(&str, &ParameterIn)> = operation
        .parameters
        .iter()
        .flatten()
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some((parameter.name.as_str(), &parameter.parameter_in)),
            RefOr::Ref(_) => None,
        })
        .collect();
    let parameter = |name: &str, place: ParameterIn| parameters.contains(&(name, &place));
    let has_query = parameters.iter().any(|(_, place)| **place == ParameterIn::Query);
    let lists = parameter("cursor", ParameterIn::Query);
    let versioned = parameter("If-Match", ParameterIn::Header);
    let repeatable = parameter("Idempotency-Key", ParameterIn::Header);
    let has_body = operation.request_body.is_some();
    let has_fields = speaks_json(operation);
    let codes = [
        ("400", true, "`NO_ACTIVE_ORGANIZATION`"),
        ("400", has_fields || has_query, "`INVALID_FIELD`"),
        ("400", has_fields, "`MALFORMED_JSON`"),
        ("400", has_query, "`INVALID_QUERY`"),
        ("400", lists, "`INVALID_CURSOR`"),
        ("400", versioned, "`INVALID_IF_MATCH`"),
        ("400", repeatable, "`INVALID_IDEMPOTENCY_KEY`"),
        ("401", true, "`UNAUTHORIZED`"),
        ("401", true, "`FAILED_TO_GET_SESSION`"),
        ("403", true, "`FORBIDDEN`"),
        ("403", true, "`NOT_A_MEMBER`"),
        ("404", true, "`ORGANIZATION_NOT_FOUND`"),
        ("408", has_body, "`REQUEST_TIMEOUT`"),
        ("412", versioned, "`STALE_VERSION`: changed since it was read"),
        ("413", has_fields, "`BODY_TOO_LARGE`"),
        ("415", has_fields, "`UNSUPPORTED_MEDIA_TYPE`"),
        (
            "422",
            repeatable,
            "`IDEMPOTENCY_KEY_REUSED`: the key was used for another request",
        ),
        ("428", versioned, "`PRECONDITION_REQUIRED`: send If-Match"),
    ];
    let mut shared: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (status, possible, code) in codes {
        if possible {
            shared.entry(status).or_default().push(code);
        }
    }
    let responses = &mut operation.responses.responses;
    if let Some(RefOr::T(created)) = responses.get_mut("201").filter(|_| repeatable) {
        created.headers.insert(REPLAYED.to_owned(), RefOr::T(replayed()));
    }
    for (status, response) in responses.iter_mut() {
        let own = match response {
            RefOr::T(response) if status.as_str() >= "400" => response,
            _ => continue,
        };
        if let Some(codes) = shared.remove(status.as_str()) {
            own.description = format!("{}, {}", own.description, codes.join(", "));
        }
        *response = problem(&own.description.clone(), false).into();
    }
    for (status, codes) in shared {
        describe(operation, status, &codes.join(", "), false);
    }
}

/// Whether its body has fields. Another body is the content of a file.
fn speaks_json(operation: &Operation) -> bool {
    let Some(RefOr::T(body)) = &operation.request_body else {
        return false;
    };
    body.content.contains_key("application/json")
}

fn replayed() -> Header {
    let description =
        "`true` where the Idempotency-Key was used before: this is the answer that was given then.";
    HeaderBuilder::from(Header::default())
        .description(Some(description))
        .build()
}

/// What the rate limits answer before any endpoint under `/api/auth` is asked.
fn describe_limit(operation: &mut Operation) {
    let description = "Too often: `X-Retry-After` says in how many seconds to try again";
    describe(operation, "429", description, true);
}

/// What a database or a server with too much to do answers, with `Retry-After`.
fn describe_unavailable(operation: &mut Operation, caller: Caller, speaks_auth: bool) {
    let mut tags = operation.tags.iter().flatten();
    let clinical = tags.clone().any(|tag| CLINICAL.contains(&tag.as_str()));
    let in_tenant = clinical || tags.any(|tag| tag == "organization");
    let asks_database = caller != Caller::Anybody;
    let codes = [
        (
            asks_database,
            "`DATABASE_UNAVAILABLE`, `DATABASE_TIMEOUT`, `DATABASE_CONFLICT`",
        ),
        (asks_database && in_tenant, "`TENANT_BUSY`"),
        (clinical, "`AUDIT_UNAVAILABLE`"),
        (HASHING.contains(&id(operation)), "`HASHING_BUSY`"),
        (PROVIDER.contains(&id(operation)), "`PROVIDER_UNAVAILABLE`"),
        (REFRESHES.contains(&id(operation)), "`SERVER_STOPPING`"),
        (operation.request_body.is_some(), "`SERVER_BUSY`"),
    ];
    let codes: Vec<_> = codes
        .iter()
        .filter(|(possible, _)| *possible)
        .map(|(_, code)| *code)
        .collect();
    if !codes.is_empty() {
        let description = format!(
            "Not now; `Retry-After` says when to try again: {}",
            codes.join(", ")
        );
        describe(operation, "503", &description, speaks_auth);
    }
}

/// Describes an error, unless the operation has described it by itself.
fn describe(operation: &mut Operation, status: &str, description: &str, speaks_auth: bool) {
    let responses = &mut operation.responses.responses;
    responses
        .entry(status.to_owned())
        .or_insert_with(|| problem(description, speaks_auth).into());
}

fn problem(description: &str, speaks_auth: bool) -> Response {
    let (schema, media_type) = if speaks_auth {
        ("AuthErrorBody", "application/json")
    } else {
        ("ProblemDetails", "application/problem+json")
    };
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema)))
        .build();
    Response::builder()
        .description(description)
        .content(media_type, content)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No name is left over from something that has gone.
    #[test]
    fn what_is_listed_here_exists() {
        let document = crate::openapi();
        let paths = document.paths.paths.values();
        let operations = paths.flat_map(|item| [&item.get, &item.post]).flatten();
        let known: Vec<_> = operations.map(id).collect();
        for listed in PUBLIC
            .iter()
            .map(|(public, ..)| public)
            .chain(&HASHING)
            .chain(&PROVIDER)
        {
            assert!(known.contains(listed), "{listed}");
        }
    }
}
