//! Policies.

use super::Schema;

#[tokio::test]
async fn a_table_without_its_policy_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "policy-missing",
            "public.patients",
            &[
                "drop policy tenant_isolation on public.patients",
                "drop policy tenant_isolation on public.patients; revoke all on public.patients from \
             authenticated",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_grant_that_no_policy_covers_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "policy-missing",
            "public.member",
            &["grant update (role) on public.member to wardkeep_lookup"],
        )
        .await;
    schema
        .breaks(
            "policy-missing",
            "public.outbox",
            &[
                "drop policy queues on public.outbox",
                "drop policy works on public.outbox",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_second_permissive_policy_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "policy-permissive-twice",
            "public.patients",
            &[
                "create policy again on public.patients for select to authenticated using \
             (organization_id = (select tenancy.organization()))",
            ],
        )
        .await;
    schema
        .breaks("policy-permissive-twice", r#"public."user""#, &[
            r#"create policy again on public."user" to wardkeep_credentials using (true) with check (true)"#,
        ])
        .await;
    schema
        .keeps(&[
            "create policy narrower on public.patients as restrictive for select to authenticated \
             using (organization_id = (select tenancy.organization()))",
        ])
        .await;
}

#[tokio::test]
async fn a_policy_for_writing_without_a_check_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "policy-check",
            "tenant_isolation on public.patients",
            &[
                "drop policy tenant_isolation on public.patients; create policy tenant_isolation on \
             public.patients to authenticated using (organization_id = (select \
             tenancy.organization()))",
            ],
        )
        .await;
    schema
        .breaks(
            "policy-check",
            "counts on public.member",
            &[
                "create policy counts on public.member for update to wardkeep_lookup using (role is \
             not null)",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_policy_for_a_role_that_has_no_work_there_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "policy-role",
            "tenant_isolation on public.patients",
            &["alter policy tenant_isolation on public.patients to public"],
        )
        .await;
    schema
        .breaks(
            "policy-role",
            "again on public.patients",
            &[
                "create policy again on public.patients for select to wardkeep_owner using \
             (organization_id = (select tenancy.organization()))",
                "create policy again on public.patients for select to wardkeep_app using (organization_id \
             = (select tenancy.organization()))",
                "create policy again on public.patients for select to wardkeep_identity using \
             (organization_id = (select tenancy.organization()))",
                "create policy again on public.patients for select to wardkeep_credentials using \
             (organization_id = (select tenancy.organization()))",
                "create policy again on public.patients for select to wardkeep_lookup using \
             (organization_id = (select tenancy.organization()))",
                "create policy again on public.patients for select to pg_monitor using (organization_id = \
             (select tenancy.organization()))",
            ],
        )
        .await;
    schema
        .breaks(
            "policy-role",
            "again on public.organization",
            &[
                "create policy again on public.organization for select to wardkeep_credentials using \
             (slug is not null)",
            ],
        )
        .await;
    schema
        .breaks(
            "policy-role",
            "again on public.account",
            &["create policy again on public.account for select to wardkeep_lookup using (password is null)"],
        )
        .await;
    schema
        .breaks("policy-role", "again on public.session", &[
            r#"create policy again on public.session for select to authenticated using ("activeOrganizationId" = (select tenancy.organization()))"#,
        ])
        .await;
}

#[tokio::test]
async fn a_policy_that_shows_every_row_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "policy-true",
            "tenant_isolation on public.patients",
            &[
                "alter policy tenant_isolation on public.patients using (true)",
                "alter policy tenant_isolation on public.patients with check (true)",
            ],
        )
        .await;
    schema
        .breaks(
            "policy-true",
            "own_rows on public.session",
            &["alter policy own_rows on public.session using (true)"],
        )
        .await;
    schema
        .breaks(
            "policy-true",
            "again on public.patients",
            &["create policy again on public.patients for select to public using (true)"],
        )
        .await;
    schema
        .breaks(
            "policy-true",
            "again on public.organization",
            &["create policy again on public.organization for select to wardkeep_credentials using (true)"],
        )
        .await;
    schema
        .breaks(
            "policy-true",
            "again on public.patients",
            &["create policy again on public.patients for select to wardkeep_lookup using (true)"],
        )
        .await;
    schema
        .breaks(
            "policy-true",
            "verification_reads on public.clinical_notes",
            &["alter policy verification_reads on public.clinical_notes using (true)"],
        )
        .await;
    schema
        .breaks(
            "policy-true",
            "locks on public.member",
            &[
                "create policy locks on public.member for update to wardkeep_lookup using (true) \
             with check (false)",
            ],
        )
        .await;
}

#[tokio::test]
async fn the_named_roles_may_see_every_row() {
    let schema = Schema::new().await;

    schema
        .keeps(&[
            "drop policy works on public.outbox; \
             create policy works on public.outbox for all to wardkeep_worker using (true) with check (true)",
            "create policy lookup_reads on public.verification for select to wardkeep_lookup using (true)",
        ])
        .await;
}

#[tokio::test]
async fn a_policy_that_the_policy_function_did_not_write_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "policy-text",
            "tenant_isolation on public.patients",
            &[
                "alter policy tenant_isolation on public.patients using (organization_id = \
             tenancy.organization())",
                "alter policy tenant_isolation on public.patients with check (organization_id is not null)",
            ],
        )
        .await;
    schema
        .breaks("policy-text", r#"fellow_members on public."user""#, &[
            r#"alter policy fellow_members on public."user" using (exists (select from public.member where member."userId" = "user".id))"#,
        ])
        .await;
    schema
        .breaks(
            "policy-text",
            "own_rows on public.session",
            &[r#"alter policy own_rows on public.session using ("userId" is not null)"#],
        )
        .await;
    schema
        .breaks(
            "policy-text",
            "verification_reads on public.clinical_notes",
            &["alter policy verification_reads on public.clinical_notes using (status is not null)"],
        )
        .await;
    schema
        .breaks(
            "policy-text",
            "queues on public.outbox",
            &["alter policy queues on public.outbox with check (attempts = 0)"],
        )
        .await;
}

#[tokio::test]
async fn who_queues_a_mail_may_not_choose_any_row_and_the_worker_sees_nothing_clinical() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "policy-true",
            "queues on public.outbox",
            &["alter policy queues on public.outbox with check (true)"],
        )
        .await;
    schema
        .breaks(
            "policy-true",
            "worker on public.patients",
            &["create policy worker on public.patients for select to wardkeep_worker using (true)"],
        )
        .await;
    schema
        .breaks(
            "policy-true",
            "worker on public.account",
            &["create policy worker on public.account for select to wardkeep_worker using (true)"],
        )
        .await;
}
