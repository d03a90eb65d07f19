//! Which crate may know which.

use super::Finding;
use crate::metadata::{Metadata, Package};

/// A package and the packages of this workspace it may use; its tests may use [`FOR_TESTS`] as well.
const GRAPH: [(&str, &[&str]); 12] = [
    ("wardkeep-tenancy", &[]),
    ("wardkeep-providers", &[]),
    ("wardkeep-auth", &["wardkeep-providers", "wardkeep-tenancy"]),
    ("wardkeep-organizations", &["wardkeep-auth", "wardkeep-tenancy"]),
    ("wardkeep-clinical", &["wardkeep-tenancy"]),
    (
        "wardkeep-web",
        &[
            "wardkeep-auth",
            "wardkeep-clinical",
            "wardkeep-organizations",
            "wardkeep-tenancy",
        ],
    ),
    (
        "wardkeep-server",
        &[
            "wardkeep-auth",
            "wardkeep-organizations",
            "wardkeep-tenancy",
            "wardkeep-web",
        ],
    ),
    ("wardkeep-local-postgres", &[]),
    ("wardkeep-migration", &["wardkeep-tenancy"]),
    (
        "wardkeep-testkit",
        &[
            "wardkeep-local-postgres",
            "wardkeep-migration",
            "wardkeep-tenancy",
        ],
    ),
    (
        "xtask",
        &[
            "wardkeep-clinical",
            "wardkeep-local-postgres",
            "wardkeep-migration",
            "wardkeep-server",
            "wardkeep-web",
        ],
    ),
    ("wardkeep-tests", EVERYTHING),
];

/// What the whole-system tests may use.
const EVERYTHING: &[&str] = &[
    "wardkeep-auth",
    "wardkeep-clinical",
    "wardkeep-local-postgres",
    "wardkeep-migration",
    "wardkeep-organizations",
    "wardkeep-server",
    "wardkeep-tenancy",
    "wardkeep-testkit",
    "wardkeep-web",
];

/// What the tests of any package may use besides.
const FOR_TESTS: &[&str] = &[
    "wardkeep-local-postgres",
    "wardkeep-migration",
    "wardkeep-testkit",
];

/// Features that only a package's own tests may switch on: they take a guard away to show what it is for.
const OWN_TESTS_ONLY: &[&str] = &["unguarded"];

/// Crates that know nothing of HTTP, and the beginnings of the names of crates that do.
const NO_HTTP: (&[&str], &[&str]) = (
    &[
        "wardkeep-tenancy",
        "wardkeep-auth",
        "wardkeep-organizations",
        "wardkeep-clinical",
        "wardkeep-migration",
    ],
    &[
        "actix", "axum", "http", "hyper", "reqwest", "tower", "ureq", "utoipa",
    ],
);

/// Crates that know nothing of SQL, and the beginnings of the names of crates that do.
const NO_SQL: (&[&str], &[&str]) = (
    &["wardkeep-web", "wardkeep-server"],
    &["postgres", "sea-orm", "sea-query", "sqlx", "tokio-postgres"],
);

/// Names each dependency that points the wrong way.
pub(super) fn check(metadata: &Metadata) -> Vec<Finding> {
    metadata.packages.iter().flat_map(of_package).collect()
}

fn of_package(package: &Package) -> Vec<Finding> {
    let Some((_, allowed)) = GRAPH.iter().find(|(name, _)| *name == package.name) else {
        let message =
            "a package without a place in the crate graph: say in xtask's tidy which packages it may use";
        return vec![Finding::new(&package.name, message)];
    };
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        let in_workspace = GRAPH.iter().any(|(other, _)| *other == name);
        let in_tests = dependency.is_for_tests();
        let own_test = in_tests && name == package.name;
        let in_order = allowed.contains(&name) || own_test || (in_tests && FOR_TESTS.contains(&name));
        if in_workspace && !in_order {
            findings.push(Finding::new(
                &package.name,
                format!("may not use {name}: see the crate graph"),
            ));
        }
        for feature in dependency.features.iter().map(String::as_str) {
            if in_workspace && OWN_TESTS_ONLY.contains(&feature) && !own_test {
                findings.push(Finding::new(
                    &package.name,
                    format!("may not switch on {feature} of {name}: only its own tests may"),
                ));
            }
        }
        for ((packages, families), what) in [(NO_HTTP, "HTTP"), (NO_SQL, "SQL")] {
            let of_family = families.iter().any(|family| name.starts_with(family));
            if packages.contains(&package.name.as_str()) && of_family && !in_tests {
                findings.push(Finding::new(
                    &package.name,
                    format!("knows nothing of {what}, so it may not use {name}"),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Finding, check};

    fn findings(package: &str, dependencies: &str) -> Vec<Finding> {
        let json = format!(r#"{{"packages": [{{"name": "{package}", "dependencies": [{dependencies}]}}]}}"#);
        check(&serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn an_edge_that_points_upwards_is_found() {
        assert_eq!(
            findings("wardkeep-tenancy", r#"{"name": "wardkeep-auth"}"#).len(),
            1
        );
    }

    #[test]
    fn clinical_may_not_know_organizations() {
        assert_eq!(
            findings("wardkeep-clinical", r#"{"name": "wardkeep-organizations"}"#).len(),
            1
        );
    }

    #[test]
    fn a_domain_crate_with_http_is_found() {
        for name in ["actix-web", "http", "utoipa"] {
            assert_eq!(
                findings("wardkeep-auth", &format!(r#"{{"name": "{name}"}}"#)).len(),
                1,
                "{name}"
            );
        }
    }

    #[test]
    fn a_web_crate_with_sql_is_found() {
        for name in ["sea-orm", "sqlx"] {
            assert_eq!(
                findings("wardkeep-web", &format!(r#"{{"name": "{name}"}}"#)).len(),
                1,
                "{name}"
            );
        }
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        assert_eq!(
            findings("wardkeep-auth", r#"{"name": "wardkeep-testkit"}"#).len(),
            1
        );
        assert_eq!(
            findings("wardkeep-auth", r#"{"name": "wardkeep-testkit", "kind": "dev"}"#),
            []
        );
    }

    #[test]
    fn a_package_may_use_itself_in_its_tests_and_switch_its_guards_off_only_there() {
        let with = |kind: &str| {
            let dependency =
                format!(r#"{{"name": "wardkeep-tenancy", "kind": {kind}, "features": ["unguarded"]}}"#);
            [
                findings("wardkeep-tenancy", &dependency).len(),
                findings("wardkeep-auth", &dependency).len(),
            ]
        };

        assert_eq!(with(r#""dev""#), [0, 1]);
        assert_eq!(with("null"), [2, 1]);
    }

    #[test]
    fn a_package_that_nobody_placed_is_found() {
        assert_eq!(findings("wardkeep-billing", "").len(), 1);
    }

    #[test]
    fn the_edges_of_the_design_are_fine() {
        let dependencies =
            r#"{"name": "wardkeep-organizations"}, {"name": "wardkeep-clinical"}, {"name": "actix-web"}"#;

        assert_eq!(findings("wardkeep-web", dependencies), []);
    }
}
