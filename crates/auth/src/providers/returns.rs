//! A browser that comes back from a provider.

use wardkeep_providers::{Callback, SignUp};
use wardkeep_tenancy::{Database, RequestContext};

use super::links::{self, Arrival, By, Entering, Linking};
use super::states::{self, Flow};
use super::{Failed, Finished, ProviderSignInError, Return, redirect_uri};
use crate::Auth;
use crate::sessions::Client;

/// Takes a browser back from a provider: whoever comes is signed in, or an account linked, or nothing at all happened.
///
/// The state is checked and used up first of all, also when the provider says that something went wrong. No transaction is
/// open while the provider is asked.
///
/// # Errors
///
/// The code for the page that the browser is led to; what the log should know is logged.
pub async fn finish(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    back: Return,
    client: Client,
) -> Result<Finished, Failed> {
    let flow = take_back(db, cx, auth, &back).await?;
    let failed = |error: String, description| Failed {
        error,
        description,
        leads_to: flow.error_callback.clone(),
        spent: true,
    };
    if let Some(error) = given(back.error.as_ref()) {
        // Escaped: it came through a browser.
        let description = given(back.error_description.as_ref());
        tracing::info!(
            request_id = cx.request_id(),
            provider = flow.provider,
            ?error,
            ?description,
            "the provider sent somebody back with an error"
        );
        return Err(failed(error.to_owned(), back.error_description.clone()));
    }
    let Some(code) = given(back.code.as_ref()) else {
        return Err(failed("no_code".to_owned(), None));
    };
    let done = complete(db, cx, auth, &flow, &back, code, &client).await;
    done.map_err(|error| {
        tell(cx, &flow.provider, &error);
        failed(error.redirect_code().to_owned(), None)
    })
}

/// Checks that the state is one of ours, of this browser (GHSA-wxw3-q3m9-c3jr) and this provider (GHSA-x445-f3h2-j279), and
/// not over; and uses it up, unless it is another browser's.
async fn take_back(db: &Database, cx: &RequestContext, auth: &Auth, back: &Return) -> Result<Flow, Failed> {
    let failed = |error: &str, leads_to, spent| Failed {
        error: error.to_owned(),
        description: None,
        leads_to,
        spent,
    };
    let state = given(back.state.as_ref()).ok_or_else(|| failed("state_not_found", None, false))?;
    // In the same time wherever the two differ.
    let secrets = auth.secrets();
    let same = back
        .browser
        .as_ref()
        .is_some_and(|browser| secrets.verifies(browser, &secrets.sign(state)));
    let found = look_up(db, cx, auth, state, same).await.map_err(|error| {
        tell(cx, &back.provider, &error);
        failed("internal_server_error", None, false)
    })?;
    let Some((flow, expires_at)) = found else {
        return Err(failed("state_mismatch", None, same));
    };
    if !same || flow.provider != back.provider || expires_at < cx.now() {
        tracing::warn!(
            request_id = cx.request_id(),
            provider = back.provider,
            same_browser = same,
            same_provider = flow.provider == back.provider,
            "a state came back that does not count"
        );
        return Err(failed("state_mismatch", flow.error_callback, same));
    }
    Ok(flow)
}

async fn look_up(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    state: &str,
    consume: bool,
) -> Result<Option<(Flow, time::OffsetDateTime)>, ProviderSignInError> {
    let tx = db.credentials(cx).await?;
    if !consume {
        return Ok(states::find(&tx, auth, state).await?);
    }
    let found = states::consume(&tx, auth, state).await?;
    tx.commit().await?;
    Ok(found)
}

async fn complete(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    flow: &Flow,
    back: &Return,
    code: &str,
    client: &Client,
) -> Result<Finished, ProviderSignInError> {
    let provider = auth.providers().get(&flow.provider);
    let provider = provider.ok_or(ProviderSignInError::NotFound)?;
    let callback = Callback {
        code,
        redirect_uri: &redirect_uri(auth, provider.id()),
        nonce: &flow.nonce,
        code_verifier: &flow.code_verifier,
        issuer: back.issuer.as_deref(),
        user: back.user.as_deref(),
    };
    let identity = provider.exchange(&callback, cx.now()).await?;
    let arrival = Arrival {
        provider: provider.id(),
        identity: &identity,
    };
    let leads_to = flow.callback.as_deref();
    if let Some((user, session)) = flow.link {
        let linking = Linking {
            user,
            session,
            by: By::Browser,
        };
        links::link(db, cx, auth, arrival, linking).await?;
        return Ok(finished(auth, leads_to, None));
    }
    let entering = Entering {
        newcomers: takes_newcomers(provider.sign_up(), flow.request_sign_up),
        callback: leads_to,
        client,
    };
    let entered = links::enter(db, cx, auth, arrival, entering).await?;
    let new_user = flow.new_user_callback.as_deref().filter(|_| entered.is_new);
    Ok(finished(auth, new_user.or(leads_to), Some(entered.signed_in)))
}

fn finished(auth: &Auth, leads_to: Option<&str>, signed_in: Option<crate::sessions::SignedIn>) -> Finished {
    Finished {
        leads_to: leads_to.unwrap_or(auth.base_url()).to_owned(),
        signed_in,
    }
}

/// Whether somebody whom nobody knows becomes a user.
pub(super) fn takes_newcomers(sign_up: SignUp, requested: bool) -> bool {
    match sign_up {
        SignUp::Allowed => true,
        SignUp::OnRequest => requested,
        SignUp::Refused => false,
    }
}

/// What is there and not empty.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

fn tell(cx: &RequestContext, provider: &str, error: &ProviderSignInError) {
    tracing::warn!(
        request_id = cx.request_id(),
        provider,
        error = error as &dyn std::error::Error,
        "nobody was signed in through the provider"
    );
}
