//! Reads the document of all providers.

use std::collections::BTreeMap;

use p256::ecdsa::SigningKey;
use p256::pkcs8::DecodePrivateKey as _;
use serde_json::Value;

use super::fields::{Fields, nearest};
use super::{Credential, Endpoints, Given, Mapping, Settings, SettingsError, TokenEndpointAuth, entries};
use crate::authorize::RESERVED_PARAMETERS;
use crate::presets::{ENDPOINTS, GITHUB, NAMES, Preset, SHARED_TENANTS};
use crate::{Secret, SignUp};

const COMMON: [&str; 12] = [
    "clientId",
    "clientSecret",
    "name",
    "scopes",
    "prompt",
    "authorizationParams",
    "disableSignUp",
    "disableImplicitSignUp",
    "disableIdTokenSignIn",
    "trustEmail",
    "allowPrivateAddresses",
    "tokenEndpointAuthMethod",
];

const REGISTERED: &str = "register Wardkeep at the provider, and enter what it gives you";

pub(super) fn read(json: &str) -> Result<Vec<Settings>, SettingsError> {
    let entries = entries::read(json)?;
    let mut complaints = Vec::new();
    let mut settings: Vec<Settings> = Vec::new();
    for (id, entry) in entries {
        if settings.iter().any(|known| known.id == id) {
            complaints.push(format!(
                "provider {id:?} is there twice: give one of them another id"
            ));
        }
        match one(&id, entry) {
            Ok(one) => settings.push(one),
            Err(more) => complaints.extend(more),
        }
    }
    if complaints.is_empty() {
        return Ok(settings);
    }
    Err(SettingsError(complaints.join("\n")))
}

fn one(id: &str, entry: Value) -> Result<Settings, Vec<String>> {
    if !is_id(id) {
        return Err(vec![format!(
            "provider {id:?}: the id is part of addresses: begin with a small letter or digit, go on with those, - and _, \
             at most 32, and not \"credential\", which stands for passwords"
        )]);
    }
    let Value::Object(entry) = entry else {
        return Err(vec![format!(
            "provider {id:?} is no object: write {{\"clientId\": ...}}"
        )]);
    };
    let mut fields = Fields::new(id, entry);
    let Some(preset) = kind(id, &fields) else {
        return Err(of_no_kind(id, fields));
    };
    let settings = described(id, preset, &mut fields);
    let known: Vec<&str> = COMMON.iter().chain(preset.keys()).copied().collect();
    let complaints = fields.finish(&known);
    match settings {
        Some(settings) if complaints.is_empty() => Ok(settings),
        _ => Err(complaints),
    }
}

/// What the id or the keys say that it is.
fn kind(id: &str, fields: &Fields<'_>) -> Option<Preset> {
    let has = |key: &&str| fields.has(key);
    Preset::named(id)
        .or_else(|| has(&"issuer").then_some(Preset::OpenId))
        .or_else(|| ENDPOINTS.iter().any(has).then_some(Preset::OAuth))
}

/// What to say of a provider that neither its id nor its keys tell the kind of.
fn of_no_kind(id: &str, mut fields: Fields<'_>) -> Vec<String> {
    let meant = nearest(id, &NAMES).map(|name| format!("is {name} meant as its id? Else "));
    let why = format!(
        "is missing: {}enter it, or {} for plain OAuth 2",
        meant.unwrap_or_default(),
        ENDPOINTS.join(", ")
    );
    fields.complain("issuer", &why);
    let known: Vec<&str> = COMMON.into_iter().chain(Preset::all_keys()).collect();
    fields.finish(&known)
}

fn is_id(id: &str) -> bool {
    let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    id.starts_with(small)
        && id.len() <= 32
        && id.chars().all(|c| small(c) || c == '-' || c == '_')
        && id != "credential"
}

