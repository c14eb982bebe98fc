//! What is wrong with settings before they are stored.

use std::collections::BTreeSet;
use std::time::Duration;

use erpfile::Format;
use serde::Serialize;

use super::{AfterImport, ErpSystem, Guards, KeepArchive, Limits, Settings, notifications, own_fields};
use crate::own_fields::{OwnField, with};
use crate::{REGISTERS, Register, mapping, people};

/// One thing that is wrong with settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// The section and key, e.g. `erp-system.settle` or `format "ERP customers": delimiter`.
    pub place: String,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What to do, as a sentence.
    pub hint: String,
}

impl Complaint {
    pub(super) fn new(
        place: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Complaint {
        Complaint { place: place.into(), message: message.into(), hint: hint.into() }
    }
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} {}", self.place, self.message, self.hint)
    }
}

/// The longest settle time.
const LONGEST_SETTLE: Duration = Duration::from_secs(24 * 60 * 60);

/// The most days for which archived files are kept, short of for ever: a hundred years.
const LONGEST_KEEP: u32 = 36_500;

/// The longest name of an ERP system or a format, in characters.
const LONGEST_NAME: usize = 80;

/// Everything that is wrong with the settings; empty for usable ones. Whether the folders exist, can be used and do not
/// contain one another is for the caller to see.
pub fn complaints(settings: &Settings) -> Vec<Complaint> {
    let mut list = Vec::new();
    erp_system(&settings.erp_system, &mut list);
    limits(&settings.limits, &mut list);
    notifications::complaints(&settings.notifications, &mut list);
    own_fields::complaints(&settings.own_fields, &mut list);
    for (index, format) in settings.formats.iter().enumerate() {
        let wrong =
            format_complaints(format, &settings.own_fields).into_iter().chain(beside(settings, index));
        list.extend(wrong.map(|complaint| of_format(format, complaint)));
    }
    let mut seen = BTreeSet::new();
    for automation in &settings.automations {
        let place = || format!("automation \"{}\"", automation.name);
        if !seen.insert(&automation.name) {
            list.push(Complaint::new(place(), "It is given twice.", "Give each automation once."));
        } else if register_of(&automation.name).is_none() || automation.active {
            // What is wrong with its format has been said above.
            let wrong = activation_complaints(settings, &automation.name).into_iter();
            let own = wrong.filter(|complaint| !complaint.place.starts_with(FORMAT));
            list.extend(own.map(|complaint| Complaint { place: place(), ..complaint }));
        }
        list.extend(automation.guards.into_iter().flat_map(of_guards).map(|(key, share)| {
            let place = format!("{}: guards.{key}", place());
            Complaint::new(place, format!("{share} is no share in per cent."), "Give a number from 0 to 100.")
        }));
    }
    list
}

/// The shares that are none, with their keys.
fn of_guards(guards: Guards) -> impl Iterator<Item = (&'static str, u8)> {
    [
        ("least-rows", guards.least_rows),
        ("most-refused", guards.most_refused),
        ("most-updated", guards.most_updated),
        ("most-deactivated", guards.most_deactivated),
    ]
    .into_iter()
    .filter(|(_, share)| *share > 100)
}

/// How the place of a complaint about a format begins.
const FORMAT: &str = "format \"";

fn of_format(format: &Format, complaint: Complaint) -> Complaint {
    Complaint { place: format!("{FORMAT}{}\": {}", format.name, complaint.place), ..complaint }
}

/// What keeps an automation from being active, as far as the settings tell: empty when it can be. The place of each
/// complaint is `formats` when there is no default format, that of [`complaints`] when it is wrong, and `name` when there
/// is no such automation.
pub fn activation_complaints(settings: &Settings, automation: &str) -> Vec<Complaint> {
    let Some(register) = register_of(automation) else {
        let known: Vec<_> = REGISTERS.iter().map(|register| register.automation).collect();
        let hint = format!("The automations are: {}.", known.join(", "));
        return vec![Complaint::new("name", format!("There is no automation \"{automation}\"."), hint)];
    };
    let default = settings.formats.iter().find(|format| format.default && format.register == register.name);
    if let Some(format) = default {
        let wrong = format_complaints(format, &settings.own_fields);
        return wrong.into_iter().map(|complaint| of_format(format, complaint)).collect();
    }
    let message = format!(
        "\"{}\" needs a default format for {}, which says what the file is called and how it is laid out.",
        register.automation_title, register.name
    );
    let hint = "Make a format the default one, or leave the automation inactive.";
    vec![Complaint::new("formats", message, hint)]
}

/// Everything that is wrong with a format by itself, where these own fields are declared. The place of each complaint is the key within the format, with
/// the 1-based number of the column where there is one: `delimiter`, `columns[2].field`.
pub fn format_complaints(format: &Format, own: &[OwnField]) -> Vec<Complaint> {
    let mut list: Vec<_> =
        format.complaints().into_iter().map(|c| Complaint::new(c.key, c.message, c.hint)).collect();
    name("name", &format.name, &mut list);
    if format.default && format.filename.is_empty() {
        let message = "A default format needs the name of the file that the automation waits for.";
        list.push(Complaint::new(
            "filename",
            message,
            "Write it as the ERP system does, such as customers.txt.",
        ));
    }
    if !format.register.trim().is_empty() {
        register_complaints(format, own, &mut list);
    }
    list
}

