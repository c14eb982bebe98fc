//! From the columns of a file to the fields of a register.

mod contacts;
mod keys;
mod made;
mod part;
pub(crate) use contacts::{part_of_row, place as contacts_place};
pub(crate) use part::of as part_of;

use std::borrow::Cow;
use std::collections::BTreeSet;

use erpfile::{Blank, Complaint, Format, Level, Missing, Owner, Part, Problem, Row, Shape};

use crate::checks::{Checks, Found};
use crate::compare::INACTIVE;
use crate::contacts::{Gathering, PARTS, list};
use crate::date::DateFormat;
use crate::field::{self, Fault, Kind, Writing, check, code, control, control_fault};
use crate::matching::Matching;
use crate::{Field, Register};
use made::Made;

/// Changes whenever the same cells under the same format would become other values than before; see
/// [`erpfile::READING_VERSION`].
pub const MAPPING_VERSION: u32 = 4;

/// What is wrong with a format when it is used for `register`: fields that the register does not have, a key that is
/// not mapped. Empty when it can be used; [`Format::complaints`] says what is wrong for any register.
pub fn complaints(register: &Register, format: &Format) -> Vec<Complaint> {
    let mut list = Vec::new();
    for (number, column) in (1..).zip(&format.columns) {
        let known = register.field(&column.field).is_some()
            || contacts::target(register, format, &column.field).is_some();
        if !column.field.trim().is_empty() && !known {
            let parts = contacts::place(register).map_or(&[][..], |_| &PARTS);
            let known: Vec<_> = register.fields.iter().chain(parts).map(|field| field.name).collect();
            list.push(Complaint {
                key: format!("columns[{number}].field"),
                message: format!("A {} has no field \"{}\".", register.singular, column.field),
                hint: format!("The fields are: {}.", known.join(", ")),
            });
        }
    }
    for (number, column) in (1..).zip(&format.columns) {
        if column.field == register.key && !column.value.is_empty() {
            list.push(Complaint {
                key: format!("columns[{number}].value"),
                message: format!(
                    "{} tells one {} from another, so no two can have the same.",
                    register.key, register.singular
                ),
                hint: "Leave the value out.".to_owned(),
            });
        }
        if column.field == register.key && (column.owner != Owner::Erp || column.blank.is_some()) {
            let key = if column.owner == Owner::Erp { "blank" } else { "owner" };
            list.push(Complaint {
                key: format!("columns[{number}].{key}"),
                message: format!(
                    "{} tells one {} from another, and never changes.",
                    register.key, register.singular
                ),
                hint: format!("Leave {key} out."),
            });
        }
    }
    contacts::complaints(register, format, &mut list);
    if format.missing == Missing::Deactivate && register.field(INACTIVE).is_none() {
        list.push(Complaint {
            key: "missing".to_owned(),
            message: format!("A {} cannot be inactive.", register.singular),
            hint: "Choose leave.".to_owned(),
        });
    }
    if !format.columns.iter().any(|column| column.field == register.key) {
        list.push(Complaint {
            key: "columns".to_owned(),
            message: format!(
                "No column is mapped to {}, which tells one {} from another.",
                register.key, register.singular
            ),
            hint: format!("Map a column of the file to {}.", register.key),
        });
    }
    list
}

/// What is known of the values of a format's columns, in their order, from the fields that they are mapped to.
pub fn shapes(register: &Register, format: &Format) -> Vec<Shape> {
    let field = |name: &str| {
        contacts::target(register, format, name).map(contacts::Target::field).or_else(|| register.field(name))
    };
    let shape = |column: &erpfile::Column| match field(&column.field) {
        // What stands in the cells is not what the field holds.
        _ if column.join.is_some() || column.part != Part::Whole || !column.codes.is_empty() => Shape::Any,
        Some(field) if field.name == register.key => Shape::Key,
        Some(field) => match field.kind {
            Kind::Decimal { .. } => Shape::Number,
            Kind::Date => Shape::Date,
            Kind::Email { .. } => Shape::Email,
            Kind::Phone { .. } => Shape::Phone,
            Kind::Text { .. } if field.name == "postcode" => Shape::Postcode,
            Kind::Text { .. } if field.name == "city" => Shape::Words,
            _ => Shape::Any,
        },
        None => Shape::Any,
    };
    format.columns.iter().map(shape).collect()
}

