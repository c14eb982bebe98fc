//! `customers`, `products` ...: the records of a register, looked at, taken out and changed.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use clap::Subcommand;
use register::contacts::{self, Contact};
use register::duplicates::Which;
use register::edit::{self, EditError, Written};
use register::field::Fault;
use register::history::{self, Change};
use register::records::{self, Query};
use register::{Register, own_fields};

use super::{Json, Paging, duplicates, output};
use crate::app::App;
use crate::config::CommonOptions;
use crate::export::{self, InFormat, Kind, Style};
use crate::import::COMMAND_LINE;
use crate::{values, whole_file};

/// History entries that `show` gives.
const HISTORY: u32 = 1000;

/// The tasks of a register's word.
#[derive(Debug, Subcommand)]
pub(crate) enum RecordsCommand {
    /// List them, all or those that match
    List {
        /// Words to look for, by their beginnings; case and accents do not matter
        #[arg(long, short, default_value = "")]
        query: String,
        /// The field to sort by
        #[arg(long)]
        sort: Option<String>,
        /// Sort from last to first
        #[arg(long)]
        descending: bool,
        #[command(flatten)]
        paging: Paging,
        #[command(flatten)]
        json: Json,
    },
    /// Show one with all its fields, contacts and history
    Show {
        /// Its number
        number: String,
        #[command(flatten)]
        json: Json,
    },
    /// Change fields of one: number, then what they are to be, like city=Aarhus; nothing behind the = empties a field
    Set {
        /// Its number
        number: String,
        /// Fields and their values
        #[arg(required_unless_present = "contacts", value_name = "FIELD=VALUE")]
        values: Vec<String>,
        #[command(flatten)]
        contacts: Contacts,
        #[command(flatten)]
        json: Json,
    },
    /// Create one: number, then its fields, like name="Bager Olsen" city=Aarhus
    New {
        /// Its number, which no other has
        number: String,
        /// Fields and their values
        #[arg(value_name = "FIELD=VALUE")]
        values: Vec<String>,
        #[command(flatten)]
        contacts: Contacts,
        #[command(flatten)]
        json: Json,
    },
    /// List those that are probably of the same: same VAT or organisation number, e-mail or phone, or nearly the same name
    /// and postcode
    Duplicates {
        /// Those that somebody said are no duplicates
        #[arg(long)]
        dismissed: bool,
        #[command(flatten)]
        paging: Paging,
        #[command(flatten)]
        json: Json,
    },
    /// Say that two are no duplicates
    Dismiss {
        /// The number of one
        number: String,
        /// The number of the other
        other: String,
        /// Show them as likely duplicates again
        #[arg(long)]
        take_back: bool,
        #[command(flatten)]
        json: Json,
    },
    /// Write them to a file: .csv, .xlsx or .json
    Export {
        /// The file to write; its end says the kind
        file: PathBuf,
        /// Only those that match these words
        #[arg(long, short, default_value = "")]
        query: String,
        /// People's labels as the heading instead of field names
        #[arg(long)]
        labels: bool,
        /// Write a file of this format instead, which can be imported again without a change
        #[arg(long, value_name = "NAME", conflicts_with_all = ["labels", "raw"])]
        format: Option<String>,
        /// In CSV, leave values that a spreadsheet would take for a formula as they are
        #[arg(long)]
        raw: bool,
        #[command(flatten)]
        json: Json,
    },
}

