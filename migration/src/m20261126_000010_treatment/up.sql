-- What a treatment needs: courses of sessions, what is known of a patient, documents, and notes that nobody changes once
-- they are signed. Names and statuses follow FHIR R4. One action per alter. Nothing wrote any of these rows before.
--
-- An appointment keeps the status from which a session fulfilled it, to have it again when the session is reopened.
alter table public.appointments add column fulfilled_from text;
alter table public.appointments add constraint appointments_fulfilled_from_check check (fulfilled_from is null or status = 'fulfilled');
-- What refers to an appointment and to a patient refers to the patient of the appointment.
alter table public.appointments add constraint appointments_id_patient_id_key unique (organization_id, id, patient_id);

-- Courses of treatment (FHIR CarePlan). How far one is, is counted and never stored.
alter table public.treatments add column patient_id uuid not null;
alter table public.treatments add column title varchar(200) not null;
alter table public.treatments add column code jsonb;
alter table public.treatments add column goal varchar(2000);
alter table public.treatments add column planned_sessions integer;
alter table public.treatments add column practitioner_id uuid not null;
alter table public.treatments add column practitioner_name text not null;
alter table public.treatments add column period_start date;
alter table public.treatments add column period_end date;
alter table public.treatments add column status text not null;
alter table public.treatments add column status_reason varchar(500);
alter table public.treatments add column completion_reason varchar(500);
alter table public.treatments add column created_by uuid not null;
alter table public.treatments add column created_by_name text not null;
alter table public.treatments add column version bigint not null default 1;
alter table public.treatments add column deleted_at timestamptz;
alter table public.treatments add column deletion_reason varchar(500);
alter table public.treatments add constraint treatments_id_patient_id_key unique (organization_id, id, patient_id);
alter table public.treatments add constraint treatments_status_check check (
  status in ('draft', 'active', 'on-hold', 'completed', 'revoked')
);
alter table public.treatments add constraint treatments_planned_sessions_check check (planned_sessions between 1 and 1000);
alter table public.treatments add constraint treatments_period_check check (period_end >= period_start);
alter table public.treatments add constraint treatments_completion_check check (completion_reason is null or status = 'completed');
-- A new foreign key reads the rows that are there, and their owner sees none of a forced table.
alter table public.treatments no force row level security;
alter table public.patients no force row level security;
alter table public.treatments add constraint treatments_patient_id_fkey
  foreign key (organization_id, patient_id) references public.patients (organization_id, id);
alter table public.patients force row level security;
alter table public.treatments force row level security;

create index treatments_patient_id_idx on public.treatments (organization_id, patient_id, id);
create index treatments_practitioner_id_idx on public.treatments (organization_id, practitioner_id, id) where deleted_at is null;
create index treatments_status_idx on public.treatments (organization_id, status, id) where deleted_at is null;
create index treatments_updated_at_idx on public.treatments (organization_id, updated_at, id) where deleted_at is null;
create index treatments_deleted_idx on public.treatments (organization_id, id) where deleted_at is not null;