/// Says what is wrong with single rows, as an import would, but for what only the other rows can tell (a key that
/// stands there twice).
#[derive(Debug)]
pub struct RowCheck(Mapper);

impl RowCheck {
    /// For a file whose header is `header` (empty without one) and whose mapped columns are the cells `cells`, as
    /// [`erpfile::Reader`] tells both.
    ///
    /// # Errors
    /// The problem that refuses the whole file, when the format cannot be used for the register.
    pub fn new(
        register: &'static Register,
        format: &Format,
        header: &[String],
        cells: &[Vec<usize>],
    ) -> Result<RowCheck, Box<Problem>> {
        Mapper::new(register, format, header, cells).map(RowCheck)
    }

    /// All problems of a row; none for one that can be taken.
    pub fn problems(&self, row: &Row) -> Vec<Problem> {
        let mut problems = row.problems.clone();
        if problems.is_empty() {
            self.0.read(row, &mut problems);
        }
        problems
    }
}

/// A value that a row gives to a field: `None` empties it.
pub(crate) type Given<'r> = (usize, Option<Cow<'r, str>>);

/// The values of a record that is there; `None` for one that is not.
pub(crate) type Old<'o> = Option<&'o [Option<String>]>;

/// Reads the rows of one file as values of a register's fields.
#[derive(Debug)]
pub(crate) struct Mapper {
    pub(crate) register: &'static Register,
    checks: Checks,
    columns: Vec<Mapped>,
    key: Mapped,
    /// How keys are compared.
    pub(crate) matching: Matching,
    contacts: Option<contacts::Columns>,
}

#[derive(Debug, Clone)]
struct Mapped {
    /// The place of the field in the register.
    at: usize,
    field: &'static Field,
    /// What its values are checked as.
    kind: Kind,
    /// How its values are written.
    writing: Writing,
    /// The places of the cells in the row.
    cells: Vec<usize>,
    /// What is made of the cells, unless the one that there is is taken as it is.
    made: Option<Made>,
    /// When the record is there already.
    owner: Owner,
    /// Whether a value that is empty empties the field.
    clear: bool,
    /// What people call the column: its name in the file, or else the field's label.
    title: String,
}

impl Mapped {
    /// Whether a value is taken, by who owns the field.
    fn is_taken(&self, old: Old<'_>) -> bool {
        match (self.owner, old) {
            (Owner::Erp, _) | (_, None) => true,
            (Owner::AtCreation, Some(_)) => false,
            (Owner::WhenEmpty, Some(old)) => old[self.at].is_none(),
        }
    }

    fn text<'r>(&'r self, row: &'r Row) -> Result<Cow<'r, str>, Fault> {
        match &self.made {
            None => Ok(Cow::Borrowed(self.as_it_stands(row))),
            Some(made) => made.text(row),
        }
    }

    /// The first cell.
    fn as_it_stands<'r>(&self, row: &'r Row) -> &'r str {
        self.cells.first().and_then(|cell| row.cell(*cell)).unwrap_or_default()
    }

    fn problem(&self, row: &Row, fault: Fault) -> Problem {
        let problem = Problem::new(fault.code, format!("{}: {}", self.title, fault.message), fault.hint)
            .at_line(row.line)
            .in_field(self.field.name);
        match self.cells.first() {
            Some(cell) => problem
                .in_column(u32::try_from(cell + 1).unwrap_or(u32::MAX))
                .with_value(self.as_it_stands(row)),
            None => problem,
        }
    }
}

