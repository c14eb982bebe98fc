//! What reading a file to its end says of its completeness: the last layers of the proof.

use erpfile::{Problem, code};
use register::counts::Counts;
use register::imports::{Import, ProofItem, ProofResult};

use crate::exchange::check::{Check, Outcome};
use crate::exchange::spool::COPY;

/// What the last record says.
const LAST_RECORD: &str = "last record complete";

/// What the trailer says.
const TRAILER: &str = "trailer";

/// A check of the exchange folder as the ledger keeps it.
pub(super) fn proof_item(check: &Check) -> ProofItem {
    ProofItem {
        check: check.check.to_string(),
        result: match check.result {
            Outcome::Passed => ProofResult::Passed,
            Outcome::Failed => ProofResult::Failed,
            Outcome::Unknown => ProofResult::Unknown,
        },
        detail: check.detail.clone(),
    }
}

/// The proof of a file that was read to its end: what was known before, its last record, and its trailer if it has one.
pub(super) fn read_whole(before: &[ProofItem], counts: &Counts, trailer: Option<&str>) -> Vec<ProofItem> {
    let rows = match counts.read {
        0 => "The file was read to its end; it has no rows.".to_owned(),
        1 => "Its one row was read, to the end of the file.".to_owned(),
        read => format!("All {read} rows were read, to the end of the file."),
    };
    let mut proof = before.to_vec();
    proof.push(item(LAST_RECORD, ProofResult::Passed, &rows));
    if let Some(trailer) = trailer {
        proof.push(item(TRAILER, ProofResult::Passed, trailer));
    }
    proof
}

/// The proof of a file whose bytes an earlier import read: what that one found at their end holds for this one, too.
pub(super) fn same_bytes(before: &[ProofItem], earlier: &Import) -> Vec<ProofItem> {
    let at_the_end =
        earlier.proof.iter().filter(|item| [LAST_RECORD, TRAILER].contains(&item.check.as_str()));
    let found = at_the_end.map(|item| ProofItem {
        detail: format!("The same bytes as import {}: {}", earlier.id, item.detail),
        ..item.clone()
    });
    before.iter().cloned().chain(found).collect()
}

/// The proof of a file that is refused: the layer that spoke against it, where one did.
pub(super) fn refused(before: &[ProofItem], problem: &Problem) -> Vec<ProofItem> {
    let known = |check: &str| before.iter().any(|item| item.check == check);
    let read = "Every record up to the end of the file was read.";
    let mut found = Vec::new();
    match problem.code.as_ref() {
        code::INCOMPLETE_RECORD | code::QUOTE_NOT_CLOSED => {
            found.push(item(LAST_RECORD, ProofResult::Failed, &problem.message));
        }
        code::TRAILER_MISSING | code::TRAILER_MISMATCH | code::TRAILER_UNREADABLE => {
            found.push(item(LAST_RECORD, ProofResult::Passed, read));
            found.push(item(TRAILER, ProofResult::Failed, &problem.message));
        }
        code::TRAILER_MISPLACED => found.push(item(TRAILER, ProofResult::Failed, &problem.message)),
        "file-gone" | "file-changed" if !known(COPY) => {
            found.push(item(COPY, ProofResult::Failed, &problem.message));
        }
        // Any other damage ended the reading somewhere before the end.
        code if code::ALL.iter().any(|(known, _)| *known == code) => {
            found.push(item(LAST_RECORD, ProofResult::Unknown, "The file could not be read to its end."));
        }
        _ => {}
    }
    before.iter().cloned().chain(found).collect()
}

fn item(check: &str, result: ProofResult, detail: &str) -> ProofItem {
    ProofItem { check: check.to_owned(), result, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(proof: &[ProofItem]) -> Vec<(&str, ProofResult)> {
        proof.iter().map(|item| (item.check.as_str(), item.result)).collect()
    }

    #[test]
    fn the_layer_that_speaks_against_a_file_is_shown_as_failed() {
        use ProofResult::{Failed, Passed, Unknown};
        let copied = [item(COPY, Passed, "the same")];
        for (code, before, expected) in [
            (code::INCOMPLETE_RECORD, true, vec![(LAST_RECORD, Failed)]),
            (code::QUOTE_NOT_CLOSED, true, vec![(LAST_RECORD, Failed)]),
            (code::TRAILER_MISSING, true, vec![(LAST_RECORD, Passed), (TRAILER, Failed)]),
            (code::TRAILER_MISMATCH, true, vec![(LAST_RECORD, Passed), (TRAILER, Failed)]),
            (code::TRAILER_MISPLACED, true, vec![(TRAILER, Failed)]),
            (code::UNDECODABLE, true, vec![(LAST_RECORD, Unknown)]),
            ("file-gone", false, vec![(COPY, Failed)]),
            ("file-gone", true, vec![]),
            ("abandoned", true, vec![]),
        ] {
            let before = if before { &copied[..] } else { &[] };
            let proof = refused(before, &Problem::new(code, "What happened.", ""));
            assert_eq!(shown(&proof[before.len()..]), expected, "{code}");
        }
    }
}
