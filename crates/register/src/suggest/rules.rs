//! Which field a name with certain meanings stands for.

use super::names::Name;
use super::vocabulary::Meaning::{self, *};

/// A name with all of `needs` stands for `field`; `allows` do not speak against it.
pub(super) struct Rule {
    pub(super) field: &'static str,
    /// How surely, from 0 to 1, when it means nothing else.
    base: f64,
    needs: &'static [Meaning],
    allows: &'static [Meaning],
}

const fn rule(field: &'static str, base: f64, needs: &'static [Meaning], allows: &'static [Meaning]) -> Rule {
    Rule { field, base, needs, allows }
}

/// For customers.
#[rustfmt::skip]
pub(super) const CUSTOMER_RULES: &[Rule] = &[
    rule("number", 0.97, &[Customer, Number], &[Account, Code, Company]),
    rule("number", 0.93, &[Customer, Account], &[Number, Code]),
    rule("number", 0.90, &[Customer, Code], &[Number]),
    rule("number", 0.86, &[Account, Number], &[Code]),
    rule("number", 0.82, &[Account], &[Code]),
    rule("number", 0.82, &[Number], &[]),
    rule("number", 0.72, &[Code], &[]),
    rule("number", 0.72, &[Customer], &[]),
    rule("number", 0.97, &[External, Number], &[]),
    rule("number", 0.62, &[Company, Number], &[]),
    rule("number", 0.62, &[Company, Code], &[]),
    rule("number", 0.62, &[Contact, Number], &[]),
    rule("name", 0.97, &[Customer, Name], &[Company]),
    rule("name", 0.95, &[Company, Name], &[Legal]),
    rule("name", 0.93, &[Name], &[]),
    rule("name", 0.90, &[Account, Name], &[]),
    rule("name", 0.86, &[Company], &[Line]),
    rule("name", 0.66, &[Customer], &[]),
    rule("name", 0.68, &[Contact, Name], &[Customer]),
    rule("name", 0.62, &[Description], &[Customer]),
    rule("address1", 0.95, &[Address], &[Street, Line, Post, Company, House]),
    rule("address1", 0.95, &[Street], &[Name, Address, Line, Company, House, Post, Number]),
    rule("postcode", 0.97, &[Postcode], &[Address, Post, Number, Code, Company, Street]),
    rule("postcode", 0.95, &[Post, Number], &[Address, Company]),
    rule("postcode", 0.95, &[Post, Code], &[Address, Company, Number]),
    rule("postcode", 0.56, &[Billing, Code], &[Address]),
    rule("city", 0.95, &[City], &[Address, Post, Name, Company]),
    rule("city", 0.55, &[Post, Address], &[]),
    rule("city", 0.50, &[Post], &[]),
    rule("region", 0.90, &[Region], &[Address, Code, Name, Company, Post]),
    rule("country", 0.95, &[Country], &[Code, Address, Region, Name, Company, Post, Number]),
    rule("phone", 0.95, &[Phone], &[Number, Company, Line, Address, Account]),
    rule("mobile", 0.95, &[Mobile], &[Phone, Number, Company, Line]),
    rule("fax", 0.95, &[Fax], &[Number, Company, Phone, Line]),
    rule("email", 0.95, &[Email], &[Address, Company, Account]),
    rule("website", 0.93, &[Web], &[Address, Company]),
    rule("tax_number", 0.95, &[Tax, Number], &[Organisation, Country, Company, Code, Legal]),
    rule("tax_number", 0.95, &[Tax, Organisation], &[Number, Code, Company]),
    rule("tax_number", 0.94, &[Organisation], &[Number, Company, Code, Tax]),
    rule("tax_number", 0.84, &[Tax], &[Company, Country]),
    rule("tax_number", 0.84, &[Company, Number], &[Legal]),
    rule("gln", 0.93, &[Gln], &[Number, Code, Company]),
    rule("contact", 0.93, &[Contact], &[Name, Company]),
    rule("contact", 0.95, &[Contact, Name], &[Company]),
    rule("contact_email", 0.95, &[Contact, Email], &[Address, Name]),
    rule("contact_phone", 0.95, &[Contact, Phone], &[Number]),
    rule("contact_phone", 0.70, &[Contact, Mobile], &[Number, Phone]),
    rule("group", 0.92, &[Group], &[Code, Number, Name, Company]),
    rule("price_group", 0.95, &[Price, Group], &[Code, Number, Name]),
    rule("price_group", 0.90, &[Price, List], &[Code, Number, Name, Sales]),
    rule("price_group", 0.55, &[Price], &[Code]),
    rule("payment_terms", 0.95, &[Payment, Terms], &[Code, Number, Days, Name, Description]),
    rule("payment_terms", 0.85, &[Terms], &[Code, Notes, Credit]),
    rule("payment_terms", 0.85, &[Payment, Days], &[]),
    rule("payment_terms", 0.85, &[Credit, Days], &[]),
    rule("payment_terms", 0.80, &[Balance, Days], &[]),
    rule("payment_terms", 0.62, &[Payment], &[Code, Number]),
    rule("payment_terms", 0.62, &[Days], &[]),
    rule("currency", 0.95, &[Currency], &[Code, Name, Number]),
    rule("language", 0.95, &[Language], &[Code, Name, Billing]),
    rule("credit_limit", 0.95, &[Credit, Limit], &[Balance]),
    rule("credit_limit", 0.85, &[Limit], &[Balance]),
    rule("credit_limit", 0.55, &[Credit], &[]),
    rule("discount_percent", 0.86, &[Discount], &[Line, Billing]),
    rule("discount_percent", 0.95, &[Discount, Percent], &[Line, Billing]),
    rule("balance", 0.90, &[Balance], &[Currency, Account]),
    rule("blocked", 0.90, &[Blocked], &[Code]),
    rule("inactive", 0.90, &[Inactive], &[]),
    rule("notes", 0.88, &[Notes], &[Description, Company, Line]),
    rule("created_on", 0.86, &[Created], &[]),
    rule("created_on", 0.95, &[Created, Date], &[]),
];

