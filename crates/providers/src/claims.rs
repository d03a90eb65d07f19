//! What a provider's words mean.

use serde_json::{Map, Value};
use url::Url;

use crate::Profile;
use crate::presets::Preset;
use crate::settings::Settings;

/// In characters.
const LONGEST_NAME: usize = 256;
/// In bytes (OpenID Connect Core 1.0, section 2).
const LONGEST_SUBJECT: usize = 255;
/// In bytes: more than any browser goes to.
const LONGEST_IMAGE: usize = 2048;

/// Who the claims are about; `None` without a subject that can be kept.
pub(crate) fn profile(settings: &Settings, claims: Map<String, Value>) -> Option<Profile> {
    let mapping = &settings.mapping;
    let names = match settings.preset {
        Preset::OAuth => [&mapping.name, &mapping.email, &mapping.image].map(String::as_str),
        Preset::GitHub => ["name", "email", "avatar_url"],
        _ => ["name", "email", "picture"],
    };
    let [name, email, image] = names.map(|claim| text(&claims, claim));
    let name = name.or_else(|| (settings.preset == Preset::GitHub).then(|| text(&claims, "login"))?);
    let email_verified =
        email.is_some_and(|email| settings.trust_email || is_verified(settings, &claims, email));
    Some(Profile {
        subject: subject(settings, &claims)?,
        email: email.map(str::to_owned),
        email_verified,
        name: name.and_then(bounded_name),
        image: image.filter(|image| is_image(image)).map(str::to_owned),
        claims,
    })
}

/// The id that never changes, a text or a whole number.
pub(crate) fn subject(settings: &Settings, claims: &Map<String, Value>) -> Option<String> {
    let claim = match settings.preset {
        // `sub` is another one in each application, and would part the accounts of one user.
        Preset::Microsoft => "oid",
        Preset::GitHub => "id",
        Preset::OAuth => &settings.mapping.subject,
        _ => "sub",
    };
    let subject = match claims.get(claim)? {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        _ => return None,
    };
    let is_usable = !subject.trim().is_empty()
        && subject.len() <= LONGEST_SUBJECT
        && !subject.chars().any(char::is_control);
    is_usable.then_some(subject)
}

/// A claim that is a text and not blank.
pub(crate) fn text<'a>(claims: &'a Map<String, Value>, claim: &str) -> Option<&'a str> {
    claims.get(claim)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The name, without what no name has, and no longer than one.
pub(crate) fn bounded_name(name: &str) -> Option<String> {
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Some providers, Apple among them, write the flag as a text.
pub(crate) fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text == "true",
        _ => false,
    }
}

fn is_verified(settings: &Settings, claims: &Map<String, Value>, email: &str) -> bool {
    let claim = match settings.preset {
        Preset::OAuth => &settings.mapping.email_verified,
        _ => "email_verified",
    };
    if settings.preset != Preset::Microsoft || claims.contains_key(claim) {
        return is_true(claims.get(claim));
    }
    // An administrator may write any address into `email`: only these are proven.
    ["verified_primary_email", "verified_secondary_email"]
        .iter()
        .any(|claim| {
            let proven = claims.get(*claim).and_then(Value::as_array);
            proven.is_some_and(|proven| proven.iter().any(|proven| proven.as_str() == Some(email)))
        })
}

fn is_image(image: &str) -> bool {
    image.len() <= LONGEST_IMAGE
        && Url::parse(image).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
        && !image.chars().any(char::is_control)
}
