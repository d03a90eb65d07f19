//! For tests that read plans: so many treatments and sessions that the database takes an index wherever it can.

use wardkeep_tenancy::TenantTx;
use wardkeep_testkit::TestDatabase;

use crate::plans;

/// In each of ten clinics 300 patients, each with an appointment, and 300 treatments; in Salt Lane 3,000. Some were deleted.
const PATIENTS: &str = "insert into patients (organization_id, id, first_name, last_name)
    select id, md5(id::text || 'patient' || n)::uuid, 'Ana', 'Brandt' from organization, generate_series(0, 299) as n";
const APPOINTMENTS: &str = "insert into appointments
      (organization_id, id, patient_id, practitioner_id, practitioner_name, starts_at, ends_at, time_zone, status,
       created_by, created_by_name)
    select organization_id, md5(id::text || 'appointment')::uuid, id, gen_random_uuid(), 'Ada', '2026-03-01T09:00Z',
      '2026-03-01T09:30Z', 'UTC', 'booked', gen_random_uuid(), 'Ada'
    from patients";
const TREATMENTS: &str = "insert into treatments
      (organization_id, id, patient_id, title, planned_sessions, practitioner_id, practitioner_name, status, created_by,
       created_by_name, updated_at, deleted_at)
    select organization.id, md5(organization.id::text || 'treatment' || n)::uuid,
      md5(organization.id::text || 'patient' || n * 7 % 300)::uuid, 'Knee', 6, md5('practitioner' || n % 5)::uuid, 'Ada',
      (array['draft', 'active', 'active', 'on-hold', 'completed', 'revoked'])[1 + n % 6], gen_random_uuid(), 'Ada',
      '2026-03-01T00:00Z'::timestamptz + n * 7919 % 3000 * interval '1 minute', case when n % 53 = 0 then now() end
    from organization, generate_series(0, case slug when 'salt-lane' then 2999 else 299 end) as n";
/// Four of each treatment.
const SESSIONS: &str = "insert into treatment_sessions
      (organization_id, id, treatment_id, appointment_id, patient_id, performer_id, performer_name, number, status,
       created_by, created_by_name, updated_at, deleted_at)
    select organization_id, gen_random_uuid(), id, md5(patient_id::text || 'appointment')::uuid, patient_id,
      md5('practitioner' || n)::uuid, 'Ada', n,
      (array['preparation', 'in-progress', 'completed', 'completed'])[n], gen_random_uuid(), 'Ada',
      updated_at + n * interval '1 second', deleted_at
    from treatments, generate_series(1, 4) as n";

pub(crate) async fn clinic_of_thousands() -> (TestDatabase, TenantTx) {
    let statements = [
        PATIENTS,
        "alter table appointments drop constraint appointments_practitioner_id_excl",
        APPOINTMENTS,
        TREATMENTS,
        SESSIONS,
        "analyze patients",
        "analyze appointments",
        "analyze treatments",
        "analyze treatment_sessions",
    ];
    plans::ten_clinics(&statements).await
}
