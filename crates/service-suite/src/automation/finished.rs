//! What a format asks for before its file is taken, and how that is told.

use std::time::Duration;

use erpfile::{Arriving, Format};

use crate::app::{App, Effective};
use crate::exchange::arrival::{Conditions, Marker, Reason};
use crate::exchange::place::{Look, Place};
use crate::import::{self, Identity};
use crate::text;

/// The conditions under which the file `name` is taken.
pub(super) fn conditions(format: &Format, settings: &Effective, name: &str) -> Conditions {
    Conditions {
        settle: format.settle.unwrap_or_else(|| settings.settle()),
        minimum_age: format.minimum_age.unwrap_or_default(),
        marker: format.marker_of(name),
        renamed: format.arrival == Arriving::Renamed,
    }
}

/// What has been seen of the marker of one file.
#[derive(Default)]
pub(super) struct MarkerWatch {
    /// Its name, once it was looked for.
    name: String,
    /// The marker that counts for the file, if it was there at the last look.
    seen: Option<Identity>,
    /// Why what has the marker's name does not count.
    why: Option<String>,
}

impl MarkerWatch {
    /// Looks for the marker.
    pub(super) fn look(
        &mut self,
        app: &App,
        place: &dyn Place,
        folder: &str,
        marker: &str,
    ) -> Result<Marker, String> {
        let before = self.seen.take();
        self.why = None;
        self.name = marker.to_owned();
        let sighting = match place.look(marker) {
            Look::Seen(sighting, _) => sighting,
            Look::NotAFile(kind) => {
                self.why = Some(format!("what has this name is {kind}"));
                return Ok(Marker::Missing);
            }
            Look::Busy(error) | Look::Unreadable(error) => {
                self.why = Some(format!("it cannot be read ({error})"));
                return Ok(Marker::Missing);
            }
            // That the folder is away is told by the look at the file.
            Look::Absent | Look::NoFolder(_) => return Ok(Marker::Missing),
        };
        let now = Identity::of(folder, marker, &sighting);
        let used = before.as_ref() != Some(&now)
            && import::has_been_used(app, &now).map_err(|error| error.to_string())?;
        if used {
            self.why = Some("the one that is there belongs to the file that is being taken".to_owned());
            return Ok(Marker::Missing);
        }
        self.seen = Some(now);
        Ok(Marker::Seen(sighting))
    }

    /// The marker that was seen at the last look.
    pub(super) fn seen(&self) -> Option<Identity> {
        self.seen.clone()
    }

    /// A reason as people read it; empty when only quiet time is missing, since the state counts that.
    pub(super) fn sentence(&self, reason: Reason, age: Duration, of: Duration) -> String {
        let marker = &self.name;
        match (reason, &self.why) {
            (Reason::Quiet, _) => String::new(),
            (Reason::Young, _) => format!("There for {} s of {} s", age.as_secs(), of.as_secs_f64()),
            (Reason::NoMarker, None) => format!("Waiting for the marker {marker}"),
            (Reason::NoMarker, Some(why)) => format!("Waiting for the marker {marker}: {why}"),
            (Reason::OlderMarker, _) => {
                format!("Written to after its marker; waiting for a new {marker}")
            }
            (reason, _) => text::capital(&reason.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_waits_for_is_said_by_name() {
        let second = Duration::from_secs(1);
        let mut watch = MarkerWatch { name: "customers.done".to_owned(), ..MarkerWatch::default() };
        let mut said = |reason, why: Option<&str>| {
            watch.why = why.map(str::to_owned);
            watch.sentence(reason, 12 * second, 90 * second)
        };
        assert_eq!(said(Reason::Quiet, None), "");
        assert_eq!(said(Reason::FirstSeen, None), "Just seen");
        assert_eq!(said(Reason::Young, None), "There for 12 s of 90 s");
        assert_eq!(said(Reason::NoMarker, None), "Waiting for the marker customers.done");
        let directory = said(Reason::NoMarker, Some("what has this name is a directory"));
        assert_eq!(directory, "Waiting for the marker customers.done: what has this name is a directory");
        assert!(said(Reason::OlderMarker, None).ends_with("waiting for a new customers.done"));
    }
}
