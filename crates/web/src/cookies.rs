//! The cookies of a session, and of a sign-in through a provider on its way: their names, their text on the wire, and which of
//! them an answer sets.

mod wire;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use wardkeep_auth::providers::states::COOKIE_LIFETIME;
use wardkeep_auth::sessions::{LIFETIME, Remember, SessionSecret, SignedIn};

use crate::State;
use crate::context::Unsurrounded;
use crate::error::ApiError;

/// The names of the cookies. With a base address on HTTPS they have the prefix `__Secure-`, which a browser
/// accepts over HTTPS alone (RFC 6265bis, section 4.1.3), and the names without it are not read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    session: &'static str,
    data: &'static str,
    dont_remember: &'static str,
    state: &'static str,
    secure: bool,
}

impl Names {
    pub(crate) fn new(secure: bool) -> Self {
        if secure {
            Self {
                session: "__Secure-better-auth.session_token",
                data: "__Secure-better-auth.session_data",
                dont_remember: "__Secure-better-auth.dont_remember",
                state: "__Secure-better-auth.state",
                secure,
            }
        } else {
            Self {
                session: "better-auth.session_token",
                data: "better-auth.session_data",
                dont_remember: "better-auth.dont_remember",
                state: "better-auth.state",
                secure,
            }
        }
    }
}

/// The session cookies of one request, and those that its answer will set. The answer sets them whatever its status.
pub struct Cookies {
    request: HttpRequest,
    state: State,
}

/// What the middleware appends to the answer.
#[derive(Default)]
struct Pending(Vec<wire::SetCookie>);

impl Cookies {
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Unsurrounded> {
        let state = request.app_data::<State>().ok_or(Unsurrounded)?;
        Ok(Self {
            request: request.clone(),
            state: state.clone(),
        })
    }

    /// The secret in the session cookie, if one of ours signed it.
    pub(crate) fn session_secret(&self) -> Option<SessionSecret> {
        let sealed = self.read(self.state.cookie_names().session)?;
        SessionSecret::open(self.state.auth().secrets(), &sealed)
    }

    /// Whether the browser keeps the session, by the cookie that says it does not.
    pub(crate) fn remember(&self) -> Remember {
        let sealed = self.read(self.state.cookie_names().dont_remember);
        match sealed.and_then(|sealed| self.state.auth().secrets().open(&sealed).map(drop)) {
            Some(()) => Remember::No,
            None => Remember::Yes,
        }
    }

    /// Sets the cookies of a session that was just made.
    pub(crate) fn sign_in(&self, signed_in: &SignedIn, remember: Remember) {
        self.set_session(&signed_in.secret, remember);
    }

    /// Sets the session cookie again, remembered or not as it was.
    pub fn renew(&self) {
        if let Some(secret) = self.session_secret() {
            self.set_session(&secret, self.remember());
        }
    }

    /// Clears every cookie of the session.
    pub(crate) fn clear(&self) {
        let names = self.state.cookie_names();
        self.expire(names.session);
        self.expire(names.data);
        self.expire(names.dont_remember);
    }

    /// Clears a cached session that a Better Auth server left behind: we keep none.
    pub(crate) fn clear_cache(&self) {
        let name = self.state.cookie_names().data;
        if self.read(name).is_some() {
            self.expire(name);
        }
    }

    /// The state of the sign-in through a provider that this browser began, if one of ours signed it.
    pub(crate) fn state(&self) -> Option<String> {
        let sealed = self.read(self.state.cookie_names().state)?;
        self.state
            .auth()
            .secrets()
            .open(&sealed)
            .map(|state| state.to_string())
    }

    /// Sets the cookie of a sign-in that has begun.
    pub(crate) fn set_state(&self, state: &str) {
        let sealed = self.state.auth().secrets().seal(state);
        let lifetime = COOKIE_LIFETIME.whole_seconds();
        self.set(self.state.cookie_names().state, sealed, Some(lifetime));
    }

    /// Clears the cookie of a sign-in that is over.
    pub(crate) fn expire_state(&self) {
        self.expire(self.state.cookie_names().state);
    }

    fn set_session(&self, secret: &SessionSecret, remember: Remember) {
        let names = self.state.cookie_names();
        let secrets = self.state.auth().secrets();
        let max_age = match remember {
            Remember::Yes => Some(LIFETIME.whole_seconds()),
            Remember::No => None,
        };
        self.set(names.session, secret.seal(secrets), max_age);
        match remember {
            Remember::No => self.set(names.dont_remember, secrets.seal("true"), None),
            Remember::Yes if self.remember() == Remember::No => self.expire(names.dont_remember),
            Remember::Yes => {}
        }
    }

    fn read(&self, name: &str) -> Option<String> {
        let header = header(self.request.headers())?;
        wire::read(&header, name)
    }

    fn expire(&self, name: &'static str) {
        self.set(name, String::new(), Some(0));
    }

    /// The last word on a name is the only one that the answer says.
    fn set(&self, name: &'static str, value: String, max_age: Option<i64>) {
        let cookie = wire::SetCookie {
            name,
            value,
            max_age,
            secure: self.state.cookie_names().secure,
        };
        let mut extensions = self.request.extensions_mut();
        if !extensions.contains::<Pending>() {
            extensions.insert(Pending::default());
        }
        if let Some(Pending(cookies)) = extensions.get_mut::<Pending>() {
            cookies.retain(|pending| pending.name != name);
            cookies.push(cookie);
        }
    }
}

impl FromRequest for Cookies {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).map_err(ApiError::from))
    }
}

/// Moves the cookies that a request's answer should set into its headers.
pub(crate) fn append(request: &HttpRequest, headers: &mut HeaderMap) {
    let Some(Pending(cookies)) = request.extensions_mut().remove::<Pending>() else {
        return;
    };
    for cookie in cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
            headers.append(SET_COOKIE, value);
        }
    }
}

/// The cookie header; HTTP/2 may send it in pieces (RFC 9113, section 8.2.3).
fn header(headers: &HeaderMap) -> Option<String> {
    let pieces: Vec<_> = headers
        .get_all(COOKIE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    (!pieces.is_empty()).then(|| pieces.join("; "))
}
