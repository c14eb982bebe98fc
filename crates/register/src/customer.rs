//! What a customer is.

use crate::field::{Field, Kind};
use crate::{ContactFields, Register};

const NAME: &str = "Customer";
const ADDRESS: &str = "Address";
const CONTACT: &str = "Contact";
const TERMS: &str = "Terms";
const OTHER: &str = "Other";

/// The customers of the ERP system.
pub static CUSTOMERS: Register = Register {
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
};

/// Synonyms are column names as ERP systems write them, in lower case: Danish, Norwegian, Swedish, German, Dutch,
/// Finnish, French, English, and the technical names of table exports.
#[rustfmt::skip]
static FIELDS: &[Field] = &[
    Field::new("number", "Number", Kind::Text { max: 40 }, NAME).searched().called(&[
        "customer number", "customer no", "customer no.", "customer id", "customer code", "customernumber", "custno",
        "cust no", "no.", "account", "account number", "accountnumber", "a/c", "customer",
        "kundenr", "kundenr.", "kundenummer", "kunde nr", "kunde nr.", "kunde", "debitornr", "debitornr.", "debitor",
        "nummer", "konto", "kontonr", "kundnr", "kundnummer", "kund nr", "kund",
        "kunden-nr", "kunden-nr.", "kundennr", "kundennummer", "debitorennummer", "debitoren-nr.", "kunden-/lief.-nr.",
        "klantnr", "klantnr.", "klantnummer", "klantcode", "debiteurnummer", "debiteurnr", "relatienummer",
        "asiakasnumero", "asiakaskoodi", "asiakasnro", "asiakas nro",
        "numéro client", "no client", "n° client", "code client", "client",
        "kunnr", "contid", "id", "external id", "[quickid]", "medlemsnummer",
    ]),
    Field::new("name", "Name", Kind::Text { max: 200 }, NAME).searched().called(&[
        "customer name", "customername", "company", "company name", "companyname", "*contactname", "contactname",
        "displayname", "display name", "navn", "kundenavn", "firmanavn", "firma", "namn", "kundnamn", "företag",
        "företagsnamn", "kundenname", "firmenname", "name 1", "name1", "name (adressattyp unternehmen)", "naam",
        "klantnaam", "bedrijfsnaam", "bedrijf", "nimi", "asiakkaan nimi", "yritys", "yrityksen nimi", "nom",
        "nom client", "nom du client", "raison sociale", "société", "contname", "nm",
    ]),
    Field::new("name2", "Name 2", Kind::Text { max: 200 }, NAME).searched().called(&[
        "name 2", "legal name", "legalname", "navn 2", "navn2", "namn 2", "namn2", "namenszusatz", "name zusatz",
        "naam 2", "naam2", "nimen jatke", "nimi 2", "nom 2", "nom2", "searchname", "alternativer suchname",
    ]),
    Field::new("address1", "Address line 1", Kind::Text { max: 200 }, ADDRESS).called(&[
        "address", "address 1", "address line 1", "addressline1", "street", "street address", "poaddressline1",
        "postal address - line 1", "default address address1", "baddr1", "ad1",
        "adresse", "adresse 1", "adresse1", "adresselinje 1", "vej", "gade", "gateadresse", "postadresse",
        "postadresse - linje 1", "adress", "adress 1", "adress1", "gatuadress", "postadress", "utdelningsadress",
        "straße", "strasse", "str.", "anschrift", "adres", "adres 1", "adres1", "straat", "osoite", "osoite 1",
        "katuosoite", "lähiosoite", "rue", "adresse ligne 1", "stras",
    ]),
    Field::new("address2", "Address line 2", Kind::Text { max: 200 }, ADDRESS).called(&[
        "address 2", "address line 2", "addressline2", "street 2", "poaddressline2", "postal address - line 2",
        "default address address2", "baddr2", "ad2", "adresse 2", "adresse2", "adresselinje 2", "adressefelt2",
        "postadresse - linje 2", "adress 2", "adress2", "c/o", "adresszusatz", "adres 2", "adres2", "osoite 2",
        "adresse ligne 2", "complément d'adresse",
    ]),
    Field::new("postcode", "Postcode", Kind::Text { max: 30 }, ADDRESS).called(&[
        "post code", "postal code", "postalcode", "zip", "zip code", "zipcode", "popostalcode", "postal no",
        "postal address - postal no", "default address zip", "postnr", "postnr.", "postnummer",
        "postadresse - postnummer", "plz", "postleitzahl", "postinumero", "postinro", "code postal", "cp", "pstlz",
        "pno",
    ]),
    Field::new("city", "City", Kind::Text { max: 100 }, ADDRESS).searched().called(&[
        "town", "pocity", "postal address - city", "default address city", "by", "bynavn", "sted", "poststed",
        "postadresse - sted", "ort", "postort", "stad", "wohnort", "plaats", "woonplaats", "postitoimipaikka",
        "toimipaikka", "kaupunki", "ville", "localité", "ort01", "parea",
    ]),
    Field::new("region", "Region", Kind::Text { max: 100 }, ADDRESS).called(&[
        "state", "province", "county", "poregion", "province code", "default address province code", "landsdel",
        "fylke", "län", "landskap", "bundesland", "provincie", "maakunta", "région", "département", "regio",
    ]),
    Field::new("country", "Country", Kind::Country, ADDRESS).called(&[
        "country code", "countrycode", "country_code", "country/region code", "country / region", "pocountry",
        "default address country code", "postal address - country", "ctry", "land", "landekode", "landkode",
        "postadresse - land", "landskod", "ländercode", "länderkennzeichen", "landcode", "maa", "maakoodi", "pays",
        "code pays", "land1",
    ]),
    Field::new("phone", "Phone", Kind::Phone { max: 60 }, CONTACT).searched().called(&[
        "telephone", "phone no", "phone no.", "phone number", "phonenumber", "phone1", "phone 1", "telephone number",
        "primary phone", "business phone", "default address phone", "billing phone", "telefon", "telefonnr",
        "telefonnr.", "telefonnummer", "tlf", "tlf.", "tlf. nr.", "tel", "tel.", "telefoon", "telefoonnummer",
        "puhelin", "puhelinnumero", "téléphone", "tél", "tél.", "telf1",
    ]),
    Field::new("mobile", "Mobile", Kind::Phone { max: 60 }, CONTACT).searched().called(&[
        "mobile phone", "mobile number", "mobilenumber", "cell", "cell phone", "cellphone", "telephone 2", "phone2",
        "mobil", "mobilnr", "mobilnr.", "mobiltelefon", "mobilnummer", "mobiltlf", "handy", "mobiel", "gsm",
        "matkapuhelin", "portable", "tél. mobile",
    ]),
    Field::new("fax", "Fax", Kind::Phone { max: 60 }, CONTACT).called(&[
        "fax no", "fax no.", "fax number", "faxnumber", "fax1", "faxnum", "telefax", "faks", "faxnr", "faxnummer",
        "faksi", "télécopie",
    ]),
    Field::new("email", "E-mail", Kind::Email { max: 254 }, CONTACT).searched().called(&[
        "e-mail", "e mail", "email address", "emailaddress", "e-mail address", "mail", "epost", "e-post",
        "e-postadresse", "e-postadress", "mailadresse", "e-mail-adresse", "emailadresse", "e-mailadres", "sähköposti",
        "sähköpostiosoite", "courriel", "adresse e-mail", "smtp_addr",
    ]),
    Field::new("website", "Website", Kind::Url { max: 254 }, CONTACT).called(&[
        "web", "url", "web address", "web page", "homepage", "home page", "hjemmeside", "nettside", "nettsted",
        "hemsida", "webbplats", "internet", "webseite", "kotisivu", "kotisivut", "site web",
    ]),
    Field::new("tax_number", "VAT or organisation number", Kind::Text { max: 40 }, NAME).searched().called(&[
        "tax number", "taxnumber", "vat number", "vat no", "vat no.", "vatnumber", "vat registration no.",
        "tax registration number", "taxregistrationnumber", "organization number", "organisation number",
        "company number", "companynumber", "taxvat", "[orgno]", "cvr", "cvr-nr", "cvr-nr.", "cvr nr", "cvrnr", "momsnr", "moms nr.",
        "organisasjonsnummer", "organisasjonsnr", "orgnr", "org.nr", "org.nr.", "org nr", "organisationsnummer",
        "vat-nummer", "momsregistreringsnummer", "ust-idnr", "ust-idnr.", "ust-id", "ustid", "eu-ustid", "steuernummer",
        "btw-nummer", "btwnummer", "btw nr", "kvk", "kvk-nummer", "y-tunnus", "ytunnus", "alv-numero", "n° tva",
        "numéro de tva", "tva", "siret", "siren", "stceg", "stcd1",
    ]),
    Field::new("gln", "GLN", Kind::Text { max: 20 }, NAME).called(&[
        "gln number", "ean", "ean-nr", "ean-nr.", "ean number", "eannumber", "ean-nummer", "ean lokationsnummer",
        "gln-nummer", "gln-nr", "iln",
    ]),
    Field::new("contact", "Contact", Kind::Text { max: 200 }, CONTACT).searched().called(&[
        "contact name", "contact person", "attention", "att", "att.", "poattentionto", "cont1", "kontakt",
        "kontaktperson", "deres ref", "deres ref.", "vår referens", "er referens", "ansprechpartner", "contactpersoon",
        "yhteyshenkilö", "personne de contact",
    ]),
    Field::new("contact_email", "Contact's e-mail", Kind::Email { max: 254 }, CONTACT).called(&[
        "contact email", "contact e-mail", "contact mail", "kontaktmail", "kontakt e-mail", "kontakt e-post",
        "kontakt epost", "cpersmail", "yhteyshenkilön sähköposti",
    ]),
    Field::new("contact_phone", "Contact's phone", Kind::Phone { max: 60 }, CONTACT).called(&[
        "contact phone", "contact telephone", "kontakttelefon", "kontakt telefon", "kontakt tlf", "cpersphone",
        "yhteyshenkilön puhelin",
    ]),
    Field::new("group", "Group", Kind::Text { max: 60 }, TERMS).called(&[
        "customer group", "customer posting group", "category", "gruppe", "kundegruppe", "debitorgruppe",
        "kundekategori", "kategori", "grupp", "kundgrupp", "kundengruppe", "groep", "klantgroep", "ryhmä",
        "asiakasryhmä", "groupe", "groupe client", "ctype",
    ]),
    Field::new("price_group", "Price group", Kind::Text { max: 60 }, TERMS).called(&[
        "pricegroup", "price list", "pricelevel", "price level", "prisgruppe", "prisliste", "prisgrupp", "prislista",
        "preisgruppe", "preisliste", "prijsgroep", "prijslijst", "hintaryhmä", "groupe de prix", "tarif",
    ]),
    Field::new("payment_terms", "Payment terms", Kind::Text { max: 100 }, TERMS).called(&[
        "payment terms code", "terms", "terms of payment", "payment", "trading terms text", "betalingsbetingelser",
        "betalingsbetingelse", "bet.bet.", "betalingsvilkår", "kredittdager", "betalningsvillkor", "zahlungsbedingung",
        "zahlungsbedingungen", "zahlungsziel", "betalingsconditie", "betalingstermijn", "maksuehto",
        "conditions de paiement",
    ]),
    Field::new("currency", "Currency", Kind::Currency, TERMS).called(&[
        "currency code", "currencycode", "valuta", "valutakode", "valutakod", "währung", "valutacode", "valuutta",
        "devise", "waers",
    ]),
    Field::new("language", "Language", Kind::Language, TERMS).called(&[
        "language code", "language_", "sprog", "sprogkode", "språk", "språkkode", "språkkod", "sprache", "taal",
        "taalcode", "kieli", "laskutuskieli", "langue", "spras",
    ]),
    Field::new("credit_limit", "Credit limit", Kind::Decimal { digits: 30, scale: 10 }, TERMS).called(&[
        "creditlimit", "credit max", "balancemax", "limit", "kreditmax", "kredit max", "kreditmaks", "kreditmaksimum",
        "kreditgrense", "kredittgrense", "kreditgräns", "kreditlimit", "kreditlimit (debitor)", "kredietlimiet",
        "luottoraja", "limite de crédit", "plafond",
    ]),
    Field::new("discount_percent", "Discount, %", Kind::Decimal { digits: 30, scale: 10 }, TERMS).called(&[
        "discount", "discount %", "discount percent", "discount rate", "fixeddiscpct", "rabat", "rabat %",
        "rabatprocent", "rabatt", "rabatt %", "rabattprosent", "rabattprocent", "rabattsatz", "korting",
        "korting %", "kortingspercentage", "alennus", "alennusprosentti", "remise", "remise %",
    ]),
    Field::new("balance", "Balance", Kind::Decimal { digits: 30, scale: 10 }, TERMS).called(&[
        "balance due", "balancedue", "saldo", "saldo dkk", "utestående", "kontostand", "avoin saldo", "solde",
    ]),
    Field::new("blocked", "Blocked", Kind::YesNo, OTHER).called(&[
        "on hold", "spærret", "spaerret", "sperret", "spärrad", "blockerad", "gesperrt", "sperre", "geblokkeerd",
        "estetty", "myyntikielto", "bloqué",
    ]),
    Field::new("inactive", "Inactive", Kind::YesNo, OTHER).called(&[
        "passive", "closed", "inaktiv", "passiv", "lukket", "avsluttet", "inactief", "passiivinen", "inactif", "hidden",
    ]),
    Field::new("notes", "Notes", Kind::Text { max: 10_000 }, OTHER).called(&[
        "note", "comment", "comments", "remarks", "notepad", "note text", "bemærkning", "bemærkninger", "notat",
        "noter", "notater", "kommentar", "merknad", "anteckning", "anteckningar", "anmärkning", "bemerkung",
        "bemerkungen", "notiz", "opmerking", "opmerkingen", "notities", "lisätietoja", "lisätiedot", "huomautus",
        "remarque", "remarques", "commentaire",
    ]),
    Field::new("created_on", "Created on", Kind::Date, OTHER).called(&[
        "created", "date created", "created date", "created at", "account_opened", "sign up", "oprettet",
        "oprettelsesdato", "opprettet", "opprettet dato", "skapad", "registrerad", "upplagd", "angelegt am", "erstellt am",
        "anlagedatum", "aangemaakt", "aangemaakt op", "luotu", "luontipäivä", "créé le", "date de création", "erdat",
    ]),
    Field::new("contacts", "Contacts", Kind::Contacts, CONTACT).searched(),
];
