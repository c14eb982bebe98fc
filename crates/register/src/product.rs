//! What a product is.

use crate::Register;
use crate::field::{Field, Kind};

const PRODUCT: &str = "Product";
const PRICES: &str = "Prices";
const OTHER: &str = "Other";

/// The products of the ERP system.
pub static PRODUCTS: Register = Register {
    number: 2,
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
    duplicates: None,
};

#[rustfmt::skip]
static FIELDS: &[Field] = &[
    Field::new("number", "Number", Kind::Text { max: 60 }, PRODUCT).searched(),
    Field::new("name", "Name", Kind::Text { max: 200 }, PRODUCT).searched(),
    Field::new("name2", "Name 2", Kind::Text { max: 200 }, PRODUCT).searched(),
    Field::new("group", "Group", Kind::Text { max: 60 }, PRODUCT),
    Field::new("unit", "Unit", Kind::Text { max: 20 }, PRODUCT),
    Field::new("barcode", "Barcode", Kind::Text { max: 40 }, PRODUCT).searched(),
    Field::new("sales_price", "Sales price", Kind::Decimal { digits: 30, scale: 10 }, PRICES),
    Field::new("cost_price", "Cost price", Kind::Decimal { digits: 30, scale: 10 }, PRICES),
    Field::new("currency", "Currency", Kind::Currency, PRICES),
    Field::new("vat_code", "VAT code", Kind::Text { max: 20 }, PRICES),
    Field::new("blocked", "Blocked", Kind::YesNo, OTHER),
    Field::new("stock", "Stock", Kind::Decimal { digits: 30, scale: 10 }, OTHER),
    Field::new("notes", "Notes", Kind::Text { max: 10_000 }, OTHER),
];