impl Mapper {
    /// For a file whose header is `header` (empty without one) and whose mapped columns are the cells `cells`.
    ///
    /// # Errors
    /// A problem that refuses the file, when the format cannot be used for the register.
    pub(crate) fn new(
        register: &'static Register,
        format: &Format,
        header: &[String],
        cells: &[Vec<usize>],
    ) -> Result<Mapper, Box<Problem>> {
        let unusable = |message: String, hint: String| {
            Box::new(Problem::new(
                erpfile::code::FORMAT,
                format!("The format cannot be used: {message}"),
                hint,
            ))
        };
        if let Some(complaint) = complaints(register, format).into_iter().next() {
            return Err(unusable(complaint.message, complaint.hint));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = format.columns.iter().find(|column| !seen.insert(&column.field)) {
            let message = format!("two columns are mapped to the field {}.", twice.field);
            return Err(unusable(message, "Map one column to each field.".to_owned()));
        }
        let date = |pattern: &str| {
            DateFormat::new(pattern).map(|date| date.with_pivot(format.pivot_year)).ok_or_else(|| {
                let message = format!("\"{pattern}\" does not say how dates are written.");
                unusable(message, "Use %d, %m and %Y, for example %d-%m-%Y.".to_owned())
            })
        };
        let usual = Writing {
            decimal: format.decimal_separator.char(),
            thousands: format.thousands,
            date: date(&format.date_format)?,
        };
        let (mut columns, mut of_contacts) = (Vec::new(), Vec::new());
        for (column, cells) in format.columns.iter().zip(cells) {
            let target = contacts::target(register, format, &column.field);
            let at = target.and_then(|_| contacts::place(register)).or_else(|| register.index(&column.field));
            let Some(at) = at else { continue };
            let field = target.map_or(&register.fields[at], contacts::Target::field);
            let named =
                |cell: &usize| header.get(*cell).map(|name| name.trim()).filter(|name| !name.is_empty());
            let titles: Vec<&str> = cells.iter().filter_map(named).collect();
            let title = if titles.is_empty() { field.label.to_owned() } else { titles.join(" + ") };
            let mut writing = usual.clone();
            if let Some(separator) = column.decimal_separator {
                writing.decimal = separator.char();
            }
            if !column.date_format.is_empty() {
                writing.date = date(&column.date_format)?;
            }
            let made = Made::new(format, column, cells, field);
            let title = field::cut(&title);
            let (owner, clear) = (column.owner, column.blank.unwrap_or(format.blank) == Blank::Clear);
            // Whether an address that is none matters is said by the checks of the format.
            let kind = match field.kind {
                Kind::Email { max } if target.is_none() => Kind::Text { max },
                kind => kind,
            };
            let mapped = Mapped { at, field, kind, writing, cells: cells.clone(), made, owner, clear, title };
            match target {
                Some(target) => of_contacts.push((target, mapped)),
                None => columns.push(mapped),
            }
        }
        let Some(key) = columns.iter().find(|column| column.field.name == register.key).cloned() else {
            return Err(unusable(
                format!("no column is mapped to \"{}\".", register.key),
                "Map it in the format.".to_owned(),
            ));
        };
        let contacts = contacts::Columns::new(register, of_contacts);
        let checks = Checks::new(register, format.checks);
        Ok(Mapper { register, checks, columns, key, matching: Matching::new(format), contacts })
    }

    /// The places of the fields that a file gives values for, in the order in which [`Mapper::read`] gives them.
    pub(crate) fn fields(&self) -> impl Iterator<Item = usize> {
        let contacts = self.contacts.iter().map(|contacts| contacts.at);
        self.columns.iter().map(|column| column.at).chain(contacts)
    }

    /// Those of the values that a row gives that may change a record: all but the key.
    pub(crate) fn changing<'g, 'r>(&self, given: &'g [Given<'r>]) -> impl Iterator<Item = &'g Given<'r>> {
        let key = self.key.at;
        given.iter().filter(move |(at, _)| *at != key)
    }

