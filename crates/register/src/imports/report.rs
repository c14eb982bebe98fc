//! What an import reports to scripts and other systems.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Import, ProofItem, State};
use crate::counts::Counts;
use crate::time;

/// What an import reports: the keys of `import --json`, `imports show --json` and the API, and no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RunReport {
    pub id: i64,
    pub automation: Option<String>,
    pub register: String,
    pub file: String,
    pub sha256: Option<String>,
    pub state: State,
    pub reason: Option<String>,
    pub read: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub refused: u64,
    pub warnings: u64,
    pub missing: u64,
    #[serde(with = "time")]
    pub started_at: Timestamp,
    #[serde(with = "time::optional")]
    pub finished_at: Option<Timestamp>,
    pub proof: Vec<ProofItem>,
}

impl Import {
    /// What the import reports to scripts and other systems.
    pub fn run_report(&self) -> RunReport {
        let Counts { read, created, updated, unchanged, refused, missing } = self.counts;
        RunReport {
            id: self.id,
            automation: self.automation.clone(),
            register: self.register.clone(),
            file: self.file.clone(),
            sha256: self.sha256.clone(),
            state: self.state,
            reason: self.reason.clone(),
            read,
            created,
            updated,
            unchanged,
            refused,
            warnings: self.warnings,
            missing,
            started_at: self.started_at,
            finished_at: self.finished_at,
            proof: self.proof.clone(),
        }
    }
}