/// Runs the command.
pub(crate) fn run(
    common: &CommonOptions,
    register: &'static Register,
    command: &RecordsCommand,
) -> anyhow::Result<ExitCode> {
    let app = App::for_command(common)?;
    let register = app.db.read(|c| own_fields::in_effect(c, register))?;
    match command {
        RecordsCommand::List { query, sort, descending, paging, json } => {
            let query = Query {
                text: query.clone(),
                sort: sort.clone(),
                descending: *descending,
                limit: paging.limit,
                cursor: paging.cursor.clone(),
            };
            list(&app, register, &query, json.json)?;
        }
        RecordsCommand::Show { number, json } => show(&app, register, number, json.json)?,
        RecordsCommand::Set { number, values, contacts, json } => {
            let contacts = contacts.value(register)?;
            let values = written(register, values, contacts.as_ref())?;
            let at = app.clock.now();
            told_of(app.db.write(|c| {
                let missing = || EditError::NotThere { singular: register.singular, number: number.clone() };
                let version = records::find(c, register, number)?.ok_or_else(missing)?.version;
                edit::edit(c, register, number, version, &values, COMMAND_LINE, at)
            }))?;
            show(&app, register, number, json.json)?;
        }
        RecordsCommand::New { number, values, contacts, json } => {
            let number = number.trim();
            let contacts = contacts.value(register)?;
            let mut values = written(register, values, contacts.as_ref())?;
            values.push((register.key, Some(number)));
            let at = app.clock.now();
            told_of(app.db.write(|c| edit::create(c, register, &values, COMMAND_LINE, at)))?;
            show(&app, register, number, json.json)?;
        }
        RecordsCommand::Duplicates { dismissed, paging, json } => {
            let which = if *dismissed { Which::Dismissed } else { Which::Open };
            duplicates::list(&app, register, which, paging, json.json)?;
        }
        RecordsCommand::Dismiss { number, other, take_back, json } => {
            duplicates::dismiss(&app, register, [number, other], *take_back, json.json)?;
        }
        RecordsCommand::Export { file, query, labels, raw, format, json } => {
            let written = match format {
                Some(name) => export_as(&app, register, file, query, name)?,
                None => export(&app, register, file, query, Style { labels: *labels, raw: *raw })?,
            };
            if json.json {
                output::json(&serde_json::json!({"file": file, "written": written}))?;
            } else {
                output::line(format!("{written} {} written to {}", register.name, file.display()))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The contacts that a record is to have.
#[derive(Debug, clap::Args)]
pub(crate) struct Contacts {
    /// A contact, like "name=Anna Olsen;email=anna@olsen.example"; given several times, all the contacts that it has.
    /// The parts are name, title, email, phone and mobile
    #[arg(long = "contact", value_name = "PART=VALUE;...")]
    contacts: Vec<String>,
}

impl Contacts {
    /// The field that holds them, and what is to be stored; `None` when none was given.
    fn value(&self, register: &Register) -> anyhow::Result<Option<(&'static str, String)>> {
        if self.contacts.is_empty() {
            return Ok(None);
        }
        let field = register.contacts_field();
        let field = field.with_context(|| format!("a {} has no contacts", register.singular))?;
        let list = self.contacts.iter().map(|text| contact(text)).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Some((field.name, contacts::text(&list).unwrap_or_default())))
    }
}

fn contact(text: &str) -> anyhow::Result<Contact> {
    let mut contact = Contact::default();
    for written in text.split(';').filter(|part| !part.trim().is_empty()) {
        let known = written.split_once('=').and_then(|(name, value)| {
            Some((contacts::NAMES.iter().position(|part| *part == name.trim())?, value.trim()))
        });
        let (part, value) = known.with_context(|| {
            let parts = contacts::NAMES.join(", ");
            format!(
                "\"{written}\" is no part of a contact; write it like name=Anna;phone=86123456 (the parts are {parts})"
            )
        })?;
        contact.set(part, Some(value.to_owned()).filter(|value| !value.is_empty()));
    }
    Ok(contact)
}

/// The fields and values of a command, and its contacts.
fn written<'a>(
    register: &Register,
    values: &'a [String],
    contacts: Option<&'a (&'static str, String)>,
) -> anyhow::Result<Vec<Written<'a>>> {
    let one = |value: &'a String| {
        let (name, value) = value
            .split_once('=')
            .with_context(|| format!("\"{value}\" is no field with its value; write it like city=Aarhus"))?;
        if register.field(name).is_none() {
            let known: Vec<_> = register.fields.iter().map(|field| field.name).collect();
            bail!("a {} has no field \"{name}\"; the fields are: {}", register.singular, known.join(", "));
        }
        Ok((name, Some(value)))
    };
    let contacts = contacts.map(|(field, value)| Ok((*field, Some(value.as_str()))));
    values.iter().map(one).chain(contacts).collect()
}

/// Says every value that cannot be stored, with what to do.
fn told_of<T>(edited: Result<T, EditError>) -> anyhow::Result<T> {
    edited.map_err(|error| match error {
        EditError::Values(faults) => {
            let line = |(field, fault): (&str, Fault)| format!("{field}: {} {}", fault.message, fault.hint);
            anyhow!("nothing was changed\n{}", faults.into_iter().map(line).collect::<Vec<_>>().join("\n"))
        }
        error => error.into(),
    })
}

