//! The files of systems that are known by name.
//!
//! A preset is recognised by the names of its columns, in any order and case and with further columns among them. It
//! says of some of them which field they are; what the others are is told as in any file.

use erpfile::suggest::{Kind, Suggestion, kind};

use super::checks::{is_phone, is_postcode};
use super::names::Name;

/// A kind of file that a known system writes.
struct Preset {
    /// What people call it.
    name: &'static str,
    /// Names of columns, of which nearly all must be there.
    marks: &'static [&'static str],
    /// Columns whose field the system's documentation tells; `-` for those that are none.
    fields: &'static [(&'static str, &'static str)],
}

/// A kind of file without a header that a known system writes.
struct Positional {
    name: &'static str,
    /// Whether the first rows look like it.
    fits: fn(&Suggestion) -> bool,
    /// The fields of columns by their places, from 1.
    fields: &'static [(usize, &'static str)],
}

/// A preset that was recognised in a file.
#[derive(Debug)]
pub(super) struct Known {
    /// What people call the kind of file.
    pub(super) name: &'static str,
    /// For each column what is known of it: nothing, that it is none of the fields, or its field.
    pub(super) columns: Vec<Option<Option<&'static str>>>,
}

/// The files of Mamut with a line for each contact.
pub(super) const MAMUT: &str = "Mamut customers (GBAC)";

/// The same as XML.
pub(super) const MAMUT_XML: &str = "Mamut customers (GBACX10)";

/// The share of a preset's marks that a header must have.
const ENOUGH: f64 = 0.8;

/// The preset that a file was written after; of several the one with the most marks.
pub(super) fn find(found: &Suggestion) -> Option<Known> {
    if found.header.is_empty() {
        let known = POSITIONAL.iter().find(|preset| (preset.fits)(found))?;
        let column = |column: usize| {
            let field = known.fields.iter().find(|(place, _)| *place == column + 1).map(|(_, field)| *field);
            Some(field)
        };
        return Some(Known { name: known.name, columns: (0..found.width()).map(column).collect() });
    }
    let plain: Vec<String> = found.header.iter().map(|name| Name::of(name).plain).collect();
    let fits = |preset: &&Preset| {
        let found = preset.marks.iter().filter(|mark| plain.contains(&Name::of(mark).plain)).count();
        found as f64 >= preset.marks.len() as f64 * ENOUGH
    };
    let preset = PRESETS.iter().filter(fits).max_by_key(|preset| preset.marks.len())?;
    Some(Known { name: preset.name, columns: plain.iter().map(|plain| preset.field(plain)).collect() })
}

impl Preset {
    /// The field of the column whose name has these letters: `Some(None)` when it is none.
    fn field(&self, plain: &str) -> Option<Option<&'static str>> {
        let (_, field) = self.fields.iter().find(|(name, _)| Name::of(name).plain == plain)?;
        Some(Some(*field).filter(|field| *field != "-"))
    }
}

/// Whether all values of a column that are not blank are so, and there is one.
fn all(found: &Suggestion, place: usize, is: fn(&str) -> bool) -> bool {
    let mut values = found.values(place - 1).map(str::trim).filter(|value| !value.is_empty()).peekable();
    values.peek().is_some() && values.all(is)
}

/// The same, where there may be none.
fn none_but(found: &Suggestion, place: usize, is: fn(&str) -> bool) -> bool {
    found.values(place - 1).map(str::trim).filter(|value| !value.is_empty()).all(is)
}

fn is_email(value: &str) -> bool {
    kind(value) == Kind::Email
}

/// `GBAC10` and the like: the name of a Mamut format, which begins each of its lines.
fn is_mamut_customer(value: &str) -> bool {
    value
        .strip_prefix("GBAC")
        .is_some_and(|rest| (2..=4).contains(&rest.len()) && rest.ends_with(|c: char| c.is_ascii_digit()))
}

