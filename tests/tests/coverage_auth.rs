//! Every operation under `/api/auth` of the OpenAPI document: it refuses whoever is not signed in, unless the document says
//! that it is public (by the list in crates/web/src/document.rs), and it refuses a page of another site that sends a visitor's cookies. The operations come from the document, so
//! a new one cannot be forgotten. This may only get stricter.

use actix_web::http::Method;
use serde_json::{Value, json};
use wardkeep_tests::{App, Request};

pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// With values for what stands in braces.
    pub(crate) path: String,
    /// The names of the fields of a body, and some that any body may have.
    pub(crate) fields: Vec<String>,
    /// The names of the query.
    pub(crate) parameters: Vec<String>,
    /// What the document says of its answers.
    pub(crate) answers: String,
    /// Whether the document takes no session for it, or leaves the choice.
    is_public: bool,
}

/// Every operation under `/api/auth`.
pub(crate) fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(wardkeep_web::openapi()).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("the document has paths");
    let ours = paths.iter().filter(|(path, _)| path.starts_with("/api/auth/"));
    let operations = ours.flat_map(|(path, item)| {
        let operations = item.as_object().expect("a path has operations").iter();
        operations.filter_map(|(method, operation)| {
            let method: Method = method.to_uppercase().parse().ok()?;
            let id = operation.get("operationId")?.as_str()?.to_owned();
            Some(Operation {
                id,
                method,
                path: path.replace("{id}", "x").replace("{token}", "x"),
                fields: fields(operation, &document),
                parameters: parameters(operation),
                answers: operation["responses"].to_string(),
                is_public: operation["security"] != json!([{"session": []}]),
            })
        })
    });
    operations.collect()
}

fn fields(operation: &Value, document: &Value) -> Vec<String> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema");
    let reference = schema.and_then(|schema| match schema["$ref"].as_str() {
        Some(reference) => Some(reference),
        // One that may be absent.
        None => schema["oneOf"]
            .as_array()?
            .iter()
            .find_map(|one| one["$ref"].as_str()),
    });
    let schema = reference.and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    let properties = schema.and_then(|schema| schema["properties"].as_object());
    let named = properties
        .into_iter()
        .flat_map(|properties| properties.keys().cloned());
    named
        .chain(["callbackURL", "email", "unknown"].map(str::to_owned))
        .collect()
}

fn parameters(operation: &Value) -> Vec<String> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.filter(|parameter| parameter["in"] == "query")
        .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
        .collect()
}

/// A body in the right shape.
pub(crate) fn accepted(id: &str) -> Option<Value> {
    const LONG: &str = "long enough to be one";
    Some(match id {
        "signUpWithEmailAndPassword" => json!({"name": "x", "email": "x@example.org", "password": LONG}),
        "signInEmail" => json!({"email": "x@example.org", "password": "x"}),
        "requestPasswordReset" | "sendVerificationEmail" => json!({"email": "x@example.org"}),
        "resetPassword" => json!({"newPassword": LONG, "token": "x"}),
        "revokeSession" => json!({"token": "x"}),
        "revokeSessions"
        | "revokeOtherSessions"
        | "deleteUser"
        | "updateSession"
        | "setActiveOrganization"
        | "setActiveTeam" => {
            json!({})
        }
        "updateUser" => json!({"name": "x"}),
        "changePassword" => json!({"newPassword": LONG, "currentPassword": "x"}),
        "verifyPassword" => json!({"password": "x"}),
        "changeEmail" => json!({"newEmail": "x@example.org"}),
        "unlinkAccount" | "refreshToken" | "getAccessToken" => json!({"accountId": "x"}),
        "linkSocialAccount" | "socialSignIn" => json!({"provider": "x"}),
        "createOrganization" => json!({"name": "x", "slug": "x"}),
        "checkOrganizationSlug" => json!({"slug": "x"}),
        "updateOrganization" => json!({"data": {}}),
        "deleteOrganization" | "leaveOrganization" => json!({"organizationId": "x"}),
        "inviteMember" => json!({"email": "x@example.org", "role": "member"}),
        "acceptInvitation" | "rejectInvitation" | "cancelInvitation" => json!({"invitationId": "x"}),
        "createTeam" => json!({"name": "x"}),
        "updateTeam" => json!({"teamId": "x", "data": {}}),
        // It asks which organization before it asks who.
        "removeTeam" => json!({"teamId": "x", "organizationId": "x"}),
        "addTeamMember" | "removeTeamMember" => json!({"teamId": "x", "userId": "x"}),
        "removeMember" => json!({"memberIdOrEmail": "x"}),
        "updateMemberRole" => json!({"memberId": "x", "role": "member"}),
        "hasPermission" => json!({"permissions": {"ac": ["read"]}}),
        "createRole" => json!({"role": "x", "permission": {}}),
        "updateRole" => json!({"roleName": "x", "data": {}}),
        "deleteRole" => json!({"roleName": "x"}),
        _ => return None,
    })
}

