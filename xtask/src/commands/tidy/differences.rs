//! Every expected difference of the conformance run is shown in the page of differences, under a reason that stands there.

use super::Finding;
use super::tree::File;
use crate::commands::conformance::differences::{Difference, LIST, parse};

/// The page for people.
const PAGE: &str = "docs/compatibility.md";
/// Where it shows the list.
const HEADING: &str = "## Expected differences";
/// What stands there while the list is empty.
const NONE: &str = "There are none.";

/// Compares the list with what the page shows.
pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let text = |path: &str| files.iter().find(|file| file.path == path).map(|file| &file.text);
    let (Some(list), Some(page)) = (text(LIST), text(PAGE)) else {
        return vec![Finding::new(LIST, format!("it and {PAGE} are both needed"))];
    };
    match parse(list) {
        Ok(list) => compare(&list, page),
        Err(why) => vec![Finding::new(LIST, why)],
    }
}

fn compare(list: &[Difference], page: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let shown = section(page);
    for entry in list {
        if !page.lines().any(|line| is_heading(line, entry.number)) {
            let message = format!("{entry}: {PAGE} has no heading `{}.`", entry.number);
            findings.push(Finding::new(LIST, message));
        }
        let row = row(entry);
        if !shown.contains(&row.as_str()) {
            findings.push(Finding::new(PAGE, format!("`{HEADING}` lacks `{row}`")));
        }
    }
    let rows: Vec<_> = list.iter().map(row).collect();
    let surplus = table(&shown).filter(|line| !rows.iter().any(|row| row == line));
    findings.extend(surplus.map(|line| Finding::new(PAGE, format!("{LIST} does not list `{line}`"))));
    if shown.iter().any(|line| line.contains(NONE)) != list.is_empty() {
        let message = format!("`{HEADING}` must say `{NONE}` when {LIST} is empty, and only then");
        findings.push(Finding::new(PAGE, message));
    }
    findings
}

/// How the page shows an entry.
fn row(entry: &Difference) -> String {
    format!("| {} | {} | {} |", entry.scenario, entry.step, entry.number)
}

/// Whether this line is the heading with that number.
fn is_heading(line: &str, number: u32) -> bool {
    let title = line.trim_start_matches('#');
    title.len() < line.len() && title.trim_start().starts_with(&format!("{number}. "))
}

/// The lines under the heading, to the next of its rank.
fn section(page: &str) -> Vec<&str> {
    page.lines()
        .skip_while(|line| !line.starts_with(HEADING))
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .collect()
}

/// The rows of the table in a section, after its two lines of heading.
fn table<'a>(section: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    section
        .iter()
        .copied()
        .filter(|line| line.starts_with('|'))
        .skip(2)
}

#[cfg(test)]
mod tests {
    use super::{LIST, PAGE, check};
    use crate::commands::tidy::tree::file;

    const ONE: &str = r#"[{"scenario":"01-email-password","step":"sign in","number":2}]"#;
    const ROW: &str = "| 01-email-password | sign in | 2 |";

    fn findings(list: &str, shown: &str) -> usize {
        let page =
            format!("# Page\n\n## 2. Hashed\n\nWhy.\n\n## Expected differences\n\n{shown}\n\n## Moving\n");
        check(&[file(LIST, list), file(PAGE, &page)]).len()
    }

    fn table(rows: &str) -> String {
        format!("| scenario | step | number |\n|---|---|---|\n{rows}")
    }

    #[test]
    fn an_empty_list_that_is_said_to_be_is_fine() {
        assert_eq!(findings("[]", "There are none."), 0);
        assert_eq!(findings("[]", "Some."), 1);
    }

    #[test]
    fn an_entry_that_is_shown_is_fine() {
        assert_eq!(findings(ONE, &table(ROW)), 0);
    }

    #[test]
    fn an_entry_that_is_not_shown_is_found() {
        assert_eq!(findings(ONE, &table("")), 1);
        assert_eq!(findings(ONE, "There are none."), 2);
    }

    #[test]
    fn a_row_that_is_not_listed_is_found() {
        let rows = format!("{ROW}\n| 02-sessions | list | 2 |");

        assert_eq!(findings(ONE, &table(&rows)), 1);
    }

    #[test]
    fn a_number_without_a_heading_is_found() {
        let list = ONE.replace('2', "7");

        assert_eq!(findings(&list, &table(&ROW.replace('2', "7"))), 1);
    }

    #[test]
    fn a_list_that_cannot_be_read_is_found() {
        assert_eq!(findings("{}", "There are none."), 1);
        assert_eq!(check(&[]).len(), 1);
    }
}
