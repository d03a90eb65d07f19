-- What the front desk needs: all of a patient, rooms, working hours, absences, appointments that cannot be booked twice,
-- who saw and changed what, and creates that can be sent again. Names and statuses follow FHIR R4. One action per alter.
--
-- Patients. first_name and phone stay what the seed made them: the given name, and the number to call first.
alter table public.patients add column name_prefix varchar(50);
alter table public.patients add column middle_name varchar(100);
alter table public.patients add column name_suffix varchar(50);
alter table public.patients add column preferred_name varchar(100);
alter table public.patients add column birth_name varchar(100);
alter table public.patients add column medical_record_number varchar(64) collate "C";
alter table public.patients add column identifiers jsonb not null default '[]';
alter table public.patients add column gender text;
alter table public.patients add column other_phones jsonb not null default '[]';
alter table public.patients add column address jsonb;
alter table public.patients add column language varchar(35);
alter table public.patients add column contacts jsonb not null default '[]';
alter table public.patients add column active boolean not null default true;
alter table public.patients add column deceased boolean not null default false;
alter table public.patients add column deceased_on date;
alter table public.patients add column deletion_reason varchar(500);
alter table public.patients add constraint patients_gender_check check (gender in ('male', 'female', 'other', 'unknown'));
alter table public.patients add constraint patients_deceased_check check (deceased or deceased_on is null);

-- A number that was entered in error is free again.
create unique index patients_medical_record_number_key on public.patients (organization_id, medical_record_number) where deleted_at is null;
create index patients_date_of_birth_idx on public.patients (organization_id, date_of_birth, id) where deleted_at is null;
create index patients_updated_at_idx on public.patients (organization_id, updated_at, id) where deleted_at is null;
create index patients_deleted_idx on public.patients (organization_id, last_name, first_name, id) where deleted_at is not null;

-- The digits of each phone number from the last to the first, so that "ends with" is a half-open range.
create table public.patient_phones (
  organization_id uuid not null,
  digits text collate "C" not null,
  patient_id uuid not null,
  constraint patient_phones_pkey primary key (organization_id, digits, patient_id),
  constraint patient_phones_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint patient_phones_patient_id_fkey foreign key (organization_id, patient_id) references public.patients (organization_id, id)
);

create index patient_phones_patient_id_idx on public.patient_phones (organization_id, patient_id);

-- The numbers that are there already, in the form that crates/clinical/src/patients/phones.rs gives them. Their owner sees
-- no row of a forced table.
alter table public.patients no force row level security;
insert into public.patient_phones (organization_id, digits, patient_id)
select organization_id, digits, id
from (
  select organization_id, id, reverse(ltrim(regexp_replace(replace(phone, '(0)', ''), '[^0-9]', '', 'g'), '0')) as digits
  from public.patients
  where deleted_at is null
) as numbers
where digits <> '';
alter table public.patients force row level security;

-- Identifiers of others, such as a health insurer, for the search: two patients may have the same.
create table public.patient_identifiers (
  organization_id uuid not null,
  value text collate "C" not null,
  system text collate "C" not null,
  patient_id uuid not null,
  constraint patient_identifiers_pkey primary key (organization_id, value, system, patient_id),
  constraint patient_identifiers_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint patient_identifiers_patient_id_fkey foreign key (organization_id, patient_id) references public.patients (organization_id, id)
);

create index patient_identifiers_patient_id_idx on public.patient_identifiers (organization_id, patient_id);

create table public.rooms (
  organization_id uuid not null,
  id uuid not null,
  name varchar(100) collate "C" not null,
  description varchar(500),
  active boolean not null default true,
  version bigint not null default 1,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp,
  deleted_at timestamptz,
  deletion_reason varchar(500),
  constraint rooms_pkey primary key (organization_id, id),
  constraint rooms_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade
);

