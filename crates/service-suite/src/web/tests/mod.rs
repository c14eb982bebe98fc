//! Stories about pages, told to the router.

mod access;
mod duplicates;
mod editing_formats;
mod editing_records;
mod exporting;
mod held;
mod importing;
mod live_states;
mod notifications;
mod own_fields;
mod previewing;
mod registers;
mod retrying;
mod settings;
mod signing_in;
mod suggesting;
mod undoing;
mod waiting;

use crate::web::testing::TestSite;

/// Settings with a format for customers whose file has a number, a name, a city and a credit limit.
const SETTINGS: &str = r#"
[[formats]]
name = "ERP customers"
register = "customers"
default = true
filename = "customers.txt"
[[formats.columns]]
from = "Nr"
field = "number"
[[formats.columns]]
from = "Navn"
field = "name"
[[formats.columns]]
from = "By"
field = "city"
[[formats.columns]]
from = "Kredit"
field = "credit_limit"
"#;

/// A site that knows how customers' files are laid out.
fn with_format() -> TestSite {
    let site = TestSite::new();
    site.settings(SETTINGS);
    site
}
