//! The schedule: when a practitioner or a room is free and when not, day by day (FHIR R4 Schedule and Slot).
//!
//! Days are those of the calendar in a time zone, so that one has 23 or 25 hours when the clocks are changed. The schedule of
//! somebody who has left the organization can be read as long as a record names them; there is no free time in it, nor
//! in that of a room that cannot be booked.

mod days;

use std::collections::{BTreeSet, HashMap};

use sea_orm::{DbErr, ModelTrait};
use serde_json::{Value as Json, json};
use time::{Date, Duration};
use wardkeep_tenancy::{InvalidField, TenantTx};

use crate::appointments::busy::busy;
use crate::appointments::{self, Appointment};
use crate::audit::{self, Event};
use crate::calendar::{self, Span, zones};
use crate::fields::Refusals;
use crate::patients;
use crate::practitioners::{self, Standing};
use crate::records::{self, RecordError};
use crate::rooms::{Room, RoomId};

pub use crate::appointments::busy::Calendar;
pub use days::{Busy, Day};

/// How many days after the first the last may be.
const LONGEST: i64 = 30;

/// Whose schedule, and of which days.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The practitioner or the room.
    pub calendar: Calendar,
    /// The first day, from 1970 to 2199.
    pub from: Date,
    /// The last day, at most 30 days later; if it is not said, the first.
    pub to: Option<Date>,
    /// The IANA time zone whose days they are.
    pub time_zone: String,
}

/// Some days of a practitioner or a room.
pub struct Schedule {
    /// The practitioner or the room.
    pub calendar: Calendar,
    /// The time zone, as IANA writes its name.
    pub time_zone: String,
    /// The days, in order.
    pub days: Vec<Day>,
}

/// Reads the schedule, which takes the right to see appointments. Patients are in it by name for who may see patients, and else by their ids.
///
/// # Errors
///
/// When the caller may not, a field is not valid, there is no such practitioner or room, or the database fails.
pub async fn get(tx: &TenantTx, asked: &Asked) -> Result<Schedule, RecordError> {
    tx.require(appointments::READ)?;
    let Checked {
        time_zone,
        dates,
        within,
    } = asked.checked()?;
    let (open, absences) = match asked.calendar {
        Calendar::Practitioner(id) => {
            let standing = practitioners::standing(tx, id).await?;
            let standing = standing.ok_or_else(practitioners::unknown)?;
            let hours = calendar::hours(tx, id, within).await?;
            let open = hours.unwrap_or_else(|| vec![within]);
            (
                if standing == Standing::Member {
                    open
                } else {
                    Vec::new()
                },
                calendar::absences(tx, id, within).await?,
            )
        }
        Calendar::Room(id) => {
            let room = room(tx, id).await?;
            (if room.active { vec![within] } else { Vec::new() }, Vec::new())
        }
    };
    let appointments = named(tx, busy(tx, asked.calendar, within).await?).await?;
    audit::record(tx, Event::search("appointment", asked.query(&time_zone))).await?;
    let absences = absences.into_iter().map(Busy::Absence);
    Ok(Schedule {
        calendar: asked.calendar,
        time_zone,
        days: days::days(&dates, &open, absences.chain(appointments).collect()),
    })
}

async fn room(tx: &TenantTx, id: RoomId) -> Result<Room, RecordError> {
    let room = records::find::<<Room as ModelTrait>::Entity>(tx, id).await?;
    room.ok_or_else(|| RecordError::Invalid(vec![InvalidField::new("room_id", "names no room")]))
}

async fn named(tx: &TenantTx, appointments: Vec<Appointment>) -> Result<Vec<Busy>, DbErr> {
    let patients: BTreeSet<_> = appointments.iter().map(|booked| booked.patient_id).collect();
    let names = if tx.allows(patients::READ) {
        patients::names(tx, patients).await?
    } else {
        HashMap::new()
    };
    let named = appointments.into_iter().map(|appointment| {
        let name = names.get(&appointment.patient_id).cloned();
        Busy::Appointment(Box::new(appointment), name)
    });
    Ok(named.collect())
}

struct Checked {
    time_zone: String,
    /// Each day with its span.
    dates: Vec<(Date, Span)>,
    /// All of them together.
    within: Span,
}

impl Asked {
    fn checked(&self) -> Result<Checked, RecordError> {
        let mut refusals = Refusals::default();
        let from = refusals.day("from", self.from);
        let to = self.to.map_or(from, |to| refusals.day("to", to));
        refusals.unless(to >= from, "to", "must not be before the first day");
        refusals.unless(
            to - from <= Duration::days(LONGEST),
            "to",
            "must be at most 30 days after the first",
        );
        let zone = refusals.time_zone("time_zone", &self.time_zone);
        refusals.none()?;
        let dates = std::iter::successors(Some(from), |date| date.next_day());
        let dates: Vec<_> = dates
            .take_while(|date| *date <= to)
            .filter_map(|date| Some((date, zones::day(&zone, date)?)))
            .collect();
        let midnight = from.midnight().assume_utc();
        Ok(Checked {
            time_zone: zones::name(&zone),
            within: Span {
                start: dates.first().map_or(midnight, |(_, day)| day.start),
                end: dates.last().map_or(midnight, |(_, day)| day.end),
            },
            dates,
        })
    }

    /// What was asked for, as the audit keeps it.
    fn query(&self, time_zone: &str) -> Json {
        let (practitioner, room) = match self.calendar {
            Calendar::Practitioner(id) => (Some(id), None),
            Calendar::Room(id) => (None, Some(id)),
        };
        json!({
            "practitionerId": practitioner,
            "roomId": room,
            "from": self.from.to_string(),
            "to": self.to.unwrap_or(self.from).to_string(),
            "timeZone": time_zone,
        })
    }
}