#[rustfmt::skip]
static POSITIONAL: &[Positional] = &[
    Positional {
        name: "Microsoft Dynamics C5 customers (exp00033.kom)",
        fits: |found| found.width() == 70 && none_but(found, 53, is_email) && none_but(found, 62, |value| kind(value) == Kind::Date) && all(found, 3, |value| value.contains(char::is_alphabetic)),
        fields: &[
            (2, "number"), (3, "name"), (4, "address1"), (5, "address2"), (7, "country"), (8, "contact"), (9, "phone"), (10, "fax"), (12, "group"),
            (19, "currency"), (20, "language"), (21, "payment_terms"), (23, "blocked"), (28, "tax_number"), (43, "credit_limit"), (45, "name2"), (53, "email"),
            (54, "website"), (55, "mobile"), (59, "gln"),
        ],
    },
    Positional {
        name: MAMUT,
        fits: |found| found.width() > 10 && all(found, 1, is_mamut_customer),
        fields: &[
            (2, "number"), (3, "name"), (4, "address1"), (5, "postcode"), (6, "city"), (8, "contact"), (9, "phone"), (10, "fax"), (11, "email"), (14, "group"),
        ],
    },
    Positional {
        name: "Timerabbit customers",
        fits: |found| found.width() == 12 && all(found, 1, |value| value.contains(char::is_alphabetic)) && all(found, 3, is_postcode) && none_but(found, 7, is_email) && none_but(found, 11, is_email) && none_but(found, 6, is_phone),
        fields: &[
            (1, "name"), (2, "address1"), (3, "postcode"), (4, "city"), (5, "country"), (6, "phone"), (7, "email"), (8, "website"), (9, "contact"), (10, "mobile"),
            (11, "contact_email"),
        ],
    },
];

