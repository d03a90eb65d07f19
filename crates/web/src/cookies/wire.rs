use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What JavaScript's `encodeURIComponent` encodes (ECMA-262, section 19.2.6.4).
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// One `Set-Cookie`, its attributes in the order in which the protocol was recorded.
pub(super) struct SetCookie {
    pub(super) name: &'static str,
    pub(super) value: String,
    /// Seconds; `None` is until the browser closes.
    pub(super) max_age: Option<i64>,
    pub(super) secure: bool,
}

impl fmt::Display for SetCookie {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}={}",
            self.name,
            utf8_percent_encode(&self.value, COMPONENT)
        )?;
        if let Some(max_age) = self.max_age {
            write!(formatter, "; Max-Age={max_age}")?;
        }
        let secure = if self.secure { " Secure;" } else { "" };
        write!(formatter, "; Path=/; HttpOnly;{secure} SameSite=Lax")
    }
}

/// The value of a cookie by its name: the first of several, without double quotes around it, and decoded where it is
/// percent-encoded.
pub(super) fn read(header: &str, name: &str) -> Option<String> {
    let value = header
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| key.trim() == name)?
        .1
        .trim();
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"').unwrap_or(quoted),
        None => value,
    };
    Some(decode(value))
}

/// Decodes as `decodeURIComponent` does: what it would refuse is left as it is.
fn decode(value: &str) -> String {
    let well_formed = value.split('%').skip(1).all(|after| {
        let mut digits = after.bytes();
        let mut digit = || digits.next().is_some_and(|byte| byte.is_ascii_hexdigit());
        digit() && digit()
    });
    match percent_decode_str(value).decode_utf8() {
        Ok(decoded) if well_formed => decoded.into_owned(),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_written_as_better_auth_writes_it() {
        let cookie = |value: &str, max_age, secure| {
            SetCookie {
                name: "n",
                value: value.to_owned(),
                max_age,
                secure,
            }
            .to_string()
        };
        assert_eq!(
            cookie("token.a+b/c=", Some(604_800), false),
            "n=token.a%2Bb%2Fc%3D; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            cookie("", Some(0), true),
            "n=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax"
        );
        assert_eq!(cookie("x", None, false), "n=x; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(
            cookie("-_.!~*'() \u{e9};", None, false),
            "n=-_.!~*'()%20%C3%A9%3B; Path=/; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn a_cookie_is_read_as_better_auth_reads_it() {
        for (header, expected) in [
            ("n=a.b%3D", Some("a.b=")),
            ("n=a.b=", Some("a.b=")),
            ("n=\"a.b=\"", Some("a.b=")),
            (" x=1;  n = a ; y=2", Some("a")),
            ("n=first; n=second", Some("first")),
            ("x; n=a", Some("a")),
            ("n=", Some("")),
            ("n=a%zz%3D", Some("a%zz%3D")),
            ("n=a%", Some("a%")),
            ("n=a%ff", Some("a%ff")),
            ("nn=a; N=b; __Secure-n=c", None),
            ("n", None),
            ("", None),
        ] {
            assert_eq!(read(header, "n").as_deref(), expected, "{header}");
        }
    }
}