fn register_complaints(format: &Format, own: &[OwnField], list: &mut Vec<Complaint>) {
    let Some(register) = crate::register(&format.register) else {
        let known: Vec<_> = REGISTERS.iter().map(|register| register.name).collect();
        let message = format!("There is no register \"{}\".", format.register);
        list.push(Complaint::new("register", message, format!("The registers are: {}.", known.join(", "))));
        return;
    };
    let complaints = mapping::complaints(with(register, own), format).into_iter();
    list.extend(complaints.map(|c| Complaint::new(c.key, c.message, c.hint)));
}

/// What is wrong with a format only because of the others, or of what becomes of files. Each pair is complained of once,
/// at the later one.
pub(super) fn beside(settings: &Settings, index: usize) -> Vec<Complaint> {
    let mut list = Vec::new();
    let format = &settings.formats[index];
    if format.default && format.marker.is_some() && settings.erp_system.after_import == AfterImport::Leave {
        let message = "Files are left where they are after their import, and so would be the marker: it would let the \
                       next file through before that is finished.";
        let hint = "Let files be archived or deleted after their import, or do without a marker.";
        list.push(Complaint::new("marker", message, hint));
    }
    for other in &settings.formats[..index] {
        if people::fold(&other.name) == people::fold(&format.name) {
            let message = format!("There is another format called \"{}\".", other.name);
            list.push(Complaint::new("name", message, "Give each format a name of its own."));
        }
        if !(format.default && other.default) {
            continue;
        }
        if format.register == other.register {
            let message = format!("\"{}\" is the default format for {} already.", other.name, other.register);
            list.push(Complaint::new("default", message, "Make one of them the default."));
        } else if format.takes(&other.filename)
            || other.takes(&format.filename)
            || format.filename == other.filename
        {
            let message = format!(
                "The file name \"{}\" and \"{}\" of the format \"{}\" can be the same file.",
                format.filename, other.filename, other.name
            );
            let hint = "Let the ERP system write each register to a file name of its own.";
            list.push(Complaint::new("filename", message, hint));
        } else if markers_meet(format, other) || markers_meet(other, format) {
            let message =
                format!("The format \"{}\" has the same marker, or one is a file of the other.", other.name);
            list.push(Complaint::new("marker", message, "Give each file a marker of its own."));
        }
    }
    list
}

/// Whether the marker of one format is also the marker or the file of another.
fn markers_meet(one: &Format, other: &Format) -> bool {
    one.marker.as_ref().is_some_and(|marker| other.takes(marker) || other.marker.as_ref() == Some(marker))
}

fn erp_system(erp: &ErpSystem, list: &mut Vec<Complaint>) {
    name("erp-system.name", &erp.name, list);
    if erp.settle < Duration::from_millis(1) || erp.settle > LONGEST_SETTLE {
        let message = "The settle time must be at least 1 ms and at most 24 h.";
        let hint = "10s is right for most ERP systems; take more if it pauses while it writes.";
        list.push(Complaint::new("erp-system.settle", message, hint));
    }
    if let KeepArchive::Days(days) = erp.keep_archive
        && !(1..=LONGEST_KEEP).contains(&days)
    {
        let message = "Archived files are kept for 1 to 36500 days, or for ever.";
        let hint = "Give a number of days or \"forever\"; or choose after-import = \"delete\".";
        list.push(Complaint::new("erp-system.keep-archive", message, hint));
    }
    let folders = [
        ("erp-system.exchange-folder", &erp.exchange_folder),
        ("erp-system.archive-folder", &erp.archive_folder),
        ("erp-system.refused-folder", &erp.refused_folder),
    ];
    for (place, folder) in folders {
        let Some(folder) = folder else { continue };
        if !std::path::Path::new(folder).is_absolute() || folder.contains(char::is_control) {
            let message = format!("\"{folder}\" is not a whole path.");
            let hint = "Write the folder from the root on, such as /srv/exchange; leave the key out for the default.";
            list.push(Complaint::new(place, message, hint));
        }
    }
}

fn limits(limits: &Limits, list: &mut Vec<Complaint>) {
    let defaults = Limits::default();
    let ranges = [
        ("limits.line", limits.line, 1 << 10, 64 << 20, defaults.line),
        ("limits.field", limits.field, 1 << 10, 16 << 20, defaults.field),
        ("limits.columns", limits.columns, 1, 100_000, defaults.columns),
        ("limits.file", limits.file, 1 << 10, 1 << 40, defaults.file),
        ("limits.rows", limits.rows, 1, 1_000_000_000_000, defaults.rows),
        ("limits.upload", limits.upload, 1 << 10, 1 << 40, defaults.upload),
        ("limits.unpacked", limits.unpacked, 1 << 10, 1 << 40, defaults.unpacked),
        ("limits.ratio", limits.ratio, 2, 100_000, defaults.ratio),
        ("limits.entries", limits.entries, 1, 100_000, defaults.entries),
    ];
    for (place, value, least, most, default) in ranges {
        if !(least..=most).contains(&value) {
            let message = format!("{value} is out of range: {least} to {most}.");
            list.push(Complaint::new(place, message, format!("The default is {default}.")));
        }
    }
}

fn name(place: &str, name: &str, list: &mut Vec<Complaint>) {
    let chars = name.chars().count();
    if chars > LONGEST_NAME || name.contains(char::is_control) || name.trim() != name {
        let message = "A name has at most 80 characters, no control characters and no blanks around it.";
        list.push(Complaint::new(place, message, "Write a shorter or plainer name."));
    } else if name.is_empty() && place != "name" {
        list.push(Complaint::new(place, "There is no name.", "Give the name that people here use."));
    }
}

fn register_of(automation: &str) -> Option<&'static Register> {
    REGISTERS.iter().copied().find(|register| register.automation == automation)
}
