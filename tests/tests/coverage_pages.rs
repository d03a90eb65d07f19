//! Every operation of the OpenAPI document that is under neither `/api/auth` nor `/api/v1` is named here, with what it tells
//! to somebody who is not signed in; and those that change something refuse a form of another site. This may only get
//! stricter.

use actix_web::http::Method;
use wardkeep_tests::{App, Person};

/// What is asked without a session, and why nobody's data is in the answer.
const OPERATIONS: [(&str, &str); 8] = [
    ("live", "says that the process runs"),
    ("ready", "says that the database answers"),
    ("openapi", "is this document"),
    (
        "invitationPage",
        "says what the mail of the invitation said, to whoever has its link",
    ),
    ("answerInvitation", "shows the same page"),
    ("proveForInvitation", "shows the same page"),
    ("signInToInvitation", "asks for the password of the address"),
    ("signUpToInvitation", "makes a user of the address"),
];

/// The operations, with a path whose id is of no invitation.
fn operations() -> Vec<(String, Method, String)> {
    let document = serde_json::to_value(wardkeep_web::openapi()).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("the document has paths");
    let others = paths
        .iter()
        .filter(|(path, _)| !path.starts_with("/api/auth/") && !path.starts_with("/api/v1/"));
    let operations = others.flat_map(|(path, item)| {
        let operations = item.as_object().expect("a path has operations").iter();
        operations.filter_map(move |(method, operation)| {
            let method: Method = method.to_uppercase().parse().ok()?;
            let id = operation.get("operationId")?.as_str()?.to_owned();
            Some((
                id,
                method,
                path.replace("{id}", "7f000000-0000-4000-8000-00000000dead"),
            ))
        })
    });
    operations.collect()
}

#[test]
fn every_operation_elsewhere_is_named() {
    let mut named: Vec<_> = OPERATIONS.map(|(id, _)| id.to_owned()).into();
    let mut there: Vec<_> = operations().into_iter().map(|(id, ..)| id).collect();
    named.sort();
    there.sort();

    assert_eq!(there, named);
}

#[actix_web::test]
async fn a_form_of_another_site_changes_nothing() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    let forms: Vec<_> = operations()
        .into_iter()
        .filter(|(_, method, _)| *method != Method::GET)
        .collect();
    assert_eq!(forms.len(), 4);

    for (id, method, path) in forms {
        for (cookies_of, origin, code) in [
            (Some(&ada), Some("https://evil.example"), "INVALID_ORIGIN"),
            (Some(&ada), Some("null"), "MISSING_OR_NULL_ORIGIN"),
            (Some(&ada), None, "MISSING_OR_NULL_ORIGIN"),
            // Without cookies a form could still sign its visitor in, to an account of the attacker's.
            (None, Some("https://evil.example"), "INVALID_ORIGIN"),
        ] {
            // These two sign nobody in.
            if matches!(id.as_str(), "answerInvitation" | "proveForInvitation") && cookies_of.is_none() {
                continue;
            }
            let fields = "action=accept&name=x&password=long+enough+to+be+one";
            let mut request = app
                .request(method.clone(), &path)
                .body("application/x-www-form-urlencoded", fields);
            if let Some(Person { cookie, .. }) = cookies_of {
                request = request.header("cookie", cookie);
            }
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let answer = request.send().await;
            assert_eq!(
                (answer.status, answer.code()),
                (403, code),
                "{id} from {origin:?}: {}",
                answer.text
            );
            assert!(!answer.headers.contains_key("set-cookie"), "{id}");
        }
    }
}