fn list(app: &App, register: &'static Register, query: &Query, json: bool) -> anyhow::Result<()> {
    let page = app.db.read(|c| records::list(c, register, query))?;
    if json {
        return output::json(&page.map(|record| record.json(register)));
    }
    if page.items.is_empty() {
        return output::line(format!("No {} match.", register.name));
    }
    let mut rows = vec![register.list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()];
    rows.extend(page.items.iter().map(|record| {
        let value =
            |name: &&str| values::value(register, name, record.value(register, name).map(str::to_owned));
        register.list.iter().map(|name| value(name).unwrap_or_default()).collect()
    }));
    output::table(&rows)?;
    match page.next {
        Some(next) => output::line(format!("There are more: --cursor {next}")),
        None => Ok(()),
    }
}

fn show(app: &App, register: &'static Register, number: &str, json: bool) -> anyhow::Result<()> {
    let found = app.db.read(|c| {
        let Some(record) = records::find(c, register, number)? else { return Ok(None) };
        let history = history::for_record(c, register, record.id, HISTORY)?;
        Ok::<_, register::db::DbError>(Some((record, history)))
    })?;
    let (record, history) = found.with_context(|| format!("there is no {} {number}", register.singular))?;
    if json {
        let mut document = record.json(register);
        document.insert("history".to_owned(), history.iter().map(|change| change.json(register)).collect());
        return output::json(&document);
    }
    for (field, value) in register.fields.iter().zip(&record.values) {
        if field.kind == register::Kind::Contacts {
            for contact in contacts::list(value.as_deref()) {
                output::line(format!("{:<20} {}", field.label, output::clean(&contact.line())))?;
            }
        } else if let Some(value) = value {
            let value = values::text(field, Some(value));
            output::line(format!("{:<20} {}", field.label, output::clean(&value)))?;
        }
    }
    for change in history {
        output::line(output::clean(&told(register, &change)))?;
    }
    Ok(())
}

/// Writes all that match to a file; gives how many.
fn export(
    app: &App,
    register: &'static Register,
    file: &Path,
    text: &str,
    style: Style,
) -> anyhow::Result<u64> {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some(kind) = Kind::of(name) else {
        bail!("{}: the name must end with .csv, .xlsx or .json", file.display());
    };
    let query = Query { text: text.to_owned(), ..Query::default() };
    whole_file::write(file, |out| export::write_records(&app.db, register, &query, kind, style, out))
}

/// Writes records as a file of the format `name`.
fn export_as(
    app: &App,
    register: &'static Register,
    file: &Path,
    text: &str,
    name: &str,
) -> anyhow::Result<u64> {
    let query = Query { text: text.to_owned(), ..Query::default() };
    let scratch = app.folder.scratch();
    let exported = export::in_format(&app.db, register, name, &query, &scratch)?;
    let InFormat { file: mut made, written, .. } = exported.with_context(|| {
        format!(
            "there is no format \"{name}\" for {}; see them with: service-suite settings show",
            register.name
        )
    })?;
    whole_file::write(file, |out| Ok(std::io::copy(&mut made, out).map(drop)?))?;
    Ok(written)
}

/// One change of the history, as people read it.
fn told(register: &Register, change: &Change) -> String {
    let by = values::by(change);
    let who = match (change.import, change.line) {
        (Some(_), Some(line)) => format!("{by}, line {line}"),
        // What follows from the file as a whole: it does not mention the record.
        (Some(_), None) => format!("{by}, not in the file"),
        (None, _) => by,
    };
    let at = register::time::to_text(change.at);
    match &change.field {
        None => format!("{at}  {who}  created"),
        Some(field) => {
            let change = output::change(register, field, change.old.as_deref(), change.new.as_deref());
            format!("{at}  {who}  {change}")
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use register::CUSTOMERS;

    use super::*;

    #[test]
    fn a_change_says_who_made_it_and_where_it_stands() {
        let change = Change {
            at: Timestamp::UNIX_EPOCH,
            import: None,
            user: None,
            undo_of: None,
            line: None,
            field: Some("inactive".to_owned()),
            old: None,
            new: Some("1".to_owned()),
        };
        let person = Some("Anna".to_owned());
        for (change, expected) in [
            (
                Change { import: Some(7), line: Some(3), ..change.clone() },
                "import 7, line 3  inactive: (empty) -> Yes",
            ),
            (
                Change { import: Some(7), ..change.clone() },
                "import 7, not in the file  inactive: (empty) -> Yes",
            ),
            (Change { user: person.clone(), ..change.clone() }, "Anna  inactive: (empty) -> Yes"),
            (
                Change { user: person, undo_of: Some(7), field: None, ..change },
                "Anna, undoing import 7  created",
            ),
        ] {
            let at = register::time::to_text(change.at);
            assert_eq!(told(&CUSTOMERS, &change), format!("{at}  {expected}"));
        }
    }
}
