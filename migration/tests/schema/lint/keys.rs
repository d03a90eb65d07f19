//! Keys of the clinical tables: they ignore row security.

use super::Schema;

#[tokio::test]
async fn a_primary_key_without_the_organization_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "primary-key",
            "public.absences",
            &[
                "alter table public.absences drop constraint absences_pkey, add primary key (id)",
                "alter table public.absences drop constraint absences_pkey",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_unique_key_without_the_organization_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "unique-key",
            "patients_email_key on public.patients",
            &["create unique index patients_email_key on public.patients (email)"],
        )
        .await;
    schema
        .breaks(
            "unique-key",
            "patients_phone_key on public.patients",
            &["alter table public.patients add constraint patients_phone_key unique (phone)"],
        )
        .await;
    schema
        .breaks(
            "unique-key",
            "patients_email_excl on public.patients",
            &[
                "alter table public.patients add constraint patients_email_excl exclude using btree \
             (email with =)",
            ],
        )
        .await;
    schema
        .keeps(&["create unique index patients_email_key on public.patients (organization_id, email)"])
        .await;
}

#[tokio::test]
async fn an_exclusion_that_compares_the_organization_otherwise_is_found() {
    let schema = Schema::new().await;
    // Tells of two organizations that they differ, where an exclusion should tell that they are one.
    let differs = "create function public.differs(uuid, uuid) returns boolean language sql immutable return $1 <> $2; \
                   create operator public.<<>> (function = public.differs, leftarg = uuid, rightarg = uuid, \
                     commutator = operator(public.<<>>)); \
                   create operator class public.differing for type uuid using hash as \
                     operator 1 public.<<>>, function 1 pg_catalog.uuid_hash(uuid)";

    schema
        .breaks(
            "unique-key",
            "one_organization on public.treatments",
            &[&format!(
                "{differs}; alter table public.treatments add constraint one_organization \
                 exclude using hash (organization_id public.differing with operator(public.<<>>))"
            )],
        )
        .await;
}

#[tokio::test]
async fn a_table_without_its_own_key_to_the_organization_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "organization-key",
            "public.treatments",
            &[
                "alter table public.treatments drop constraint treatments_organization_id_fkey",
                "alter table public.treatments drop constraint treatments_organization_id_fkey, add \
             foreign key (organization_id) references public.organization (id)",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_foreign_key_that_leaves_the_organization_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "foreign-key-organization",
            "crosswise on public.medical_records",
            &[
                "alter table public.medical_records add constraint crosswise foreign key (patient_id, \
             organization_id) references public.patients (organization_id, id)",
            ],
        )
        .await;
    schema
        .breaks(
            "foreign-key-organization",
            "lent on public.treatments",
            &[
                "alter table public.treatments add column lent_by uuid, add constraint lent foreign key \
             (lent_by) references public.organization (id)",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_foreign_key_that_acts_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "foreign-key-action",
            "acts on public.medical_records",
            &[
                "alter table public.medical_records add constraint acts foreign key (organization_id, \
             patient_id) references public.patients (organization_id, id) on delete cascade",
                "alter table public.medical_records add constraint acts foreign key (organization_id, \
             patient_id) references public.patients (organization_id, id) on delete set null",
                "alter table public.medical_records add constraint acts foreign key (organization_id, \
             patient_id) references public.patients (organization_id, id) on delete set null \
             (patient_id)",
                "alter table public.medical_records add constraint acts foreign key (organization_id, \
             patient_id) references public.patients (organization_id, id) on delete set default",
                "alter table public.medical_records add constraint acts foreign key (organization_id, \
             patient_id) references public.patients (organization_id, id) on update cascade",
                "alter table public.medical_records add constraint acts foreign key (organization_id, \
             patient_id) references public.patients (organization_id, id) on update set null",
            ],
        )
        .await;
    schema
        .keeps(&[
            "alter table public.medical_records add constraint restricts foreign key \
             (organization_id, patient_id) references public.patients (organization_id, id) on delete \
             restrict on update restrict",
        ])
        .await;
}

#[tokio::test]
async fn a_foreign_key_to_a_user_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks("foreign-key-target", "physician on public.patients", &[
            r#"alter table public.patients add column physician_id uuid, add constraint physician foreign key (physician_id) references public."user" (id)"#,
            r#"alter table public.patients add column physician_id uuid, add constraint physician foreign key (organization_id, physician_id) references public.member ("organizationId", "userId")"#,
        ])
        .await;
}

#[tokio::test]
async fn a_foreign_key_from_a_shared_table_to_a_clinical_one_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks("foreign-key-target", "patient on public.team", &[
            r#"alter table public.team add column patient_id uuid, add constraint patient foreign key ("organizationId", patient_id) references public.patients (organization_id, id)"#,
        ])
        .await;
}

#[tokio::test]
async fn an_index_that_is_not_led_by_the_organization_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "index-prefix",
            "patients_email_idx on public.patients",
            &[
                "create index patients_email_idx on public.patients (email)",
                "create index patients_email_idx on public.patients (lower(email), organization_id)",
            ],
        )
        .await;
    schema
        .breaks(
            "index-prefix",
            "patients_id_key on public.patients",
            &["create unique index patients_id_key on public.patients (id, organization_id)"],
        )
        .await;
    schema
        .keeps(&["create index member_role_idx on public.member (role)"])
        .await;
}
