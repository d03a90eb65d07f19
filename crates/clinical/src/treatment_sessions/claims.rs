//! What a session refers to, locked until the transaction ends: after the session itself the treatment, the appointment,
//! the patient, and the performer.

use sea_orm::DbErr;
use wardkeep_tenancy::TenantTx;

use super::entity::TreatmentSession;
use super::errors::SessionError;
use super::status::Status;
use super::times;
use crate::appointments::{self, Appointment, AppointmentId, Fulfilment};
use crate::fields::Refusals;
use crate::records::RecordError;
use crate::statuses::Statuses as _;
use crate::treatments::{self, Treatment, TreatmentId};
use crate::{patients, practitioners};

/// What becomes of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It was not there.
    New(Status),
    /// It is changed, from one status to another or the same.
    Changed(Status, Status),
    /// It is there again.
    Restored(Status),
}

/// What of a session is new, or is claimed anew, and so has to be there.
pub(super) struct Claims {
    step: Step,
    /// It comes to the treatment, gets a number of it, or is begun in it.
    treatment: bool,
    /// It comes to the appointment, is begun or completed in it, or is completed in it no more.
    appointment: bool,
    performer: bool,
    times: bool,
}

/// Where a session takes place, as far as it is claimed.
pub(super) struct Places {
    pub(super) treatment: Option<Treatment>,
    pub(super) appointment: Option<Appointment>,
}

impl Step {
    fn is(self) -> Status {
        match self {
            Self::New(is) | Self::Changed(_, is) | Self::Restored(is) => is,
        }
    }

    /// Whether it has its status only now.
    fn comes(self) -> bool {
        match self {
            Self::New(_) => true,
            Self::Changed(was, is) => was != is,
            Self::Restored(_) => false,
        }
    }

    /// Whether it was completed, and is not any more.
    fn reopens(self) -> bool {
        matches!(self, Self::Changed(Status::Completed, is) if is != Status::Completed)
    }
}

impl Claims {
    /// Everything, for a session that was not there.
    pub(super) fn of_new(is: Status) -> Self {
        Self {
            step: Step::New(is),
            treatment: true,
            appointment: true,
            performer: true,
            times: true,
        }
    }

    /// What a change claims. What was begun can be ended wherever it is, and a performer who has left stays with what they
    /// had.
    pub(super) fn between(
        before: &TreatmentSession,
        after: &TreatmentSession,
        (was, is): (Status, Status),
    ) -> Self {
        let place = |session: &TreatmentSession| (session.treatment_id, session.appointment_id);
        let claims = place(before) != place(after) || is.begins(was);
        // A time that is only taken back has nothing to be compared with.
        let timed = |before, after: Option<_>| after.is_some() && after != before;
        let step = Step::Changed(was, is);
        Self {
            step,
            treatment: claims || before.number != after.number,
            appointment: claims || (step.comes() && is == Status::Completed),
            performer: before.performer_id != after.performer_id,
            times: timed(before.start, after.start) || timed(before.end, after.end),
        }
    }

    /// What a restoration claims. The performer may have left since.
    pub(super) fn of_restored(is: Status) -> Self {
        Self {
            step: Step::Restored(is),
            treatment: true,
            appointment: true,
            performer: false,
            times: false,
        }
    }

    /// Locks the treatment and the appointment, those of them that are claimed.
    pub(super) async fn lock(&self, tx: &TenantTx, wanted: &TreatmentSession) -> Result<Places, RecordError> {
        let mut refusals = Refusals::default();
        let mut places = Places {
            treatment: None,
            appointment: None,
        };
        if self.treatment {
            places.treatment = lock_treatment(tx, &mut refusals, wanted.treatment_id).await?;
        }
        if self.appointment {
            places.appointment = lock_appointment(tx, &mut refusals, wanted.appointment_id).await?;
        }
        refusals.none()?;
        Ok(places)
    }

