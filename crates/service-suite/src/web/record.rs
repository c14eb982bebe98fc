//! The page of one record: all its fields, its contact, its history. It is changed in `edit`.

use askama::Template;
use axum::extract::{Path, Query, State};
use jiff::Timestamp;
use register::contacts::{Contact, LABELS, PARTS};
use register::db::{Conn, DbError};
use register::duplicates;
use register::field::Kind;
use register::records::{self, Record};
use register::removed::{self, Removed};
use register::{Field, Register, history};
use serde::Deserialize;

use super::duplicates::{self as duplicates_page, Hint};
use super::edit;
use super::page::{Frame, Page, Visitor};
use super::show;
use super::site::Site;
use super::trouble::Trouble;
use crate::values;

/// Changes shown of a record's history, newest first.
const CHANGES: u32 = 200;

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    frame: Frame,
    register: &'static Register,
    number: String,
    name: String,
    groups: Vec<Group>,
    /// All of them; `None` when records of this register have none.
    contacts: Option<Vec<Contact>>,
    /// Likely duplicates of it.
    hints: Vec<Hint>,
    changes: Vec<Change>,
    more_changes: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Where it is changed.
    edit: String,
    /// How it was removed, when it is there no more.
    gone: Option<Removed>,
    /// What has just been done.
    said: Option<&'static str>,
}

/// Fields under a heading.
struct Group {
    title: &'static str,
    fields: Vec<Shown>,
}

/// A field with its value.
struct Shown {
    label: &'static str,
    text: String,
    /// Where the value leads, if it is an address.
    link: Option<String>,
}

/// A changed field, or the creation of the record.
struct Change {
    at: Timestamp,
    import: Option<i64>,
    who: Option<String>,
    /// The import that was undone.
    undo_of: Option<i64>,
    line: Option<u64>,
    label: Option<String>,
    old: Option<String>,
    new: Option<String>,
}

/// The page of the record with this key.
pub(crate) async fn page(
    register: &'static Register,
    site: State<Site>,
    visitor: Visitor,
    Path(number): Path<String>,
    Query(query): Query<Said>,
) -> Result<Page<impl Template>, Trouble> {
    show_record(register, site.0, visitor, number, query.said).await
}

/// What has just been done, by a word.
#[derive(Deserialize)]
pub(crate) struct Said {
    said: Option<String>,
}

/// A key in the query, for those that cannot stand in a path.
#[derive(Deserialize)]
pub(crate) struct ByQuery {
    number: String,
    said: Option<String>,
}

/// The same, for keys that cannot stand in a path.
pub(crate) async fn page_by_query(
    register: &'static Register,
    site: State<Site>,
    visitor: Visitor,
    Query(by): Query<ByQuery>,
) -> Result<Page<impl Template>, Trouble> {
    show_record(register, site.0, visitor, by.number, by.said).await
}

async fn show_record(
    register: &'static Register,
    site: Site,
    visitor: Visitor,
    number: String,
    said: Option<String>,
) -> Result<Page<RecordPage>, Trouble> {
    let key = number.clone();
    let register = site.register(register).await?;
    let found = site.blocking(move |site| read(site, register, &key)).await?;
    let Some(Found { record, gone, changes, hints }) = found else {
        return Err(not_there(register, &number));
    };
    let name = record.value(register, register.title_field).unwrap_or_default().to_owned();
    let title = if name.is_empty() { number.clone() } else { format!("{number} {name}") };
    Ok(Page(RecordPage {
        frame: Frame::new(visitor, format!("/{}", register.name), title),
        register,
        groups: groups(register, &record),
        contacts: has_contacts(register).then(|| record.contacts(register)),
        hints,
        more_changes: changes.len() >= CHANGES as usize,
        changes: changes.into_iter().map(|change| changed(register, change)).collect(),
        created_at: record.created_at,
        updated_at: record.updated_at,
        edit: edit::address(register, &number),
        gone,
        said: said.as_deref().and_then(|word| match word {
            "saved" => Some("Saved."),
            "created" => Some("Created."),
            word => duplicates_page::told(word),
        }),
        number,
        name,
    }))
}

