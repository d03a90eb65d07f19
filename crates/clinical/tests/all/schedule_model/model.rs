//! A schedule on squared paper: half hours, counted from the midnight before the tests begin.

use wardkeep_clinical::appointments::Status::{
    self, Arrived, Booked, Cancelled, CheckedIn, Fulfilled, NoShow, Pending, Proposed, Waitlist,
};

/// The half hours of a day.
pub(super) const DAY: i32 = 48;
/// Nine in the morning, when it is now.
const NOW: i32 = 18;

/// From a half hour to another one.
pub(super) type Time = (i32, i32);

#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) who: usize,
    pub(super) room: Option<usize>,
    pub(super) at: Time,
    pub(super) status: Status,
    pub(super) overbooked: bool,
    pub(super) deleted: bool,
    /// In which step it took its place.
    pub(super) placed: usize,
}

/// What is asked of a visit.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) who: Option<usize>,
    pub(super) room: Option<Option<usize>>,
    pub(super) at: Option<Time>,
    pub(super) status: Option<Status>,
    pub(super) overbooking: Overbooking,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overbooking {
    /// No reason is given.
    No,
    /// By somebody who may not.
    Forbidden,
    /// By somebody who may.
    Allowed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clash {
    Practitioner(usize),
    Room(usize),
    Absence(Time),
    WorkingHours,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Done,
    Taken { clashes: Vec<Clash>, free: Vec<Time> },
    Denied,
    StatusNotAllowed(Vec<&'static str>),
    Closed,
    Missing,
}

#[derive(Default)]
pub(super) struct Schedule {
    pub(super) visits: Vec<Visit>,
    pub(super) hours: [Option<Time>; 2],
    pub(super) absences: Vec<(usize, Time)>,
    step: usize,
}

pub(super) fn occupies(status: Status) -> bool {
    matches!(status, Pending | Booked | Arrived | CheckedIn | Fulfilled)
}

fn closed(status: Status) -> bool {
    matches!(status, Fulfilled | NoShow | Cancelled)
}

fn following(status: Status, begun: bool) -> Vec<Status> {
    match status {
        Proposed => vec![Pending, Booked, Waitlist, Cancelled],
        Pending => vec![Booked, Waitlist, Cancelled],
        Waitlist => vec![Pending, Booked, Cancelled],
        Booked if begun => {
            vec![
                Pending, Waitlist, Arrived, CheckedIn, Fulfilled, NoShow, Cancelled,
            ]
        }
        Booked => vec![Pending, Waitlist, Arrived, CheckedIn, Cancelled],
        Arrived if begun => vec![Booked, CheckedIn, Fulfilled, NoShow, Cancelled],
        Arrived => vec![Booked, CheckedIn, Cancelled],
        CheckedIn if begun => vec![Arrived, Fulfilled, Cancelled],
        CheckedIn => vec![Arrived, Cancelled],
        Fulfilled => vec![CheckedIn],
        NoShow => vec![Booked, Arrived],
        Cancelled => vec![],
    }
}

pub(super) fn overlap(one: Time, other: Time) -> bool {
    one.0 < other.1 && other.0 < one.1
}

impl Schedule {
    pub(super) fn book(&mut self, visit: Visit, overbooking: Overbooking) -> Verdict {
        self.step += 1;
        let number = self.visits.len();
        self.settle(number, visit, overbooking)
    }

    pub(super) fn change(&mut self, number: usize, change: &Change) -> Verdict {
        self.step += 1;
        let before = self.visits[number].clone();
        if before.deleted {
            return Verdict::Missing;
        }
        let after = Visit {
            who: change.who.unwrap_or(before.who),
            room: change.room.unwrap_or(before.room),
            at: change.at.unwrap_or(before.at),
            status: change.status.unwrap_or(before.status),
            ..before.clone()
        };
        let allowed = following(before.status, after.at.0 <= NOW);
        if after.status != before.status && !allowed.contains(&after.status) {
            let names = allowed.into_iter().map(Status::as_str);
            return Verdict::StatusNotAllowed(names.collect());
        }
        let moved = (before.who, before.room, before.at) != (after.who, after.room, after.at);
        if closed(before.status) && closed(after.status) && moved {
            return Verdict::Closed;
        }
        if occupies(before.status) && !moved && change.overbooking == Overbooking::No {
            self.visits[number] = after;
            return Verdict::Done;
        }
        self.settle(number, after, change.overbooking)
    }

    pub(super) fn delete(&mut self, number: usize) -> Verdict {
        self.step += 1;
        let gone = std::mem::replace(&mut self.visits[number].deleted, true);
        if gone { Verdict::Missing } else { Verdict::Done }
    }

    pub(super) fn restore(&mut self, number: usize) -> Verdict {
        self.step += 1;
        let visit = self.visits[number].clone();
        if !visit.deleted {
            return Verdict::Missing;
        }
        let back = Visit {
            deleted: false,
            ..visit
        };
        self.settle(number, back, Overbooking::No)
    }

    /// Puts a visit where it wants to be, if it may.
    fn settle(&mut self, number: usize, mut visit: Visit, overbooking: Overbooking) -> Verdict {
        if occupies(visit.status) {
            let clashes = self.clashes(number, &visit);
            visit.overbooked = !clashes.is_empty();
            visit.placed = self.step;
            match overbooking {
                Overbooking::No if visit.overbooked => {
                    let free = self.free(number, &visit);
                    return Verdict::Taken { clashes, free };
                }
                Overbooking::Forbidden if visit.overbooked => return Verdict::Denied,
                _ => {}
            }
        }
        match self.visits.get_mut(number) {
            Some(old) => *old = visit,
            None => self.visits.push(visit),
        }
        Verdict::Done
    }

    fn clashes(&self, number: usize, visit: &Visit) -> Vec<Clash> {
        let mut others: Vec<_> = self.visits.iter().enumerate().collect();
        others.retain(|(other, taken)| {
            *other != number && !taken.deleted && occupies(taken.status) && overlap(taken.at, visit.at)
        });
        others.sort_by_key(|(other, taken)| (taken.at.0, *other));
        let of_practitioner = others.iter().filter(|(_, taken)| taken.who == visit.who);
        let of_room = others
            .iter()
            .filter(|(_, taken)| visit.room.is_some() && taken.room == visit.room);
        let mut clashes: Vec<_> = of_practitioner
            .map(|(other, _)| Clash::Practitioner(*other))
            .collect();
        clashes.extend(of_room.map(|(other, _)| Clash::Room(*other)));
        clashes.extend(self.away(visit).into_iter().map(Clash::Absence));
        if !self.works(visit) {
            clashes.push(Clash::WorkingHours);
        }
        clashes
    }

    /// The half hours of the visit in which the practitioner is away, those that follow each other together.
    fn away(&self, visit: &Visit) -> Vec<Time> {
        let mut away: Vec<Time> = Vec::new();
        for half in visit.at.0..visit.at.1 {
            let in_absence = |(who, at): &(usize, Time)| *who == visit.who && overlap(*at, (half, half + 1));
            if !self.absences.iter().any(in_absence) {
                continue;
            }
            match away.last_mut() {
                Some(last) if last.1 == half => last.1 = half + 1,
                _ => away.push((half, half + 1)),
            }
        }
        away
    }

    fn works(&self, visit: &Visit) -> bool {
        self.hours[visit.who].is_none_or(|(opens, closes)| {
            (visit.at.0..visit.at.1).all(|half| (opens..closes).contains(&half.rem_euclid(DAY)))
        })
    }

    /// Tries every half hour of four weeks.
    fn free(&self, number: usize, visit: &Visit) -> Vec<Time> {
        let length = visit.at.1 - visit.at.0;
        let last = visit.at.0 + 28 * DAY - length;
        let mut free: Vec<Time> = Vec::new();
        for from in visit.at.0..=last {
            let at = (from, from + length);
            let elsewhere = Visit { at, ..visit.clone() };
            if free.len() < 3
                && free.iter().all(|taken| !overlap(*taken, at))
                && self.clashes(number, &elsewhere).is_empty()
            {
                free.push(at);
            }
        }
        free
    }
}