impl Operation {
    pub(crate) fn request<'a>(&self, app: &'a App, body: Option<&Value>) -> Request<'a> {
        let path = match self.id.as_str() {
            "accountInfo" => format!("{}?accountId=x", self.path),
            "deleteUserCallback" => format!("{}?token=x", self.path),
            "getRole" => format!("{}?roleName=x", self.path),
            "getInvitation" => format!("{}?id=x", self.path),
            _ => self.path.clone(),
        };
        let request = app.request(self.method.clone(), &path);
        match body {
            Some(body) => request.json(body.clone()),
            None => request,
        }
    }
}

#[actix_web::test]
async fn without_a_session_every_operation_that_is_not_public_is_401() {
    let app = App::start().await;
    let ended = app.sign_up("ada").await;
    app.post("/api/auth/sign-out")
        .by(&ended)
        .json(json!({}))
        .send()
        .await
        .expect(200);
    let private: Vec<_> = operations().into_iter().filter(|one| !one.is_public).collect();
    assert!(private.len() > 15, "{}", private.len());

    for operation in private {
        let body = accepted(&operation.id);
        assert!(
            body.is_some() || operation.method == Method::GET,
            "{} is new: say here what it accepts, or in crates/web/src/document.rs why it is public",
            operation.id
        );
        let nobody = operation.request(&app, body.as_ref()).send().await;
        let dead = operation.request(&app, body.as_ref()).by(&ended).send().await;
        // In two places Better Auth has another word for it.
        let refused = match operation.id.as_str() {
            "listUserInvitations" => 400,
            "deleteUserCallback" => 404,
            _ => 401,
        };
        for answer in [nobody, dead] {
            assert_eq!(answer.status, refused, "{}: {}", operation.id, answer.text);
        }
    }
}

#[actix_web::test]
async fn a_page_of_another_site_changes_nothing_with_a_visitors_cookies() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    let posted: Vec<_> = operations()
        .into_iter()
        .filter(|operation| operation.method != Method::GET)
        .collect();
    assert!(posted.len() > 20, "{}", posted.len());

    for operation in posted {
        let body = accepted(&operation.id).unwrap_or_else(|| json!({}));
        for (origin, code) in [
            (Some("https://evil.example"), "INVALID_ORIGIN"),
            (Some("http://wardkeep.test.evil.example"), "INVALID_ORIGIN"),
            (Some("null"), "MISSING_OR_NULL_ORIGIN"),
            (None, "MISSING_OR_NULL_ORIGIN"),
        ] {
            let request = operation.request(&app, Some(&body)).header("cookie", &ada.cookie);
            let request = match origin {
                Some(origin) => request.header("origin", origin),
                None => request,
            };
            let answer = request.send().await;
            assert_eq!(
                (answer.status, answer.code()),
                (403, code),
                "{} from {origin:?}: {}",
                operation.id,
                answer.text
            );
            assert!(!answer.headers.contains_key("set-cookie"), "{}", operation.id);
        }
    }
    let session = app.get("/api/auth/get-session").by(&ada).send().await;
    assert_eq!(session.body["user"]["name"], "ada");
}
