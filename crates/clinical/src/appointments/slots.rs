//! What stands in the way of an appointment, and when there is time instead.

use std::iter::successors;

use sea_orm::DbErr;
use serde_json::{Value as Json, json};
use time::Duration;
use wardkeep_tenancy::{TenantTx, UserId};

use super::busy::{Calendar, busy};
use super::entity::{Appointment, AppointmentId};
use crate::calendar::{INSTANTS, Presence, Span, presence, spans};
use crate::records::{RecordError, instant};
use crate::rooms::RoomId;

/// How many free slots are offered.
const OFFERED: usize = 3;

/// How far ahead they are looked for. Most often there are enough within the days to the next working day; only where
/// there are not, the second look reads four weeks.
const AHEAD: [Duration; 2] = [Duration::days(4), Duration::days(28)];

/// What an appointment takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) practitioner: UserId,
    pub(super) room: Option<RoomId>,
    pub(super) span: Span,
    /// The appointment itself, which is in nobody's way.
    pub(super) of: AppointmentId,
}

/// One thing that stands in the way of an appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clash {
    /// The practitioner has another appointment.
    Practitioner(Taken),
    /// The room has another appointment.
    Room(Taken),
    /// The practitioner is away.
    Absence(Span),
    /// The practitioner does not work then, or not all the while.
    WorkingHours,
    /// The database kept the practitioner from being taken twice, by an appointment that is not known.
    SomePractitioner,
    /// The database kept the room from being taken twice, by an appointment that is not known.
    SomeRoom,
}

/// An appointment, as far as it is told to whoever wants its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which one.
    pub appointment: AppointmentId,
    /// From when to when.
    pub span: Span,
    /// Whether it was itself put where somebody was taken.
    pub overbooked: bool,
}

impl Place {
    /// All that stands in the way.
    pub(super) async fn clashes(&self, tx: &TenantTx) -> Result<Vec<Clash>, RecordError> {
        let surroundings = self.read(tx, self.span).await?;
        let taken = |(kind, row): (fn(Taken) -> Clash, Appointment)| {
            kind(Taken {
                appointment: row.id,
                span: Span {
                    start: row.start,
                    end: row.end,
                },
                overbooked: row.overbooking_reason.is_some(),
            })
        };
        let Presence { hours, absences } = surroundings.presence;
        let works = hours.is_none_or(|hours| spans::subtract(&[self.span], &hours).is_empty());
        let of_practitioner = surroundings
            .practitioner
            .into_iter()
            .map(|row| taken((Clash::Practitioner, row)));
        let of_room = surroundings.room.into_iter().map(|row| taken((Clash::Room, row)));
        let away = absences.into_iter().map(Clash::Absence);
        let outside = (!works).then_some(Clash::WorkingHours);
        Ok(of_practitioner
            .chain(of_room)
            .chain(away)
            .chain(outside)
            .collect())
    }

    /// The next slots of the same length, from the asked start on, in which nothing would stand in the way.
    pub(super) async fn free(&self, tx: &TenantTx) -> Result<Vec<Span>, RecordError> {
        let length = self.span.end - self.span.start;
        let mut free = Vec::new();
        for ahead in AHEAD {
            let window = Span {
                start: self.span.start,
                end: (self.span.start + ahead).min(INSTANTS.end),
            };
            let Surroundings {
                practitioner,
                room,
                presence,
            } = self.read(tx, window).await?;
            let rows = practitioner.into_iter().chain(room);
            let taken = rows.map(|row| Span {
                start: row.start,
                end: row.end,
            });
            let taken = taken.chain(presence.absences).collect();
            free = first_free(&presence.hours.unwrap_or(vec![window]), taken, length);
            if free.len() == OFFERED {
                break;
            }
        }
        Ok(free)
    }

    async fn read(&self, tx: &TenantTx, within: Span) -> Result<Surroundings, RecordError> {
        let practitioner = self
            .others(tx, Calendar::Practitioner(self.practitioner), within)
            .await?;
        let room = match self.room {
            Some(room) => self.others(tx, Calendar::Room(room), within).await?,
            None => Vec::new(),
        };
        let presence = presence(tx, self.practitioner, within).await?;
        Ok(Surroundings {
            practitioner,
            room,
            presence,
        })
    }

