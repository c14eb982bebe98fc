//! What every writer can do: deliver a file at once, slowly, or go on where an upload was cut.

use std::path::Path;
use std::process::Command;

use super::process::Process;

/// Bytes a second of a slow upload.
pub(super) const SLOW: usize = 300_000;

/// How a delivery is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// As fast as it goes.
    AtOnce,
    /// [`SLOW`] bytes a second.
    Slowly,
    /// Only what is not there yet, by what the server says is there.
    Resumed,
}

/// A program that delivers files, with its server where it has one.
pub(super) trait Writer {
    /// The command that delivers a file of the ERP system under a name in the exchange folder.
    fn send(&self, file: &Path, name: &str, how: How) -> Command;

    /// The command that renames a delivered file.
    fn rename(&self, from: &str, to: &str) -> Option<Command>;

    /// The server.
    fn server(&self) -> Option<&Process>;

    /// Makes an upload stand still with its connection open, or go on.
    fn stand_still(&self, upload: &Process, still: bool) -> anyhow::Result<()> {
        upload.stand_still(still)
    }

    /// Whether a file has another name, or is its owner's alone, until it is whole.
    fn hides(&self) -> bool;

    /// Whether what a killed client has sent is under the name that is waited for, to be read.
    fn shows_what_a_dead_client_sent(&self) -> bool {
        !self.hides()
    }

    /// Whether [`How::Resumed`] makes a whole file of a half one. If not, it must be noticed.
    fn resumes(&self) -> bool {
        true
    }

    /// The command that sends only what comes after so many bytes, whatever is there.
    fn send_from(&self, _file: &Path, _name: &str, _offset: usize) -> Option<Command> {
        None
    }
}