-- Sessions of a treatment (FHIR Procedure). The treatment and the appointment are of one patient: both keys contain it.
alter table public.treatment_sessions add column patient_id uuid not null;
alter table public.treatment_sessions add column performer_id uuid not null;
alter table public.treatment_sessions add column performer_name text not null;
alter table public.treatment_sessions add column number integer not null;
alter table public.treatment_sessions add column starts_at timestamptz;
alter table public.treatment_sessions add column ends_at timestamptz;
alter table public.treatment_sessions add column outcome varchar(2000);
alter table public.treatment_sessions add column measures jsonb not null default '[]';
alter table public.treatment_sessions add column status text not null;
alter table public.treatment_sessions add column status_reason varchar(500);
alter table public.treatment_sessions add column created_by uuid not null;
alter table public.treatment_sessions add column created_by_name text not null;
alter table public.treatment_sessions add column version bigint not null default 1;
alter table public.treatment_sessions add column deleted_at timestamptz;
alter table public.treatment_sessions add column deletion_reason varchar(500);
alter table public.treatment_sessions add constraint treatment_sessions_status_check check (
  status in ('preparation', 'in-progress', 'completed', 'not-done', 'stopped')
);
alter table public.treatment_sessions add constraint treatment_sessions_number_check check (number between 1 and 10000);
alter table public.treatment_sessions add constraint treatment_sessions_period_check check (ends_at >= starts_at);
alter table public.treatment_sessions drop constraint treatment_sessions_appointment_id_fkey;
alter table public.treatment_sessions drop constraint treatment_sessions_treatment_id_fkey;
alter table public.treatment_sessions no force row level security;
alter table public.treatments no force row level security;
alter table public.appointments no force row level security;
alter table public.treatment_sessions add constraint treatment_sessions_appointment_id_fkey
  foreign key (organization_id, appointment_id, patient_id) references public.appointments (organization_id, id, patient_id);
alter table public.treatment_sessions add constraint treatment_sessions_treatment_id_fkey
  foreign key (organization_id, treatment_id, patient_id) references public.treatments (organization_id, id, patient_id);
alter table public.appointments force row level security;
alter table public.treatments force row level security;
alter table public.treatment_sessions force row level security;

-- A number that was entered in error is free again.
create unique index treatment_sessions_number_key on public.treatment_sessions (organization_id, treatment_id, number) where deleted_at is null;
drop index public.treatment_sessions_appointment_id_idx;
drop index public.treatment_sessions_treatment_id_idx;
create index treatment_sessions_appointment_id_idx on public.treatment_sessions (organization_id, appointment_id, patient_id);
create index treatment_sessions_treatment_id_idx on public.treatment_sessions (organization_id, treatment_id, patient_id);
create index treatment_sessions_patient_id_idx on public.treatment_sessions (organization_id, patient_id, id);
create index treatment_sessions_performer_id_idx on public.treatment_sessions (organization_id, performer_id, id) where deleted_at is null;
create index treatment_sessions_status_idx on public.treatment_sessions (organization_id, status, id) where deleted_at is null;
create index treatment_sessions_updated_at_idx on public.treatment_sessions (organization_id, updated_at, id) where deleted_at is null;
create index treatment_sessions_deleted_idx on public.treatment_sessions (organization_id, id) where deleted_at is not null;

-- What is known of a patient (FHIR Condition, AllergyIntolerance, MedicationStatement, Observation, DocumentReference).
-- value is a decimal as it was written, so that its precision stays, and unit a unit of UCUM. onset and ended are as
-- precise as they are known; effective_at is the first instant of onset, or when the record was made, to sort by.
alter table public.medical_records add column category text not null;
alter table public.medical_records add column status text not null;
alter table public.medical_records add column code jsonb not null;
alter table public.medical_records add column criticality text;
alter table public.medical_records add column value varchar(40) collate "C";
alter table public.medical_records add column unit varchar(64) collate "C";
alter table public.medical_records add column value_text varchar(500);
alter table public.medical_records add column dosage varchar(500);
alter table public.medical_records add column onset varchar(40) collate "C";
alter table public.medical_records add column ended varchar(40) collate "C";
alter table public.medical_records add column effective_at timestamptz not null;
alter table public.medical_records add column note varchar(2000);
alter table public.medical_records add column file_name varchar(255);
alter table public.medical_records add column media_type text;
alter table public.medical_records add column size bigint;
alter table public.medical_records add column sha256 text;
alter table public.medical_records add column created_by uuid not null;
alter table public.medical_records add column created_by_name text not null;
alter table public.medical_records add column version bigint not null default 1;
alter table public.medical_records add column deleted_at timestamptz;
alter table public.medical_records add column deletion_reason varchar(500);
alter table public.medical_records add constraint medical_records_category_check check (
  category in ('problem', 'allergy', 'medication', 'observation', 'document')
);
alter table public.medical_records add constraint medical_records_status_check check (
  case category
    when 'problem' then status in ('active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved')
    when 'allergy' then status in ('active', 'inactive', 'resolved')
    when 'medication' then status in ('active', 'completed', 'intended', 'stopped', 'on-hold', 'unknown', 'not-taken')
    when 'observation' then status in ('registered', 'preliminary', 'final', 'amended', 'corrected', 'cancelled', 'unknown')
    when 'document' then status in ('current', 'superseded')
  end
);
alter table public.medical_records add constraint medical_records_content_check check (
  num_nonnulls(media_type, size, sha256) in (0, 3) and (sha256 is null or category = 'document')
);