    /// The row's key, when it has one that could be stored.
    pub(crate) fn key<'r>(&'r self, row: &'r Row) -> Option<Cow<'r, str>> {
        self.key.text(row).ok().filter(|cell| self.check_key(cell).is_ok())
    }

    fn check_key(&self, cell: &str) -> Result<(), Fault> {
        let (register, singular) = (self.register, self.register.singular);
        if check(self.key.field.kind, cell, &self.key.writing)?.is_none() {
            return Err(Fault {
                code: code::MISSING_KEY,
                message: format!(
                    "The row has no {}, so nobody can tell which {singular} it is.",
                    register.key
                ),
                hint: format!("Give the {singular} a {} in the ERP system.", register.key),
            });
        }
        control(cell, true).map_or(Ok(()), |found| Err(control_fault(found)))
    }

    /// What a good row of the file gives to a new record, in the order of [`Mapper::fields`]; what is wrong with it is
    /// added to `problems`.
    pub(crate) fn read<'r>(&'r self, row: &'r Row, problems: &mut Vec<Problem>) -> Vec<Given<'r>> {
        self.read_for(row, None, problems)
    }

    /// The same for a record that is there with these values: what is not taken, since the field belongs to people here, is
    /// neither given nor judged.
    pub(crate) fn read_for<'r>(
        &'r self,
        row: &'r Row,
        old: Old<'_>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Given<'r>> {
        let given = self.read_fields(row, old, problems);
        self.with_contacts(given, row, old, problems)
    }

    fn with_contacts<'r>(
        &self,
        mut given: Vec<Given<'r>>,
        row: &Row,
        old: Old<'_>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Given<'r>> {
        if let Some(contacts) = self.taken_contacts(old) {
            let mut gathering = Gathering::default();
            // Far fewer columns are allowed than a record can have contacts.
            contacts.read(row, problems, |contact| drop(gathering.add(contact)));
            given.extend(self.gathered(&gathering, old));
        }
        given
    }

    /// The columns of contacts, unless they are not taken.
    fn taken_contacts(&self, old: Old<'_>) -> Option<&contacts::Columns> {
        let is_taken =
            |contacts: &&contacts::Columns| contacts.first().is_none_or(|first| first.is_taken(old));
        self.contacts.as_ref().filter(is_taken)
    }

