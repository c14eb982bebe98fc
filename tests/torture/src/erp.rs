//! A sample ERP system: deliveries whose content follows from a seed and their number, so that everything that must come
//! of them is known in advance, and that tell of every row to which delivery it belongs.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// What an ERP system exports: one kind of file for one register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Export {
    Customers,
    Products,
    /// Customers, each delivery in a file of its own name, so that several can wait.
    CustomersInTurn,
}

impl Export {
    /// The register's name, which is also the command's.
    pub(crate) fn register(self) -> &'static str {
        match self {
            Export::Customers | Export::CustomersInTurn => "customers",
            Export::Products => "products",
        }
    }

    /// The name of the file that the automation waits for.
    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Export::Customers => "customers.txt",
            Export::Products => "products.txt",
            Export::CustomersInTurn => "customers-*.txt",
        }
    }

    /// The name of the file with this number.
    pub(crate) fn name_of(self, number: u32) -> String {
        self.file_name().replace('*', &format!("{number:06}"))
    }

    /// The fields of the register that the file has columns for, the key first.
    pub(crate) fn fields(self) -> [&'static str; 4] {
        match self {
            Export::Customers | Export::CustomersInTurn => ["number", "name", "city", "credit_limit"],
            Export::Products => ["number", "name", "group", "sales_price"],
        }
    }

    /// The format of the file and its automation, active, as the settings have them.
    pub(crate) fn settings(self) -> String {
        let (register, file_name) = (self.register(), self.file_name());
        let columns: Vec<String> = self
            .fields()
            .iter()
            .map(|field| format!("{{ from = \"{field}\", field = \"{field}\" }}"))
            .collect();
        format!(
            "[[formats]]\nname = \"ERP {register}\"\nregister = \"{register}\"\ndefault = true\n\
             filename = \"{file_name}\"\nencoding = \"utf-8\"\ndelimiter = \";\"\ndecimal-separator = \",\"\n\
             columns = [{}]\n\n[[automations]]\nname = \"{register}-from-erp\"\nactive = true\n\n",
            columns.join(", ")
        )
    }
}

/// One ERP system with one kind of file.
#[derive(Clone, Debug)]
pub(crate) struct Erp {
    pub(crate) export: Export,
    /// What the contents follow from.
    pub(crate) seed: u64,
    /// The rows of the deliveries, in turn, without the last one that marks the end.
    pub(crate) sizes: Vec<u32>,
    /// Whether so many rows of some deliveries cannot be read that a person is asked.
    pub(crate) odd: bool,
}

/// A delivery: a file that is whole once the last of its bytes is written.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// The first is 1.
    pub(crate) number: u32,
    pub(crate) bytes: Vec<u8>,
    /// In lower-case hexadecimal.
    pub(crate) sha256: String,
    /// Whether the file as a whole must be refused.
    pub(crate) damaged: bool,
    /// Whether it must be held until a person decides: more than 5 % and more than 20 of its rows cannot be read.
    pub(crate) odd: bool,
    pub(crate) rows: Vec<Row>,
}

/// A row of a delivery.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The physical line, from 1.
    pub(crate) line: u64,
    /// As the register keeps them, in the order of [`Export::fields`].
    pub(crate) values: [String; 4],
    /// Whether a value of it cannot be read, so that the row is refused.
    pub(crate) refused: bool,
}

/// The key of the row that ends each delivery.
const END: &str = "END";

/// Every so many deliveries of a system that has odd ones, one is odd, if it is large enough.
const ODD_EVERY: u64 = 3;

/// Every so many deliveries, one is damaged.
const DAMAGED_EVERY: u64 = 8;

impl Erp {
    /// The delivery with this number; the same each time.
    pub(crate) fn delivery(&self, number: u32) -> Delivery {
        let size = self.sizes.get(number as usize % self.sizes.len().max(1)).copied().unwrap_or(1);
        let damaged = (u64::from(number) + self.seed).is_multiple_of(DAMAGED_EVERY);
        let mut text = format!("{};delivery\n", self.export.fields().join(";"));
        let mut rows = Vec::with_capacity(size as usize + 1);
        for index in 0..size {
            let row = self.row(number, index, rows.len() as u64 + 2);
            self.push(&mut text, &row, number);
            rows.push(row);
        }
        let values =
            [END, &format!("end of delivery {number}, {size} rows before"), "", "0.00"].map(str::to_owned);
        let end = Row { line: rows.len() as u64 + 2, values, refused: false };
        self.push(&mut text, &end, number);
        rows.push(end);
        if damaged {
            damage(&mut text, number);
        }
        let bytes = text.into_bytes();
        let refused = rows.iter().filter(|row| row.refused).count();
        let odd = !damaged && refused > 20 && refused * 20 > rows.len();
        Delivery { number, sha256: sha256(&bytes), bytes, damaged, odd, rows }
    }

    /// Every seventh row differs from what the last delivery said; the others stand as some earlier one left them. Each
    /// 101st cannot be read, and each fifth of an odd delivery.
    fn row(&self, number: u32, index: u32, line: u64) -> Row {
        let turn = u64::from(index) + self.seed % 1000;
        let changed_at = u64::from(number).saturating_sub((turn + u64::from(number)) % 7).max(1);
        let odd = self.odd && (u64::from(number) + self.seed) % ODD_EVERY == 1 && turn.is_multiple_of(5);
        let refused = odd || (turn * 13 + u64::from(number)).is_multiple_of(101);
        let values = [
            format!("{:06}", 1 + index),
            format!("No. {index} as of delivery {changed_at}"),
            format!("Vejle {}", turn % 50),
            format!("{}.{:02}", turn * changed_at % 90_000, changed_at % 100),
        ];
        Row { line, values, refused }
    }

    fn push(&self, text: &mut String, row: &Row, number: u32) {
        let [key, name, place, amount] = &row.values;
        let amount = if row.refused { "1O,5o".to_owned() } else { amount.replace('.', ",") };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{key};{name};{place};{amount};{number}");
    }
}

/// Makes the file one that must be refused whole: an unclosed quote, a last record cut in the middle, a NUL byte, in turn.
fn damage(text: &mut String, number: u32) {
    match number % 3 {
        0 => text.push_str("\"never closed;;;\n"),
        1 => text.push_str("999999;cut in the mid"),
        _ => text.push_str("999998;a NUL \0 byte;;0,00;\n"),
    }
}

/// In lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_the_same_each_time_and_other_than_every_other() {
        let erp = Erp { export: Export::Customers, seed: 5, sizes: vec![300, 20], odd: false };
        let all: Vec<String> = (1..30).map(|number| erp.delivery(number).sha256).collect();
        assert_eq!(all, (1..30).map(|number| erp.delivery(number).sha256).collect::<Vec<_>>());
        let different: std::collections::HashSet<&String> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        assert!((1..9).filter(|number| erp.delivery(*number).damaged).count() == 1);
    }
}