/// What the page shows.
struct Found {
    record: Record,
    gone: Option<Removed>,
    changes: Vec<history::Change>,
    hints: Vec<Hint>,
}

fn read(site: &Site, register: &'static Register, key: &str) -> Result<Option<Found>, Trouble> {
    let read = |live: &Conn| {
        site.database.read(|c| {
            let (record, gone) = match records::find(c, register, key)? {
                Some(record) => (record, None),
                None => match removed::find(c, register, key)? {
                    Some(gone) => (gone.record.clone(), Some(gone)),
                    None => return Ok(None),
                },
            };
            let changes = history::for_record(c, register, record.id, CHANGES)?;
            let pairs = duplicates::of_record(c, live, register, &record)?;
            let hints = pairs.iter().map(|pair| Hint::new(register, pair, record.id)).collect();
            Ok::<_, DbError>(Some(Found { record, gone, changes, hints }))
        })
    };
    Ok(site.live.read(read)?)
}

/// There is no such record.
pub(crate) fn not_there(register: &Register, number: &str) -> Trouble {
    let message = format!("There is no {} with the number “{number}”.", register.singular);
    Trouble::not_found(message).or_go(format!("/{}", register.name), register.title)
}

fn groups(register: &Register, record: &Record) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let of_contact = |name| register.contact.is_some_and(|c| [c.name, c.email, c.phone].contains(&name));
    let shown = |field: &Field| !of_contact(field.name) && field.kind != Kind::Contacts;
    let fields = register.fields.iter().zip(&record.values).filter(|(field, _)| shown(field));
    for (field, value) in fields {
        let shown = Shown {
            label: field.label,
            text: values::text(field, value.as_deref()),
            link: value.as_deref().and_then(|value| link(field.kind, value)),
        };
        match groups.iter_mut().find(|group| group.title == field.group) {
            Some(group) => group.fields.push(shown),
            None => groups.push(Group { title: field.group, fields: vec![shown] }),
        }
    }
    groups
}

/// Where a value leads. The value came from a file: only addresses that can do nothing but be visited become links.
fn link(kind: Kind, value: &str) -> Option<String> {
    let value = value.trim();
    match kind {
        Kind::Email { .. } if !value.contains([',', ';', ' ']) => {
            Some(format!("mailto:{}", show::segment(value).replace("%40", "@")))
        }
        Kind::Phone { .. } => {
            let dialled: String = value.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
            (dialled.len() >= 3).then(|| format!("tel:{dialled}"))
        }
        Kind::Url { .. } if value.starts_with("https://") || value.starts_with("http://") => {
            Some(value.to_owned())
        }
        _ => None,
    }
}

fn has_contacts(register: &Register) -> bool {
    register.contact.is_some() || register.contacts_field().is_some()
}

/// Where a part of a contact leads.
fn part_link(part: &usize, value: &str) -> Option<String> {
    link(PARTS.get(*part)?.kind, value)
}

fn changed(register: &Register, change: history::Change) -> Change {
    let name = change.field.as_deref().unwrap_or_default();
    let (old, new) = values::change(register, name, change.old, change.new);
    Change {
        at: change.at,
        import: change.import,
        who: change.user,
        undo_of: change.undo_of,
        line: change.line,
        old,
        new,
        label: change.field.as_deref().map(|name| register.label(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_addresses_become_links() {
        let url = Kind::Url { max: 200 };
        assert_eq!(link(url, "https://a.example/x"), Some("https://a.example/x".into()));
        assert_eq!(link(url, "javascript:alert(1)"), None);
        assert_eq!(link(url, "a.example"), None);
        let mail = Kind::Email { max: 200 };
        assert_eq!(link(mail, "a@b.example"), Some("mailto:a@b.example".into()));
        assert_eq!(link(mail, "a@b.example?bcc=x@y"), Some("mailto:a@b.example%3Fbcc%3Dx@y".into()));
        assert_eq!(link(mail, "a@b.example; c@d.example"), None);
        assert_eq!(link(Kind::Phone { max: 40 }, "+45 12 34"), Some("tel:+451234".into()));
    }
}