    /// What contacts give to a record: nothing when they are not taken, or there are none and blanks keep what is stored.
    pub(crate) fn gathered(&self, gathering: &Gathering, old: Old<'_>) -> Option<Given<'static>> {
        let at = contacts::place(self.register)?;
        let whole = self.columns.iter().find(|column| column.at == at);
        let column = whole.or_else(|| self.contacts.as_ref()?.first())?;
        let value = gathering.text().map(Cow::Owned);
        ((value.is_some() || column.clear) && column.is_taken(old)).then_some((at, value))
    }

    /// What a row gives to its record besides contacts. Its contacts are added to `gathering`; what is wrong with the row
    /// is added to `problems`.
    ///
    /// # Errors
    /// When there are too many contacts.
    pub(crate) fn read_apart<'r>(
        &'r self,
        row: &'r Row,
        old: Old<'_>,
        problems: &mut Vec<Problem>,
        gathering: &mut Gathering,
    ) -> Result<Vec<Given<'r>>, Fault> {
        let mut given = self.read_fields(row, old, problems);
        let mut outcome = Ok(());
        let mut add = |contact| {
            if outcome.is_ok() {
                outcome = gathering.add(contact);
            }
        };
        if let Some(contacts) = self.taken_contacts(old) {
            contacts.read(row, problems, &mut add);
        } else if let Some(at) = contacts::place(self.register) {
            let whole = given.extract_if(.., |(field, _)| *field == at);
            whole.for_each(|(_, value)| list(value.as_deref()).into_iter().for_each(&mut add));
        }
        outcome.map(|()| given)
    }

    /// What the checks of the format that have this level find in a row.
    fn found(&self, row: &Row, given: &[Given<'_>], level: Level) -> Vec<Problem> {
        let problem = |found: Found| {
            let column = self.columns.iter().find(|column| column.at == found.at)?;
            Some(column.problem(row, found.fault))
        };
        self.checks.of_given(given, level).into_iter().filter_map(problem).collect()
    }

    /// What the checks of the format warn of in a row that is taken.
    pub(crate) fn warnings(&self, row: &Row, given: &[Given<'_>]) -> Vec<Problem> {
        self.found(row, given, Level::Warn)
    }

    /// What [`Mapper::read`] gave of a row in which it found no problem: nothing is asked of the whole row again.
    pub(crate) fn read_good<'r>(&'r self, row: &'r Row, problems: &mut Vec<Problem>) -> Vec<Given<'r>> {
        let given = self.values(row, None, problems);
        self.with_contacts(given, row, None, problems)
    }

    fn read_fields<'r>(&'r self, row: &'r Row, old: Old<'_>, problems: &mut Vec<Problem>) -> Vec<Given<'r>> {
        let given = self.values(row, old, problems);
        problems.extend(self.found(row, &given, Level::Refuse));
        if old.is_none() && self.is_total(row, &given) {
            problems.push(self.key.problem(row, self.total()));
        }
        given
    }

    /// The values of the columns besides contacts, each checked by itself.
    fn values<'r>(&'r self, row: &'r Row, old: Old<'_>, problems: &mut Vec<Problem>) -> Vec<Given<'r>> {
        let mut given = Vec::with_capacity(self.columns.len() + 1);
        for column in self.columns.iter().filter(|column| column.is_taken(old)) {
            match column.text(row).and_then(|text| self.value(column, text, old)) {
                Ok(None) if !column.clear => {}
                Ok(value) => given.push((column.at, value)),
                Err(fault) => problems.push(column.problem(row, fault)),
            }
        }
        given
    }

    /// Whether a row that would be a new record is a total below the table, or between its rows, which the format does not
    /// know of.
    fn is_total(&self, row: &Row, given: &[Given<'_>]) -> bool {
        let Some(title) = self.register.index(self.register.title_field) else { return false };
        self.columns.iter().any(|column| column.at == title)
            && !given.iter().any(|(at, value)| *at == title && value.is_some())
            && self.key.text(row).is_ok_and(|key| erpfile::suggest::is_total(key.trim()))
    }

    fn total(&self) -> Fault {
        let (register, singular) = (self.register, self.register.singular);
        Fault {
            code: code::TOTAL_LINE,
            message: format!(
                "The row reads like a total and has no {}, so it is no new {singular}.",
                register.label(register.title_field)
            ),
            hint: format!(
                "Say in the format with which text the table ends, or which lines are comments; if it is a {singular}, \
                 give it a name."
            ),
        }
    }

    fn value<'r>(
        &self,
        column: &Mapped,
        text: Cow<'r, str>,
        old: Old<'_>,
    ) -> Result<Option<Cow<'r, str>>, Fault> {
        // A choice that was taken away since stays where it was chosen.
        match (column.kind, old.and_then(|old| old[column.at].as_deref())) {
            (Kind::Choice { .. }, Some(chosen)) if chosen == text.trim() => {
                Ok(Some(Cow::Owned(chosen.to_owned())))
            }
            _ => self.checked(column, text),
        }
    }

    fn checked<'r>(&self, column: &Mapped, text: Cow<'r, str>) -> Result<Option<Cow<'r, str>>, Fault> {
        if column.at == self.key.at {
            return self.check_key(&text).map(|()| Some(text));
        }
        checked(column, text)
    }
}

/// The value of a field's text.
fn checked<'r>(column: &Mapped, text: Cow<'r, str>) -> Result<Option<Cow<'r, str>>, Fault> {
    match text {
        Cow::Borrowed(text) => check(column.kind, text, &column.writing),
        Cow::Owned(text) => check(column.kind, &text, &column.writing)
            .map(|value| value.map(|value| Cow::Owned(value.into_owned()))),
    }
}

#[cfg(test)]
mod tests;
