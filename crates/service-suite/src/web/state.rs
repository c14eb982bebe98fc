//! States told by icon, word and colour together.

use register::imports::{ProofResult, State};

use crate::automation::status;
use crate::exchange::check::Outcome;

/// How a state looks: the class of its colour, its icon, its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// `ok`, `work`, `warn`, `fail` or none.
    pub(crate) class: &'static str,
    /// The icon.
    pub(crate) icon: &'static str,
    /// The word; empty where a sentence stands in its place.
    pub(crate) word: &'static str,
}

const fn look(class: &'static str, icon: &'static str, word: &'static str) -> Look {
    Look { class, icon, word }
}

/// How the state of an import looks.
pub(crate) fn of_import(state: State) -> Look {
    match state {
        State::Waiting => look("work", "wait", "Waiting"),
        State::Importing => look("work", "work", "Importing"),
        State::Done => look("ok", "ok", "Done"),
        State::Held => look("warn", "held", "Held"),
        State::Refused => look("fail", "fail", "Refused"),
        State::Undone => look("", "back", "Undone"),
        State::Superseded => look("", "off", "Superseded"),
    }
}

/// How the state of an import looks, by its word.
pub(crate) fn of_import_word(word: &str) -> Look {
    word.parse().map_or(look("", "info", "Unknown"), of_import)
}

/// How the state of an automation looks; its sentence stands beside the icon.
pub(crate) fn of_automation(state: &status::State) -> Look {
    match state {
        status::State::Inactive => look("", "off", ""),
        status::State::Waiting => look("ok", "wait", ""),
        status::State::Settling { .. } => look("work", "wait", ""),
        status::State::Importing { .. } => look("work", "work", ""),
        status::State::Warning { .. } => look("warn", "warn", ""),
        status::State::Failing { .. } => look("fail", "fail", ""),
    }
}

/// How the result of a check looks.
pub(crate) fn of_proof(result: ProofResult) -> Look {
    match result {
        ProofResult::Passed => look("ok", "ok", "Passed"),
        ProofResult::Failed => look("fail", "fail", "Failed"),
        ProofResult::Unknown => look("warn", "help", "Unknown"),
    }
}

/// How the outcome of a look at a folder looks.
pub(crate) fn of_outcome(outcome: &Outcome) -> Look {
    of_proof(match outcome {
        Outcome::Passed => ProofResult::Passed,
        Outcome::Failed => ProofResult::Failed,
        Outcome::Unknown => ProofResult::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_an_icon_that_exists() {
        let sprite = include_str!("../../templates/icons.svg");
        let imports = State::ALL.iter().map(|state| of_import(*state));
        let proofs = ProofResult::ALL.iter().map(|result| of_proof(*result));
        for look in imports.chain(proofs) {
            assert!(sprite.contains(&format!("id=\"i-{}\"", look.icon)), "{look:?}");
            assert!(!look.word.is_empty());
        }
    }
}
