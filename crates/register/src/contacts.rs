//! The contacts of a record: people with their addresses, kept as one value of one field, so that they are compared,
//! committed, taken back and told of like any other value.
//!
//! Stored is a JSON list in one form only: the order of the file, each contact once, parts that are empty left out.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::field::{self, Fault, Field, Kind, Writing, code};

/// The most contacts of one record.
pub const MOST: usize = 1000;

/// The most contacts on one line of a file.
pub const MOST_ON_A_LINE: u16 = 99;

/// A person of a record; `None` is what is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contact {
    /// The person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the person does there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// One or more e-mail addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// A mobile telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
}

/// What a contact consists of, in the order of [`Contact::parts`]. A column of a file is mapped to one of these names, or
/// with the number of the contact in the row: `contact.2.name`.
pub static PARTS: [Field; 5] = [
    Field::new("contact.name", "Contact: name", Kind::Text { max: 200 }, GROUP),
    Field::new("contact.title", "Contact: title", Kind::Text { max: 100 }, GROUP),
    Field::new("contact.email", "Contact: e-mail", Kind::Email { max: 254 }, GROUP),
    Field::new("contact.phone", "Contact: phone", Kind::Phone { max: 60 }, GROUP),
    Field::new("contact.mobile", "Contact: mobile", Kind::Phone { max: 60 }, GROUP),
];

const GROUP: &str = "Contacts";

/// The labels of the parts where it is plain that they are a contact's.
pub const LABELS: [&str; 5] = ["Name", "Title", "E-mail", "Phone", "Mobile"];

/// The names of the parts within a contact.
pub const NAMES: [&str; 5] = ["name", "title", "email", "phone", "mobile"];

/// The part that a field of a format stands for, and the number of its contact in the row: `contact.name`,
/// `contact.2.email`. `None` when it is no part of a contact.
pub fn part(field: &str) -> Option<(Option<u16>, usize)> {
    let rest = field.strip_prefix("contact.")?;
    let (number, name) = match rest.split_once('.') {
        None => (None, rest),
        Some((number, name)) => {
            // One way of writing a number, so that no two fields are the same.
            let read = number.parse::<u16>().ok().filter(|n| n.to_string() == number)?;
            let read = Some(read).filter(|n| (1..=MOST_ON_A_LINE).contains(n))?;
            (Some(read), name)
        }
    };
    Some((number, NAMES.iter().position(|part| *part == name)?))
}

/// The name of the field for a part of one of several contacts on a line; `None` where there is no such contact or part.
pub(crate) fn name(number: u16, part: usize) -> Option<&'static str> {
    static FIELDS: LazyLock<Vec<String>> = LazyLock::new(|| {
        (1..=MOST_ON_A_LINE).flat_map(|n| NAMES.map(|part| format!("contact.{n}.{part}"))).collect()
    });
    let at = usize::from(number.checked_sub(1)?) * NAMES.len() + part;
    FIELDS.get(at).filter(|_| part < NAMES.len()).map(String::as_str)
}

/// What people call the part of a contact that a field of a format stands for: `Contact: name`, `Contact 2: e-mail`.
pub fn label(field: &str) -> Option<String> {
    let (number, part) = part(field)?;
    Some(match number {
        None => PARTS[part].label.to_owned(),
        Some(number) => format!("Contact {number}: {}", LABELS[part].to_lowercase()),
    })
}

impl Contact {
    /// Its parts, in the order of [`PARTS`].
    pub fn parts(&self) -> [Option<&str>; 5] {
        [&self.name, &self.title, &self.email, &self.phone, &self.mobile].map(Option::as_deref)
    }

    /// Sets the part at a place of [`PARTS`].
    pub fn set(&mut self, part: usize, value: Option<String>) {
        let parts = [&mut self.name, &mut self.title, &mut self.email, &mut self.phone, &mut self.mobile];
        if let Some(place) = parts.into_iter().nth(part) {
            *place = value;
        }
    }

    /// Whether nothing is known of it.
    pub fn is_empty(&self) -> bool {
        self.parts().iter().all(Option::is_none)
    }

