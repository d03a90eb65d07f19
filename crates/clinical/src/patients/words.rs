//! The words of a name, in the form in which they are stored and searched.
//!
//! PostgreSQL uses an index under row security only for leakproof operators, and neither `like` nor a trigram
//! match is one. So each word of a name is a row of `patient_words`, and "begins with" is a range of text.

pub(super) mod entity;

use std::collections::BTreeSet;

use sea_orm::sea_query::SelectStatement;
use sea_orm::{ActiveValue, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use wardkeep_tenancy::TenantTx;

use super::entity::{Patient, PatientId};

/// The longest word kept, in characters. What is cut off cannot be searched for, but the rest can: a search is cut
/// in the same place. An index entry must stay below 2,704 bytes, and one letter may decompose into eighteen.
const LONGEST: usize = 64;

/// The words of `text`: decomposed (NFKD), without marks, in lower case, split where no letter or digit stands.
///
/// Letters whose stroke or ligature Unicode does not decompose are spelled as a keyboard without them would spell
/// them, so that `Łukasz` is found by `lukasz` and `Strauß` by `strauss`.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let folded: String = bare(text)
        .flat_map(char::to_lowercase)
        .flat_map(spelled)
        .collect();
    // Lower case may bring marks of its own, so the result is laid bare once more.
    let folded: String = bare(&folded).collect();
    folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(LONGEST).collect())
        .collect()
}

/// The words to search for: those of `text`, without the ones that another of them implies (`an` beside `ana`).
pub(super) fn prefixes(text: &str) -> Vec<String> {
    let words = words(text);
    let implied = |word: &String| {
        words
            .iter()
            .any(|other| other.len() > word.len() && other.starts_with(word.as_str()))
    };
    words.iter().filter(|word| !implied(word)).cloned().collect()
}

/// The words of all names of a patient.
pub(super) fn of(patient: &Patient) -> BTreeSet<String> {
    let others = [&patient.middle_name, &patient.preferred_name, &patient.birth_name];
    let names = [&patient.first_name, &patient.last_name].into_iter();
    let names = names.chain(others.into_iter().flatten());
    names.flat_map(|name| of_name(name)).collect()
}

/// The words of one name, in each way to write it.
fn of_name(name: &str) -> BTreeSet<String> {
    let joined = joined(name);
    [name, &spelled_out(name), &joined, &spelled_out(&joined)]
        .into_iter()
        .flat_map(words)
        .collect()
}

/// How a name is spelled where the keyboard has no such letters: `Müller` is `Mueller` as well.
fn spelled_out(name: &str) -> String {
    let letters = name.nfc().flat_map(char::to_lowercase);
    letters.fold(String::new(), |mut name, letter| {
        match letter {
            'ä' => name.push_str("ae"),
            'ö' | 'ø' => name.push_str("oe"),
            'ü' => name.push_str("ue"),
            'å' => name.push_str("aa"),
            _ => name.push(letter),
        }
        name
    })
}

/// A name without the marks within its words: `O'Neill` is `ONeill` as well, and `Anna-Lena` is `AnnaLena`.
fn joined(name: &str) -> String {
    name.replace(['\'', '’', '‘', 'ʼ', '-', '‐', '‑'], "")
}

/// The ids of the patients with a word that begins so.
pub(super) fn beginning(tx: &TenantTx, prefix: &str) -> SelectStatement {
    let words = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Word.gte(prefix));
    let words = match end_of(prefix) {
        Some(end) => words.filter(entity::Column::Word.lt(end)),
        None => words,
    };
    words.select_only().column(entity::Column::PatientId).into_query()
}

/// The ids of the first `most` patients with this word.
pub(super) fn bearers(tx: &TenantTx, word: &str, most: u64) -> SelectStatement {
    let words = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Word.eq(word))
        .limit(most);
    words.select_only().column(entity::Column::PatientId).into_query()
}

