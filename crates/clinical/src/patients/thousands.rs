//! Patients for tests that read plans.

use wardkeep_tenancy::TenantTx;
use wardkeep_testkit::TestDatabase;

use crate::plans;

/// 4,000 patients in each of ten clinics, some of them deleted, and what they are found by. Every fourth has the birth date
/// that is written where nobody knows it.
const PATIENTS: &str = r#"
    with clinics as (select id, row_number() over (order by id) as number from organization)
    insert into patients (organization_id, id, first_name, last_name, date_of_birth, gender, medical_record_number,
        updated_at, deleted_at)
    select clinics.id, gen_random_uuid(), 'f' || md5(n::text), 'l' || md5((n * clinics.number)::text),
        case when n % 4 = 1 then date '1900-01-01' else date '1940-01-01' + n * 9 end,
        case when n % 2 = 0 then 'female' else 'male' end, 'N-' || n, now() - n * interval '1 minute',
        case when n % 50 = 0 then now() end
    from clinics, generate_series(1, 4000) as n"#;
const WORDS: &str = r#"
    insert into patient_words (organization_id, word, patient_id)
    select organization_id, unnest(array[first_name, last_name]), id from patients where deleted_at is null"#;
const PHONES: &str = r#"
    insert into patient_phones (organization_id, digits, patient_id)
    select organization_id, reverse('4930' || (1000000 + row_number() over (partition by organization_id order by id))), id
    from patients where deleted_at is null"#;
const IDENTIFIERS: &str = r#"
    insert into patient_identifiers (organization_id, system, value, patient_id)
    select organization_id, 'urn:insurer', 'A' || medical_record_number, id from patients where deleted_at is null"#;

/// The transaction of an owner of the first of the clinics.
pub(super) async fn clinic_of_thousands() -> (TestDatabase, TenantTx) {
    plans::ten_clinics(&[PATIENTS, WORDS, PHONES, IDENTIFIERS, "analyze"]).await
}
