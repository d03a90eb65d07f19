//! Signing in through somebody else: OpenID Connect issuers and OAuth 2 providers.
//!
//! [`begin`] sends a browser away, [`finish`] takes it back; [`with_id_token`] takes what a program got by itself. What
//! links an account to a user, and when, stands in [`links`]; the state between going and coming in [`states`]. The tokens
//! that come with an account are kept sealed, and given to the user alone: [`access_token`].
//!
//! The providers go to [`AuthConfig::providers`](crate::AuthConfig::providers); each must know
//! `https://clinic.example/api/auth/callback/<id>` as a redirect address:
//!
//! ```
//! use wardkeep_auth::providers::{self, Begin, Providers, Return, client::Settings};
//! use wardkeep_auth::{Auth, AuthConfig, Secrets, sessions::Client};
//! # use wardkeep_tenancy::{Database, RequestContext};
//!
//! # async fn example(db: Database, cx: RequestContext, secrets: Secrets, cookie: String, query: (String, String))
//! #     -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings::read(r#"{"google": {"clientId": "...", "clientSecret": "..."}}"#)?;
//! let auth = Auth::new(AuthConfig {
//!     providers: Providers::new(settings)?,
//!     ..AuthConfig::new(secrets, "https://clinic.example")
//! });
//!
//! let google = Begin { provider: "google".to_owned(), ..Begin::default() };
//! let begun = providers::begin(&db, &cx, &auth, None, google).await?;
//! let sealed = auth.secrets().seal(&begun.state);
//! println!("set a cookie to {sealed} for five minutes, and lead the browser to {}", begun.url);
//!
//! // It comes back to the redirect address, with that cookie:
//! let (state, code) = query;
//! let back = Return {
//!     provider: "google".to_owned(),
//!     browser: auth.secrets().open(&cookie).map(str::to_owned),
//!     state: Some(state),
//!     code: Some(code),
//!     ..Return::default()
//! };
//! let finished = providers::finish(&db, &cx, &auth, back, Client::default()).await?;
//! println!("lead the browser to {}", finished.leads_to);
//! # Ok(())
//! # }
//! ```

mod error;
mod flights;
mod given;
pub mod links;
mod returns;
pub mod states;
mod tokens;

use std::collections::BTreeMap;
use std::fmt;

use wardkeep_providers::Authorization;
use wardkeep_tenancy::{Database, RequestContext};

pub use error::ProviderSignInError;
pub(crate) use flights::Refreshes;
pub use given::{Brought, link_id_token, with_id_token};
pub use returns::finish;
pub use tokens::{AccessToken, Info, Refreshed, TokenError, access_token, info, refresh};
pub use wardkeep_providers::{self as client, Providers};

use crate::Auth;
use crate::sessions::{CurrentSession, SignedIn};

/// What a sign-in through a provider begins with. The addresses are checked by the caller: they are on a trusted origin.
#[derive(Debug, Clone, Default)]
pub struct Begin {
    /// The provider's id.
    pub provider: String,
    /// Where the browser is led in the end; the start page by default.
    pub callback: Option<String>,
    /// Where it is led when something went wrong; the error page by default.
    pub error_callback: Option<String>,
    /// Where it is led instead, if the user is a new one.
    pub new_user_callback: Option<String>,
    /// Whether a new user may be made where the provider's settings ask for that.
    pub request_sign_up: bool,
    /// Scopes beside those of the settings.
    pub scopes: Vec<String>,
    /// Who probably signs in.
    pub login_hint: Option<String>,
    /// More parameters for the provider.
    pub additional: BTreeMap<String, String>,
}

/// A sign-in that has begun. Its Debug form holds neither the state nor the address, which has it too.
#[derive(Clone)]
pub struct Begun {
    /// Where to send the browser.
    pub url: String,
    /// What the browser must keep in a signed cookie, for [`COOKIE_LIFETIME`](states::COOKIE_LIFETIME).
    pub state: String,
}

/// What a browser brought back from a provider, and the state in its cookie. Its Debug form holds neither that nor the code.
#[derive(Clone, Default)]
pub struct Return {
    /// The provider whose address it came back to.
    pub provider: String,
    /// The state in the signed cookie.
    pub browser: Option<String>,
    /// The state in the address.
    pub state: Option<String>,
    /// To be exchanged for tokens.
    pub code: Option<String>,
    /// What went wrong at the provider.
    pub error: Option<String>,
    /// The same in words.
    pub error_description: Option<String>,
    /// Who answered (RFC 9207).
    pub issuer: Option<String>,
    /// What Apple posts once: JSON with a name.
    pub user: Option<String>,
}

impl fmt::Debug for Begun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Begun(..)")
    }
}

impl fmt::Debug for Return {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Return")
            .field("provider", &self.provider)
            .field("error", &self.error)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// A sign-in, or a link, that has worked.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Where to lead the browser.
    pub leads_to: String,
    /// The new session; none after a link.
    pub signed_in: Option<SignedIn>,
}

/// A sign-in that has not worked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
// Escaped: it may have come through a browser.
#[error("nobody was signed in through the provider: {error:?}")]
pub struct Failed {
    /// The code of the protocol, or the provider's.
    pub error: String,
    /// The same in the provider's words.
    pub description: Option<String>,
    /// Where the program wants to hear of it; `None` is the error page.
    pub leads_to: Option<String>,
    /// Whether the state was used up, so that the cookie is worth nothing.
    pub spent: bool,
}

/// Sends a browser to a provider, to sign in or, for somebody who is signed in, to link an account.
///
/// # Errors
///
/// [`ProviderSignInError::NotFound`] and [`ProviderSignInError::Provider`]; else when the database fails.
pub async fn begin(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    link: Option<&CurrentSession>,
    begin: Begin,
) -> Result<Begun, ProviderSignInError> {
    let provider = auth.providers().get(&begin.provider);
    let provider = provider.ok_or(ProviderSignInError::NotFound)?;
    let state = states::generate(cx.entropy());
    let flow = states::Flow {
        provider: begin.provider,
        code_verifier: states::code_verifier(cx.entropy()),
        nonce: states::nonce(cx.entropy()),
        callback: begin.callback,
        error_callback: begin.error_callback,
        new_user_callback: begin.new_user_callback,
        request_sign_up: begin.request_sign_up,
        link: link.map(|current| (current.user.id, current.session.id)),
    };
    let authorization = Authorization {
        redirect_uri: &redirect_uri(auth, provider.id()),
        state: &state,
        nonce: &flow.nonce,
        code_verifier: &flow.code_verifier,
        scopes: &begin.scopes,
        login_hint: begin.login_hint.as_deref(),
        additional: &begin.additional,
    };
    // Before the transaction: what the provider publishes may have to be fetched.
    let url = provider.authorization_url(&authorization, cx.now()).await?;
    let tx = db.credentials(cx).await?;
    states::create(&tx, auth, &state, &flow).await?;
    tx.commit().await?;
    Ok(Begun {
        url: url.into(),
        state,
    })
}

/// Where a provider sends the browser back to; it must be registered there.
fn redirect_uri(auth: &Auth, provider: &str) -> String {
    format!("{}/api/auth/callback/{provider}", auth.base_url())
}
