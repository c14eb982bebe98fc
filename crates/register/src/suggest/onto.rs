//! What a sample says of a format that is there already.

use erpfile::{Column, Format, Repeated};

use super::Proposal;

impl Proposal {
    /// `old`, reading its files as this proposal says: what a sample cannot tell stays, such as when a file is taken, what
    /// its rows may do, what is checked, and who owns a field.
    pub fn onto(&self, old: Format) -> Format {
        let new = self.format.clone();
        let columns = new.columns.into_iter().map(|column| {
            let before = old.columns.iter().find(|old| old.field == column.field);
            let (owner, blank) = before.map_or((column.owner, column.blank), |old| (old.owner, old.blank));
            Column { owner, blank, ..column }
        });
        // Without "..": whoever adds a key says here whether a sample tells it.
        Format {
            name: old.name,
            register: old.register,
            default: old.default,
            filename: old.filename,
            layout: new.layout,
            encoding: new.encoding,
            undecodable: old.undecodable,
            delimiter: new.delimiter,
            quote: new.quote,
            escape: new.escape,
            line_ends: new.line_ends,
            comment: new.comment,
            skip_lines: new.skip_lines,
            header_lines: new.header_lines,
            header_marker: new.header_marker,
            lines_below_header: new.lines_below_header,
            section: new.section,
            records: new.records,
            footer: if new.footer.is_empty() { old.footer } else { new.footer },
            table_ends: new.table_ends,
            decimal_separator: new.decimal_separator,
            thousands: new.thousands,
            date_format: new.date_format,
            pivot_year: old.pivot_year,
            outer_blanks: old.outer_blanks,
            apostrophe: new.apostrophe,
            blank: old.blank,
            apply: old.apply,
            ignore_in_key: old.ignore_in_key,
            content: old.content,
            missing: old.missing,
            repeated: if new.repeated == Repeated::default() { old.repeated } else { new.repeated },
            marker: old.marker,
            settle: old.settle,
            minimum_age: old.minimum_age,
            arrival: old.arrival,
            trailer: old.trailer,
            cells: new.cells,
            positions_in: new.positions_in,
            record: new.record,
            sheet: new.sheet,
            checks: old.checks,
            columns: columns.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use erpfile::suggest::Sample;
    use erpfile::{ColumnFrom, Content, Level, Limits, Missing, Owner};

    use super::super::propose;
    use super::*;

    #[test]
    fn what_a_sample_cannot_tell_stays() {
        let sample = "Kundenr|Navn|By\n1|Bager|Fanø\n2|Smed|Ribe\n";
        let sample = Sample::new(sample.as_bytes().to_vec(), true);
        let proposal = propose(&sample, Limits::default()).unwrap();
        let mut old = Format {
            name: "Nightly".into(),
            register: "customers".into(),
            filename: "customers.txt".into(),
            default: true,
            content: Content::Full,
            missing: Missing::Deactivate,
            marker: Some("customers.done".into()),
            settle: Some(Duration::ZERO),
            columns: vec![
                Column { owner: Owner::WhenEmpty, ..Column::new(ColumnFrom::Position(7), "name") },
                Column::new(ColumnFrom::Position(1), "number"),
            ],
            ..Format::default()
        };
        old.checks.set("phone", Level::Refuse);
        let new = proposal.onto(old.clone());
        assert_eq!(new.delimiter, "|");
        let from = |field: &str| new.columns.iter().find(|column| column.field == field).unwrap();
        assert_eq!(from("name").from, [ColumnFrom::Name("Navn".into())]);
        assert_eq!((from("name").owner, from("city").owner), (Owner::WhenEmpty, Owner::Erp));
        let as_before = Format { delimiter: old.delimiter.clone(), columns: old.columns.clone(), ..new };
        assert_eq!(as_before, old);
    }
}
