//! Whom and what an appointment refers to, locked until the transaction ends: always the patient first, then the members
//! in the order of their ids, then the rooms in the order of theirs, so that no two bookings wait for each other.

use wardkeep_tenancy::TenantTx;

use super::entity::Appointment;
use crate::fields::Refusals;
use crate::practitioners::{self, Practitioner};
use crate::records::RecordError;
use crate::{patients, rooms};

/// What of an appointment is new, or is claimed anew, and so has to be there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anew {
    pub(super) patient: bool,
    pub(super) practitioner: bool,
    pub(super) room: bool,
    /// The time of the practitioner and of the room.
    pub(super) place: bool,
}

impl Anew {
    /// Everything, for an appointment that was not there.
    pub(super) fn all(occupies: bool) -> Self {
        Self {
            patient: true,
            practitioner: true,
            room: true,
            place: occupies,
        }
    }

    /// What a change claims. Somebody who has left the organization, and a room that is not booked any more, stay with
    /// what they had, and are given nothing new. What was over and is opened again is for a patient and in a room that are
    /// there: both may have been deleted since.
    pub(super) fn between(before: &Appointment, after: &Appointment, taking: bool, reopened: bool) -> Self {
        let moved = (before.start, before.end) != (after.start, after.end);
        let practitioner = before.practitioner_id != after.practitioner_id;
        let room = before.room_id != after.room_id;
        Self {
            patient: reopened || before.patient_id != after.patient_id,
            practitioner: taking || moved || practitioner,
            room: taking || moved || room || reopened,
            place: taking,
        }
    }
}

/// Locks what is claimed. Whoever is not there is named, in the same words whatever the cause. Returns the practitioner,
/// if it was asked for one.
pub(super) async fn lock(
    tx: &TenantTx,
    before: Option<&Appointment>,
    wanted: &Appointment,
    anew: Anew,
) -> Result<Option<Practitioner>, RecordError> {
    let mut refusals = Refusals::default();
    if anew.patient {
        patients::lock_named(tx, &mut refusals, wanted.patient_id).await?;
    }
    let mut practitioner = None;
    if anew.practitioner {
        let id = wanted.practitioner_id;
        let former = before.map_or(id, |before| before.practitioner_id);
        let members = practitioners::lock_both(tx, id, former).await?;
        practitioner = members.into_iter().find(|member| member.id == id);
        let problem = match before {
            Some(before) if before.practitioner_id == id => "has left the organization: name another",
            _ => "names no member",
        };
        refusals.unless(practitioner.is_some(), "practitioner_id", problem);
    }
    if let Some(id) = wanted.room_id.filter(|_| anew.room) {
        let former = before.and_then(|before| before.room_id).unwrap_or(id);
        let rooms = rooms::lock_both(tx, id, former).await?;
        let room = rooms.into_iter().find(|room| room.id == id);
        refusals.unless(room.is_some(), "room_id", "names no room");
        refusals.unless(
            room.is_none_or(|room| room.active),
            "room_id",
            "names no room that can be booked",
        );
    }
    refusals.none()?;
    Ok(practitioner)
}