/// Records the words of a patient's names, in one statement.
pub(super) async fn record(tx: &TenantTx, id: PatientId, words: BTreeSet<String>) -> Result<(), DbErr> {
    if words.is_empty() {
        return Ok(());
    }
    let rows = words.into_iter().map(|word| entity::ActiveModel {
        organization_id: ActiveValue::Set(tx.organization()),
        word: ActiveValue::Set(word),
        patient_id: ActiveValue::Set(id),
    });
    entity::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Forgets the words of a patient's names.
pub(super) async fn forget(tx: &TenantTx, id: PatientId) -> Result<(), DbErr> {
    entity::Entity::delete_many()
        .filter(entity::Column::OrganizationId.eq(tx.organization()))
        .filter(entity::Column::PatientId.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The smallest text, in code point order, that is greater than every text beginning with `prefix`; none if there is
/// no such text. In a column with `collate "C"`, "begins with" is `word >= prefix and word < end_of(prefix)`.
pub(super) fn end_of(prefix: &str) -> Option<String> {
    let mut letters: Vec<char> = prefix.chars().collect();
    while let Some(last) = letters.pop() {
        // The range steps over the surrogates, which are no characters.
        if let Some(next) = (last..=char::MAX).nth(1) {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

fn bare(text: &str) -> impl Iterator<Item = char> {
    text.nfkd().filter(|letter| !is_combining_mark(*letter))
}

fn spelled(letter: char) -> impl Iterator<Item = char> {
    let spelling = match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        _ => "",
    };
    spelling.chars().chain(spelling.is_empty().then_some(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(text: &str) -> Vec<String> {
        words(text).into_iter().collect()
    }

    #[test]
    fn marks_and_case_do_not_count() {
        assert_eq!(list("Ána BRANDT"), ["ana", "brandt"]);
        assert_eq!(list("A\u{301}na"), ["ana"]);
        assert_eq!(list("İpek Ğül Nguyễn"), ["gul", "ipek", "nguyen"]);
        assert_eq!(
            list("Łukasz Sørensen Strauß Þórr"),
            ["lukasz", "sorensen", "strauss", "thorr"]
        );
    }

    #[test]
    fn a_name_is_split_where_no_letter_stands() {
        assert_eq!(list("O'Neill-Smith  jr."), ["jr", "neill", "o", "smith"]);
        assert_eq!(list("山田 太郎"), ["太郎", "山田"]);
        assert_eq!(list("- ’ –"), [] as [String; 0]);
    }

    #[test]
    fn a_name_is_found_as_it_is_spelled_and_written_elsewhere() {
        for (name, found_by) in [
            ("Müller", &["muller", "mueller"][..]),
            ("Ødegård", &["odegard", "oedegaard"]),
            ("O’Brien", &["o", "brien", "obrien"]),
            ("Anna-Lena", &["anna", "lena", "annalena"]),
            ("Hans-Jürgen", &["hansjurgen", "hansjuergen"]),
        ] {
            let words = of_name(name);
            assert!(found_by.iter().all(|word| words.contains(*word)), "{words:?}");
        }
        assert_eq!(of_name("Brandt").len(), 1);
    }

    #[test]
    fn a_long_word_is_cut() {
        let long = "\u{fdfa}".repeat(100);

        assert!(words(&long).iter().all(|word| word.chars().count() <= LONGEST));
        assert_eq!(list(&"x".repeat(80)), ["x".repeat(LONGEST)]);
    }

    #[test]
    fn a_prefix_implied_by_another_is_dropped() {
        assert_eq!(prefixes("an Ana bra"), ["ana", "bra"]);
        assert_eq!(prefixes(""), [] as [String; 0]);
    }

    #[test]
    fn the_range_ends_after_the_last_text_with_the_prefix() {
        assert_eq!(end_of("an").as_deref(), Some("ao"));
        assert_eq!(end_of("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(end_of("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(end_of("\u{10ffff}"), None);
        assert_eq!(end_of(""), None);
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = words(&text);
            let again = words(&once.iter().cloned().collect::<Vec<_>>().join(" "));
            prop_assert_eq!(once, again);
        }

        #[test]
        fn the_range_holds_exactly_the_texts_with_the_prefix(prefix in "\\PC{1,4}", other in "\\PC{0,6}") {
            let end = end_of(&prefix);
            let inside = |text: &str| text >= prefix.as_str() && end.as_deref().is_none_or(|end| text < end);
            let longer = format!("{prefix}{other}");
            prop_assert!(inside(&longer));
            prop_assert_eq!(inside(&other), other.starts_with(&prefix));
        }
    }
}
