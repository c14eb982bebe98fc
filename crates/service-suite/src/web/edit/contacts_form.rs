//! The contacts in the form for a record: a row each, which are added and removed by buttons of the form.

use register::contacts::{self, Contact, LABELS, NAMES, PARTS};

use super::form::{Sent, keyboard, kind};

/// The parts of one contact as they stand in the form.
pub(crate) type Row = [String; 5];

/// The button that adds a row.
pub(crate) const ADD: &str = "add-contact";
/// The beginning of the button that removes one; its number follows.
pub(crate) const REMOVE: &str = "remove-contact-";

/// One field of a row.
pub(crate) struct Cell<'r> {
    /// What it is sent as.
    pub(crate) name: String,
    /// What people call it.
    pub(crate) label: &'static str,
    /// What stands in it.
    pub(crate) text: &'r str,
    /// The type of its input element.
    pub(crate) kind: &'static str,
    /// The keyboard that a phone shows for it; empty for the usual one.
    pub(crate) keyboard: &'static str,
}

/// The fields of the row of this number, from 0.
pub(crate) fn cells<'r>(number: &usize, row: &'r Row) -> Vec<Cell<'r>> {
    let cell = |(at, text): (usize, _)| Cell {
        name: format!("contact.{number}.{}", NAMES[at]),
        label: LABELS[at],
        text,
        kind: kind(PARTS[at].kind),
        keyboard: keyboard(PARTS[at].kind),
    };
    row.iter().map(String::as_str).enumerate().map(cell).collect()
}

/// The rows for contacts as they are stored.
pub(super) fn rows(stored: &str) -> Vec<Row> {
    let row = |contact: &Contact| contact.parts().map(|part| one_line(part.unwrap_or_default()));
    contacts::list(Some(stored)).iter().map(row).collect()
}

/// Browsers leave line breaks out of fields of one line.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], "")
}

/// The rows as they were sent.
pub(super) fn sent(sent: &Sent) -> Vec<Row> {
    let row = |number: usize| {
        let parts = NAMES.map(|part| sent.get(&format!("contact.{number}.{part}")));
        let there = parts.iter().any(Option::is_some);
        there.then(|| parts.map(|part| part.cloned().unwrap_or_default()))
    };
    (0..=contacts::MOST).map_while(row).collect()
}

/// What rows are stored as; what stood there already stays exactly as it is, blanks at the ends of anything else were not
/// meant.
pub(super) fn text(rows: &[Row], was: &str) -> String {
    let before = contacts::list(Some(was));
    let contact = |row: &Row| {
        let same =
            |contact: &&Contact| contact.parts().map(|part| one_line(part.unwrap_or_default())) == *row;
        before.iter().find(same).cloned().unwrap_or_else(|| {
            let mut contact = Contact::default();
            for (part, text) in row.iter().enumerate() {
                contact.set(part, Some(text.trim().to_owned()).filter(|text| !text.is_empty()));
            }
            contact
        })
    };
    let all: Vec<Contact> = rows.iter().map(contact).filter(|contact| !contact.is_empty()).collect();
    contacts::text(&all).unwrap_or_default()
}

/// Does what a button says: adds a row, or removes one. Whether it was such a button.
pub(super) fn press(rows: &mut Vec<Row>, button: &str) -> bool {
    if button == ADD {
        rows.push(Row::default());
        return true;
    }
    match button.strip_prefix(REMOVE).and_then(|number| number.parse::<usize>().ok()) {
        Some(number) if number < rows.len() => drop(rows.remove(number)),
        Some(_) => {}
        None => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_sent(rows: &[Row]) -> Sent {
        let cells = rows.iter().enumerate().flat_map(|(number, row)| {
            NAMES.iter().zip(row).map(move |(part, text)| (format!("contact.{number}.{part}"), text.clone()))
        });
        cells.collect()
    }

    #[test]
    fn what_nobody_touched_stays_exactly_as_it_was() {
        let was = r#"[{"name":" Anna\nOlsen ","phone":"1"},{"email":"b@b.example"}]"#;
        let mut shown = sent(&as_sent(&rows(was)));
        assert_eq!(text(&shown, was), was);
        shown[1][0] = " Bo ".to_owned();
        assert_eq!(
            text(&shown, was),
            r#"[{"name":" Anna\nOlsen ","phone":"1"},{"name":"Bo","email":"b@b.example"}]"#
        );
    }

    #[test]
    fn rows_come_and_go_and_blank_ones_are_no_contact() {
        let mut shown = rows(r#"[{"name":"Anna"},{"name":"Bo"}]"#);
        assert!(
            press(&mut shown, ADD)
                && press(&mut shown, "remove-contact-0")
                && press(&mut shown, "remove-contact-9")
        );
        assert!(!press(&mut shown, "save"));
        assert_eq!(text(&shown, ""), r#"[{"name":"Bo"}]"#);
        assert_eq!(sent(&as_sent(&shown)).len(), 2);
        assert_eq!(text(&[Row::default()], ""), "");
    }
}
