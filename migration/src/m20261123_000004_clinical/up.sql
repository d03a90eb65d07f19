-- The clinical tables of the seed. Every key contains organization_id: foreign keys, cascades and unique indexes
-- ignore row security, so a key without it would reach into another organization. Each table has its own key to
-- the organization, so that deleting an organization does not depend on the order of its tables. No foreign key to
-- "user": it would delete records with an account, or forbid deleting the account.
--
-- Names sort by code point: a list is paged by them, so their order must be the same on every server and stay the
-- same when the operating system's collations change, which would also break the index without a word.
create table public.patients (
  organization_id uuid not null,
  id uuid not null,
  first_name varchar(100) collate "C" not null,
  last_name varchar(100) collate "C" not null,
  email varchar(255),
  phone varchar(20),
  date_of_birth date,
  medical_history jsonb,
  version bigint not null default 1,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp,
  deleted_at timestamptz,
  constraint patients_pkey primary key (organization_id, id),
  constraint patients_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade
);

create index patients_name_idx on public.patients (organization_id, last_name, first_name, id) where deleted_at is null;

-- The normalised words of each name, searched by half-open ranges: only leakproof operators use an index under row
-- security, and those of like and trigrams are not.
create table public.patient_words (
  organization_id uuid not null,
  word text collate "C" not null,
  patient_id uuid not null,
  constraint patient_words_pkey primary key (organization_id, word, patient_id),
  constraint patient_words_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint patient_words_patient_id_fkey foreign key (organization_id, patient_id) references public.patients (organization_id, id)
);

create index patient_words_patient_id_idx on public.patient_words (organization_id, patient_id);

create table public.treatments (
  organization_id uuid not null,
  id uuid not null,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp,
  constraint treatments_pkey primary key (organization_id, id),
  constraint treatments_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade
);

-- created_by is a user's id and created_by_name the name kept beside it, for when the account is gone.
create table public.appointments (
  organization_id uuid not null,
  id uuid not null,
  patient_id uuid not null,
  created_by uuid not null,
  created_by_name text not null,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp,
  constraint appointments_pkey primary key (organization_id, id),
  constraint appointments_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint appointments_patient_id_fkey foreign key (organization_id, patient_id) references public.patients (organization_id, id)
);

create index appointments_patient_id_idx on public.appointments (organization_id, patient_id);

create table public.medical_records (
  organization_id uuid not null,
  id uuid not null,
  patient_id uuid not null,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp,
  constraint medical_records_pkey primary key (organization_id, id),
  constraint medical_records_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint medical_records_patient_id_fkey foreign key (organization_id, patient_id) references public.patients (organization_id, id)
);

create index medical_records_patient_id_idx on public.medical_records (organization_id, patient_id);

create table public.treatment_sessions (
  organization_id uuid not null,
  id uuid not null,
  appointment_id uuid not null,
  treatment_id uuid not null,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp,
  constraint treatment_sessions_pkey primary key (organization_id, id),
  constraint treatment_sessions_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint treatment_sessions_appointment_id_fkey foreign key (organization_id, appointment_id) references public.appointments (organization_id, id),
  constraint treatment_sessions_treatment_id_fkey foreign key (organization_id, treatment_id) references public.treatments (organization_id, id)
);

create index treatment_sessions_appointment_id_idx on public.treatment_sessions (organization_id, appointment_id);
create index treatment_sessions_treatment_id_idx on public.treatment_sessions (organization_id, treatment_id);

create table public.clinical_notes (
  organization_id uuid not null,
  id uuid not null,
  treatment_session_id uuid not null,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp,
  constraint clinical_notes_pkey primary key (organization_id, id),
  constraint clinical_notes_organization_id_fkey foreign key (organization_id) references public.organization (id) on delete cascade,
  constraint clinical_notes_treatment_session_id_fkey foreign key (organization_id, treatment_session_id) references public.treatment_sessions (organization_id, id)
);

create index clinical_notes_treatment_session_id_idx on public.clinical_notes (organization_id, treatment_session_id);
