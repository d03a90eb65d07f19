-- Who verifies signatures reads signed notes, and whose they are, of all organizations; nothing of drafts.
create policy verification_reads on public.clinical_notes
  for select to wardkeep_auditor
  using (signed_at is not null);

grant select (
  organization_id, id, treatment_session_id, author_id, author_name, note_type, text, status, addendum_to, retracts,
  signed_by, signed_by_name, signed_at, sha256, version, created_at
) on public.clinical_notes to wardkeep_auditor;

create policy verification_reads on public.treatment_sessions
  for select to wardkeep_auditor
  using (true);

grant select (organization_id, id, patient_id, performer_id) on public.treatment_sessions to wardkeep_auditor;