    async fn others(
        &self,
        tx: &TenantTx,
        calendar: Calendar,
        within: Span,
    ) -> Result<Vec<Appointment>, DbErr> {
        let mut rows = busy(tx, calendar, within).await?;
        rows.retain(|row| row.id != self.of);
        Ok(rows)
    }
}

/// What is known of a stretch of time.
struct Surroundings {
    practitioner: Vec<Appointment>,
    room: Vec<Appointment>,
    presence: Presence,
}

impl Clash {
    /// As the answer to whoever asked for the time shows it. It says nothing of patients.
    pub(super) fn shown(&self) -> Json {
        let taken = |kind: &str, taken: &Taken| {
            json!({
                "kind": kind,
                "appointmentId": taken.appointment,
                "start": instant(taken.span.start),
                "end": instant(taken.span.end),
                "overbooked": taken.overbooked,
            })
        };
        match self {
            Self::Practitioner(by) => taken("practitioner", by),
            Self::Room(by) => taken("room", by),
            Self::Absence(span) => {
                json!({ "kind": "absence", "start": instant(span.start), "end": instant(span.end) })
            }
            Self::WorkingHours => json!({ "kind": "working-hours" }),
            Self::SomePractitioner => json!({ "kind": "practitioner" }),
            Self::SomeRoom => json!({ "kind": "room" }),
        }
    }
}

/// The first slots of this length that lie within one of `open`, a set, and touch nothing that is taken.
fn first_free(open: &[Span], taken: Vec<Span>, length: Duration) -> Vec<Span> {
    let slots_of = |gap: Span| {
        let slot = |start| Span {
            start,
            end: start + length,
        };
        let next = move |last: &Span| Some(slot(last.end));
        successors(Some(slot(gap.start)), next).take_while(move |slot| slot.end <= gap.end)
    };
    let gaps = spans::subtract(open, &spans::union(taken));
    gaps.into_iter().flat_map(slots_of).take(OFFERED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;
    use time::macros::datetime;

    const DAY: OffsetDateTime = datetime!(2026-03-02 00:00 UTC);

    fn span(from: i64, to: i64) -> Span {
        Span {
            start: DAY + Duration::minutes(from),
            end: DAY + Duration::minutes(to),
        }
    }

    fn free(open: &[(i64, i64)], taken: &[(i64, i64)], length: i64) -> Vec<(i64, i64)> {
        let open: Vec<_> = open.iter().map(|&(from, to)| span(from, to)).collect();
        let taken = taken.iter().map(|&(from, to)| span(from, to)).collect();
        let minutes = |at: OffsetDateTime| (at - DAY).whole_minutes();
        first_free(&open, taken, Duration::minutes(length))
            .iter()
            .map(|slot| (minutes(slot.start), minutes(slot.end)))
            .collect()
    }

    #[test]
    fn free_slots_follow_each_other_and_fit_between_what_is_taken() {
        assert_eq!(free(&[(0, 600)], &[], 30), [(0, 30), (30, 60), (60, 90)]);
        assert_eq!(
            free(&[(0, 600)], &[(0, 30), (50, 60), (90, 100)], 30),
            [(60, 90), (100, 130), (130, 160)]
        );
    }

    #[test]
    fn what_is_taken_twice_or_began_before_is_in_the_way_once() {
        assert_eq!(
            free(&[(0, 200)], &[(-60, 90), (10, 20), (15, 120)], 30),
            [(120, 150), (150, 180)]
        );
    }

    #[test]
    fn a_slot_lies_within_one_opening() {
        assert_eq!(
            free(&[(0, 40), (50, 70), (100, 190)], &[(110, 115)], 30),
            [(0, 30), (115, 145), (145, 175)]
        );
        assert_eq!(free(&[(0, 29)], &[], 30), []);
        assert_eq!(free(&[], &[], 30), []);
    }
}