/// Reads everything before it gives up, so that all is complained of at once.
fn described(id: &str, preset: Preset, fields: &mut Fields<'_>) -> Option<Settings> {
    let allow_private_addresses = fields.flag("allowPrivateAddresses");
    let client_ids = client_ids(fields);
    let token_auth = token_auth(fields);
    let credential = credential(preset, token_auth, fields);
    let tenant = tenant(preset, fields);
    let endpoints = endpoints(preset, tenant.as_deref(), allow_private_addresses, fields);
    let own = fields.texts("scopes");
    let mut scopes: Vec<String> = preset.scopes().iter().map(|scope| (*scope).to_owned()).collect();
    scopes.extend(
        own.into_iter()
            .filter(|scope| !preset.scopes().contains(&scope.as_str())),
    );
    let sign_up = match (fields.flag("disableSignUp"), fields.flag("disableImplicitSignUp")) {
        (true, _) => SignUp::Refused,
        (false, true) => SignUp::OnRequest,
        (false, false) => SignUp::Allowed,
    };
    let name = fields.text("name");
    let name = name.or_else(|| preset.shown_name().map(str::to_owned));
    let prompt = fields.text("prompt");
    let parameters = parameters(fields);
    let takes_id_tokens = !fields.flag("disableIdTokenSignIn") && preset.is_open_id();
    let trust_email = fields.flag("trustEmail");
    let hosted_domain = hosted_domain(preset, fields);
    let mapping = mapping(preset, fields);
    let (client_id, further_client_ids) = client_ids?;
    Some(Settings {
        id: id.to_owned(),
        name: name.unwrap_or_else(|| id.to_owned()),
        preset,
        endpoints: endpoints?,
        client_id,
        further_client_ids,
        credential: credential?,
        token_auth,
        scopes,
        prompt,
        parameters,
        sign_up,
        takes_id_tokens,
        trust_email,
        allow_private_addresses,
        hosted_domain,
        tenant,
        mapping,
    })
}

/// One, or several of which the first is ours.
fn client_ids(fields: &mut Fields<'_>) -> Option<(String, Vec<String>)> {
    if !fields.is_list("clientId") {
        return Some((fields.required("clientId", REGISTERED)?, Vec::new()));
    }
    let mut ids = fields.texts("clientId").into_iter();
    let first = ids.next();
    if first.is_none() {
        fields.complain("clientId", &format!("names no client: {REGISTERED}"));
    }
    Some((first?, ids.collect()))
}

fn token_auth(fields: &mut Fields<'_>) -> Option<TokenEndpointAuth> {
    match fields.text("tokenEndpointAuthMethod")?.as_str() {
        "client_secret_basic" => Some(TokenEndpointAuth::Basic),
        "client_secret_post" => Some(TokenEndpointAuth::Post),
        "none" => Some(TokenEndpointAuth::None),
        _ => {
            let why = "is unknown: it is client_secret_basic, client_secret_post or none";
            fields.complain("tokenEndpointAuthMethod", why);
            None
        }
    }
}

fn credential(
    preset: Preset,
    auth: Option<TokenEndpointAuth>,
    fields: &mut Fields<'_>,
) -> Option<Credential> {
    if auth == Some(TokenEndpointAuth::None) {
        if fields.text("clientSecret").is_some() {
            fields.complain(
                "clientSecret",
                "is not used with tokenEndpointAuthMethod none: leave one of them out",
            );
        }
        return Some(Credential::Public);
    }
    if preset == Preset::Apple && !fields.has("clientSecret") {
        return apple_key(fields);
    }
    for key in ["teamId", "keyId", "privateKey"] {
        if preset == Preset::Apple && fields.text(key).is_some() {
            fields.complain(key, "is not used with clientSecret: leave one of them out");
        }
    }
    let remedy = format!("{REGISTERED} (a client without a secret needs tokenEndpointAuthMethod none)");
    Some(Credential::Secret(Secret::new(
        fields.required("clientSecret", &remedy)?,
    )))
}

fn apple_key(fields: &mut Fields<'_>) -> Option<Credential> {
    let remedy = "it stands in your Apple developer account";
    let (team, key_id) = (
        fields.required("teamId", remedy),
        fields.required("keyId", remedy),
    );
    let pem = fields.required("privateKey", "enter the text of the .p8 file, line ends as \\n")?;
    // A text that went through a shell often has its line ends in two characters.
    let Ok(key) = SigningKey::from_pkcs8_pem(pem.replace("\\n", "\n").trim()) else {
        let why =
            "is no private key: enter the whole text of the .p8 file, from BEGIN to END, line ends as \\n";
        fields.complain("privateKey", why);
        return None;
    };
    Some(Credential::Apple {
        team: team?,
        key_id: key_id?,
        key: Box::new(key),
    })
}