/// For products.
#[rustfmt::skip]
pub(super) const PRODUCT_RULES: &[Rule] = &[
    rule("number", 0.97, &[Product, Number], &[Code]),
    rule("number", 0.90, &[Product, Code], &[Number]),
    rule("number", 0.82, &[Number], &[]),
    rule("number", 0.72, &[Code], &[]),
    rule("number", 0.78, &[Product], &[]),
    rule("name", 0.97, &[Product, Name], &[Description]),
    rule("name", 0.93, &[Product, Description], &[Name]),
    rule("name", 0.90, &[Name], &[Description]),
    rule("name", 0.86, &[Description], &[]),
    rule("group", 0.95, &[Product, Group], &[Code, Number, Name]),
    rule("group", 0.90, &[Group], &[Code, Number, Name]),
    rule("unit", 0.92, &[Unit], &[Code, Sales, Stock, Number]),
    rule("barcode", 0.92, &[Barcode], &[Product, Number, Code]),
    rule("barcode", 0.90, &[Gln], &[Number, Code, Product]),
    rule("sales_price", 0.95, &[Sales, Price], &[Product, Unit, List]),
    rule("sales_price", 0.88, &[Price], &[Product, Unit, List]),
    rule("cost_price", 0.95, &[Cost, Price], &[Product, Unit]),
    rule("cost_price", 0.88, &[Cost], &[Product, Unit]),
    rule("currency", 0.95, &[Currency], &[Code]),
    rule("vat_code", 0.90, &[Tax, Code], &[Group]),
    rule("vat_code", 0.80, &[Tax], &[Percent, Group]),
    rule("blocked", 0.90, &[Blocked], &[]),
    rule("stock", 0.90, &[Stock], &[Balance, Product, Unit]),
    rule("notes", 0.88, &[Notes], &[]),
];