    /// Locks who else is claimed, completes what the session takes from them and from its places, and looks whether it can be
    /// so. What is to be done to the appointment, after the session is written, is returned.
    pub(super) async fn settle(
        &self,
        tx: &TenantTx,
        places: &Places,
        wanted: &mut TreatmentSession,
    ) -> Result<Option<Fulfilment>, SessionError> {
        let mut refusals = Refusals::default();
        if let Some(treatment) = &places.treatment {
            wanted.patient_id = treatment.patient_id;
        }
        let appointment = places.appointment.as_ref();
        refusals.unless(
            appointment.is_none_or(|appointment| appointment.patient_id == wanted.patient_id),
            "appointment_id",
            "is of another patient",
        );
        self.lock_people(tx, &mut refusals, wanted).await?;
        if self.step.comes() {
            let start = appointment.map(|appointment| appointment.start);
            times::complete(wanted, self.step.is(), tx.now(), start);
        }
        refusals.none()?;
        self.are_taken_by(tx, places)?;
        match appointment {
            Some(appointment) if self.step.reopens() => {
                Ok(Fulfilment::reversed(tx, appointment, wanted.id).await?)
            }
            Some(appointment) if self.step.is() == Status::Completed => Ok(Fulfilment::of(appointment)),
            _ => Ok(None),
        }
    }

    /// Locks the patient, who must be there for a session that was not there before, and a new performer.
    async fn lock_people(
        &self,
        tx: &TenantTx,
        refusals: &mut Refusals,
        wanted: &mut TreatmentSession,
    ) -> Result<(), DbErr> {
        let attached = !matches!(self.step, Step::Changed(..));
        let mut born = None;
        if attached || self.times {
            let patient = patients::lock_shared(tx, wanted.patient_id).await?;
            refusals.unless(!attached || patient.is_some(), "patient_id", "names no patient");
            born = patient.and_then(|patient| patient.born);
        }
        if self.performer {
            let performer = practitioners::lock(tx, wanted.performer_id).await?;
            refusals.unless(performer.is_some(), "performer_id", "names no member");
            wanted.performer_name = performer.map(|member| member.name).unwrap_or_default();
        }
        if self.times {
            times::check(refusals, wanted, tx.now(), born);
        }
        Ok(())
    }

    /// That the treatment and the appointment take a session that is so.
    fn are_taken_by(&self, tx: &TenantTx, places: &Places) -> Result<(), SessionError> {
        let is = self.step.is();
        if let Some(treatment) = &places.treatment {
            let status = treatments::Status::stored(&treatment.status)?;
            let taken = match self.step {
                Step::Restored(_) => is.can_return_to(status),
                _ => is.can_begin_in(status),
            };
            if !taken {
                return Err(SessionError::TreatmentNotActive(status.name()));
            }
        }
        if let Some(appointment) = &places.appointment {
            let status = appointments::Status::stored(&appointment.status)?;
            let begun = appointment.start <= tx.now();
            if !is.can_take_place_in(status, begun) {
                return Err(SessionError::AppointmentNotOpen(status.name(), begun));
            }
        }
        Ok(())
    }
}

/// Locks the treatment and the appointment of a session to make. What is not there is named, in the same words whatever the
/// cause.
pub(super) async fn lock_both(
    tx: &TenantTx,
    treatment: TreatmentId,
    appointment: AppointmentId,
) -> Result<(Treatment, Appointment), RecordError> {
    let mut refusals = Refusals::default();
    let treatment = lock_treatment(tx, &mut refusals, treatment).await?;
    let appointment = lock_appointment(tx, &mut refusals, appointment).await?;
    treatment.zip(appointment).ok_or_else(|| refusals.into())
}

async fn lock_treatment(
    tx: &TenantTx,
    refusals: &mut Refusals,
    id: TreatmentId,
) -> Result<Option<Treatment>, DbErr> {
    let treatment = treatments::lock(tx, id).await?;
    refusals.unless(treatment.is_some(), "treatment_id", "names no treatment");
    Ok(treatment)
}

async fn lock_appointment(
    tx: &TenantTx,
    refusals: &mut Refusals,
    id: AppointmentId,
) -> Result<Option<Appointment>, DbErr> {
    let appointment = appointments::lock(tx, id).await?;
    refusals.unless(appointment.is_some(), "appointment_id", "names no appointment");
    Ok(appointment)
}