fn tenant(preset: Preset, fields: &mut Fields<'_>) -> Option<String> {
    if preset != Preset::Microsoft {
        return None;
    }
    let remedy = "enter the id or a domain of your directory (Entra ID, overview)";
    let tenant = fields.required("tenantId", remedy)?;
    if SHARED_TENANTS.contains(&tenant.to_ascii_lowercase().as_str()) {
        let why = format!(
            "lets every directory in the world in, and each may call its users by any address: {remedy}"
        );
        fields.complain("tenantId", &why);
        return None;
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if !tenant.chars().all(allowed) || tenant.starts_with('.') {
        fields.complain("tenantId", &format!("is neither an id nor a domain: {remedy}"));
        return None;
    }
    Some(tenant)
}

fn hosted_domain(preset: Preset, fields: &mut Fields<'_>) -> Option<String> {
    if preset != Preset::Google {
        return None;
    }
    let domain = fields.text("hostedDomain")?;
    let allowed = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    let is_domain =
        domain.contains('.') && domain.chars().all(allowed) && domain.split('.').all(|part| !part.is_empty());
    if !is_domain && domain != "*" {
        let why = "is no domain: write it like clinic.example, without https:// or @";
        fields.complain("hostedDomain", why);
        return None;
    }
    Some(domain.to_lowercase())
}

fn endpoints(
    preset: Preset,
    tenant: Option<&str>,
    private: bool,
    fields: &mut Fields<'_>,
) -> Option<Endpoints> {
    let issuer = match preset {
        Preset::Google => "https://accounts.google.com".to_owned(),
        Preset::Apple => "https://appleid.apple.com".to_owned(),
        Preset::Microsoft => format!(
            "https://login.microsoftonline.com/{}/v2.0",
            tenant.unwrap_or_default()
        ),
        Preset::OpenId => String::new(),
        Preset::GitHub | Preset::OAuth => return given(preset, private, fields),
    };
    if !fields.has("issuer") {
        return Some(Endpoints::Discovered { issuer });
    }
    let issuer = fields.text("issuer")?;
    let url = fields.checked_url("issuer", &issuer, private)?;
    if url.query().is_some() {
        fields.complain("issuer", "has a query (what follows the ?): leave it out");
        return None;
    }
    if url.path().ends_with("/.well-known/openid-configuration") {
        fields.complain(
            "issuer",
            "is the address of its metadata: leave /.well-known/openid-configuration out",
        );
        return None;
    }
    Some(Endpoints::Discovered { issuer })
}

fn given(preset: Preset, private: bool, fields: &mut Fields<'_>) -> Option<Endpoints> {
    let mut endpoint = |key: &str| {
        let known = GITHUB
            .into_iter()
            .find(|(known, _)| preset == Preset::GitHub && *known == key);
        let text = match known {
            Some((_, usual)) if !fields.has(key) => Some(usual.to_owned()),
            _ => fields.required(
                key,
                "enter the address from the provider's documentation, or an issuer instead of all",
            ),
        };
        fields.checked_url(key, &text?, private)
    };
    let (authorization, token) = (endpoint("authorizationEndpoint"), endpoint("tokenEndpoint"));
    let userinfo = endpoint("userinfoEndpoint");
    let emails = match preset {
        Preset::GitHub => Some(endpoint("emailsEndpoint")?),
        _ => None,
    };
    Some(Endpoints::Given(Box::new(Given {
        authorization: authorization?,
        token: token?,
        userinfo: userinfo?,
        emails,
    })))
}

fn parameters(fields: &mut Fields<'_>) -> BTreeMap<String, String> {
    let parameters = fields.pairs("authorizationParams");
    let reserved = |name: &&String| RESERVED_PARAMETERS.contains(&name.as_str());
    for name in parameters.keys().filter(reserved) {
        fields.complain(
            "authorizationParams",
            &format!("has {name}, which is made anew for each sign-in: leave it out"),
        );
    }
    parameters
}

fn mapping(preset: Preset, fields: &mut Fields<'_>) -> Mapping {
    if preset != Preset::OAuth {
        return Mapping::default();
    }
    let mut named = fields.pairs("profile");
    let usual = Mapping::default();
    let mut take =
        |key: &str, usual: String| named.remove(key).filter(|name| !name.is_empty()).unwrap_or(usual);
    let mapping = Mapping {
        subject: take("subject", usual.subject),
        email: take("email", usual.email),
        email_verified: take("emailVerified", usual.email_verified),
        name: take("name", usual.name),
        image: take("image", usual.image),
    };
    for key in named.keys() {
        let why = format!("has {key}: it knows subject, email, emailVerified, name and image");
        fields.complain("profile", &why);
    }
    mapping
}
