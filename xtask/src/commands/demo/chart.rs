//! What is known of the patient: a document, the chart, and who did what.

use serde_json::{Value, json};

use super::desk::code;
use super::http::{Clinic, PATIENTS};
use super::report::Report;
use super::treatment::progress;
use crate::api::Answer;
use crate::failure::Failure;

const RECORDS: &str = "/api/v1/medical-records";
/// A page with nothing on it.
const LETTER: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
    3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n\
    trailer<</Root 1 0 R>>\n%%EOF\n";

/// A letter comes and is read again; the chart shows everything, and the audit who saw it.
pub(super) fn of_emma(report: &mut Report, linde: &mut Clinic, patient: &str) -> Result<(), Failure> {
    letter(report, linde, patient)?;
    chart(report, linde, patient)?;
    looking_back(report, linde, patient)
}

fn letter(report: &mut Report, linde: &mut Clinic, patient: &str) -> Result<(), Failure> {
    report.part("A letter")?;
    let owner = &mut linde.owner;
    let letter = json!({
        "patientId": patient,
        "category": "document",
        "code": {"text": "Discharge letter"},
        "fileName": "letter.pdf",
    });
    let letter = owner.must_post(RECORDS, &letter)?;
    let content = format!("{RECORDS}/{}/content", letter.expect_text("/id")?);
    let mut screen = owner.seeing(&letter);
    let lie = screen.upload(
        &content,
        "application/pdf",
        b"<!doctype html><script>alert(1)</script>",
    )?;
    report.fact(
        "a page with a script calls itself a PDF",
        &code(&lie),
        &"UNSUPPORTED_MEDIA_TYPE".to_owned(),
    );
    let stored = screen.upload(&content, "application/pdf", LETTER)?;
    report.fact(
        "the letter is, by its content",
        &stored.expect_text("/content/mediaType")?,
        &"application/pdf".to_owned(),
    );
    let file = owner.download(&content)?;
    report.fact("it comes back byte for byte", &(file.file == LETTER), &true);
    report.fact(
        "to be kept, and not to be shown by the browser",
        &file.disposition.split(';').next().unwrap_or_default(),
        &"attachment",
    );
    Ok(())
}

fn chart(report: &mut Report, linde: &mut Clinic, patient: &str) -> Result<(), Failure> {
    report.part("The chart")?;
    let chart = linde
        .owner
        .must_get(&format!("{PATIENTS}/{patient}/chart?limit=5"))?;
    report.fact(
        "the course, and how far it is",
        &progress(&chart, "/treatments/items/0"),
        &"1 of 6".to_owned(),
    );
    report.fact(
        "the note, which reads",
        &chart.expect_text("/clinicalNotes/items/0/status")?,
        &"amended".to_owned(),
    );
    report.fact(
        "the letter",
        &chart.expect_text("/medicalRecords/document/items/0/code/text")?,
        &"Discharge letter".to_owned(),
    );
    report.fact(
        "the five latest of nine appointments",
        &count(&chart, "/appointments/items"),
        &5,
    );
    let more = chart.text("/appointments/nextCursor").is_some();
    report.fact("and where the others are", &more, &true);
    Ok(())
}

fn looking_back(report: &mut Report, linde: &mut Clinic, patient: &str) -> Result<(), Failure> {
    report.part("Who did what?")?;
    let events = format!("{PATIENTS}/{patient}/audit-events");
    for (what, query, expected) in [
        ("notes that were signed", "action=sign&outcome=success", 2),
        ("files that were taken out", "action=download", 1),
        (
            "changes of her sessions",
            "action=update&resource=treatmentSession&outcome=success",
            2,
        ),
        (
            "attempts on the signed note",
            "outcome=refused&resource=clinicalNote",
            4,
        ),
    ] {
        let found = linde.owner.must_get(&format!("{events}?{query}&limit=50"))?;
        report.fact(what, &count(&found, "/items"), &expected);
    }
    let read = linde
        .owner
        .must_get(&format!("{events}?action=read&resource=patient&limit=1"))?;
    let shown = read
        .body
        .pointer("/items/0/query/chart")
        .and_then(Value::as_array);
    let shown: Vec<_> = shown.into_iter().flatten().filter_map(Value::as_str).collect();
    report.fact(
        "the chart was opened, and showed",
        &shown.join(", "),
        &"appointments, treatments, treatmentSessions, medicalRecords, clinicalNotes".to_owned(),
    );
    Ok(())
}

fn count(answer: &Answer, pointer: &str) -> usize {
    let items = answer.body.pointer(pointer).and_then(Value::as_array);
    items.map_or(0, Vec::len)
}
