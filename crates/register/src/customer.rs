//! What a customer is.

use crate::field::{Field, Kind};
use crate::{ContactFields, DuplicateFields, Register};

const NAME: &str = "Customer";
const ADDRESS: &str = "Address";
const CONTACT: &str = "Contact";
const TERMS: &str = "Terms";
const OTHER: &str = "Other";

/// The customers of the ERP system.
pub static CUSTOMERS: Register = Register {
    number: 1,
    name: "customers",
    title: "Customers",
    singular: "customer",
    key: "number",
    fields: FIELDS,
    automation: "customers-from-erp",
    automation_title: "Customers from ERP-system",
    filename: "customers.txt",
    list: &["number", "name", "postcode", "city", "country", "phone", "email", "blocked"],
    sorts: &["number", "name", "city"],
    title_field: "name",
    contact: Some(ContactFields { name: "contact", email: "contact_email", phone: "contact_phone" }),
    duplicates: Some(DuplicateFields {
        tax_number: "tax_number",
        email: "email",
        phones: ["phone", "mobile"],
        name: "name",
        postcode: "postcode",
        country: "country",
        inactive: "inactive",
    }),
};

#[rustfmt::skip]
static FIELDS: &[Field] = &[
    Field::new("number", "Number", Kind::Text { max: 40 }, NAME).searched(),
    Field::new("name", "Name", Kind::Text { max: 200 }, NAME).searched(),
    Field::new("name2", "Name 2", Kind::Text { max: 200 }, NAME).searched(),
    Field::new("address1", "Address line 1", Kind::Text { max: 200 }, ADDRESS),
    Field::new("address2", "Address line 2", Kind::Text { max: 200 }, ADDRESS),
    Field::new("postcode", "Postcode", Kind::Text { max: 30 }, ADDRESS),
    Field::new("city", "City", Kind::Text { max: 100 }, ADDRESS).searched(),
    Field::new("region", "Region", Kind::Text { max: 100 }, ADDRESS),
    Field::new("country", "Country", Kind::Country, ADDRESS),
    Field::new("phone", "Phone", Kind::Phone { max: 60 }, CONTACT).searched(),
    Field::new("mobile", "Mobile", Kind::Phone { max: 60 }, CONTACT).searched(),
    Field::new("fax", "Fax", Kind::Phone { max: 60 }, CONTACT),
    Field::new("email", "E-mail", Kind::Email { max: 254 }, CONTACT).searched(),
    Field::new("website", "Website", Kind::Url { max: 254 }, CONTACT),
    Field::new("tax_number", "VAT or organisation number", Kind::Text { max: 40 }, NAME).searched(),
    Field::new("gln", "GLN", Kind::Text { max: 20 }, NAME),
    Field::new("contact", "Contact", Kind::Text { max: 200 }, CONTACT).searched(),
    Field::new("contact_email", "Contact's e-mail", Kind::Email { max: 254 }, CONTACT),
    Field::new("contact_phone", "Contact's phone", Kind::Phone { max: 60 }, CONTACT),
    Field::new("group", "Group", Kind::Text { max: 60 }, TERMS),
    Field::new("price_group", "Price group", Kind::Text { max: 60 }, TERMS),
    Field::new("payment_terms", "Payment terms", Kind::Text { max: 100 }, TERMS),
    Field::new("currency", "Currency", Kind::Currency, TERMS),
    Field::new("language", "Language", Kind::Language, TERMS),
    Field::new("credit_limit", "Credit limit", Kind::Decimal { digits: 30, scale: 10 }, TERMS),
    Field::new("discount_percent", "Discount, %", Kind::Decimal { digits: 30, scale: 10 }, TERMS),
    Field::new("balance", "Balance", Kind::Decimal { digits: 30, scale: 10 }, TERMS),
    Field::new("blocked", "Blocked", Kind::YesNo, OTHER),
    Field::new("inactive", "Inactive", Kind::YesNo, OTHER),
    Field::new("notes", "Notes", Kind::Text { max: 10_000 }, OTHER),
    Field::new("created_on", "Created on", Kind::Date, OTHER),
    Field::new("contacts", "Contacts", Kind::Contacts, CONTACT).searched(),
];