drop index public.medical_records_patient_id_idx;
create index medical_records_patient_id_idx on public.medical_records (organization_id, patient_id, effective_at, id);
create index medical_records_category_idx on public.medical_records (organization_id, patient_id, category, effective_at, id) where deleted_at is null;
create index medical_records_of_category_idx on public.medical_records (organization_id, category, effective_at, id) where deleted_at is null;
create index medical_records_status_idx on public.medical_records (organization_id, status, effective_at, id) where deleted_at is null;
create index medical_records_effective_at_idx on public.medical_records (organization_id, effective_at, id) where deleted_at is null;
create index medical_records_updated_at_idx on public.medical_records (organization_id, updated_at, id) where deleted_at is null;
create index medical_records_deleted_idx on public.medical_records (organization_id, effective_at, id) where deleted_at is not null;

-- The content of documents, in pieces that are sent and received one at a time. Written once.
create table public.medical_record_chunks (
  organization_id uuid not null,
  medical_record_id uuid not null,
  number integer not null,
  content bytea not null,
  constraint medical_record_chunks_pkey primary key (organization_id, medical_record_id, number),
  constraint medical_record_chunks_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint medical_record_chunks_medical_record_id_fkey foreign key (organization_id, medical_record_id) references public.medical_records (organization_id, id)
);

-- What is there is mostly compressed already, and a piece is read as a whole.
alter table public.medical_record_chunks alter column content set storage external;

-- Notes of a session. An addendum is a note of its own about a signed one of the same session; one that retracts marks it
-- as entered in error. Whose patient it is, the session says.
alter table public.clinical_notes add column author_id uuid not null;
alter table public.clinical_notes add column author_name text not null;
alter table public.clinical_notes add column note_type varchar(100) not null;
alter table public.clinical_notes add column text text not null;
alter table public.clinical_notes add column status text not null;
alter table public.clinical_notes add column addendum_to uuid;
alter table public.clinical_notes add column retracts boolean not null default false;
alter table public.clinical_notes add column signed_by uuid;
alter table public.clinical_notes add column signed_by_name text;
alter table public.clinical_notes add column signed_at timestamptz;
alter table public.clinical_notes add column sha256 text;
alter table public.clinical_notes add column version bigint not null default 1;
alter table public.clinical_notes add column deleted_at timestamptz;
alter table public.clinical_notes add column deletion_reason varchar(500);
alter table public.clinical_notes add constraint clinical_notes_status_check check (status in ('draft', 'final'));
alter table public.clinical_notes add constraint clinical_notes_signature_check check (
  num_nonnulls(signed_by, signed_by_name, signed_at, sha256) = case status when 'final' then 4 else 0 end
);
alter table public.clinical_notes add constraint clinical_notes_deletion_check check (deleted_at is null or status = 'draft');
alter table public.clinical_notes add constraint clinical_notes_retraction_check check (addendum_to is not null or not retracts);
alter table public.clinical_notes add constraint clinical_notes_id_treatment_session_id_key unique (organization_id, id, treatment_session_id);
alter table public.clinical_notes no force row level security;
alter table public.clinical_notes add constraint clinical_notes_addendum_to_fkey
  foreign key (organization_id, addendum_to, treatment_session_id) references public.clinical_notes (organization_id, id, treatment_session_id);
