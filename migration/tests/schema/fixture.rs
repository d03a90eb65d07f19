//! Two clinics with one member each, and a person who belongs to neither. Both have a row in every clinical table,
//! and those have the same ids.

use sea_orm::{DatabaseConnection, DatabaseTransaction, TransactionTrait};
use wardkeep_testkit::TestDatabase;

use crate::database::{connect, run};

pub(crate) const ANA: &str = "00000000-0000-4000-8000-000000000001";
pub(crate) const BEN: &str = "00000000-0000-4000-8000-000000000002";
pub(crate) const EVA: &str = "00000000-0000-4000-8000-000000000003";
pub(crate) const CLINIC_OF_ANA: &str = "00000000-0000-4000-8000-00000000000a";
pub(crate) const CLINIC_OF_BEN: &str = "00000000-0000-4000-8000-00000000000b";
/// The id of a row in every clinical table of both clinics.
pub(crate) const ROW: &str = "00000000-0000-7000-8000-000000000010";

/// What signs the note of the fixture.
pub(crate) const SIGNED: &str = "status = 'final', signed_by = author_id, signed_by_name = author_name, \
     signed_at = '2026-03-02T10:00:00Z', sha256 = repeat('0', 64)";

/// A migrated database with two clinics.
pub(crate) struct Clinics {
    pub(crate) database: TestDatabase,
    /// The superuser, who sees everything.
    pub(crate) admin: DatabaseConnection,
}

impl Clinics {
    pub(crate) async fn new() -> Self {
        Self::in_database(TestDatabase::create().await).await
    }

    /// Fills a migrated database.
    pub(crate) async fn in_database(database: TestDatabase) -> Self {
        let admin = connect(&database.admin_url()).await;
        run(&admin, &people()).await.expect("people");
        for (clinic, member, letter) in [(CLINIC_OF_ANA, ANA, 'a'), (CLINIC_OF_BEN, BEN, 'b')] {
            run(&admin, &organization(clinic, member, letter))
                .await
                .expect("a clinic");
            run(&admin, &records(clinic)).await.expect("its records");
        }
        Self { database, admin }
    }

    /// A transaction of the application's login as a tenant of one clinic.
    pub(crate) async fn tenant(&self, clinic: &str) -> DatabaseTransaction {
        let settings = format!("set local app.current_organization_id = '{clinic}'");
        self.scope(&format!("set local role authenticated; {settings}"))
            .await
    }

    /// A transaction of the application's login as one signed-in person.
    pub(crate) async fn identity(&self, user: &str) -> DatabaseTransaction {
        let settings = format!("set local app.current_user_id = '{user}'");
        self.scope(&format!("set local role wardkeep_identity; {settings}"))
            .await
    }

    /// A transaction of the application's login after these statements.
    pub(crate) async fn scope(&self, statements: &str) -> DatabaseTransaction {
        let app = connect(&self.database.app_url()).await;
        let transaction = app.begin().await.expect("a transaction");
        run(&transaction, statements).await.expect("a scope");
        transaction
    }
}

fn people() -> String {
    [(ANA, "ana"), (BEN, "ben"), (EVA, "eva")]
        .map(|(id, name)| {
            format!(
                r#"insert into public."user" (id, name, email) values ('{id}', '{name}', '{name}@example.test');
                   insert into public.account ("accountId", "providerId", "userId", password)
                     values ('{id}', 'credential', '{id}', 'hash of {name}');
                   insert into public.session ("expiresAt", token, "userId")
                     values ('2026-04-01T00:00:00Z', 'token of {name}', '{id}');
                   insert into public.verification (identifier, value, "expiresAt")
                     values ('proof of {name}', '{id}', '2026-04-01T00:00:00Z');"#
            )
        })
        .concat()
}

fn organization(clinic: &str, member: &str, letter: char) -> String {
    format!(
        r#"insert into public.organization (id, name, slug) values ('{clinic}', 'Clinic {letter}', 'clinic-{letter}');
           insert into public.member ("organizationId", "userId", role) values ('{clinic}', '{member}', 'owner, dentist');
           insert into public."organizationRole" ("organizationId", role, permission)
             values ('{clinic}', 'dentist', '{{"drill": ["{letter}"]}}'), ('{clinic}', 'nurse', '{{}}');
           insert into public.team (id, name, "organizationId") values ('{clinic}', 'Team {letter}', '{clinic}');
           insert into public."teamMember" ("teamId", "userId") values ('{clinic}', '{member}');
           insert into public.invitation ("organizationId", email, "expiresAt", "inviterId")
             values ('{clinic}', 'eva@example.test', '2026-04-01T00:00:00Z', '{member}');"#
    )
}

