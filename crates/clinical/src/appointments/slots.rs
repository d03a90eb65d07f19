//! What stands in the way of an appointment, and when there is time instead.

use std::iter::successors;

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};
use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime};
use wardkeep_tenancy::{TenantTx, UserId};

use super::busy::{Calendar, taking};
use super::entity::{AppointmentId, Column};
use crate::calendar::{INSTANTS, Presence, Span, presence, spans};
use crate::records::{RecordError, instant};
use crate::rooms::RoomId;

/// How many free slots are offered.
const OFFERED: usize = 3;

/// How far is looked at first: most often there are enough free slots in the days to the next working day.
const NEAR: Duration = Duration::days(4);

/// How far free slots are looked for where there are not.
const FAR: Duration = Duration::days(28);

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
    /// Looks at the time that is asked for, and at the days behind it.
    pub(super) async fn look(&self, tx: &TenantTx) -> Result<Look, RecordError> {
        self.look_ahead(tx, NEAR).await
    }

    /// The next slots of the same length, from the asked start on, in which nothing would stand in the way.
    pub(super) async fn free(&self, tx: &TenantTx, near: &Look) -> Result<Vec<Span>, RecordError> {
        let free = near.free();
        if free.len() == OFFERED {
            return Ok(free);
        }
        Ok(self.look_ahead(tx, FAR).await?.free())
    }

    async fn look_ahead(&self, tx: &TenantTx, ahead: Duration) -> Result<Look, RecordError> {
        let within = Span {
            start: self.span.start,
            end: (self.span.start + ahead).min(INSTANTS.end),
        };
        let practitioner = Calendar::Practitioner(self.practitioner);
        Ok(Look {
            asked: self.span,
            within,
            practitioner: self.taken(tx, practitioner, within).await?,
            room: match self.room {
                Some(room) => self.taken(tx, Calendar::Room(room), within).await?,
                None => Vec::new(),
            },
            presence: presence(tx, self.practitioner, within).await?,
        })
    }

    async fn taken(&self, tx: &TenantTx, calendar: Calendar, within: Span) -> Result<Vec<Taken>, DbErr> {
        let rows = taking(tx, calendar, within)
            .filter(Column::Id.ne(self.of))
            .select_only()
            .columns([Column::Id, Column::Start, Column::End, Column::OverbookingReason])
            .into_tuple::<(AppointmentId, OffsetDateTime, OffsetDateTime, Option<String>)>()
            .all(tx)
            .await?;
        let taken = rows.into_iter().map(|(appointment, start, end, reason)| Taken {
            appointment,
            span: Span { start, end },
            overbooked: reason.is_some(),
        });
        Ok(taken.collect())
    }
}

/// What is known of the time that is asked for, and of some time behind it.
pub(super) struct Look {
    asked: Span,
    within: Span,
    practitioner: Vec<Taken>,
    room: Vec<Taken>,
    presence: Presence,
}

impl Look {
    /// All that stands in the way.
    pub(super) fn clashes(&self) -> Vec<Clash> {
        let in_the_way = |taken: &&Taken| taken.span.clip(self.asked).is_some();
        let of_practitioner = self.practitioner.iter().filter(in_the_way).cloned();
        let of_room = self.room.iter().filter(in_the_way).cloned();
        let away = spans::clip(&self.presence.absences, self.asked);
        let outside = |hours: &Vec<Span>| !spans::subtract(&[self.asked], hours).is_empty();
        let outside = self.presence.hours.as_ref().filter(|hours| outside(hours));
        of_practitioner
            .map(Clash::Practitioner)
            .chain(of_room.map(Clash::Room))
            .chain(away.into_iter().map(Clash::Absence))
            .chain(outside.map(|_| Clash::WorkingHours))
            .collect()
    }

    fn free(&self) -> Vec<Span> {
        let taken = self.practitioner.iter().chain(&self.room);
        let taken = taken.map(|taken| taken.span);
        let taken = taken.chain(self.presence.absences.iter().copied()).collect();
        let always = [self.within];
        let open = self.presence.hours.as_deref().unwrap_or(&always);
        first_free(open, taken, self.asked.end - self.asked.start)
    }
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