/// Short technical names whose letters mean nothing, with the customers' field that they stand for.
#[rustfmt::skip]
pub(super) const TECHNICAL: &[(&str, &str)] = &[
    // SAP
    ("number", "kunnr kunnr2 kndnr"), ("name", "name1"), ("name2", "name2"), ("address1", "stras"),
    ("postcode", "pstlz"), ("city", "ort01"), ("region", "regio"), ("country", "land1"), ("phone", "telf1"), ("mobile", "telf2 telfmob"),
    ("fax", "telfx"), ("email", "smtpaddr"), ("tax_number", "stceg stcd1"), ("currency", "waers"),
    ("language", "spras"), ("payment_terms", "zterm"), ("credit_limit", "klimk"), ("group", "ktokd kdgrp"), ("created_on", "erdat"),
    ("price_group", "konda pltyp"), ("gln", "bbbnr"), ("inactive", "loevm"), ("blocked", "sperr aufsd"),
    // Infor M3
    ("number", "cuno"), ("name", "cunm"), ("address1", "cua1"), ("address2", "cua2"), ("postcode", "pono"), ("city", "town"), ("country", "cscd"),
    ("phone", "phno"), ("mobile", "phn2"), ("fax", "tfno"), ("tax_number", "vrno"), ("currency", "cucd"), ("language", "lhcd"), ("contact", "yref"),
    ("payment_terms", "tepy"), ("group", "cugr"),
    // JD Edwards
    ("number", "an8"), ("name", "alph mlnm"), ("address1", "add1"), ("address2", "add2"), ("postcode", "addz"), ("city", "cty1"), ("country", "ctr"),
    ("phone", "ph1"), ("tax_number", "tax"), ("email", "emal"),
    // Names of two words that mean something else each.
    ("email", "sposti elpost elektroniskpost elektronischepost"), ("phone", "hovednummer hovednr vastnummer contactnumber rufnummer"),
    ("postcode", "postalzone poststednr cdpostal postal"),
    // Visma, Mamut and others
    ("number", "auxiliaire quickid contid ftgnr adrnr kdnr kunr knr kdnum ktonr kontonr custid cusno debnr klantid actno custaccount accountnum"), ("name", "contname nm na1 ftgnamn cunam"),
    ("name2", "na2 nm2"), ("address1", "ad1 adr1 ftgpostadr1 baddr1 fadd1"), ("address2", "ad2 adr2 ftgpostadr2 baddr2 fadd2"),
    ("postcode", "pno ftgpostnr fpc zipcd"), ("city", "parea fcity"), ("country", "ctry fctry landx"), ("group", "data120"), ("payment_terms", "data4"),
    ("contact_email", "cpersmail"), ("contact_phone", "cpersphone"), ("contact", "ourcontact cont1"), ("notes", "notepad"), ("mobile", "telephone2 phone2 telefon2 tel2 tlf2"),
    ("inactive", "hidden"), ("tax_number", "bsno cvatno resalenum identifiant"),
    // SAP Business One
    ("number", "cardcode"), ("name", "cardname"), ("contact", "cntctprsn"), ("tax_number", "lictradnum"), ("credit_limit", "creditline"),
    ("inactive", "frozenfor"),
];

/// How much it speaks against a field that a name means this besides.
fn against(extra: Meaning) -> f64 {
    match extra {
        Main | Customer => 0.02,
        Post | Line => 0.08,
        Billing => 0.15,
        Legal => 0.2,
        Number | Code | Company | Name | Description => 0.25,
        Visiting | Days => 0.3,
        Home => 0.35,
        Other | Contact | Parent | Date => 0.4,
        External | Search | Percent => 0.45,
        Delivery | About | Active => 0.55,
        Supplier | Bank | Seller | First | Last | FirstName | LastName => 0.6,
        _ => 0.4,
    }
}

/// How surely a name stands for each field, from 0 to 1; fields that it does not stand for are left out.
pub(super) fn fields(rules: &[Rule], name: &Name) -> Vec<(&'static str, f64)> {
    let mut found: Vec<(&'static str, f64)> = Vec::new();
    let mut add = |field: &'static str, score: f64| match found.iter_mut().find(|(other, _)| *other == field)
    {
        Some((_, best)) => *best = best.max(score),
        None => found.push((field, score)),
    };
    for rule in rules {
        if !rule.needs.iter().all(|need| name.meanings.contains(need)) {
            continue;
        }
        let extra =
            name.meanings.iter().filter(|extra| !rule.needs.contains(extra) && !rule.allows.contains(extra));
        let score =
            rule.base - extra.map(|extra| against(*extra)).sum::<f64>() - 0.06 * name.unknown.min(4) as f64;
        let (field, score) = numbered(rule.field, score, name);
        if score > 0.0 {
            add(field, score);
        }
    }
    found
}

/// What a number behind a name makes of its field: the second line of an address, another telephone.
fn numbered(field: &'static str, score: f64, name: &Name) -> (&'static str, f64) {
    let other = name.meanings.contains(&Other);
    match (field, name.index) {
        ("name", Some(2)) => ("name2", score),
        ("address1", Some(2)) => ("address2", score),
        ("address1", None) if other => ("address2", score + 0.2),
        ("name", None) if other => ("name2", score + 0.1),
        ("name" | "address1", Some(0 | 1) | None) => (field, score),
        ("number", Some(_)) => (field, score - 0.4),
        ("number", None) if name.id => (field, score - 0.08),
        (_, Some(0 | 1) | None) => (field, score),
        (_, Some(_)) => (field, score - 0.4),
    }
}

/// The customers' field of a technical name.
pub(super) fn technical(plain: &str) -> Option<&'static str> {
    TECHNICAL.iter().find(|(_, names)| names.split(' ').any(|name| name == plain)).map(|(field, _)| *field)
}