/// One row in each clinical table.
fn records(clinic: &str) -> String {
    format!(
        "insert into patients (organization_id, id, first_name, last_name) values ('{clinic}', '{ROW}', 'Ida', 'Berg');
         insert into patient_words (organization_id, word, patient_id) values ('{clinic}', 'berg', '{ROW}');
         insert into treatments (organization_id, id, patient_id, title, practitioner_id, practitioner_name, status, created_by, created_by_name)
           values ('{clinic}', '{ROW}', '{ROW}', 'Knee', '{ANA}', 'ana', 'active', '{ANA}', 'ana');
         insert into patient_phones (organization_id, digits, patient_id) values ('{clinic}', '028109', '{ROW}');
         insert into patient_identifiers (organization_id, value, system, patient_id)
           values ('{clinic}', 'A123', 'http://fhir.de/sid/gkv/kvid-10', '{ROW}');
         insert into rooms (organization_id, id, name) values ('{clinic}', '{ROW}', 'Room 1');
         insert into working_hours
           (organization_id, id, practitioner_id, practitioner_name, days_of_week, opens_at, closes_at, time_zone)
           values ('{clinic}', '{ROW}', '{ANA}', 'ana', '[\"mon\"]', '09:00', '17:00', 'Europe/Berlin');
         insert into absences (organization_id, id, practitioner_id, practitioner_name, starts_at, ends_at)
           values ('{clinic}', '{ROW}', '{ANA}', 'ana', '2026-04-01T00:00:00Z', '2026-04-02T00:00:00Z');
         insert into appointments (organization_id, id, patient_id, created_by, created_by_name, practitioner_id,
             practitioner_name, room_id, starts_at, ends_at, time_zone, status)
           values ('{clinic}', '{ROW}', '{ROW}', '{ANA}', 'ana', '{ANA}', 'ana', '{ROW}', '2026-03-02T09:00:00Z',
             '2026-03-02T09:30:00Z', 'Europe/Berlin', 'booked');
         insert into audit_events (organization_id, id, recorded_at, user_id, user_name, action, resource, request_id, outcome)
           values ('{clinic}', '{ROW}', '2026-03-02T09:00:00Z', '{ANA}', 'ana', 'search', 'patient', 'request', 'success');
         insert into idempotency_keys
           (organization_id, id, user_id, route, key, fingerprint, created_at, expires_at)
           values ('{clinic}', '{ROW}', '{ANA}', 'patients', 'key', '', '2026-03-02T09:00:00Z', '2026-03-03T09:00:00Z');
         insert into medical_records (organization_id, id, patient_id, category, status, code, effective_at, created_by, created_by_name)
           values ('{clinic}', '{ROW}', '{ROW}', 'document', 'current', '{{}}', '2026-03-02T09:00:00Z', '{ANA}', 'ana');
         insert into medical_record_chunks (organization_id, medical_record_id, number, content) values ('{clinic}', '{ROW}', 0, 'x');
         insert into treatment_sessions (organization_id, id, appointment_id, treatment_id, patient_id, performer_id, performer_name,
             number, status, created_by, created_by_name)
           values ('{clinic}', '{ROW}', '{ROW}', '{ROW}', '{ROW}', '{ANA}', 'ana', 1, 'preparation', '{ANA}', 'ana');
         insert into clinical_notes (organization_id, id, treatment_session_id, author_id, author_name, note_type, text, status)
           values ('{clinic}', '{ROW}', '{ROW}', '{ANA}', 'ana', 'progress', 'better', 'draft');
         insert into clinical_note_versions (organization_id, clinical_note_id, version, note_type, text, written_by, written_by_name, written_at)
           values ('{clinic}', '{ROW}', 1, 'progress', 'better', '{ANA}', 'ana', '2026-03-02T09:00:00Z');"
    )
}
