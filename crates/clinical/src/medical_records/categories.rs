//! The categories of medical records: which fields and which statuses each has, as FHIR R4 has them.

use crate::fields::Refusals;

/// A category. Every one has a code and a note beside its fields.
#[derive(Debug)]
pub(super) struct Category {
    pub(super) name: &'static str,
    /// As a sentence has it.
    one: &'static str,
    /// The first is that of a new record.
    pub(super) statuses: &'static [&'static str],
    /// By their names in Rust.
    fields: &'static [&'static str],
    /// Whether its times may be ahead.
    pub(super) may_be_ahead: bool,
}

pub(super) const OBSERVATION: &str = "observation";
pub(super) const DOCUMENT: &str = "document";

/// Condition.clinicalStatus, AllergyIntolerance.clinicalStatus, MedicationStatement.status, Observation.status and
/// DocumentReference.status. `entered-in-error` is none of them: a deleted record shows it. A medication is one that
/// "is, was or will be" taken (<https://hl7.org/fhir/R4/medicationstatement.html>).
const CATEGORIES: [Category; 5] = [
    Category {
        name: "problem",
        one: "a problem",
        statuses: &[
            "active",
            "recurrence",
            "relapse",
            "inactive",
            "remission",
            "resolved",
        ],
        fields: &["onset", "end"],
        may_be_ahead: false,
    },
    Category {
        name: "allergy",
        one: "an allergy",
        statuses: &["active", "inactive", "resolved"],
        fields: &["criticality", "onset", "end"],
        may_be_ahead: false,
    },
    Category {
        name: "medication",
        one: "a medication",
        statuses: &[
            "active",
            "completed",
            "intended",
            "stopped",
            "on-hold",
            "unknown",
            "not-taken",
        ],
        fields: &["value", "unit", "dosage", "onset", "end"],
        may_be_ahead: true,
    },
    Category {
        name: OBSERVATION,
        one: "an observation",
        statuses: &[
            "final",
            "registered",
            "preliminary",
            "amended",
            "corrected",
            "cancelled",
            "unknown",
        ],
        fields: &["value", "unit", "value_text", "onset"],
        may_be_ahead: false,
    },
    Category {
        name: DOCUMENT,
        one: "a document",
        statuses: &["current", "superseded"],
        fields: &["onset", "file_name"],
        may_be_ahead: false,
    },
];

impl Category {
    /// The category of a record that is there. A constraint of the table allows no others.
    pub(super) fn read(name: &str) -> Option<&'static Self> {
        CATEGORIES.iter().find(|category| category.name == name)
    }

    /// The category that somebody names. Without one nothing else can be checked.
    pub(super) fn named(refusals: &mut Refusals, name: &str) -> Option<&'static Self> {
        let category = Self::read(name);
        let names = CATEGORIES.each_ref().map(|category| category.name).join(", ");
        refusals.unless(category.is_some(), "category", format!("must be one of {names}"));
        category
    }

    /// The status of a new record of whom nothing else is said.
    pub(super) fn first_status(&self) -> &'static str {
        self.statuses.first().copied().unwrap_or_default()
    }

    pub(super) fn status(&self, refusals: &mut Refusals, name: &str) {
        refusals.unless(
            name != "entered-in-error",
            "status",
            "is set by deleting the record",
        );
        refusals.unless(
            self.statuses.contains(&name),
            "status",
            format!("of {} must be one of {}", self.one, self.statuses.join(", ")),
        );
    }

    /// Refuses a field that the category has not.
    pub(super) fn has(&self, refusals: &mut Refusals, field: &'static str) {
        refusals.unless(
            self.fields.contains(&field),
            field,
            format!("is not a field of {}", self.one),
        );
    }
}

/// Refuses a status that no category has.
pub(super) fn any_status(refusals: &mut Refusals, name: &str) {
    let mut statuses = CATEGORIES.iter().flat_map(|category| category.statuses);
    refusals.unless(
        statuses.any(|status| *status == name),
        "status",
        "must be a status that a category has, such as active or final",
    );
}

/// What an observation that has one status may have next. What is still to come can become anything; of what is there it is
/// not said any more that it is to come, and of what was changed after it was final not that it was not
/// (<https://hl7.org/fhir/R4/valueset-observation-status.html>).
pub(super) fn next_of_observation(status: &str) -> Vec<&'static str> {
    let to_come = |status: &str| matches!(status, "registered" | "preliminary");
    let changed = matches!(status, "amended" | "corrected");
    let all = Category::read(OBSERVATION).map_or(&[][..], |category| category.statuses);
    let next = all.iter().copied().filter(|next| {
        *next != status && (to_come(status) || !to_come(next)) && !(changed && *next == "final")
    });
    next.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::problems;

    #[test]
    fn a_category_has_its_fields_and_no_others() {
        let fields = [
            "criticality",
            "value",
            "unit",
            "value_text",
            "dosage",
            "onset",
            "end",
            "file_name",
        ];
        for category in &CATEGORIES {
            let refused = problems(|refusals| fields.iter().for_each(|field| category.has(refusals, field)));
            assert_eq!(refused.len(), fields.len() - category.fields.len());
        }
        let allergy = Category::read("allergy").unwrap();
        assert_eq!(
            problems(|refusals| allergy.has(refusals, "dosage")),
            ["dosage is not a field of an allergy"]
        );
        assert!(
            problems(|refusals| _ = Category::named(refusals, "Allergy"))[0]
                .starts_with("category must be one of problem, ")
        );
    }

    #[test]
    fn a_status_is_one_of_its_category() {
        let document = Category::read(DOCUMENT).unwrap();
        let told = |name| problems(|refusals| document.status(refusals, name));

        assert_eq!(document.first_status(), "current");
        assert_eq!(told("superseded"), [""; 0]);
        assert_eq!(
            told("active"),
            ["status of a document must be one of current, superseded"]
        );
        assert_eq!(told("entered-in-error"), ["status is set by deleting the record"]);
        assert_eq!(problems(|refusals| any_status(refusals, "on-hold")), [""; 0]);
        assert_eq!(
            problems(|refusals| any_status(refusals, "entered-in-error")).len(),
            1
        );
    }

    #[test]
    fn an_observation_that_was_final_is_never_to_come_again() {
        assert_eq!(
            next_of_observation("registered"),
            [
                "final",
                "preliminary",
                "amended",
                "corrected",
                "cancelled",
                "unknown"
            ]
        );
        assert_eq!(
            next_of_observation("final"),
            ["amended", "corrected", "cancelled", "unknown"]
        );
        assert_eq!(
            next_of_observation("corrected"),
            ["amended", "cancelled", "unknown"]
        );
        assert_eq!(
            next_of_observation("cancelled"),
            ["final", "amended", "corrected", "unknown"]
        );
    }
}
