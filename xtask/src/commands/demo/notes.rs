//! The note of a session: written, signed, and from then on as it is.

use serde_json::{Value, json};

use super::desk::code;
use super::http::Clinic;
use super::report::Report;
use super::sql;
use crate::failure::Failure;

const NOTES: &str = "/api/v1/clinical-notes";

/// A draft is written, changed and signed; nobody changes it any more, and an addendum says what was missing.
pub(super) fn from_draft_to_addendum(
    report: &mut Report,
    linde: &mut Clinic,
    session: &str,
    app_url: &str,
) -> Result<(), Failure> {
    let note = signing(report, linde, session)?;
    changing(report, linde, &note)?;
    sql::signed_note(report, app_url, &linde.id, &note)?;
    amending(report, linde, &note)
}

/// The id of the note.
fn signing(report: &mut Report, linde: &mut Clinic, session: &str) -> Result<String, Failure> {
    report.part("The note")?;
    let owner = &mut linde.owner;
    let draft =
        json!({"treatmentSessionId": session, "noteType": "progress", "text": "Left knee less swollen."});
    let draft = owner.must_post(NOTES, &draft)?;
    report.fact(
        "it is written",
        &draft.expect_text("/status")?,
        &"draft".to_owned(),
    );
    let note = draft.expect_text("/id")?;
    let path = format!("{NOTES}/{note}");
    let text = json!({"text": "Right knee less swollen."});
    let changed = owner.seeing(&draft).call("PATCH", &path, Some(&text))?;
    report.fact("it was the right knee", &changed.status, &200);
    let versions = owner.must_get(&format!("{path}/versions"))?;
    let versions = versions.body.get("items").and_then(Value::as_array);
    report.fact("versions that are kept", &versions.map_or(0, Vec::len), &2);
    let sign = format!("{path}/sign");
    report.fact(
        "who still has the old text on the screen signs",
        &owner.seeing(&draft).call("POST", &sign, None)?.status,
        &412,
    );
    let signed = owner.seeing(&changed).call("POST", &sign, None)?;
    report.fact(
        "Ana signs what she sees",
        &signed.expect_text("/status")?,
        &"final".to_owned(),
    );
    report.fact(
        "by the name of",
        &signed.expect_text("/signature/signedBy/name")?,
        &"Ana Lindner".to_owned(),
    );
    Ok(note)
}

fn changing(report: &mut Report, linde: &mut Clinic, note: &str) -> Result<(), Failure> {
    report.part("The signed note, over HTTP")?;
    let path = format!("{NOTES}/{note}");
    let signed = linde.owner.must_get(&path)?;
    let mut screen = linde.owner.seeing(&signed);
    let (text, reason) = (json!({"text": "Nothing."}), json!({"reason": "Nothing."}));
    for (what, method, path, body) in [
        ("Ana changes it", "PATCH", path.clone(), Some(&text)),
        ("Ana deletes it", "DELETE", path.clone(), Some(&reason)),
        ("Ana signs it again", "POST", format!("{path}/sign"), None),
    ] {
        let refused = screen.call(method, &path, body)?;
        report.fact(what, &code(&refused), &"NOTE_SIGNED".to_owned());
    }
    Ok(())
}

fn amending(report: &mut Report, linde: &mut Clinic, note: &str) -> Result<(), Failure> {
    report.part("What was missing")?;
    let owner = &mut linde.owner;
    let path = format!("{NOTES}/{note}");
    let addendum = json!({"noteType": "progress", "text": "Home exercises shown."});
    let addendum = owner.must_post(&format!("{path}/addenda"), &addendum)?;
    let sign = format!("{NOTES}/{}/sign", addendum.expect_text("/id")?);
    let signed = owner.seeing(&addendum).call("POST", &sign, None)?;
    report.fact(
        "an addendum is written and signed",
        &signed.expect_text("/status")?,
        &"final".to_owned(),
    );
    let whole = owner.must_get(&path)?;
    report.fact(
        "the note reads",
        &whole.expect_text("/status")?,
        &"amended".to_owned(),
    );
    report.fact(
        "its own text is the one that was signed",
        &whole.expect_text("/text")?,
        &"Right knee less swollen.".to_owned(),
    );
    report.fact(
        "and with it comes",
        &whole.expect_text("/addenda/0/text")?,
        &"Home exercises shown.".to_owned(),
    );
    let verification = owner.must_get(&format!("{path}/verification"))?;
    for (what, pointer) in [
        ("the hash is computed again, and holds", "/holds"),
        ("that of the addendum", "/addenda/0/holds"),
    ] {
        let holds = verification.body.pointer(pointer).and_then(Value::as_bool);
        report.fact(what, &holds.unwrap_or_default(), &true);
    }
    Ok(())
}
