//! Main menu > Customers > Likely duplicates: the pairs, two beside each other, and saying that they are none.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use register::duplicates::{self, DismissError, Dismissal, LastLook, Looking, Pair, Same, Which};
use register::page;
use register::records::{self, Record};
use register::{DuplicateFields, Register, own_fields};
use serde::Deserialize;

use super::list;
use super::page::{Frame, Page, Visitor};
use super::record::not_there;
use super::show;
use super::site::Site;
use super::trouble::Trouble;
use crate::values;

/// Pairs on a page.
const ON_A_PAGE: u32 = 25;

/// Which pairs are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    dismissed: bool,
    from: Option<String>,
    said: Option<String>,
}

#[derive(Template)]
#[template(path = "duplicates.html")]
struct ListPage {
    frame: Frame,
    register: &'static Register,
    dismissed: bool,
    rows: Vec<Row>,
    last: Option<LastLook>,
    looking: Option<Looking>,
    first: Option<String>,
    next: Option<String>,
    said: Option<&'static str>,
}

/// A pair in the list.
struct Row {
    records: [Side; 2],
    same: String,
    compare: String,
    dismissed: Option<Dismissal>,
}

/// One of the two.
pub(crate) struct Side {
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) address: String,
}

impl Side {
    fn new(register: &Register, record: &Record) -> Side {
        let value = |field| record.value(register, field).unwrap_or_default().to_owned();
        let number = value(register.key);
        Side { address: list::record_address(register, &number), title: value(register.title_field), number }
    }
}

/// A likely duplicate of a record, on that record's page.
pub(crate) struct Hint {
    pub(crate) other: Side,
    pub(crate) same: String,
    pub(crate) compare: String,
    pub(crate) dismissed: Option<Dismissal>,
}

impl Hint {
    /// The pair as the page of the record with this id shows it.
    pub(crate) fn new(register: &Register, pair: &Pair, id: i64) -> Hint {
        let own = if pair.first.id == id { &pair.first } else { &pair.second };
        let (own, other) = (Side::new(register, own), Side::new(register, pair.other(id)));
        Hint {
            compare: compare_address(register, [&own.number, &other.number]),
            other,
            same: in_common(&pair.same),
            dismissed: pair.dismissed.clone(),
        }
    }
}

/// What two have in common, as a sentence.
fn in_common(same: &[Same]) -> String {
    let words = same.iter().map(|same| same.words()).collect::<Vec<_>>().join(", ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn list_address(register: &Register, dismissed: bool, from: Option<&str>) -> String {
    let dismissed = dismissed.then(|| "dismissed=true".to_owned());
    let query: Vec<_> =
        dismissed.into_iter().chain(from.map(|from| format!("from={}", show::segment(from)))).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/{}/duplicates{mark}{}", register.name, query.join("&"))
}

fn compare_address(register: &Register, numbers: [&str; 2]) -> String {
    let [number, other] = numbers.map(show::segment);
    format!("/{}/duplicates/compare?number={number}&other={other}", register.name)
}

/// What has just been done, by the word in the address.
pub(crate) fn told(said: &str) -> Option<&'static str> {
    match said {
        "dismissed" => {
            Some("They are shown as likely duplicates no more, until what they have in common changes.")
        }
        "taken-back" => Some("They are shown as likely duplicates again."),
        _ => None,
    }
}

/// The list.
pub(crate) async fn show_list(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Page<impl Template>, Trouble> {
    let which = if wanted.dismissed { Which::Dismissed } else { Which::Open };
    let (now, from) = ((site.clock)(), wanted.from.clone());
    let (found, (last, looking)) = site
        .blocking(move |site| {
            let read = |live: &register::db::Conn| {
                let found: page::Page<Pair> = site.database.read(|c| {
                    let register = own_fields::in_effect(c, register)?;
                    duplicates::list(c, live, register, which, ON_A_PAGE, from.as_deref())
                })?;
                Ok::<_, register::db::DbError>((found, duplicates::last_look(live, register, now)?))
            };
            Ok(site.live.read(read)?)
        })
        .await?;
    Ok(Page(ListPage {
        frame: Frame::new(visitor, format!("/{}", register.name), "Likely duplicates"),
        register,
        dismissed: wanted.dismissed,
        first: wanted.from.as_ref().map(|_| list_address(register, wanted.dismissed, None)),
        next: found.next.as_deref().map(|from| list_address(register, wanted.dismissed, Some(from))),
        rows: found.items.iter().map(|pair| row(register, pair)).collect(),
        last,
        looking,
        said: wanted.said.as_deref().and_then(told),
    }))
}

fn row(register: &Register, pair: &Pair) -> Row {
    let records = [Side::new(register, &pair.first), Side::new(register, &pair.second)];
    Row {
        compare: compare_address(register, [&records[0].number, &records[1].number]),
        records,
        same: in_common(&pair.same),
        dismissed: pair.dismissed.clone(),
    }
}

/// Two numbers.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Two {
    number: String,
    other: String,
    said: Option<String>,
}

