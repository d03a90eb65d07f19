//! The providers that are known by name, and the two kinds of the others.

/// What a provider is, beside its addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preset {
    Google,
    GitHub,
    Microsoft,
    Apple,
    /// An OpenID Connect issuer.
    OpenId,
    /// OAuth 2 without ID tokens.
    OAuth,
}

/// The addresses of GitHub: where the browser goes, where codes are exchanged, who the user is, and the user's addresses.
pub(crate) const GITHUB: [(&str, &str); 4] = [
    (
        "authorizationEndpoint",
        "https://github.com/login/oauth/authorize",
    ),
    ("tokenEndpoint", "https://github.com/login/oauth/access_token"),
    ("userinfoEndpoint", "https://api.github.com/user"),
    ("emailsEndpoint", "https://api.github.com/user/emails"),
];

/// Tenants of Microsoft that are none: everybody's directory may call a user by any address.
pub(crate) const SHARED_TENANTS: [&str; 3] = ["common", "organizations", "consumers"];

/// The ids of the presets.
pub(crate) const NAMES: [&str; 4] = ["google", "github", "microsoft", "apple"];

/// What the settings of a plain OAuth 2 provider must have.
pub(crate) const ENDPOINTS: [&str; 3] = ["authorizationEndpoint", "tokenEndpoint", "userinfoEndpoint"];

impl Preset {
    const ALL: [(Self, &str); 6] = [
        (Self::Google, "google"),
        (Self::GitHub, "github"),
        (Self::Microsoft, "microsoft"),
        (Self::Apple, "apple"),
        (Self::OpenId, "OpenID Connect"),
        (Self::OAuth, "plain OAuth 2"),
    ];

    /// The kinds that have a key of their own by this name, in words.
    pub(crate) fn with_key(key: &str) -> Option<String> {
        let having = Self::ALL.iter().filter(|(kind, _)| kind.keys().contains(&key));
        let mut kinds: Vec<&str> = having.map(|(_, name)| *name).collect();
        let last = kinds.pop()?;
        Some(match kinds.as_slice() {
            [] => last.to_owned(),
            others => format!("{} and {last}", others.join(", ")),
        })
    }

    /// The keys of the settings that some kinds alone have.
    pub(crate) fn all_keys() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().flat_map(|(kind, _)| kind.keys()).copied()
    }

    /// By the id of the provider.
    pub(crate) fn named(id: &str) -> Option<Self> {
        match id {
            "google" => Some(Self::Google),
            "github" => Some(Self::GitHub),
            "microsoft" => Some(Self::Microsoft),
            "apple" => Some(Self::Apple),
            _ => None,
        }
    }

    pub(crate) fn shown_name(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("Google"),
            Self::GitHub => Some("GitHub"),
            Self::Microsoft => Some("Microsoft"),
            Self::Apple => Some("Apple"),
            Self::OpenId | Self::OAuth => None,
        }
    }

    /// The keys of the settings that only this kind has.
    pub(crate) fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Google => &["issuer", "hostedDomain"],
            Self::GitHub => &[
                "authorizationEndpoint",
                "tokenEndpoint",
                "userinfoEndpoint",
                "emailsEndpoint",
            ],
            Self::Microsoft => &["issuer", "tenantId"],
            Self::Apple => &["issuer", "teamId", "keyId", "privateKey"],
            Self::OpenId => &["issuer"],
            Self::OAuth => &[
                "authorizationEndpoint",
                "tokenEndpoint",
                "userinfoEndpoint",
                "profile",
            ],
        }
    }

    /// What is asked for always, as Better Auth does.
    pub(crate) fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Google => &["email", "profile", "openid"],
            Self::GitHub => &["read:user", "user:email"],
            Self::Microsoft => &["openid", "profile", "email", "User.Read", "offline_access"],
            Self::Apple => &["email", "name"],
            Self::OpenId => &["openid", "profile", "email"],
            Self::OAuth => &[],
        }
    }

    /// Parameters of the address that a browser is sent to.
    pub(crate) fn parameters(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Google => &[("include_granted_scopes", "true")],
            // Apple gives a name and an address to nobody who does not let it post them.
            Self::Apple => &[("response_mode", "form_post")],
            _ => &[],
        }
    }

    pub(crate) fn response_type(self) -> &'static str {
        match self {
            Self::Apple => "code id_token",
            _ => "code",
        }
    }

    /// Whether it signs ID tokens.
    pub(crate) fn is_open_id(self) -> bool {
        !matches!(self, Self::GitHub | Self::OAuth)
    }

    /// Another name that the issuer has in its tokens.
    pub(crate) fn other_issuer(self) -> Option<&'static str> {
        (self == Self::Google).then_some("accounts.google.com")
    }

    /// Whether this is the id of a tenant of Microsoft (a UUID), rather than a domain.
    pub(crate) fn is_tenant_id(tenant: &str) -> bool {
        let lengths = tenant.split('-').map(str::len);
        lengths.eq([8, 4, 4, 4, 12]) && tenant.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
    }
}