create unique index rooms_name_key on public.rooms (organization_id, name) where deleted_at is null;
create index rooms_updated_at_idx on public.rooms (organization_id, updated_at, id) where deleted_at is null;
create index rooms_deleted_idx on public.rooms (organization_id, name, id) where deleted_at is not null;

-- When a practitioner works, every week (FHIR PractitionerRole.availableTime). A practitioner is a user's id with the
-- name kept beside it. Times are those of a wall clock in time_zone; one that closes when it opens, or before, goes on
-- past midnight.
create table public.working_hours (
  organization_id uuid not null,
  id uuid not null,
  practitioner_id uuid not null,
  practitioner_name text not null,
  days_of_week jsonb not null,
  opens_at time not null,
  closes_at time not null,
  time_zone text not null,
  valid_from date,
  valid_to date,
  version bigint not null default 1,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp,
  deleted_at timestamptz,
  deletion_reason varchar(500),
  constraint working_hours_pkey primary key (organization_id, id),
  constraint working_hours_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint working_hours_validity_check check (valid_to >= valid_from)
);

create index working_hours_practitioner_id_idx on public.working_hours (organization_id, practitioner_id, id) where deleted_at is null;
create index working_hours_updated_at_idx on public.working_hours (organization_id, updated_at, id) where deleted_at is null;

create table public.absences (
  organization_id uuid not null,
  id uuid not null,
  practitioner_id uuid not null,
  practitioner_name text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  reason varchar(500),
  version bigint not null default 1,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp,
  deleted_at timestamptz,
  deletion_reason varchar(500),
  constraint absences_pkey primary key (organization_id, id),
  constraint absences_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint absences_period_check check (ends_at > starts_at)
);

create index absences_starts_at_idx on public.absences (organization_id, starts_at, id) where deleted_at is null;
create index absences_practitioner_id_idx on public.absences (organization_id, practitioner_id, ends_at, id) where deleted_at is null;
create index absences_updated_at_idx on public.absences (organization_id, updated_at, id) where deleted_at is null;

-- Appointments. Nothing wrote any before, so there is nothing that the new columns would have to be made up for.
-- An appointment that was entered in error keeps its status beside deleted_at, to have it again when it is restored.
alter table public.appointments add column practitioner_id uuid not null;
alter table public.appointments add column practitioner_name text not null;
alter table public.appointments add column room_id uuid;
alter table public.appointments add column starts_at timestamptz not null;
alter table public.appointments add column ends_at timestamptz not null;
alter table public.appointments add column time_zone text not null;
alter table public.appointments add column status text not null;
alter table public.appointments add column appointment_type varchar(100);
alter table public.appointments add column reason varchar(500);
alter table public.appointments add column comment varchar(2000);
alter table public.appointments add column cancellation_reason varchar(500);
alter table public.appointments add column overbooking_reason varchar(500);
alter table public.appointments add column version bigint not null default 1;
alter table public.appointments add column deleted_at timestamptz;
alter table public.appointments add column deletion_reason varchar(500);
alter table public.appointments add constraint appointments_period_check check (ends_at > starts_at and ends_at <= starts_at + interval '24 hours');
alter table public.appointments add constraint appointments_cancellation_check check (status <> 'cancelled' or cancellation_reason is not null);
alter table public.appointments add constraint appointments_status_check check (
  status in ('proposed', 'pending', 'booked', 'arrived', 'checked-in', 'fulfilled', 'cancelled', 'noshow', 'waitlist')
);
-- A new foreign key reads the rows that are there, and their owner sees none of a forced table.
alter table public.appointments no force row level security;
alter table public.appointments add constraint appointments_room_id_fkey
  foreign key (organization_id, room_id) references public.rooms (organization_id, id);
alter table public.appointments force row level security;