#[derive(Template)]
#[template(path = "duplicates_compare.html")]
struct ComparePage {
    frame: Frame,
    register: &'static Register,
    records: [Side; 2],
    /// What they have in common; `None` when nothing.
    same: Option<String>,
    dismissed: Option<Dismissal>,
    lines: Vec<Line>,
    changed: [Timestamp; 2],
    said: Option<&'static str>,
}

/// A field of both.
struct Line {
    label: &'static str,
    values: [String; 2],
    /// Whether the hint rests on it.
    alike: bool,
    /// Whether both are the same to the letter.
    equal: bool,
}

/// Two records beside each other.
pub(crate) async fn compare(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Query(two): Query<Two>,
) -> Result<Page<impl Template>, Trouble> {
    let wanted = two.clone();
    let (register, found, pair) = site
        .read(move |c| {
            let register = own_fields::in_effect(c, register)?;
            let find = |number: &str| records::find(c, register, number);
            let found = (find(&wanted.number)?, find(&wanted.other)?);
            Ok((register, found, duplicates::of_two(c, register, &wanted.number, &wanted.other)?))
        })
        .await?;
    let (Some(first), Some(second)) = found else {
        let missing = if found.0.is_none() { &two.number } else { &two.other };
        return Err(not_there(register, missing));
    };
    let same: &[Same] = pair.as_ref().map_or(&[], |pair| &pair.same);
    Ok(Page(ComparePage {
        frame: Frame::new(visitor, format!("/{}", register.name), "Compare likely duplicates"),
        lines: lines(register, [&first, &second], same),
        records: [Side::new(register, &first), Side::new(register, &second)],
        changed: [first.updated_at, second.updated_at],
        same: pair.as_ref().map(|pair| in_common(&pair.same)),
        dismissed: pair.and_then(|pair| pair.dismissed),
        register,
        said: two.said.as_deref().and_then(told),
    }))
}

fn lines(register: &Register, records: [&Record; 2], same: &[Same]) -> Vec<Line> {
    let rests: Vec<&str> = match &register.duplicates {
        Some(fields) => same.iter().flat_map(|same| rests_on(*same, fields)).collect(),
        None => Vec::new(),
    };
    let line = |(at, field): (usize, &'static register::Field)| {
        let values = records.map(|record| record.values.get(at).and_then(Option::as_deref));
        (values != [None, None]).then(|| Line {
            label: field.label,
            values: values.map(|value| values::text(field, value)),
            alike: rests.contains(&field.name),
            equal: values[0] == values[1],
        })
    };
    register.fields.iter().enumerate().filter_map(line).collect()
}

fn rests_on(same: Same, fields: &DuplicateFields) -> Vec<&'static str> {
    match same {
        Same::TaxNumber => vec![fields.tax_number],
        Same::Name => vec![fields.name, fields.postcode],
        Same::Email => vec![fields.email],
        Same::Phone => fields.phones.to_vec(),
    }
}

/// What a person says of two records.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Say {
    number: String,
    other: String,
    /// Where the button was: `list`, `compare`, or nothing for the page of the first record.
    #[serde(default)]
    on: String,
}

/// They are no duplicates.
pub(crate) async fn dismiss(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Form(say): Form<Say>,
) -> Response {
    said(register, site, visitor, say, false).await
}

/// They may be duplicates after all.
pub(crate) async fn take_back(
    register: &'static Register,
    State(site): State<Site>,
    visitor: Visitor,
    Form(say): Form<Say>,
) -> Response {
    said(register, site, visitor, say, true).await
}

async fn said(register: &'static Register, site: Site, visitor: Visitor, say: Say, back: bool) -> Response {
    let by = visitor.id;
    let change = write(register, site.clone(), visitor, say, back);
    site.whole(Some(by), change).await
}

async fn write(
    register: &'static Register,
    site: Site,
    visitor: Visitor,
    say: Say,
    back: bool,
) -> Result<Response, Trouble> {
    let at = (site.clock)();
    let two = say.clone();
    site.change(move |site| {
        let said = site.database.write(|c| {
            let numbers = [two.number.as_str(), two.other.as_str()];
            match back {
                false => duplicates::dismiss(c, register, numbers, &visitor.name, at),
                true => duplicates::take_back(c, register, numbers, &visitor.name, at),
            }
        });
        said.map_err(|error| trouble(register, error))
    })
    .await?;
    let word = if back { "taken-back" } else { "dismissed" };
    let address = match say.on.as_str() {
        "list" => list_address(register, back, None),
        "compare" => compare_address(register, [&say.number, &say.other]),
        _ => list::record_address(register, &say.number),
    };
    let mark = if address.contains('?') { '&' } else { '?' };
    Ok(Redirect::to(&format!("{address}{mark}said={word}")).into_response())
}

fn trouble(register: &Register, error: DismissError) -> Trouble {
    match error {
        DismissError::Db(error) => error.into(),
        DismissError::NotThere { number, .. } => not_there(register, &number),
        error => Trouble::conflict("That cannot be done now", show::sentence(&error.to_string()))
            .or_go(list_address(register, false, None), "Likely duplicates"),
    }
}
