//! Changing a record by hand, and creating one.

mod contacts_form;
mod form;

use askama::Template;
use axum::extract::{Form as Posted, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use erpfile::{Column, Repeated};
use register::db::{Conn, DbResult};
use register::edit::{self, EditError};
use register::field::Fault;
use register::history::{self, Change};
use register::records::{self, Record};
use register::settings;
use register::{Field, Register, contacts};
use serde::Deserialize;

use self::form::{Form, Input, Sent, Taken};
use super::list::record_address;
use super::page::{Frame, Page, Visitor};
use super::record;
use super::show;
use super::site::Site;
use super::trouble::Trouble;
use crate::values;

#[derive(Template)]
#[template(path = "edit.html")]
struct EditPage {
    frame: Frame,
    register: &'static Register,
    /// The record that is changed; `None` for a new one.
    record: Option<Existing>,
    form: Form,
    /// Why nothing was saved.
    because: Option<Because>,
    /// Whether a contact's row was added or removed, and nothing has been saved since.
    pressed: bool,
    /// Whether the last row is new.
    added: bool,
    erp: Erp,
}

/// A record that is there.
struct Existing {
    number: String,
    version: i64,
}

/// Why nothing was saved.
enum Because {
    /// Fields are wrong.
    Wrong,
    /// Somebody else changed the record: who, and what was taken over.
    Meanwhile { by: String, taken: Vec<Taken> },
    /// Somebody else removed it.
    Gone,
    /// The surroundings failed.
    Trouble(Trouble),
}

impl Because {
    fn status(&self) -> StatusCode {
        match self {
            Because::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
            Because::Meanwhile { .. } | Because::Gone => StatusCode::CONFLICT,
            Because::Trouble(trouble) => trouble.status,
        }
    }
}

/// What the ERP system says of records of this register.
#[derive(Default)]
struct Erp {
    /// The file of the default format.
    file: String,
    /// The fields that it has.
    fields: Vec<String>,
}

impl Erp {
    fn load(c: &Conn, register: &Register) -> DbResult<Erp> {
        let Some(format) = settings::default_format(c, register.name)? else { return Ok(Erp::default()) };
        let format = format.format;
        let contacts = register.contacts_field().filter(|_| format.repeated == Repeated::Contacts);
        let field =
            |column: Column| match contacts::part(&column.field).and_then(|_| register.contacts_field()) {
                Some(contacts) => contacts.name.to_owned(),
                None => column.field,
            };
        let fields = format.columns.into_iter().map(field).chain(contacts.map(|field| field.name.to_owned()));
        Ok(Erp { file: format.filename, fields: fields.collect() })
    }

    fn has(&self, field: &Field) -> bool {
        self.fields.iter().any(|name| name == field.name)
    }
}

impl EditPage {
    fn new(
        visitor: Visitor,
        register: &'static Register,
        record: Option<Existing>,
        form: Form,
        erp: Erp,
    ) -> EditPage {
        let title = match &record {
            Some(record) => format!("Edit {} {}", register.singular, record.number),
            None => format!("New {}", register.singular),
        };
        let frame = Frame::new(visitor, format!("/{}", register.name), title);
        EditPage { frame, register, record, form, because: None, pressed: false, added: false, erp }
    }

    /// The page after a button beside the contacts.
    fn pressed(mut self, button: &str) -> Response {
        (self.pressed, self.added) = (true, button == contacts_form::ADD);
        Page(self).into_response()
    }

    fn saved_nothing(mut self, because: Because) -> Response {
        let status = because.status();
        self.because = Some(because);
        (status, Page(self)).into_response()
    }

    /// Where the form goes.
    fn action(&self) -> String {
        match &self.record {
            Some(record) => address(self.register, &record.number),
            None => format!("/{}/new", self.register.name),
        }
    }

    /// Where it came from.
    fn back(&self) -> String {
        match &self.record {
            Some(record) => record_address(self.register, &record.number),
            None => format!("/{}", self.register.name),
        }
    }

    /// The fields of a group that can be written in: the key of a record that is there stays as it is.
    fn writable<'i>(&self, inputs: &[&'i Input]) -> Vec<&'i Input> {
        let is_key = |input: &Input| input.field.name == self.register.key;
        inputs.iter().copied().filter(|input| self.record.is_none() || !is_key(input)).collect()
    }

    /// The field that the person begins with: the first wrong one, or else the first of a new record.
    fn begins_at(&self, input: &Input) -> bool {
        if self.added {
            return false;
        }
        let first_wrong = self.form.inputs.iter().find(|input| input.wrong.is_some());
        match (first_wrong, self.form.inputs.first()) {
            (Some(wrong), _) => wrong.field.name == input.field.name,
            (None, Some(first)) => self.record.is_none() && first.field.name == input.field.name,
            (None, None) => false,
        }
    }
}