    /// The contact in one line for a person: `Anna Olsen (Purchasing), anna@olsen.example, 86 12 34 56`.
    pub fn line(&self) -> String {
        let mut line = self.name.clone().unwrap_or_default();
        if let Some(title) = &self.title {
            line = if line.is_empty() { title.clone() } else { format!("{line} ({title})") };
        }
        for part in [&self.email, &self.phone, &self.mobile].into_iter().flatten() {
            if !line.is_empty() {
                line.push_str(", ");
            }
            line.push_str(part);
        }
        line
    }

    /// Whether this says all that `other` says, and perhaps more.
    pub(crate) fn covers(&self, other: &Contact) -> bool {
        self.parts().iter().zip(other.parts()).all(|(own, other)| other.is_none() || *own == other)
    }

    /// As JSON: all parts, what is not known being null.
    pub fn json(&self) -> serde_json::Value {
        let part =
            |(name, value): (&&str, Option<&str>)| ((*name).to_owned(), serde_json::Value::from(value));
        NAMES.iter().zip(self.parts()).map(part).collect()
    }
}

/// The contacts of a stored value.
pub fn list(stored: Option<&str>) -> Vec<Contact> {
    // What is stored has been checked; an earlier program's value that cannot be read is shown as none.
    stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// What is stored of contacts; `None` when there are none.
pub fn text(list: &[Contact]) -> Option<String> {
    if list.is_empty() { None } else { serde_json::to_string(list).ok() }
}

/// A stored value for a person, a contact a line.
pub fn lines(stored: &str) -> String {
    list(Some(stored)).iter().map(Contact::line).collect::<Vec<_>>().join("\n")
}

/// What a change of contacts comes to, for a person: the contacts that are no more as they were, and what is new, a line
/// each. When only their order changed, all of them.
pub fn difference(old: Option<&str>, new: Option<&str>) -> (String, String) {
    let (before, after) = (list(old), list(new));
    let lines = |of: &[Contact], without: &[Contact]| {
        let kept = of.iter().filter(|contact| !without.contains(contact));
        kept.map(Contact::line).collect::<Vec<_>>().join("\n")
    };
    match (lines(&before, &after), lines(&after, &before)) {
        (gone, came) if gone.is_empty() && came.is_empty() => (lines(&before, &[]), lines(&after, &[])),
        told => told,
    }
}

/// Contacts as they come one by one: each is taken once, and blank ones are not.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    list: Vec<Contact>,
    seen: HashSet<Contact>,
}

impl Gathering {
    /// Takes one more.
    ///
    /// # Errors
    /// When there are more than [`MOST`].
    pub(crate) fn add(&mut self, contact: Contact) -> Result<(), Fault> {
        if contact.is_empty() || self.seen.contains(&contact) {
            return Ok(());
        }
        if self.list.len() == MOST {
            return Err(Fault {
                code: code::TOO_MANY_CONTACTS,
                message: format!("It has more than {MOST} contacts."),
                hint: "Leave out those that are no longer needed.".to_owned(),
            });
        }
        self.seen.insert(contact.clone());
        self.list.push(contact);
        Ok(())
    }

    /// What is stored of them.
    pub(crate) fn text(&self) -> Option<String> {
        text(&self.list)
    }
}