-- Nobody and no room is taken twice at once. Who overbooks says why, and is let past the constraint; that even such an
-- appointment keeps others out is for the booking, which looks at all of them under a lock.
alter table public.appointments add constraint appointments_practitioner_id_excl exclude using gist (
  organization_id with =, practitioner_id with =, tstzrange(starts_at, ends_at) with &&
) where (deleted_at is null and overbooking_reason is null and status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled'));
alter table public.appointments add constraint appointments_room_id_excl exclude using gist (
  organization_id with =, room_id with =, tstzrange(starts_at, ends_at) with &&
) where (deleted_at is null and overbooking_reason is null and status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled'));

drop index public.appointments_patient_id_idx;
create index appointments_patient_id_idx on public.appointments (organization_id, patient_id, starts_at, id);
create index appointments_practitioner_id_idx on public.appointments (organization_id, practitioner_id, starts_at, id) where deleted_at is null;
create index appointments_room_id_idx on public.appointments (organization_id, room_id, starts_at, id);
create index appointments_starts_at_idx on public.appointments (organization_id, starts_at, id) where deleted_at is null;
create index appointments_status_idx on public.appointments (organization_id, status, starts_at, id) where deleted_at is null;
create index appointments_updated_at_idx on public.appointments (organization_id, updated_at, id) where deleted_at is null;
create index appointments_deleted_idx on public.appointments (organization_id, starts_at, id) where deleted_at is not null;

-- Who saw, searched, changed or was refused what. Rows are written by the transaction that they tell of. No foreign key
-- to patients or "user": what was seen stays known when those are gone. resource_id and patient_id are what was asked
-- for, whether or not there is such a row.
create table public.audit_events (
  organization_id uuid not null,
  id uuid not null,
  recorded_at timestamptz not null,
  user_id uuid not null,
  user_name text not null,
  action text not null,
  resource text not null,
  resource_id uuid,
  patient_id uuid,
  address text,
  request_id text not null,
  outcome text not null,
  code text,
  changes jsonb,
  query jsonb,
  constraint audit_events_pkey primary key (organization_id, id),
  constraint audit_events_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint audit_events_outcome_check check (outcome in ('success', 'replayed', 'refused')),
  constraint audit_events_code_check check ((code is not null) = (outcome = 'refused'))
);

create index audit_events_recorded_at_idx on public.audit_events (organization_id, recorded_at, id);
create index audit_events_patient_id_idx on public.audit_events (organization_id, patient_id, recorded_at, id);
create index audit_events_user_id_idx on public.audit_events (organization_id, user_id, recorded_at, id);
create index audit_events_resource_idx on public.audit_events (organization_id, resource, recorded_at, id);
create index audit_events_action_idx on public.audit_events (organization_id, action, recorded_at, id);
-- Nearly all of them are a success.
create index audit_events_outcome_idx on public.audit_events (organization_id, outcome, recorded_at, id) where outcome <> 'success';

-- Nobody changes the past: not the application's roles, which hold no such right, and not the owner, who holds all. The
-- trigger on rows leaves alone the delete of an organization that has no rows here.
create function tenancy.refuse_to_change_audit() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using
    errcode = 'insufficient_privilege',
    message = format('audit events are never changed: %s refused', lower(tg_op));
end
$$;

revoke execute on function tenancy.refuse_to_change_audit() from public;

create trigger refuse_to_change
  before update or delete on public.audit_events
  for each row execute function tenancy.refuse_to_change_audit();

create trigger refuse_to_truncate
  before truncate on public.audit_events
  for each statement execute function tenancy.refuse_to_change_audit();

-- Answers to creates that named a key, for whoever sends the same create again within 24 hours.
create table public.idempotency_keys (
  organization_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  route text collate "C" not null,
  key text collate "C" not null,
  fingerprint bytea not null,
  status smallint,
  headers jsonb,
  body text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  constraint idempotency_keys_pkey primary key (organization_id, id),
  constraint idempotency_keys_key unique (organization_id, user_id, route, key),
  constraint idempotency_keys_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade
);