#[rustfmt::skip]
static PRESETS: &[Preset] = &[
    Preset {
        name: "DATEV Debitoren (EXTF)",
        marks: &["Konto", "Name (Adressattyp Unternehmen)", "Name (Adressattyp natürl. Person)", "Adressattyp", "EU-Land", "Postleitzahl", "Ort", "Unternehmensgegenstand", "Vorname (Adressattyp natürl. Person)"],
        fields: &[
            ("Konto", "number"), ("Name (Adressattyp Unternehmen)", "name"), ("Unternehmensgegenstand", "-"), ("Name (Adressattyp natürl. Person)", "-"), ("Vorname (Adressattyp natürl. Person)", "-"), ("Name (Adressattyp keine Angabe)", "-"), ("Straße", "address1"),
            ("Adresszusatz", "address2"), ("Postleitzahl", "postcode"), ("Ort", "city"), ("Land", "country"), ("EU-Land", "-"), ("Telefon", "phone"),
            ("E-Mail", "email"), ("Internet", "website"), ("Fax", "fax"), ("EU-UStID", "tax_number"), ("EU-UStIdNr.", "tax_number"), ("Kunden-/Lief.-Nr.", "-"), ("Kundennummer", "-"),
            ("Ansprechpartner", "contact"), ("Kreditlimit (Debitor)", "credit_limit"), ("Zahlungsbedingung", "payment_terms"), ("Kurzbezeichnung", "name2"),
            ("Sprache", "-"), ("Status", "-"), ("Steuernummer", "-"), ("Skonto in Prozent (Debitor)", "-"), ("Fälligkeit in Tagen (Debitor)", "-"),
        ],
    },
    Preset {
        name: "Visma Business (Actor)",
        marks: &["custNo", "Nm", "Ad1", "PNo", "PArea", "Ctry"],
        fields: &[("custNo", "number"), ("Nm", "name"), ("Ad1", "address1"), ("Ad2", "address2"), ("PNo", "postcode"), ("PArea", "city"), ("Ctry", "country"), ("BsNo", "tax_number")],
    },
    Preset {
        name: "Tripletex customers",
        marks: &["Kundenummer", "Leverandørnummer", "Navn", "Organisasjonsnummer", "Postadresse - linje 1", "Postadresse - postnummer", "Postadresse - sted", "Forretningsadresse - linje 1"],
        fields: &[("Leverandørnummer", "-")],
    },
    Preset {
        name: "Tripletex customers (English)",
        marks: &["Customer number", "Supplier number", "Name", "Organization number", "Postal address - line 1", "Telephone", "Mobile"],
        fields: &[("Supplier number", "-")],
    },
    Preset {
        name: "Fiken customers",
        marks: &["Navn", "Orgnr", "Adresse", "Adresse2", "Postnr", "Poststed", "Medlemsnummer"],
        fields: &[("Medlemsnummer", "number")],
    },
    Preset {
        name: "Uni Micro customers",
        marks: &["Kundenummer", "Navn", "Adressefelt2", "Poststed", "Kredittdager", "Kredittgrense", "Selgernr"],
        fields: &[("Kredittdager", "payment_terms"), ("Selgernr", "-"), ("Landkode", "country"), ("Land", "-")],
    },
    Preset {
        name: "Fortnox customers",
        marks: &["Kundnr", "Namn", "E-post", "Registrerad", "Postnr", "Ort", "Belopp", "Status"],
        fields: &[("Registrerad", "created_on"), ("Belopp", "-"), ("Status", "-")],
    },
    Preset {
        name: "e-conomic customers",
        marks: &["Kundenr", "Navn", "Gruppe", "Adresse1", "Adresse2", "Postnummer", "By", "Land"],
        fields: &[],
    },
    Preset {
        name: "Microsoft Dynamics C5 customers",
        marks: &["Account", "Name", "Address1", "ZipCity", "InvoiceAccount", "FixedDiscPct", "BalanceMax", "KrakNumber", "EanNumber"],
        fields: &[("Account", "number"), ("InvoiceAccount", "-"), ("ZipCity", "-"), ("VatNumber", "tax_number"), ("EanNumber", "gln"), ("CellPhone", "mobile"), ("SearchName", "name2")],
    },
    Preset {
        name: "Dynamics 365 Business Central (API)",
        marks: &["number", "displayName", "addressLine1", "postalCode", "phoneNumber", "taxRegistrationNumber", "lastModifiedDateTime"],
        fields: &[("id", "-"), ("number", "number"), ("displayName", "name"), ("balanceDue", "balance"), ("lastModifiedDateTime", "-"), ("type", "-")],
    },
    Preset {
        name: "Dynamics NAV customers",
        marks: &["No.", "Name", "Name 2", "Address", "Post Code", "City", "VAT Registration No.", "Customer Posting Group", "Salesperson Code"],
        fields: &[("No.", "number"), ("Salesperson Code", "-")],
    },
    Preset {
        name: "Netvisor customers",
        marks: &["Asiakaskoodi", "Nimi", "Osoite", "Postinumero", "Postitoimipaikka", "Nimen jatke", "Oletusmyyjä"],
        fields: &[("Nimen jatke", "name2"), ("Oletusmyyjä", "-"), ("Aktiivinen", "-")],
    },
    Preset {
        name: "Unifaun address book",
        marks: &["[quickid]", "[sender]", "[receiver]", "[orgno]", "[vatno]"],
        fields: &[("[quickid]", "number"), ("[sender]", "-"), ("[receiver]", "-"), ("[orgno]", "tax_number"), ("[vatno]", "-")],
    },
    Preset {
        name: "Sage 50 Accounts customers",
        marks: &["A/C", "Name", "Address Line 1", "Address Line 5", "Contact Name", "Analysis 1", "VAT Number", "Settlement Due Days", "Default Nominal Code"],
        fields: &[("A/C", "number"), ("Trade Contact", "-"), ("Telephone 2", "mobile"), ("Trading Terms Text", "payment_terms")],
    },
    Preset {
        name: "SAP customers (KNA1)",
        marks: &["KUNNR", "LAND1", "NAME1", "ORT01", "PSTLZ", "STRAS"],
        fields: &[("KUNNR", "number"), ("MANDT", "-")],
    },
    Preset {
        name: "SAP customers (DEBMAS)",
        marks: &["KUNNR", "KTOKD", "NAME1", "LAND1", "ORT01", "PSTLZ", "MSGFN"],
        fields: &[("KUNNR", "number"), ("MSGFN", "-")],
    },
    Preset {
        name: "Xero contacts",
        marks: &["*ContactName", "AccountNumber", "EmailAddress", "POAddressLine1", "POCity", "POPostalCode", "SAAddressLine1", "DDINumber", "SkypeName"],
        fields: &[
            ("*ContactName", "name"), ("AccountNumber", "number"), ("POAttentionTo", "contact"), ("LegalName", "name2"), ("TaxNumber", "tax_number"),
            ("CompanyNumber", "-"), ("DDINumber", "-"), ("TaxNumberName", "-"), ("Discount", "discount_percent"),
        ],
    },
    Preset {
        name: "Shopify customers",
        marks: &["Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Default Address Company", "Default Address Zip"],
        fields: &[("Customer ID", "number"), ("Default Address Company", "name"), ("Default Address Phone", "-"), ("Phone", "phone"), ("Tags", "-")],
    },
    Preset {
        name: "Shopify customers (old template)",
        marks: &["First Name", "Last Name", "Email", "Accepts Email Marketing", "Company", "Address1", "Province Code", "Zip", "Total Spent"],
        fields: &[("Company", "name"), ("Country Code", "country"), ("Country", "-")],
    },
    Preset {
        name: "QuickBooks Desktop customers (IIF)",
        marks: &["NAME", "REFNUM", "BADDR1", "SADDR1", "PHONE1", "CTYPE", "RESALENUM", "JOBSTATUS"],
        fields: &[
            ("REFNUM", "number"), ("NAME", "name"), ("COMPANYNAME", "name2"), ("BADDR1", "-"), ("BADDR2", "address1"), ("BADDR3", "address2"), ("PHONE1", "phone"),
            ("PHONE2", "mobile"), ("FAXNUM", "fax"), ("CONT1", "contact"), ("CTYPE", "group"), ("LIMIT", "credit_limit"), ("RESALENUM", "-"),
        ],
    },
    Preset {
        name: "Odoo contacts",
        marks: &["External ID", "Name", "Is a Company"],
        fields: &[("External ID", "number"), ("Is a Company", "-")],
    },
    Preset {
        name: "WooCommerce customers",
        marks: &["Name", "Username", "Last Active", "Sign Up", "Email", "Orders", "Total Spend", "AOV", "Postal Code"],
        fields: &[("Username", "-"), ("Sign Up", "created_on"), ("Last Active", "-"), ("Billing Phone", "phone"), ("Role", "-")],
    },
    Preset {
        name: "Magento customers",
        marks: &["email", "_website", "_store", "created_at", "firstname", "lastname", "password_hash", "taxvat"],
        fields: &[("taxvat", "tax_number"), ("created_at", "created_on"), ("_store", "-"), ("_website", "-"), ("store_id", "-"), ("website_id", "-")],
    },
    Preset {
        name: "Outlook contacts",
        marks: &["First Name", "Last Name", "E-mail Address", "Business Street", "Business City", "Home Street", "Company", "Categories"],
        fields: &[
            ("Company", "name"), ("E-mail Address", "email"), ("Business Phone", "phone"), ("Business Street", "address1"), ("Business Street 2", "address2"),
            ("Business City", "city"), ("Business State", "region"), ("Business Postal Code", "postcode"), ("Business Country", "country"), ("Business Fax", "fax"),
            ("Mobile Phone", "mobile"), ("Web Page", "website"), ("Title", "-"), ("Account", "-"), ("Notes", "notes"), ("Primary Phone", "-"),
        ],
    },
    Preset {
        name: "Google contacts",
        marks: &["Name", "Given Name", "Family Name", "Yomi Name", "Name Prefix", "Group Membership", "Phone 1 - Type"],
        fields: &[("Name", "name"), ("Phone 1 - Value", "phone"), ("Phone 1 - Type", "-"), ("Group Membership", "group")],
    },
    Preset {
        name: MAMUT_XML,
        marks: &["CONTID", "CONTNAME", "STREET", "ZIPCODE", "CITY", "PHONE1", "OURREF", "DATA1"],
        fields: &[
            ("CONTID", "number"), ("CONTNAME", "name"), ("STREET", "address1"), ("ZIPCODE", "postcode"), ("CITY", "city"), ("PHONE1", "phone"), ("FAX1", "fax"),
            ("EMAIL", "email"), ("OURREF", "-"), ("DATA1", "-"), ("GROUP", "group"), ("DATA4", "payment_terms"), ("CPERSPHONE", "contact_phone"), ("CPERSMAIL", "contact_email"),
            ("CPERSLASTNAME", "contact"), ("CPERSFIRSTNAME", "-"),
        ],
    },
];