/// Checks contacts written as a JSON list; gives them in the form in which they are stored, `None` for none.
///
/// # Errors
/// The [`Fault`] that a person needs to mend them: a text that is no such list, a part that its kind does not allow.
pub(crate) fn check(cell: &str) -> Result<Option<Cow<'_, str>>, Fault> {
    let read: Vec<Contact> = serde_json::from_str(cell).map_err(|_| {
        field::fault(
            code::NOT_CONTACTS,
            cell,
            "is no list of contacts",
            "Write it as [{\"name\":\"Anna Olsen\",\"email\":\"anna@olsen.example\"}]; the parts are name, title, email, \
             phone and mobile.",
        )
    })?;
    let writing = Writing::plain('.');
    let mut gathering = Gathering::default();
    for (number, contact) in (1..).zip(read) {
        let mut checked = Contact::default();
        for (at, (part, value)) in PARTS.iter().zip(contact.parts()).enumerate() {
            let value = value.map_or(Ok(None), |value| field::check(part.kind, value, &writing));
            let value = value.map_err(|fault| Fault {
                message: format!("Contact {number}, {}: {}", LABELS[at].to_lowercase(), fault.message),
                ..fault
            })?;
            checked.set(at, value.map(Cow::into_owned));
        }
        gathering.add(checked)?;
    }
    Ok(gathering.text().map(Cow::Owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(name: &str, email: &str) -> Contact {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Contact { name: some(name), email: some(email), ..Contact::default() }
    }

    #[test]
    fn parts_are_named_in_one_way_only() {
        for (field, expected) in [
            ("contact.name", Some((None, 0))),
            ("contact.2.email", Some((Some(2), 2))),
            ("contact.12.mobile", Some((Some(12), 4))),
            ("contact", None),
            ("contact.fax", None),
            ("contact.0.name", None),
            ("contact.02.name", None),
            ("contact.99.name", Some((Some(99), 0))),
            ("contact.100.name", None),
            ("contact.name.2", None),
            ("contacts", None),
        ] {
            assert_eq!(part(field), expected, "{field}");
        }
        for (at, field) in PARTS.iter().enumerate() {
            assert_eq!(part(field.name), Some((None, at)));
        }
    }

    #[test]
    fn a_list_is_stored_in_one_form_and_read_again_as_it_was() {
        for (written, stored) in [
            (
                r#" [ {"email":"a@b.example", "name":"Anna"} ] "#,
                Some(r#"[{"name":"Anna","email":"a@b.example"}]"#),
            ),
            (
                r#"[{"name":"Anna","phone":null},{"name":" "},{"name":"Anna"},{"name":"Bo"}]"#,
                Some(r#"[{"name":"Anna"},{"name":"Bo"}]"#),
            ),
            ("[]", None),
            ("[{}]", None),
        ] {
            let found = check(written).unwrap();
            assert_eq!(found.as_deref(), stored, "{written}");
            if let Some(stored) = stored {
                assert_eq!(check(stored).unwrap().as_deref(), Some(stored));
                assert_eq!(text(&list(Some(stored))).as_deref(), Some(stored));
            }
        }
    }

    #[test]
    fn what_is_wrong_names_the_contact_and_the_part() {
        let fault = check(r#"[{"name":"Anna"},{"email":"bo"}]"#).unwrap_err();
        assert_eq!(
            (fault.code, fault.message.as_str()),
            (code::NOT_AN_EMAIL, "Contact 2, e-mail: \"bo\" is not an e-mail address.")
        );
        for text in ["Anna", "{}", r#"[{"naem":"Anna"}]"#, r#"[{"name":7}]"#, "["] {
            assert_eq!(check(text).unwrap_err().code, code::NOT_CONTACTS, "{text}");
        }
        let many: Vec<Contact> = (0..=MOST).map(|n| contact(&n.to_string(), "")).collect();
        assert_eq!(check(&text(&many).unwrap()).unwrap_err().code, code::TOO_MANY_CONTACTS);
        assert!(check(&text(&many[1..]).unwrap()).is_ok());
    }

    #[test]
    fn a_change_is_told_by_what_differs() {
        let stored = |list: &[Contact]| text(list);
        let (anna, bo, new) =
            (contact("Anna", "a@b.example"), contact("Bo", ""), contact("Bo", "bo@b.example"));
        let told =
            |old: &[Contact], new: &[Contact]| difference(stored(old).as_deref(), stored(new).as_deref());
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(told(&[], std::slice::from_ref(&anna)), pair("", "Anna, a@b.example"));
        assert_eq!(told(&[anna.clone(), bo.clone()], &[anna.clone(), new]), pair("Bo", "Bo, bo@b.example"));
        assert_eq!(
            told(&[anna.clone(), bo.clone()], &[bo, anna]),
            pair("Anna, a@b.example\nBo", "Bo\nAnna, a@b.example")
        );
    }
}
