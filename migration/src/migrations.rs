//! The ordered list of migrations. Each is a folder of SQL; a migration that has shipped is never edited.

use sea_orm_migration::prelude::*;
use wardkeep_tenancy::policy::{protect, protect_append_only};

/// One migration made of SQL texts, run as `wardkeep_owner` in a transaction.
pub(crate) struct SqlMigration {
    name: &'static str,
    up: Vec<String>,
    down: &'static str,
}

impl SqlMigration {
    /// Everything that the migration does, for the fingerprint of the schema.
    pub(crate) fn text(&self) -> impl Iterator<Item = &str> {
        [self.name, self.down]
            .into_iter()
            .chain(self.up.iter().map(String::as_str))
    }
}

impl MigrationName for SqlMigration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlMigration {
    #[expect(
        clippy::disallowed_methods,
        reason = "a migration is a text of several statements"
    )]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in &self.up {
            manager.get_connection().execute_unprepared(statements).await?;
        }
        Ok(())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a migration is a text of several statements"
    )]
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.down).await?;
        Ok(())
    }
}

/// All migrations, oldest first.
pub(crate) fn all() -> Vec<SqlMigration> {
    vec![
        SqlMigration {
            name: "m20261123_000001_tenancy",
            up: vec![include_str!("m20261123_000001_tenancy/up.sql").to_owned()],
            down: include_str!("m20261123_000001_tenancy/down.sql"),
        },
        SqlMigration {
            name: "m20261123_000002_identity",
            up: vec![include_str!("m20261123_000002_identity/up.sql").to_owned()],
            down: include_str!("m20261123_000002_identity/down.sql"),
        },
        SqlMigration {
            name: "m20261123_000003_organizations",
            up: vec![
                include_str!("m20261123_000003_organizations/up.sql").to_owned(),
                protect("organization", "id"),
                protect("member", "organizationId"),
                protect("invitation", "organizationId"),
                protect("team", "organizationId"),
                protect("teamMember", "organizationId"),
                protect("organizationRole", "organizationId"),
                include_str!("m20261123_000003_organizations/policies.sql").to_owned(),
            ],
            down: include_str!("m20261123_000003_organizations/down.sql"),
        },
        SqlMigration {
            name: "m20261123_000004_clinical",
            up: vec![
                include_str!("m20261123_000004_clinical/up.sql").to_owned(),
                protect("patients", "organization_id"),
                protect("patient_words", "organization_id"),
                protect("treatments", "organization_id"),
                protect("appointments", "organization_id"),
                protect("medical_records", "organization_id"),
                protect("treatment_sessions", "organization_id"),
                protect("clinical_notes", "organization_id"),
            ],
            down: include_str!("m20261123_000004_clinical/down.sql"),
        },
        SqlMigration {
            name: "m20261123_000005_lookup",
            up: vec![include_str!("m20261123_000005_lookup/up.sql").to_owned()],
            down: include_str!("m20261123_000005_lookup/down.sql"),
        },
        SqlMigration {
            name: "m20261125_000006_outbox",
            up: vec![include_str!("m20261125_000006_outbox/up.sql").to_owned()],
            down: include_str!("m20261125_000006_outbox/down.sql"),
        },
        SqlMigration {
            name: "m20261125_000007_password_guesses",
            up: vec![include_str!("m20261125_000007_password_guesses/up.sql").to_owned()],
            down: include_str!("m20261125_000007_password_guesses/down.sql"),
        },
        SqlMigration {
            name: "m20261125_000008_memberships",
            up: vec![include_str!("m20261125_000008_memberships/up.sql").to_owned()],
            down: include_str!("m20261125_000008_memberships/down.sql"),
        },
        SqlMigration {
            name: "m20261125_000009_front_desk",
            up: vec![
                include_str!("m20261125_000009_front_desk/up.sql").to_owned(),
                protect("patient_phones", "organization_id"),
                protect("patient_identifiers", "organization_id"),
                protect("rooms", "organization_id"),
                protect("working_hours", "organization_id"),
                protect("absences", "organization_id"),
                protect_append_only("audit_events", "organization_id"),
                protect("idempotency_keys", "organization_id"),
                include_str!("m20261125_000009_front_desk/policies.sql").to_owned(),
            ],
            down: include_str!("m20261125_000009_front_desk/down.sql"),
        },
        SqlMigration {
            name: "m20261126_000010_treatment",
            up: vec![
                include_str!("m20261126_000010_treatment/up.sql").to_owned(),
                protect_append_only("medical_record_chunks", "organization_id"),
                protect_append_only("clinical_note_versions", "organization_id"),
                include_str!("m20261126_000010_treatment/policies.sql").to_owned(),
            ],
            down: include_str!("m20261126_000010_treatment/down.sql"),
        },
        SqlMigration {
            name: "m20261126_000011_providers",
            up: vec![include_str!("m20261126_000011_providers/up.sql").to_owned()],
            down: include_str!("m20261126_000011_providers/down.sql"),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_migration_is_the_schema_version_that_the_server_asks_for() {
        assert_eq!(
            all().last().map(|newest| newest.name),
            Some(wardkeep_tenancy::policy::SCHEMA_VERSION)
        );
    }

    #[test]
    fn names_are_in_order_and_unique() {
        let names: Vec<_> = all().iter().map(|migration| migration.name).collect();

        assert!(names.is_sorted_by(|left, right| left < right), "{names:?}");
    }
}
