//! Through whom people can sign in.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use wardkeep_auth::providers::Providers;
use wardkeep_auth::providers::client::{Settings, SettingsError};

use super::Problem;
use super::arguments::Arguments;

/// More than any number of providers need.
const LARGEST: u64 = 1024 * 1024;

/// What is described in the environment, or in a file; none where neither is set. What is refused is said without a word of
/// what stands there beyond ids and keys: there are secrets among it.
pub(super) fn check(arguments: &Arguments) -> Result<Providers, Problem> {
    match (filled(&arguments.providers), filled(&arguments.providers_file)) {
        (None, None) => Ok(Providers::default()),
        (Some(_), Some(_)) => {
            let message = "PROVIDERS describes the providers as well; take one away";
            Err(Problem::new("PROVIDERS_FILE", message))
        }
        (Some(given), None) => read("PROVIDERS", given),
        (None, Some(file)) => read("PROVIDERS_FILE", &content(Path::new(file))?),
    }
}

fn filled(given: &Option<String>) -> Option<&str> {
    given.as_deref().map(str::trim).filter(|given| !given.is_empty())
}

fn content(file: &Path) -> Result<String, Problem> {
    bounded(file).map_err(|error| {
        let message = format!(
            "{} cannot be read ({error}); name a file that holds JSON and that this user may read",
            file.display()
        );
        Problem::new("PROVIDERS_FILE", message)
    })
}

/// A file without an end, such as `/dev/zero`, would take all memory.
fn bounded(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(file)?.take(LARGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(io::Error::other("it has more than 1 MiB"));
    }
    Ok(text)
}

fn read(setting: &'static str, json: &str) -> Result<Providers, Problem> {
    let refused = |error: SettingsError| Problem::new(setting, error.to_string().replace('\n', "\n    "));
    // Some editors begin a file with a byte order mark.
    let json = json.trim_start_matches('\u{feff}');
    Providers::new(Settings::read(json).map_err(refused)?).map_err(refused)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Arguments, Providers, check};

    const TWO: &str = r#"{
        "google": { "clientId": "1.apps.googleusercontent.com", "clientSecret": "hunter2" },
        "keycloak": { "issuer": "https://id.clinic.example/realms/staff", "clientId": "w", "clientSecret": "hunter2" }
    }"#;

    fn checked(more: &[&str]) -> Result<Providers, String> {
        let words = ["wardkeep"].into_iter().chain(more.iter().copied());
        check(&Arguments::of(words)).map_err(|problem| problem.to_string())
    }

    fn ids(providers: &Providers) -> Vec<&str> {
        providers.iter().map(|provider| provider.id()).collect()
    }

    /// A file of this test alone.
    struct File(PathBuf);

    impl File {
        fn with(name: &str, content: &[u8]) -> Self {
            let path = std::env::temp_dir().join(format!("wardkeep-{name}-{}.json", std::process::id()));
            fs::write(&path, content).unwrap();
            Self(path)
        }

        fn path(&self) -> &str {
            self.0.to_str().unwrap()
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    #[test]
    fn without_a_setting_there_are_none() {
        assert!(ids(&checked(&[]).unwrap()).is_empty());
        assert!(ids(&checked(&["--providers", " ", "--providers-file", ""]).unwrap()).is_empty());
    }

    #[test]
    fn they_are_described_by_a_variable_or_a_file() {
        let file = File::with("providers", format!("\u{feff}{TWO}").as_bytes());

        let told = checked(&["--providers", TWO]).unwrap();
        let read = checked(&["--providers-file", file.path()]).unwrap();

        assert_eq!(ids(&told), ["google", "keycloak"]);
        assert_eq!(ids(&read), ["google", "keycloak"]);
    }

    #[test]
    fn both_at_once_are_refused() {
        let said = checked(&["--providers", TWO, "--providers-file", "/none"]).unwrap_err();

        assert!(said.starts_with("PROVIDERS_FILE: PROVIDERS describes"), "{said}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let binary = File::with("binary", b"\xff\xfe{}");

        for path in ["/none/providers.json", "/", "/dev/zero", binary.path()] {
            let said = checked(&["--providers-file", path]).unwrap_err();
            assert!(
                said.starts_with(&format!("PROVIDERS_FILE: {path} cannot be read (")),
                "{said}"
            );
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_without_its_secrets() {
        for wrong in [
            r#"{ "google": { "clientId": "1", "clientSecret": "hunter2" }"#,
            r#"{ "google": "hunter2" }"#,
            r#"["hunter2"]"#,
            r#"{ "google": { "clientId": "1", "clientSecrets": "hunter2" } }"#,
            r#"{ "credential": { "issuer": "https://id.example", "clientId": "1", "clientSecret": "hunter2" } }"#,
            r#"{ "microsoft": { "clientId": "1", "clientSecret": "hunter2", "tenantId": "common" } }"#,
        ] {
            let file = File::with("wrong", wrong.as_bytes());

            let told = checked(&["--providers", wrong]).unwrap_err();
            let read = checked(&["--providers-file", file.path()]).unwrap_err();

            assert!(told.starts_with("PROVIDERS: "), "{told}");
            assert_eq!(read, told.replacen("PROVIDERS", "PROVIDERS_FILE", 1));
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
