//! The simple message that opens a transaction: one round trip for the role and the settings.

use std::fmt::Write;

use crate::id::{OrganizationId, UserId};

/// What a transaction is allowed to be. Only uuids ever go into its text, written from the uuid itself: the message
/// is a simple one, in which nothing can be bound.
pub(crate) struct Settings {
    /// `None` for a login that acts as itself.
    role: Option<&'static str>,
    user: Option<UserId>,
    organization: Option<OrganizationId>,
}

impl Settings {
    pub(crate) fn credentials() -> Self {
        Self {
            role: Some("wardkeep_credentials"),
            user: None,
            organization: None,
        }
    }

    pub(crate) fn identity(user: UserId) -> Self {
        Self {
            role: Some("wardkeep_identity"),
            user: Some(user),
            organization: None,
        }
    }

    pub(crate) fn tenant(organization: OrganizationId, user: UserId) -> Self {
        Self {
            role: Some(crate::policy::TENANT_ROLE),
            user: Some(user),
            organization: Some(organization),
        }
    }

    pub(crate) fn worker() -> Self {
        Self {
            role: None,
            user: None,
            organization: None,
        }
    }

    /// For a connection that is in no transaction.
    pub(crate) fn begin(&self) -> String {
        format!("BEGIN; {}", self.narrow())
    }

    /// For a transaction that is open already.
    pub(crate) fn narrow(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        if let Some(role) = self.role {
            let _ = write!(text, "SET LOCAL ROLE {role}; ");
        }
        if let Some(user) = self.user {
            let _ = write!(text, "SET LOCAL app.current_user_id = '{}'; ", user.as_uuid());
        }
        let _ = match self.organization {
            Some(organization) => {
                let id = organization.as_uuid();
                write!(
                    text,
                    "SET LOCAL app.current_organization_id = '{id}'; SET LOCAL application_name = 'tenant_{id}'"
                )
            }
            None => write!(text, "SET LOCAL application_name = '{}'", self.application_name()),
        };
        text
    }

    fn application_name(&self) -> &'static str {
        match (self.role, self.user) {
            (None, _) => "worker",
            (Some(_), Some(_)) => "identity",
            (Some(_), None) => "credentials",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::uuid;

    #[test]
    fn every_kind_of_transaction_sets_its_role_and_its_settings_locally() {
        let organization = OrganizationId::from_uuid(uuid!("5bd2ec29-14d7-4c55-8f20-22e7a9f54c01"));
        let user = UserId::from_uuid(uuid!("0a9a94cf-3b1a-4b3e-9c36-6fb0c7b0c301"));

        assert_eq!(
            Settings::tenant(organization, user).begin(),
            "BEGIN; SET LOCAL ROLE authenticated; \
             SET LOCAL app.current_user_id = '0a9a94cf-3b1a-4b3e-9c36-6fb0c7b0c301'; \
             SET LOCAL app.current_organization_id = '5bd2ec29-14d7-4c55-8f20-22e7a9f54c01'; \
             SET LOCAL application_name = 'tenant_5bd2ec29-14d7-4c55-8f20-22e7a9f54c01'"
        );
        assert_eq!(
            Settings::identity(user).narrow(),
            "SET LOCAL ROLE wardkeep_identity; \
             SET LOCAL app.current_user_id = '0a9a94cf-3b1a-4b3e-9c36-6fb0c7b0c301'; \
             SET LOCAL application_name = 'identity'"
        );
        assert_eq!(
            Settings::credentials().narrow(),
            "SET LOCAL ROLE wardkeep_credentials; SET LOCAL application_name = 'credentials'"
        );
        assert_eq!(
            Settings::worker().begin(),
            "BEGIN; SET LOCAL application_name = 'worker'"
        );
    }
}
