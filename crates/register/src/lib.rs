//! Registers of business records: what a record is, what an import would change, and changing it, with history and
//! ledger, in one transaction.
//!
//! No files and no HTTP here; and no SQL anywhere else. A register is declared as data ([`Register`]): its tables,
//! its checks, its pages, its command line and its automation all follow from the declaration.

mod changes;
pub mod checks;
mod codes;
pub mod commit;
pub mod compare;
pub mod contacts;
pub mod counts;
mod customer;
pub mod date;
pub mod db;
pub mod duplicates;
pub mod edit;
pub mod export;
pub mod field;
mod frames;
pub mod guard;
pub mod history;
pub mod imports;
mod job;
pub mod layout;
mod list;
pub mod live;
pub mod mapping;
mod matching;
pub mod notifications;
mod number;
pub mod own_fields;
pub mod page;
pub mod people;
mod prepare;
mod product;
pub mod records;
pub mod removed;
mod schema;
mod search;
pub mod settings;
mod sorted;
mod store;
pub mod suggest;
pub mod time;
pub mod undo;
pub mod words;

pub use customer::CUSTOMERS;
pub use field::{Field, Kind};
pub use prepare::{Anew, Prepared, prepare};
pub use product::PRODUCTS;
pub use schema::{open, open_live};

/// The company that all rows belong to while there is only one.
pub const COMPANY: i64 = 1;

/// All registers, in the order of the menus. A further register is a file, a line here and a migration.
pub static REGISTERS: &[&Register] = &[&CUSTOMERS, &PRODUCTS];

/// The register called `name` ("customers"), if there is one.
pub fn register(name: &str) -> Option<&'static Register> {
    REGISTERS.iter().copied().find(|register| register.name == name)
}

/// A table of business records, declared: everything that the program knows of it.
#[derive(Debug)]
pub struct Register {
    /// What formats, commands and addresses call it, and its table: "customers".
    pub name: &'static str,
    /// What the history calls it; never that of another one.
    pub number: i64,
    /// Its heading: "Customers".
    pub title: &'static str,
    /// One record of it, in lower case: "customer".
    pub singular: &'static str,
    /// The field that tells records apart; unique within a company, and never empty.
    pub key: &'static str,
    /// The fields in their order on pages and in exports. Column names are field names.
    pub fields: &'static [Field],
    /// The name of its automation: "customers-from-erp".
    pub automation: &'static str,
    /// What people call that automation: "Customers from ERP-system".
    pub automation_title: &'static str,
    /// The file name that a new format for it starts with: "customers.txt".
    pub filename: &'static str,
    /// The fields that its list shows as columns.
    pub list: &'static [&'static str],
    /// The fields by which its list can be sorted; the first is the usual order. Each has an index, all are text.
    pub sorts: &'static [&'static str],
    /// The field that names a record to people: "name".
    pub title_field: &'static str,
    /// Where a record carries its first contact person, if it does.
    pub contact: Option<ContactFields>,
    /// By which fields likely duplicates are told, if they are.
    pub duplicates: Option<DuplicateFields>,
}

/// The fields by which two records are told to be of the same.
#[derive(Debug, Clone, Copy)]
pub struct DuplicateFields {
    /// The VAT or organisation number.
    pub tax_number: &'static str,
    /// E-mail addresses.
    pub email: &'static str,
    /// Telephone numbers, any of which counts.
    pub phones: [&'static str; 2],
    /// What it is called.
    pub name: &'static str,
    /// The postcode, which must be the same for names to count.
    pub postcode: &'static str,
    /// The country of numbers and postcode.
    pub country: &'static str,
    /// A field of yes and no: a record with it is nobody's duplicate.
    pub inactive: &'static str,
}

impl DuplicateFields {
    /// All of them.
    pub fn all(&self) -> [&'static str; 8] {
        let [phone, mobile] = self.phones;
        [self.tax_number, self.email, phone, mobile, self.name, self.postcode, self.country, self.inactive]
    }
}

/// The fields that together are one contact of a record.
#[derive(Debug, Clone, Copy)]
pub struct ContactFields {
    /// The person's name.
    pub name: &'static str,
    /// The person's e-mail address.
    pub email: &'static str,
    /// The person's telephone number.
    pub phone: &'static str,
}

impl Register {
    /// The field called `name`, if the register has it.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that holds all the contacts of a record, if the register has one.
    pub fn contacts_field(&self) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.kind == Kind::Contacts)
    }

    /// What people call the field of this name, the part of a contact that it stands for in a format, or what the history
    /// notes under it; the name itself for one that the register does not have (any more).
    pub fn label(&self, name: &str) -> String {
        match self.field(name) {
            Some(field) => field.label.to_owned(),
            None if name == duplicates::FIELD => duplicates::FIELD_LABEL.to_owned(),
            None => contacts::label(name).unwrap_or_else(|| name.to_owned()),
        }
    }

    /// The place of the field called `name` in [`Register::fields`] and in a record's values.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_declaration_refers_to_its_own_fields_and_names_are_unique() {
        let mut automations = BTreeSet::new();
        for register in REGISTERS {
            let names: BTreeSet<_> = register.fields.iter().map(|field| field.name).collect();
            assert_eq!(names.len(), register.fields.len(), "{}", register.name);
            assert!(automations.insert(register.automation));
            let contact = register.contact.iter().flat_map(|c| [c.name, c.email, c.phone]);
            let compared = register.duplicates.iter().flat_map(DuplicateFields::all);
            let named = [register.key, register.title_field].into_iter().chain(contact).chain(compared);
            for name in named.chain(register.list.iter().copied()).chain(register.sorts.iter().copied()) {
                assert!(names.contains(name), "{} has no field {name}", register.name);
            }
            for sort in register.sorts {
                assert!(
                    register.field(sort).unwrap().kind.text_max().is_some(),
                    "{sort} cannot be sorted by"
                );
            }
        }
    }
}
