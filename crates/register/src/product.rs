//! What a product is.

use crate::Register;
use crate::field::{Field, Kind};

const PRODUCT: &str = "Product";
const PRICES: &str = "Prices";
const OTHER: &str = "Other";

/// The products of the ERP system.
pub static PRODUCTS: Register = Register {
    name: "products",
    title: "Products",
    singular: "product",
    key: "number",
    fields: FIELDS,
    automation: "products-from-erp",
    automation_title: "Products from ERP-system",
    filename: "products.txt",
    list: &["number", "name", "group", "unit", "sales_price", "currency", "stock", "blocked"],
    sorts: &["number", "name", "group"],
    title_field: "name",
    contact: None,
};

/// Synonyms as for customers: column names as ERP systems write them, in lower case.
#[rustfmt::skip]
static FIELDS: &[Field] = &[
    Field::new("number", "Number", Kind::Text { max: 60 }, PRODUCT).searched().called(&[
        "product number", "product no", "product no.", "product code", "product id", "item number", "item no",
        "item no.", "item code", "item", "no.", "sku", "varenr", "varenr.", "varenummer", "vare nr", "produktnr",
        "produktnummer", "artikkelnr", "artikkelnummer", "artikelnr", "artikelnr.", "artikelnummer", "artikel-nr.",
        "artnr", "nummer", "tuotenumero", "tuotekoodi", "référence", "code article", "matnr", "id",
    ]),
    Field::new("name", "Name", Kind::Text { max: 200 }, PRODUCT).searched().called(&[
        "product name", "description", "item name", "item description", "title", "varenavn", "navn", "varetekst",
        "beskrivelse", "betegnelse", "produktnavn", "artikkelnavn", "namn", "benämning", "artikelnamn", "bezeichnung",
        "artikelbezeichnung", "naam", "omschrijving", "artikelomschrijving", "nimi", "tuotenimi", "kuvaus", "nom",
        "désignation", "libellé", "maktx",
    ]),
    Field::new("name2", "Name 2", Kind::Text { max: 200 }, PRODUCT).searched().called(&[
        "name 2", "description 2", "navn 2", "beskrivelse 2", "namn 2", "benämning 2", "bezeichnung 2",
        "omschrijving 2", "nimi 2", "désignation 2",
    ]),
    Field::new("group", "Group", Kind::Text { max: 60 }, PRODUCT).called(&[
        "product group", "item group", "category", "product category", "varegruppe", "produktgruppe", "gruppe",
        "kategori", "artikkelgruppe", "varugrupp", "artikelgrupp", "artikelgruppe", "warengruppe", "productgroep",
        "artikelgroep", "tuoteryhmä", "groupe", "famille", "matkl",
    ]),
    Field::new("unit", "Unit", Kind::Text { max: 20 }, PRODUCT).called(&[
        "unit of measure", "uom", "base unit of measure", "enhed", "enhet", "einheit", "mengeneinheit", "eenheid",
        "yksikkö", "unité", "meins",
    ]),
    Field::new("barcode", "Barcode", Kind::Text { max: 40 }, PRODUCT).searched().called(&[
        "bar code", "ean", "ean code", "ean-nr", "ean13", "gtin", "stregkode", "strekkode", "streckkod",
        "ean-nummer", "streepjescode", "viivakoodi", "code-barres", "ean11",
    ]),
    Field::new("sales_price", "Sales price", Kind::Decimal { digits: 30, scale: 10 }, PRICES).called(&[
        "sales price", "selling price", "price", "unit price", "list price", "salgspris", "pris", "udsalgspris",
        "utsalgspris", "försäljningspris", "verkaufspreis", "vk-preis", "preis", "verkoopprijs", "prijs",
        "myyntihinta", "hinta", "prix de vente", "prix",
    ]),
    Field::new("cost_price", "Cost price", Kind::Decimal { digits: 30, scale: 10 }, PRICES).called(&[
        "cost price", "cost", "unit cost", "purchase price", "kostpris", "indkøbspris", "innkjøpspris", "inköpspris",
        "självkostnad", "einkaufspreis", "ek-preis", "einstandspreis", "kostprijs", "inkoopprijs", "ostohinta",
        "prix d'achat", "prix de revient",
    ]),
    Field::new("currency", "Currency", Kind::Currency, PRICES).called(&[
        "currency code", "valuta", "valutakode", "valutakod", "währung", "valutacode", "valuutta", "devise", "waers",
    ]),
    Field::new("vat_code", "VAT code", Kind::Text { max: 20 }, PRICES).called(&[
        "vat code", "vat", "tax code", "moms", "momskode", "mva-kode", "mvakode", "momskod", "mwst", "mwst-schlüssel",
        "steuerschlüssel", "btw", "btw-code", "alv", "alv-koodi", "tva", "code tva",
    ]),
    Field::new("blocked", "Blocked", Kind::YesNo, OTHER).called(&[
        "on hold", "discontinued", "spærret", "udgået", "sperret", "utgått", "spärrad", "utgången", "gesperrt",
        "geblokkeerd", "estetty", "poistunut", "bloqué",
    ]),
    Field::new("stock", "Stock", Kind::Decimal { digits: 30, scale: 10 }, OTHER).called(&[
        "quantity", "in stock", "on hand", "quantity on hand", "inventory", "lager", "lagerantal", "beholdning",
        "lagerbeholdning", "antal", "lagersaldo", "bestand", "lagerbestand", "voorraad", "varasto", "varastosaldo",
        "quantité", "labst",
    ]),
    Field::new("notes", "Notes", Kind::Text { max: 10_000 }, OTHER).called(&[
        "note", "comment", "comments", "remarks", "bemærkning", "bemærkninger", "notat", "noter", "kommentar",
        "merknad", "anteckning", "bemerkung", "bemerkungen", "opmerking", "lisätietoja", "huomautus", "remarque",
    ]),
];
