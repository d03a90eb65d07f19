drop table public.clinical_notes;
drop table public.treatment_sessions;
drop table public.medical_records;
drop table public.appointments;
drop table public.treatments;
drop table public.patient_words;
drop table public.patients;
