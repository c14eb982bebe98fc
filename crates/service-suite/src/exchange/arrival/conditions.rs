//! What must be so before a file is taken for finished, beside that nobody writes to it.

use std::time::Duration;

use super::Way;
use crate::exchange::check::Check;
use crate::exchange::place::{FileTime, Sighting, Writer};

/// The conditions under which a file is settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    /// For how long nothing may change.
    pub(crate) settle: Duration,
    /// For how long the file must have been seen under its name.
    pub(crate) minimum_age: Duration,
    /// The name of the file that must be there, too.
    pub(crate) marker: Option<String>,
    /// Whether only a file is taken that was renamed into place.
    pub(crate) renamed: bool,
}

/// Only a settle time.
impl From<Duration> for Conditions {
    fn from(settle: Duration) -> Self {
        Self { settle, ..Self::default() }
    }
}

/// What a look at the marker of a file found, right before the look at the file itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Marker {
    /// None, or none that counts: another delivery has had it, or it is no file.
    #[default]
    Missing,
    /// It is there.
    Seen(Sighting),
}

/// What a notification said of a name since the last look; what came last counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// A file was renamed to it.
    Renamed,
    /// Something was written into the file that has it.
    Written,
}

/// What is missing of the marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkerLack {
    /// It is not there, or it is still open for writing itself.
    Missing,
    /// The file was written to after it: it belongs to what the file held before.
    Older,
}

impl Conditions {
    /// What is missing of the marker, if one is asked for and anything is.
    pub(super) fn lacks(&self, marker: &Marker, file: &Sighting) -> Option<MarkerLack> {
        self.marker.as_ref()?;
        match marker {
            Marker::Seen(marker) if marker.writer == Writer::Held => Some(MarkerLack::Missing),
            Marker::Seen(marker) if marker.changed < last_write(file) => Some(MarkerLack::Older),
            Marker::Seen(_) => None,
            Marker::Missing => Some(MarkerLack::Missing),
        }
    }

    /// What these conditions add to the proof once they are met.
    pub(super) fn proof(&self, age: Duration, way: Way) -> Vec<Check> {
        let mut proof = Vec::new();
        if !self.minimum_age.is_zero() {
            let (age, least) = (age.as_secs_f64(), self.minimum_age.as_secs_f64());
            let detail = format!("it had been there for {age:.1} s; at least {least} s are asked for");
            proof.push(Check::passed("minimum age", detail));
        }
        if self.renamed {
            let detail = match way {
                Way::RenamedByNews => "the system told of the rename",
                _ => "its change time is later than its last write, as a rename leaves it",
            };
            proof.push(Check::passed("renamed into place", detail));
        }
        if let Some(marker) = &self.marker {
            let detail = format!("{marker} was there, and the file was not written to after it");
            proof.push(Check::passed("marker", detail));
        }
        proof
    }
}

/// When a file was last written to, as far as its times tell. The change time also moves when a file is renamed or gets
/// other permissions, and the modification time can be set to anything: the earlier of the two is that of the write,
/// but for a write before which the clock was wrong.
fn last_write(file: &Sighting) -> FileTime {
    file.modified.min(file.changed)
}
