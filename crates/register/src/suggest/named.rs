//! What the names of the columns say.

use erpfile::suggest::Suggestion;

use super::looks::Look;
use super::names::Name;
use super::presets::Known;
use super::{LABELLED, names, rules, vocabulary};
use crate::{CUSTOMERS, Register};

/// What the names of the columns say.
pub(super) struct Named {
    /// For each column the fields that its name stands for.
    fields: Vec<Vec<(&'static str, f64)>>,
    unknown: Vec<bool>,
    keys: Vec<KeyName>,
}

/// How plainly the name of a column says that it has the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum KeyName {
    /// Nothing else can be meant.
    Plain,
    /// It is a number of customers, but perhaps not the one: of their card, or their old one.
    OfRecord,
    /// It may be a number of anything.
    OfAnything,
}

impl KeyName {
    fn of(name: &Name) -> KeyName {
        use vocabulary::Meaning::{Account, Code, Customer, Main, Number, Product};
        let has = |wanted: &[vocabulary::Meaning]| name.meanings.iter().any(|has| wanted.contains(has));
        let else_means =
            |has: &vocabulary::Meaning| ![Account, Code, Customer, Main, Number, Product].contains(has);
        if name.unknown == 0 && !name.meanings.iter().any(else_means) {
            KeyName::Plain
        } else if has(&[Customer, Product]) && has(&[Account, Code, Number]) {
            KeyName::OfRecord
        } else {
            KeyName::OfAnything
        }
    }
}

impl Named {
    /// How plainly the name of a column says that it has the key; `Plain` where nothing can be said.
    pub(super) fn key_name(&self, column: usize) -> KeyName {
        self.keys.get(column).copied().unwrap_or(KeyName::Plain)
    }

    pub(super) fn of(&self, column: usize, field: &str) -> f64 {
        let fields = self.fields.get(column).into_iter().flatten();
        fields.filter(|(name, _)| *name == field).map(|(_, score)| *score).fold(0.0, f64::max)
    }

    /// Whether nothing is known of a column's name.
    pub(super) fn is_unknown(&self, column: usize) -> bool {
        self.unknown.get(column).copied().unwrap_or(true)
    }
}

pub(super) fn named(
    register: &'static Register,
    found: &Suggestion,
    looks: &[Look],
    preset: Option<&Known>,
) -> Named {
    let rules = if register.name == CUSTOMERS.name { rules::CUSTOMER_RULES } else { rules::PRODUCT_RULES };
    let prefix = names::prefix(&found.header);
    let mut named = Named { fields: Vec::new(), unknown: Vec::new(), keys: Vec::new() };
    // Technical names with the short name of their table before them.
    let tail = |header: &str| Name::of(header).plain.get(2..).and_then(rules::technical);
    let is_table =
        |header: &&String| header.len() > 4 && !header.contains(char::is_lowercase) && tail(header).is_some();
    let tables = found.header.iter().filter(is_table).count() > 3;
    // The same in all rows, it is the company that the export is of.
    let is_company = |(header, look): (&String, &Look)| {
        !look.is_constant() && Name::of(header).is_only(vocabulary::Meaning::Company)
    };
    let company = found.header.iter().zip(looks).any(is_company);
    // A second address has a postcode or a city of its own.
    let places: Vec<Option<u32>> = found
        .header
        .iter()
        .map(|header| Name::of(header))
        .filter(|name| {
            name.meanings
                .iter()
                .any(|has| matches!(has, vocabulary::Meaning::Postcode | vocabulary::Meaning::City))
        })
        .map(|name| name.index)
        .filter(|index| index.is_some_and(|index| index > 1))
        .collect();
    for column in 0..found.width() {
        let mut fields: Vec<(&'static str, f64)> = Vec::new();
        let mut known = false;
        let mut key: Option<KeyName> = None;
        let header = found.header.get(column).map(String::as_str);
        let stripped = header.and_then(|header| header.strip_prefix(prefix.as_deref()?));
        for header in [header, stripped].into_iter().flatten() {
            let name = Name::of(header);
            known |= name.is_known();
            key = key.into_iter().chain([KeyName::of(&name)]).min();
            fields.extend(rules::fields(rules, &name));
            if register.name == CUSTOMERS.name
                && let Some(field) = rules::technical(&name.plain)
            {
                fields.push((field, 0.95));
                key = Some(KeyName::Plain);
            }
            let lower = header.trim().to_lowercase();
            let own = register
                .fields
                .iter()
                .filter(|field| field.name == lower || field.label.to_lowercase() == lower);
            for field in own {
                fields.push((field.name, LABELLED));
                key = Some(KeyName::Plain);
            }
            if name.index.is_some() && places.contains(&name.index) {
                fields.retain(|(field, _)| !matches!(*field, "address1" | "address2"));
            }
            // Where a company has a column of its own, a name is a person's.
            if company && name.is_only(vocabulary::Meaning::Name) && name.index.is_none() {
                fields.iter_mut().filter(|(field, _)| *field == "name").for_each(|(_, score)| *score -= 0.12);
                fields.push(("contact", 0.7));
            }
        }
        if let Some(field) = header.filter(|_| tables && register.name == CUSTOMERS.name).and_then(tail) {
            fields = vec![(field, 0.85)];
            (known, key) = (true, Some(KeyName::Plain));
        }
        if let Some(field) = preset.and_then(|preset| *preset.columns.get(column)?) {
            (known, key) = (true, Some(KeyName::Plain));
            fields = field.map(|field| (field, 0.99)).into_iter().collect();
        }
        named.unknown.push(!known && fields.is_empty());
        named.keys.push(key.unwrap_or(KeyName::Plain));
        named.fields.push(fields);
    }
    named
}
