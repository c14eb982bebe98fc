//! The outcome of one check, as shown in a delivery's proof of completeness and by the test button.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What a check found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It is as it should be.
    Passed,
    /// It is not as it should be; the detail says what to do.
    Failed,
    /// It cannot be known here; the detail says why.
    Unknown,
}

/// One check with its outcome. As JSON it is one entry of a run report's `proof`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Check {
    /// What was checked, in a few words: "quiet", "no local writer".
    pub(crate) check: Cow<'static, str>,
    /// What was found out.
    pub(crate) result: Outcome,
    /// One or two sentences for people.
    pub(crate) detail: String,
}

impl Check {
    /// A check that came out well.
    pub(crate) fn passed(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check: Cow::Borrowed(check), result: Outcome::Passed, detail: detail.into() }
    }

    /// A check that came out badly.
    pub(crate) fn failed(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check: Cow::Borrowed(check), result: Outcome::Failed, detail: detail.into() }
    }

    /// A check that could not be made.
    pub(crate) fn unknown(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check: Cow::Borrowed(check), result: Outcome::Unknown, detail: detail.into() }
    }
}

/// Why a delivery is believed to be complete: one entry a layer. It grows along the file's way.
pub(crate) type Proof = Vec<Check>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_keys_of_a_run_report() {
        let check = Check::unknown("no local writer", "unknown here");
        let json = serde_json::to_string(&check).unwrap();
        assert_eq!(json, r#"{"check":"no local writer","result":"unknown","detail":"unknown here"}"#);
        assert_eq!(serde_json::from_str::<Check>(&json).unwrap(), check);
    }
}
