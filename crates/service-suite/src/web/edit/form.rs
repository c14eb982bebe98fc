//! The form for a record: what stands in its fields, what stood there when the person began, and what is wrong.

use std::collections::HashMap;

use register::checks::Checks;
use register::field::{Fault, Kind};
use register::records::Record;
use register::{Field, Register};

use super::contacts_form::{self as contacts, Row};
use crate::values;

/// The fields of a form by name, as they were sent.
pub(crate) type Sent = HashMap<String, String>;

/// The form.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// Its fields, in the order of the register.
    pub(crate) inputs: Vec<Input>,
}

/// One field of it.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// The field of the register.
    pub(crate) field: &'static Field,
    /// What stands in it; of a box that is ticked or not, `1` or nothing.
    pub(crate) text: String,
    /// What stood in it when the person began.
    pub(crate) was: String,
    /// What is wrong with it, and what to do.
    pub(crate) wrong: Option<Fault>,
    /// What looks wrong in what is stored; empty when nothing does. It can be saved all the same.
    pub(crate) doubt: String,
    /// What somebody else made of it meanwhile, in words; the person wants something else.
    pub(crate) meanwhile: Option<String>,
    /// Of contacts, the rows in which they are written.
    pub(crate) rows: Vec<Row>,
}

/// A field that somebody else changed and the person did not: its label, what it was, what it is.
pub(crate) type Taken = (&'static str, String, String);

impl Form {
    /// An empty form.
    pub(crate) fn empty(register: &Register) -> Form {
        Form::filled(register, |_| String::new())
    }

    /// The form for a record as it is.
    pub(crate) fn of(register: &'static Register, record: &Record) -> Form {
        let mut form = Form::filled(register, |field| stored(field, record.value(register, field.name)));
        let values = (0..).zip(&record.values).filter_map(|(at, value)| Some((at, value.as_deref()?)));
        for found in Checks::warning(register).of(values, record.value(register, "country")) {
            let name = register.fields[found.at].name;
            if let Some(input) = form.inputs.iter_mut().find(|input| input.field.name == name) {
                input.doubt = format!("{} {}", found.fault.message, found.fault.hint);
            }
        }
        form
    }

    fn filled(register: &Register, text: impl Fn(&Field) -> String) -> Form {
        let input = |field: &'static Field| {
            let text = text(field);
            Input {
                field,
                was: text.clone(),
                rows: rows(field, &text),
                text,
                wrong: None,
                doubt: String::new(),
                meanwhile: None,
            }
        };
        Form { inputs: register.fields.iter().map(input).collect() }
    }

    /// The form as it was sent.
    pub(crate) fn sent(register: &Register, sent: &Sent) -> Form {
        let text = |part: &str, field: &Field| {
            lines(sent.get(&format!("{part}.{}", field.name)).map_or("", String::as_str))
        };
        let input = |field: &'static Field| {
            let was = text("was", field);
            if field.kind == Kind::Contacts {
                let rows = contacts::sent(sent);
                let text = contacts::text(&rows, &was);
                return Input { field, text, was, wrong: None, doubt: String::new(), meanwhile: None, rows };
            }
            let mut value = text("value", field);
            // Blanks at the ends were not meant; what stood there already stays exactly as it is.
            if value != was && !value.contains('\n') {
                value = value.trim().to_owned();
            }
            Input {
                field,
                text: value,
                was,
                wrong: None,
                doubt: String::new(),
                meanwhile: None,
                rows: Vec::new(),
            }
        };
        Form { inputs: register.fields.iter().map(input).collect() }
    }

    /// The values that the person changed.
    pub(crate) fn changes(&self) -> Vec<(&'static str, Option<String>)> {
        let changed = self.inputs.iter().filter(|input| input.text != input.was);
        changed.map(|input| (input.field.name, input.value())).collect()
    }

    /// The fields under their headings.
    pub(crate) fn groups(&self) -> Vec<(&'static str, Vec<&Input>)> {
        let mut groups: Vec<(&'static str, Vec<&Input>)> = Vec::new();
        for input in self.inputs.iter().filter(|input| input.field.kind != Kind::Contacts) {
            match groups.iter_mut().find(|group| group.0 == input.field.group) {
                Some(group) => group.1.push(input),
                None => groups.push((input.field.group, vec![input])),
            }
        }
        groups
    }

    /// The contacts, if records of the register have such.
    pub(crate) fn contacts(&self) -> Option<&Input> {
        self.inputs.iter().find(|input| input.field.kind == Kind::Contacts)
    }

    /// Does what a button beside the contacts says; whether it was one.
    pub(crate) fn press(&mut self, button: &str) -> bool {
        let input = self.inputs.iter_mut().find(|input| input.field.kind == Kind::Contacts);
        input.is_some_and(|input| contacts::press(&mut input.rows, button))
    }

    /// Writes into a field.
    pub(crate) fn write(&mut self, name: &str, text: &str) {
        if let Some(input) = self.inputs.iter_mut().find(|input| input.field.name == name) {
            text.clone_into(&mut input.text);
        }
    }

    /// Notes what is wrong.
    pub(crate) fn complain(&mut self, faults: Vec<(&'static str, Fault)>) {
        for (name, fault) in faults {
            if let Some(input) = self.inputs.iter_mut().find(|input| input.field.name == name) {
                input.wrong = Some(fault);
            }
        }
    }

    /// Brings the form in line with the record as it is now: what the person changed stays, beside what others made of the
    /// same field; everything else is taken over and given.
    pub(crate) fn rebase(&mut self, register: &Register, record: &Record) -> Vec<Taken> {
        let mut taken = Vec::new();
        for input in &mut self.inputs {
            let now = stored(input.field, record.value(register, input.field.name));
            let (mine, theirs) = (input.text != input.was, now != input.was);
            if theirs && mine && now != input.text {
                input.meanwhile = Some(input.words(&now));
            } else if theirs && !mine && input.field.name != register.key {
                taken.push((input.field.label, input.words(&input.was), input.words(&now)));
                input.text.clone_from(&now);
                input.rows = rows(input.field, &now);
            }
            input.was = now;
        }
        taken
    }
}

impl Input {
    /// What the field is to become: nothing for an empty one. A box that is no longer ticked says no.
    fn value(&self) -> Option<String> {
        match self.field.kind {
            Kind::YesNo => Some(if self.text.is_empty() { "0" } else { "1" }.to_owned()),
            _ => Some(self.text.clone()).filter(|text| !text.is_empty()),
        }
    }

    /// A value of this field as people read it; empty for none.
    fn words(&self, text: &str) -> String {
        match self.field.kind {
            Kind::YesNo | Kind::Contacts => values::text(self.field, Some(text)),
            _ => text.to_owned(),
        }
    }

    /// Whether it is a box to be ticked.
    pub(crate) fn ticks(&self) -> bool {
        self.field.kind == Kind::YesNo
    }

    /// Whether it has room for several lines: what has them would lose them in one.
    pub(crate) fn is_long(&self) -> bool {
        matches!(self.field.kind, Kind::Text { max } if max > 1000)
            || [&self.text, &self.was].iter().any(|text| text.contains('\n'))
    }

    /// The type of its input element.
    pub(crate) fn kind(&self) -> &'static str {
        kind(self.field.kind)
    }

    /// The keyboard that a phone shows for it; empty for the usual one.
    pub(crate) fn keyboard(&self) -> &'static str {
        keyboard(self.field.kind)
    }

    /// Whether what is written in it is short.
    pub(crate) fn is_short(&self) -> bool {
        matches!(self.field.kind, Kind::Country | Kind::Currency | Kind::Language | Kind::Date)
    }

    /// What can be chosen for it, what stands there among them; nothing for a field that is written.
    pub(crate) fn choices(&self) -> Vec<&str> {
        let Kind::Choice { choices } = self.field.kind else { return Vec::new() };
        // What is no choice any more stays until another one is chosen.
        let other = [self.was.as_str(), self.text.as_str()].into_iter();
        let mut all = choices.to_vec();
        all.extend(other.filter(|text| !text.is_empty() && !choices.contains(text)));
        all.dedup();
        all
    }

    /// What looks wrong in it, or how to write it where that is not plain; or empty.
    pub(crate) fn hint(&self) -> &str {
        if !self.doubt.is_empty() {
            return &self.doubt;
        }
        match self.field.kind {
            Kind::Country => "Two letters, such as DK",
            Kind::Currency => "Three letters, such as DKK",
            Kind::Language => "Two letters, such as da",
            Kind::Email { .. } => "Several with a semicolon between them",
            _ => "",
        }
    }
}

