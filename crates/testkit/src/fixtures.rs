//! Rows that tests begin with. They are written as the superuser, past every rule but the schema's.

use sqlx::PgConnection;
use tokio::sync::MappedMutexGuard;
use tokio::sync::MutexGuard;
use wardkeep_tenancy::{MemberId, OrganizationId, SessionId, UserId};

use crate::context::START;
use crate::database::TestDatabase;

impl TestDatabase {
    /// An organization. Its slug follows from the name: `Salt Lane` is `salt-lane`.
    pub async fn organization(&self, name: &str) -> OrganizationId {
        let id = self.fixtures.new_id();
        let insert = sqlx::query(
            "insert into organization (id, name, slug, \"createdAt\", \"updatedAt\") values ($1, $2, $3, $4, $4)",
        );
        let insert = insert
            .bind(OrganizationId::as_uuid(id))
            .bind(name)
            .bind(words(name, "-"))
            .bind(START);
        self.write(insert).await;
        id
    }

    /// A user who has proven the address, and no account: nothing to sign in with. The address follows from the name:
    /// `Ana Reyes` is `ana.reyes@example.com`.
    pub async fn user(&self, name: &str) -> UserId {
        let id = self.fixtures.new_id();
        let insert = sqlx::query(
            "insert into \"user\" (id, name, email, \"emailVerified\", \"createdAt\", \"updatedAt\")
             values ($1, $2, $3, true, $4, $4)",
        );
        let email = format!("{}@example.com", words(name, "."));
        let insert = insert
            .bind(UserId::as_uuid(id))
            .bind(name)
            .bind(email)
            .bind(START);
        self.write(insert).await;
        id
    }

    /// Makes a user a member of an organization. Several roles are written with commas, as they are stored.
    pub async fn member(&self, organization: OrganizationId, user: UserId, role: &str) -> MemberId {
        let id = self.fixtures.new_id();
        let insert = sqlx::query(
            "insert into member (id, \"organizationId\", \"userId\", role, \"createdAt\", \"updatedAt\")
             values ($1, $2, $3, $4, $5, $5)",
        );
        let insert = insert
            .bind(MemberId::as_uuid(id))
            .bind(organization.as_uuid())
            .bind(user.as_uuid());
        self.write(insert.bind(role).bind(START)).await;
        id
    }

    /// A session of a user, found by `token_hash` (what the cookie's secret hashes to), with an active organization or
    /// none. It expires seven days after [`START`].
    pub async fn session(&self, user: UserId, token_hash: &str, active: Option<OrganizationId>) -> SessionId {
        let id = self.fixtures.new_id();
        let insert = sqlx::query(
            "insert into session
               (id, token, \"userId\", \"activeOrganizationId\", \"expiresAt\", \"createdAt\", \"updatedAt\")
             values ($1, $2, $3, $4, $5 + interval '7 days', $5, $5)",
        );
        let insert = insert
            .bind(SessionId::as_uuid(id))
            .bind(token_hash)
            .bind(user.as_uuid());
        self.write(insert.bind(active.map(OrganizationId::as_uuid)).bind(START))
            .await;
        id
    }

    async fn write(&self, insert: sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments>) {
        if let Err(error) = insert.execute(&mut *self.writer().await).await {
            panic!("the fixture cannot be written: {error}");
        }
    }

    /// One connection for all fixtures of a test.
    async fn writer(&self) -> MappedMutexGuard<'_, PgConnection> {
        let mut writer = self.writer.lock().await;
        if writer.is_none() {
            *writer = Some(self.admin().await);
        }
        MutexGuard::map(writer, |writer| {
            writer.as_mut().expect("it was connected just now")
        })
    }
}

/// The words of a name in lower case, joined; whatever is no letter or digit only parts words.
fn words(name: &str, joint: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(joint)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_name_becomes_a_slug() {
        assert_eq!(words("Salt Lane", "-"), "salt-lane");
        assert_eq!(words("  St. Mary's  ", "-"), "st-mary-s");
    }
}
