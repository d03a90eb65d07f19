//! Days, with what is taken in them and what is free.

use time::Date;

use crate::absences::Absence;
use crate::appointments::Appointment;
use crate::calendar::{Span, spans};

/// One day.
pub struct Day {
    /// Which one.
    pub date: Date,
    /// From midnight to midnight: 23, 24 or 25 hours mostly, and nothing where the calendar left the day out.
    pub span: Span,
    /// All that takes time on this day, in the order of its start. What goes on past midnight is in both days, as a whole.
    pub busy: Vec<Busy>,
    /// When there would be time on this day if nothing took it.
    pub open: Vec<Span>,
    /// When there is time on this day.
    pub free: Vec<Span>,
    /// When the practitioner is away on this day, whatever they are booked for.
    pub absences: Vec<Span>,
}

/// What takes time.
#[derive(Clone)]
pub enum Busy {
    /// An appointment, with the name of the patient for who may see it.
    Appointment(Box<Appointment>, Option<String>),
    /// The practitioner is away.
    Absence(Absence),
}

impl Busy {
    /// From when until when.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Appointment(appointment, _) => Span {
                start: appointment.start,
                end: appointment.end,
            },
            Self::Absence(absence) => absence.span(),
        }
    }

    /// The status, as that of a FHIR Slot (<https://hl7.org/fhir/R4/valueset-slotstatus.html>): `busy`; `busy-tentative`
    /// before everybody has agreed to the appointment; `busy-unavailable` when the practitioner is away.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self {
            Self::Appointment(appointment, _) if appointment.status == "pending" => "busy-tentative",
            Self::Appointment(..) => "busy",
            Self::Absence(_) => "busy-unavailable",
        }
    }
}

/// The days, of which each date comes with its span. `open` is the time that is free where nothing takes it.
pub(super) fn days(dates: &[(Date, Span)], open: &[Span], mut busy: Vec<Busy>) -> Vec<Day> {
    busy.sort_by_key(|busy| busy.span().start);
    let absences = busy.iter().filter(|busy| matches!(busy, Busy::Absence(_)));
    let absences = spans::union(absences.map(Busy::span).collect());
    let taken = spans::union(busy.iter().map(Busy::span).collect());
    let free = spans::subtract(open, &taken);
    let on = |day: Span| busy.iter().filter(move |busy| busy.span().clip(day).is_some());
    dates
        .iter()
        .map(|&(date, span)| Day {
            date,
            span,
            busy: on(span).cloned().collect(),
            open: spans::clip(open, span),
            free: spans::clip(&free, span),
            absences: spans::clip(&absences, span),
        })
        .collect()
}