/// The type of an input element. Not `email` and `url`: more is allowed here than browsers let pass.
pub(crate) fn kind(of: Kind) -> &'static str {
    match of {
        Kind::Date => "date",
        Kind::Phone { .. } => "tel",
        _ => "text",
    }
}

/// The keyboard that a phone shows for a kind; empty for the usual one.
pub(crate) fn keyboard(of: Kind) -> &'static str {
    match of {
        Kind::Decimal { .. } => "decimal",
        Kind::Email { .. } => "email",
        Kind::Url { .. } => "url",
        _ => "",
    }
}

/// The rows in which contacts are written; none for any other field.
fn rows(field: &Field, text: &str) -> Vec<Row> {
    if field.kind == Kind::Contacts { contacts::rows(text) } else { Vec::new() }
}

/// What stands in the form for a stored value.
fn stored(field: &Field, value: Option<&str>) -> String {
    match (field.kind, value) {
        (Kind::YesNo, Some("1")) => "1".to_owned(),
        (Kind::YesNo, _) => String::new(),
        (_, value) => lines(value.unwrap_or_default()),
    }
}

/// Browsers send a line's end in their own way, whatever it was.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use register::CUSTOMERS;

    use super::*;

    fn record(values: &[(&str, &str)]) -> Record {
        let value = |field: &Field| {
            values.iter().find(|(name, _)| *name == field.name).map(|(_, value)| (*value).to_owned())
        };
        Record {
            id: 1,
            version: 1,
            values: CUSTOMERS.fields.iter().map(value).collect(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// What a browser sends of the form after somebody wrote `written` into it.
    fn sent(form: &Form, written: &[(&str, &str)]) -> Sent {
        let mut sent = Sent::new();
        for input in &form.inputs {
            let name = input.field.name;
            sent.insert(format!("was.{name}"), input.was.replace('\n', "\r\n"));
            let text = written.iter().find(|(field, _)| *field == name).map_or(input.text.as_str(), |w| w.1);
            if !input.ticks() || !text.is_empty() {
                sent.insert(format!("value.{name}"), text.replace('\n', "\r\n"));
            }
        }
        sent
    }

    #[test]
    fn what_nobody_touched_is_not_changed_whatever_stands_there() {
        let stored = record(&[
            ("number", "1"),
            ("name", " Bager  Ølund "),
            ("address1", "Vej 1\r\n2. sal\rtv."),
            ("notes", "a\n\nb\n"),
            ("credit_limit", "12.50"),
            ("blocked", "0"),
            ("inactive", "1"),
            ("created_on", "2020-12-31"),
        ]);
        let form = Form::of(&CUSTOMERS, &stored);
        assert_eq!(Form::sent(&CUSTOMERS, &sent(&form, &[])).changes(), []);
        let written = [
            ("name", " Bager A/S "),
            ("city", "Vejle"),
            ("blocked", "1"),
            ("inactive", ""),
            ("created_on", ""),
        ];
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            Form::sent(&CUSTOMERS, &sent(&form, &written)).changes(),
            [
                ("name", some("Bager A/S")),
                ("city", some("Vejle")),
                ("blocked", some("1")),
                ("inactive", some("0")),
                ("created_on", None),
            ]
        );
    }

    #[test]
    fn what_others_changed_meanwhile_is_taken_over_or_shown_beside() {
        let form = Form::of(
            &CUSTOMERS,
            &record(&[("number", "1"), ("city", "Vejle"), ("phone", "1"), ("fax", "1")]),
        );
        let mut form =
            Form::sent(&CUSTOMERS, &sent(&form, &[("city", "Ribe"), ("fax", "2"), ("email", "a@b.example")]));
        let now =
            record(&[("number", "1"), ("city", "Kolding"), ("phone", "7"), ("fax", "2"), ("blocked", "1")]);
        let taken = form.rebase(&CUSTOMERS, &now);
        let told = |label, was: &str, now: &str| (label, was.to_owned(), now.to_owned());
        assert_eq!(taken, [told("Phone", "1", "7"), told("Blocked", "No", "Yes")]);
        let city = form.inputs.iter().find(|input| input.field.name == "city").unwrap();
        assert_eq!((city.text.as_str(), city.meanwhile.as_deref()), ("Ribe", Some("Kolding")));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(form.changes(), [("city", some("Ribe")), ("email", some("a@b.example"))]);
    }
}