/// The address of the form for a record.
pub(crate) fn address(register: &Register, number: &str) -> String {
    format!("/{}/edit?number={}", register.name, show::segment(number))
}

/// The key of a record, in the query since it may be any text.
#[derive(Deserialize)]
pub(crate) struct ByNumber {
    number: String,
}

/// The form for a record as it is.
pub(crate) async fn page(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Query(by): Query<ByNumber>,
) -> Result<Page<impl Template>, Trouble> {
    let key = by.number.clone();
    let register = site.register(register).await?;
    let (record, erp) =
        site.read(move |c| Ok((records::find(c, register, &key)?, Erp::load(c, register)?))).await?;
    let record = record.ok_or_else(|| record::not_there(register, &by.number))?;
    let existing = Existing { number: by.number, version: record.version };
    Ok(Page(EditPage::new(visitor, register, Some(existing), Form::of(register, &record), erp)))
}

/// Saves what the person changed of a record.
pub(crate) async fn save(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Query(by): Query<ByNumber>,
    Posted(sent): Posted<Sent>,
) -> Response {
    site.clone().whole(Some(visitor.id), saved(register, site, visitor, by.number, sent)).await
}

async fn saved(
    register: &'static Register,
    site: Site,
    visitor: Visitor,
    number: String,
    sent: Sent,
) -> Result<Response, Trouble> {
    let register = site.register(register).await?;
    let mut form = Form::sent(register, &sent);
    let version = sent.get("version").and_then(|version| version.parse().ok()).unwrap_or_default();
    if let Some(button) = sent.get("do").filter(|button| form.press(button)) {
        let erp = site.read(move |c| Erp::load(c, register)).await?;
        return Ok(
            EditPage::new(visitor, register, Some(Existing { number, version }), form, erp).pressed(button)
        );
    }
    let mut changes = form.changes();
    changes.retain(|(name, _)| *name != register.key);
    if changes.is_empty() {
        return Ok(Redirect::to(&record_address(register, &number)).into_response());
    }
    let (key, by, at) = (number.clone(), visitor.name.clone(), (site.clock)());
    let outcome = site
        .change(move |site| {
            let values: Vec<_> = changes.iter().map(|(name, value)| (*name, value.as_deref())).collect();
            Ok(site.database.write(|c| edit::edit(c, register, &key, version, &values, &by, at)))
        })
        .await;
    let error = match outcome {
        Ok(Ok(_)) => return Ok(to_record(register, &number, "saved")),
        Ok(Err(error)) => Err(error),
        Err(trouble) => Ok(trouble),
    };
    let key = number.clone();
    let (now, erp) = site.read(move |c| Ok((current(c, register, &key)?, Erp::load(c, register)?))).await?;
    let page = |form, record| EditPage::new(visitor, register, record, form, erp);
    let existing = |version| Some(Existing { number: number.clone(), version });
    Ok(match error {
        Err(EditError::Values(faults)) => {
            form.complain(faults);
            page(form, existing(version)).saved_nothing(Because::Wrong)
        }
        Err(EditError::Changed | EditError::NotThere { .. }) => match now {
            Some((record, change)) => {
                let taken = form.rebase(register, &record);
                let by = change.as_ref().map_or_else(String::new, values::by);
                page(form, existing(record.version)).saved_nothing(Because::Meanwhile { by, taken })
            }
            None => {
                form.write(register.key, &number);
                page(form, None).saved_nothing(Because::Gone)
            }
        },
        Err(EditError::Db(error)) => {
            page(form, existing(version)).saved_nothing(Because::Trouble(error.into()))
        }
        // Neither is possible: the key is not among the changes, and nothing is created.
        Err(error @ (EditError::Key(_) | EditError::There { .. })) => {
            Trouble::internal(error).into_response()
        }
        Ok(trouble) => page(form, existing(version)).saved_nothing(Because::Trouble(trouble)),
    })
}