alter table public.clinical_notes force row level security;

drop index public.clinical_notes_treatment_session_id_idx;
create index clinical_notes_treatment_session_id_idx on public.clinical_notes (organization_id, treatment_session_id, id);
create index clinical_notes_addendum_to_idx on public.clinical_notes (organization_id, addendum_to, treatment_session_id);
create index clinical_notes_author_id_idx on public.clinical_notes (organization_id, author_id, id) where deleted_at is null;
create index clinical_notes_draft_idx on public.clinical_notes (organization_id, author_id, id) where deleted_at is null and status = 'draft';
create index clinical_notes_addenda_idx on public.clinical_notes (organization_id, id) where deleted_at is null and addendum_to is not null;
create index clinical_notes_updated_at_idx on public.clinical_notes (organization_id, updated_at, id) where deleted_at is null;
create index clinical_notes_deleted_idx on public.clinical_notes (organization_id, id) where deleted_at is not null;

-- What a draft said in each of its versions.
create table public.clinical_note_versions (
  organization_id uuid not null,
  clinical_note_id uuid not null,
  version bigint not null,
  note_type varchar(100) not null,
  text text not null,
  written_by uuid not null,
  written_by_name text not null,
  written_at timestamptz not null,
  constraint clinical_note_versions_pkey primary key (organization_id, clinical_note_id, version),
  constraint clinical_note_versions_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint clinical_note_versions_clinical_note_id_fkey foreign key (organization_id, clinical_note_id) references public.clinical_notes (organization_id, id)
);

-- Nobody changes what was written once: not the application's roles, which hold no such right, and not the owner.
create function tenancy.refuse_to_change() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using
    errcode = 'insufficient_privilege',
    message = format('%s are never changed: %s refused', replace(tg_table_name, '_', ' '), lower(tg_op));
end
$$;

revoke execute on function tenancy.refuse_to_change() from public;

create trigger refuse_to_change
  before update or delete on public.clinical_note_versions
  for each row execute function tenancy.refuse_to_change();

create trigger refuse_to_truncate
  before truncate on public.clinical_note_versions
  for each statement execute function tenancy.refuse_to_change();

-- A note is written first and signed afterwards; from then on its row is as it is, whoever asks.
create function tenancy.refuse_to_change_signed() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' and new.signed_at is null then
    return new;
  end if;
  if tg_op = 'UPDATE' and old.signed_at is null then
    return new;
  end if;
  if tg_op = 'DELETE' and old.signed_at is null then
    return old;
  end if;
  raise exception using
    errcode = 'insufficient_privilege',
    constraint = 'clinical_notes_signed',
    message = format('signed notes are never changed: %s refused', lower(tg_op));
end
$$;

revoke execute on function tenancy.refuse_to_change_signed() from public;

create trigger refuse_to_change
  before insert or update or delete on public.clinical_notes
  for each row execute function tenancy.refuse_to_change_signed();

create trigger refuse_to_truncate
  before truncate on public.clinical_notes
  for each statement execute function tenancy.refuse_to_change_signed();

-- What a note said before it was signed is told once as well: nothing is added to it afterwards. The lock waits for
-- whoever signs the note meanwhile.
create function tenancy.refuse_to_add_to_signed() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform
  from public.clinical_notes as note
  where note.organization_id = new.organization_id and note.id = new.clinical_note_id and note.signed_at is null
  for share;
  if found then
    return new;
  end if;
  raise exception using
    errcode = 'insufficient_privilege',
    constraint = 'clinical_notes_signed',
    message = 'signed notes are never changed: nothing is added to their versions';
end
$$;

revoke execute on function tenancy.refuse_to_add_to_signed() from public;

create trigger refuse_to_add
  before insert on public.clinical_note_versions
  for each row execute function tenancy.refuse_to_add_to_signed();
