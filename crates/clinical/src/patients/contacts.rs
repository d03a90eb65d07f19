//! Whom to turn to about a patient (FHIR R4 Patient.contact).

use serde::Serialize;

use crate::fields::Refusals;

/// The most contacts of one patient.
const MOST: usize = 10;
const RELATIONSHIP: usize = 100;
const NAME: usize = 200;

/// Somebody who belongs to the patient.
#[derive(Clone, Default, Serialize)]
pub struct Contact {
    /// 1 to 200 characters.
    pub name: String,
    /// What they are to the patient, at most 100 characters: `mother`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
    /// At most 20 characters, one of them a digit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// At most 255 characters, with an `@` between a name and a domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

pub(super) fn checked(contacts: Vec<Contact>, refusals: &mut Refusals) -> Vec<Contact> {
    refusals.unless(contacts.len() <= MOST, "contacts", "must be at most 10");
    let contacts = contacts.into_iter().take(MOST).enumerate();
    let contacts = contacts.map(|(index, contact)| {
        let field = |name: &str| format!("contacts.{index}.{name}");
        Contact {
            name: refusals.text(field("name"), &contact.name, NAME),
            relationship: contact
                .relationship
                .map(|text| refusals.text(field("relationship"), &text, RELATIONSHIP)),
            phone: contact.phone.map(|phone| refusals.phone(field("phone"), &phone)),
            email: contact.email.map(|email| refusals.email(field("email"), &email)),
        }
    });
    contacts.collect()
}