/// The record as it is now, and what happened to it last.
fn current(
    c: &Conn,
    register: &'static Register,
    number: &str,
) -> DbResult<Option<(Record, Option<Change>)>> {
    let Some(record) = records::find(c, register, number)? else { return Ok(None) };
    let last = history::for_record(c, register, record.id, 1)?.into_iter().next();
    Ok(Some((record, last)))
}

fn to_record(register: &Register, number: &str, said: &str) -> Response {
    let address = record_address(register, number);
    let mark = if address.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{address}{mark}said={said}")).into_response()
}

/// The form for a new record.
pub(crate) async fn new_page(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
) -> Result<Page<impl Template>, Trouble> {
    let register = site.register(register).await?;
    let erp = site.read(move |c| Erp::load(c, register)).await?;
    Ok(Page(EditPage::new(visitor, register, None, Form::empty(register), erp)))
}

/// Creates a record.
pub(crate) async fn create(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Posted(sent): Posted<Sent>,
) -> Response {
    site.clone().whole(Some(visitor.id), created(register, site, visitor, sent)).await
}

async fn created(
    register: &'static Register,
    site: Site,
    visitor: Visitor,
    sent: Sent,
) -> Result<Response, Trouble> {
    let register = site.register(register).await?;
    let mut form = Form::sent(register, &sent);
    for input in &mut form.inputs {
        input.was.clear();
    }
    if let Some(button) = sent.get("do").filter(|button| form.press(button)) {
        let erp = site.read(move |c| Erp::load(c, register)).await?;
        return Ok(EditPage::new(visitor, register, None, form, erp).pressed(button));
    }
    let (values, by, at) = (form.changes(), visitor.name.clone(), (site.clock)());
    let outcome = site
        .change(move |site| {
            let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_deref())).collect();
            Ok(site.database.write(|c| edit::create(c, register, &values, &by, at)))
        })
        .await;
    let because = match outcome {
        Ok(Ok(record)) => {
            let number = record.value(register, register.key).unwrap_or_default();
            return Ok(to_record(register, number, "created"));
        }
        Ok(Err(EditError::Values(faults))) => {
            form.complain(faults);
            Because::Wrong
        }
        Ok(Err(error @ EditError::There { .. })) => {
            let fault = Fault {
                code: "",
                message: show::sentence(&error.to_string()),
                hint: "Choose another one, or open that one and edit it.".to_owned(),
            };
            form.complain(vec![(register.key, fault)]);
            Because::Wrong
        }
        Ok(Err(EditError::Db(error))) => Because::Trouble(error.into()),
        // None is possible: there is no record yet.
        Ok(Err(error @ (EditError::Changed | EditError::NotThere { .. } | EditError::Key(_)))) => {
            return Err(Trouble::internal(error));
        }
        Err(trouble) => Because::Trouble(trouble),
    };
    let erp = site.read(move |c| Erp::load(c, register)).await?;
    Ok(EditPage::new(visitor, register, None, form, erp).saved_nothing(because))
}
