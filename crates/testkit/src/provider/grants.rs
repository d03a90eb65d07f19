//! Codes, tokens and what they stand for.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{FakeProvider, IdTokens, Shared, State};

type Fields = BTreeMap<String, String>;

/// What was given to whom. A code and a refresh token work once; whoever uses a refresh token again loses the grant.
#[derive(Default)]
pub(super) struct Grants {
    issued: usize,
    codes: BTreeMap<String, Grant>,
    access: BTreeMap<String, Grant>,
    refresh: BTreeMap<String, Grant>,
    spent: BTreeMap<String, usize>,
    revoked: Vec<usize>,
}

#[derive(Clone)]
struct Grant {
    number: usize,
    asked: Fields,
    person: Map<String, Value>,
}

impl Grants {
    pub(super) fn knows(&self, token: &str) -> bool {
        self.refresh
            .get(token)
            .is_some_and(|grant| !self.revoked.contains(&grant.number))
    }

    /// Whose access token it is.
    pub(super) fn person(&self, token: &str) -> Option<Map<String, Value>> {
        let grant = self.access.get(token)?;
        (!self.revoked.contains(&grant.number)).then(|| grant.person.clone())
    }

    fn name(&mut self, kind: &str) -> String {
        self.issued += 1;
        format!("{kind}-{}-{}", self.issued, "x".repeat(32))
    }
}

impl Shared {
    /// Gives a code for an authorization request.
    pub(super) fn agree(&self, asked: &Fields) -> String {
        let field = |name: &str| asked.get(name).map(String::as_str);
        assert_eq!(field("client_id"), Some(FakeProvider::CLIENT_ID));
        assert_eq!(
            field("code_challenge_method"),
            Some("S256"),
            "no PKCE in {asked:?}"
        );
        let mut state = self.state();
        let code = state.grants.name("code");
        let grant = Grant {
            number: state.grants.issued,
            asked: asked.clone(),
            person: state.person.clone(),
        };
        state.grants.codes.insert(code.clone(), grant);
        led_back(asked, &[("code", &code)], &self.base)
    }

    /// Answers a token request: status and body.
    pub(super) fn exchange(&self, form: &Fields, authorization: Option<&str>) -> (u16, Value) {
        let mut state = self.state();
        if !is_client(form, authorization) {
            return (401, json!({"error": "invalid_client"}));
        }
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let grant = match field("grant_type") {
            "authorization_code" => {
                let found = state.grants.codes.remove(field("code"));
                found.filter(|grant| fits(grant, form))
            }
            "refresh_token" => state.grants.take_refresh_token(field("refresh_token")),
            _ => None,
        };
        match grant {
            Some(grant) => (200, self.tokens(&mut state, grant)),
            None => (400, json!({"error": "invalid_grant"})),
        }
    }

    fn tokens(&self, state: &mut State, grant: Grant) -> Value {
        let (access, refresh) = (state.grants.name("access"), state.grants.name("refresh"));
        let scope = grant.asked.get("scope").cloned().unwrap_or_default();
        let mut answer = json!({
            "access_token": access, "refresh_token": refresh, "token_type": "Bearer", "scope": scope,
        });
        if let Some(seconds) = state.access_token_seconds {
            answer["expires_in"] = json!(seconds);
        }
        if scope.split(' ').any(|scope| scope == "openid") && state.id_tokens != IdTokens::Missing {
            let nonce = grant.asked.get("nonce").cloned();
            let now = std::mem::replace(&mut state.person, grant.person.clone());
            answer["id_token"] = json!(self.id_token(state, nonce.as_deref(), &Map::new()));
            state.person = now;
        }
        state.grants.access.insert(access, grant.clone());
        state.grants.refresh.insert(refresh, grant);
        answer
    }
}

impl Grants {
    fn take_refresh_token(&mut self, token: &str) -> Option<Grant> {
        if let Some(grant) = self.refresh.remove(token) {
            self.spent.insert(token.to_owned(), grant.number);
            return (!self.revoked.contains(&grant.number)).then_some(grant);
        }
        if let Some(number) = self.spent.get(token) {
            self.revoked.push(*number);
        }
        None
    }
}

/// The address that a browser is led back to.
pub(super) fn led_back(asked: &Fields, answer: &[(&str, &str)], issuer: &str) -> String {
    let mut back = Url::parse(&asked["redirect_uri"]).expect("a redirect address");
    let state = [("state", asked["state"].as_str()), ("iss", issuer)];
    back.query_pairs_mut().extend_pairs(answer).extend_pairs(state);
    back.into()
}

fn fits(grant: &Grant, form: &Fields) -> bool {
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    grant.asked.get("redirect_uri") == form.get("redirect_uri")
        && grant.asked.get("code_challenge") == Some(&challenge)
}

/// By `client_secret_basic` or `client_secret_post` (RFC 6749, section 2.3.1).
fn is_client(form: &Fields, authorization: Option<&str>) -> bool {
    let (id, secret) = (FakeProvider::CLIENT_ID, FakeProvider::CLIENT_SECRET);
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
    let posted = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
    match authorization {
        Some(given) => given == format!("Basic {basic}"),
        None => posted("client_id", id) && posted("client_secret", secret),
    }
}
