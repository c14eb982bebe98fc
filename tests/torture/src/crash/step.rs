//! How far imports had come when the program was killed, by what lies around.

use crate::evidence::{Entry, Evidence, Lying};

/// Every step, in the order of the way of a file.
pub(crate) const STEPS: [&str; 14] = [
    "settling, or nothing to do",
    "begun in the ledger, not renamed yet",
    "renamed, not claimed in the ledger yet",
    "claimed",
    "copying",
    "copied, not in the ledger yet",
    "waiting for its turn",
    "comparing, or writing rows",
    "transaction half written",
    "committed",
    "copying into the archive",
    "kept, source still there",
    "source removed, not finished yet",
    "held, until a person decides",
];

/// The steps of all imports that were under way.
pub(crate) fn steps(evidence: &Evidence) -> Vec<&'static str> {
    let under_way = evidence.ledger.iter().filter(|entry| entry.step != "finished");
    let steps: Vec<&str> = under_way.filter_map(|entry| STEPS.get(step(evidence, entry)).copied()).collect();
    if steps.is_empty() { vec![STEPS[0]] } else { steps }
}

fn step(evidence: &Evidence, entry: &Entry) -> usize {
    let has = |files: &[Lying], name: &str| files.iter().any(|file| file.name == name);
    let copy = has(&evidence.spool, &entry.id.to_string());
    let claimed = format!(".{}", entry.id);
    let source =
        evidence.exchange.iter().any(|file| file.name.starts_with('.') && file.name.ends_with(&claimed));
    let kept = evidence.archive.iter().chain(&evidence.refused);
    match (entry.step.as_str(), entry.state.as_str()) {
        ("claiming", _) if source => 2,
        ("claiming", _) => 1,
        ("claimed", _) if copy => 5,
        ("claimed", _) if has(&evidence.spool, &format!("{}.partial", entry.id)) => 4,
        ("claimed", _) => 3,
        ("spooled", "held") => 13,
        ("spooled", "waiting") => 6,
        ("spooled", _) if evidence.half_written => 8,
        ("spooled", _) => 7,
        _ if kept.clone().any(|file| file.name.ends_with(".partial")) => 10,
        _ if !kept.clone().any(|file| file.sha256 == entry.sha256) => 9,
        _ if source => 11,
        _ => 12,
    }
}
