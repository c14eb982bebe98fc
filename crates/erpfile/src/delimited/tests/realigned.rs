//! Rows whose cells are not as many as the columns, and what the columns' values show of them.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::{Shape, code};

/// Number, name, address, postcode, city, phone, e-mail.
const HEADER: &str = "Nr;Navn;Adresse;Postnr;By;Tlf;Mail\n";

fn columns() -> (Format, Vec<Shape>) {
    let format = mapping(&["Nr", "Navn", "Adresse", "Postnr", "By", "Tlf", "Mail"]);
    use Shape::{Any, Email, Key, Phone, Postcode, Words};
    (format, vec![Key, Any, Any, Postcode, Words, Phone, Email])
}

/// The rows below the header, with `|` between cells and the codes of problems (`!`) and notes (`~`) behind them, each
/// with its line.
fn read_rows(text: &str) -> Vec<String> {
    let (format, shapes) = columns();
    read_shaped(&format!("{HEADER}{text}"), &format, &shapes)
}

fn read_shaped(text: &str, format: &Format, shapes: &[Shape]) -> Vec<String> {
    let mut reader = Reader::with_shapes(text.as_bytes(), format, Limits::default(), shapes).unwrap();
    let mut parser = reader.record_parser();
    let (mut row, mut again) = (Row::default(), Row::default());
    let mut rows = Vec::new();
    while reader.read(&mut row).unwrap() {
        parser.parse(row.raw(), row.line, &mut again).unwrap();
        assert_eq!(
            (Read1 { offset: row.offset, ..Read1::of(&again) }, &again.notes),
            (Read1::of(&row), &row.notes)
        );
        let from = usize::try_from(row.offset).unwrap();
        assert_eq!(row.raw(), &text.as_bytes()[from..from + row.raw().len()]);
        let problems: String = row.problems.iter().map(|problem| format!(" !{}", problem.code)).collect();
        let notes: String = row.notes.iter().map(|note| format!(" ~{}", note.code)).collect();
        let cells = row.cells().collect::<Vec<_>>().join("|").replace("\r\n", "\n").replace('\n', "⏎");
        rows.push(format!("{}: {cells}{problems}{notes}", row.line));
    }
    rows
}

#[test]
fn a_delimiter_in_a_value_is_put_back_where_only_one_column_can_have_it() {
    let table = [
        ("10;Smith;Vej 5;8000;Aarhus;86123456;a@b.dk\n", "2: 10|Smith|Vej 5|8000|Aarhus|86123456|a@b.dk"),
        (
            "10;Smith;Vej 5;8000;Aarhus; C;86123456;a@b.dk\n",
            "2: 10|Smith|Vej 5|8000|Aarhus; C|86123456|a@b.dk ~realigned",
        ),
        ("10;Smith;Vej 5;8000;Aarhus;C;86123456;\n", "2: 10|Smith|Vej 5|8000|Aarhus;C|86123456| ~realigned"),
        (
            "10;Smith;Vej 5;8000;Aarhus; C; Midt;86123456;a@b.dk\n",
            "2: 10|Smith|Vej 5|8000|Aarhus; C; Midt|86123456|a@b.dk ~realigned",
        ),
        // The delimiter may be what is too much.
        (
            "10;Smith;Vej 5;80;00;Aarhus;86123456;a@b.dk\n",
            "2: 10|Smith|Vej 5|80|00|Aarhus|86123456|a@b.dk !too-many-cells",
        ),
        // Two addresses of one customer.
        (
            "10;Smith;Vej 5;8000;Aarhus;86123456;a@b.dk;c@d.dk\n",
            "2: 10|Smith|Vej 5|8000|Aarhus|86123456|a@b.dk;c@d.dk ~realigned",
        ),
        // Name or address: nobody can tell.
        (
            "10;Smith; Jones;Vej 5;8000;Aarhus;86123456;a@b.dk\n",
            "2: 10|Smith| Jones|Vej 5|8000|Aarhus|86123456|a@b.dk !too-many-cells",
        ),
        // The last column is empty, so the row seems to have an empty cell too many only; nothing is shifted silently.
        (
            "10;Smith; Jones;Vej 5;8000;Aarhus;86123456;\n",
            "2: 10|Smith| Jones|Vej 5|8000|Aarhus|86123456| !too-many-cells",
        ),
        // An empty cell too many at the end of a row whose values are in their columns.
        ("10;Smith;Vej 5;8000;Aarhus;86123456;a@b.dk;\n", "2: 10|Smith|Vej 5|8000|Aarhus|86123456|a@b.dk|"),
        // A delimiter too many could stand on either side of a value.
        (
            "10;Smith;Vej 5;8000;Aarhus;;86123456;a@b.dk\n",
            "2: 10|Smith|Vej 5|8000|Aarhus||86123456|a@b.dk !too-many-cells",
        ),
        // Nothing speaks for any reading.
        ("10;Smith;Vej 5;;A;B;;\n", "2: 10|Smith|Vej 5||A|B|| !too-many-cells"),
        // Quoted cells are whole.
        (
            "10;Smith;Vej 5;8000;\"Aarhus\";C;86123456;a@b.dk\n",
            "2: 10|Smith|Vej 5|8000|Aarhus|C|86123456|a@b.dk !too-many-cells",
        ),
    ];
    for (text, expected) in table {
        let rows = read_rows(&format!("{text}11;B;C;9000;D;;\n12;E;F;9000;G;;\n"));
        assert_eq!(rows, [expected, "3: 11|B|C|9000|D||", "4: 12|E|F|9000|G||"], "{text}");
    }
}

#[test]
fn a_value_that_was_left_out_with_its_delimiter_is_seen_where_only_one_column_can_lack_it() {
    let table = [
        ("10;Smith;Vej 5;8000;86123456;a@b.dk", "10|Smith|Vej 5|8000||86123456|a@b.dk ~realigned"),
        ("10;Smith;Vej 5;Aarhus;86123456;a@b.dk", "10|Smith|Vej 5||Aarhus|86123456|a@b.dk ~realigned"),
        ("10;Smith;Vej 5;8000;Aarhus;a@b.dk", "10|Smith|Vej 5|8000|Aarhus||a@b.dk ~realigned"),
        // Two are missing; the one may belong to the record before.
        ("10;Smith;Vej 5;86123456;a@b.dk", "10|Smith|Vej 5|86123456|a@b.dk !too-few-cells"),
        // Name or address: nobody can tell.
        ("10;Vej 5;8000;Aarhus;86123456;a@b.dk", "10|Vej 5|8000|Aarhus|86123456|a@b.dk !too-few-cells"),
        // The line may have been cut.
        ("10;Smith;Vej 5;8000;Aarhus;86123456", "10|Smith|Vej 5|8000|Aarhus|86123456 !too-few-cells"),
        ("10;Smith;Vej 5;8000;Aarhus;", "10|Smith|Vej 5|8000|Aarhus| !too-few-cells"),
        // Only the delimiter is missing.
        (
            "10;Smith;Vej 5;8000;Aarhus 86123456;a@b.dk",
            "10|Smith|Vej 5|8000|Aarhus 86123456|a@b.dk !too-few-cells",
        ),
        (
            "10;Smith;Vej 5;8000 Aarhus;86123456;a@b.dk",
            "10|Smith|Vej 5|8000 Aarhus|86123456|a@b.dk !too-few-cells",
        ),
        (
            "10;Smith;Vej 5 8000;Aarhus;86123456;a@b.dk",
            "10|Smith|Vej 5 8000|Aarhus|86123456|a@b.dk !too-few-cells",
        ),
    ];
    for (line, expected) in table {
        let rows = read_rows(&format!("{line}\n11;B;C;9000;D;;\n"));
        assert_eq!(rows, [&format!("2: {expected}"), "3: 11|B|C|9000|D||"], "{line}");
    }
}

#[test]
fn a_delimiter_at_the_end_of_each_row_is_no_cell_too_many() {
    let good = "11;B;C;9000;D;;;\n".repeat(3);
    let rows = read_rows(&format!(
        "{good}10;Smith;Vej 5;8000;Aarhus; C;86123456;a@b.dk;\n12;A; B;C;9000;D;;;\n13;A; B;C;9000;D;x@y.dk;\n"
    ));
    assert_eq!(rows[0], "2: 11|B|C|9000|D|||");
    assert_eq!(rows[3], "5: 10|Smith|Vej 5|8000|Aarhus; C|86123456|a@b.dk ~realigned");
    assert_eq!(rows[4], "6: 12|A| B|C|9000|D||| !too-many-cells");
}

#[test]
fn a_line_break_in_a_value_is_joined_where_the_columns_show_it() {
    let table: &[(&str, &[&str])] = &[
        (
            "10;Smith;Vej 5\nByen;8000;Aarhus;86123456;a@b.dk\n",
            &["2: 10|Smith|Vej 5⏎Byen|8000|Aarhus|86123456|a@b.dk ~realigned"],
        ),
        (
            "10;Smith;Vej 5\r\nByen\r\nOmme;8000;Aarhus;;\r\n",
            &["2: 10|Smith|Vej 5⏎Byen⏎Omme|8000|Aarhus|| ~realigned"],
        ),
        // The next line begins as a record does, so the first one was cut off.
        (
            "10;Smith;Vej 5\n11;8000;Aarhus;86123456;a@b.dk\n",
            &["2: 10|Smith|Vej 5 !too-few-cells", "3: 11|8000|Aarhus|86123456|a@b.dk !too-few-cells"],
        ),
        // The values behind the break are in the wrong columns.
        (
            "10;Smith\nVej 5;8000;Aarhus;86123456;a@b.dk;\n",
            &["2: 10|Smith !too-few-cells", "3: Vej 5|8000|Aarhus|86123456|a@b.dk| !too-few-cells"],
        ),
        // Nothing behind the break speaks for it.
        ("10;Smith;Vej\nBy;;;;\n", &["2: 10|Smith|Vej !too-few-cells", "3: By|||| !too-few-cells"]),
        // A whole record follows.
        (
            "10;Smith;Vej 5\n11;B;C;9000;D;86123456;\n",
            &["2: 10|Smith|Vej 5 !too-few-cells", "3: 11|B|C|9000|D|86123456|"],
        ),
    ];
    for (text, expected) in table {
        let last = format!("{}: 19|B|C|9000|D||", 2 + text.matches('\n').count());
        let expected: Vec<&str> = expected.iter().copied().chain([last.as_str()]).collect();
        assert_eq!(read_rows(&format!("{text}19;B;C;9000;D;;\n")), expected, "{text}");
    }
}

#[test]
fn two_stray_quotes_do_not_make_one_row_of_two_records() {
    let text = "10;\"Ole;Vej 5;8000;Aarhus;;a@b.dk\n11;Per;\"Gade 7\";9000;Aalborg;;c@d.dk\n\
                12;Ida;Vej\";8000;Aarhus;;e@f.dk\n13;\"Bo\nBi\";Vej;8000;Aarhus;;\n";
    assert_eq!(
        read_rows(text),
        [
            "2: 10|\"Ole;Vej 5;8000;Aarhus;;a@b.dk !stray-quote",
            "3: 11|Per|Gade 7|9000|Aalborg||c@d.dk",
            "4: 12|Ida|Vej\"|8000|Aarhus||e@f.dk",
            "5: 13|Bo⏎Bi|Vej|8000|Aarhus||",
        ]
    );
    // The second quote is at the end of a value, as if it closed the first.
    let text = "10;Ole;\"Vej 5;8000;Aarhus;;a@b.dk\n11;Per\";Gade 7;9000;Aalborg;;c@d.dk\n";
    let (format, shapes) = columns();
    let rows = read_shaped(&format!("{HEADER}{text}"), &format, &shapes);
    assert_eq!(rows[1], "3: 11|Per\"|Gade 7|9000|Aalborg||c@d.dk", "{rows:?}");
}

#[test]
fn the_note_says_what_was_done() {
    let (format, shapes) = columns();
    let text = format!("{HEADER}10;Smith;Vej 5;8000;Aarhus; C;86123456;a@b.dk\n");
    let mut reader = Reader::with_shapes(text.as_bytes(), &format, Limits::default(), &shapes).unwrap();
    let mut row = Row::default();
    assert!(reader.read(&mut row).unwrap());
    let note = &row.notes[0];
    assert!(note.is_note());
    assert_eq!((note.code.as_ref(), note.line, note.column), (code::REALIGNED, Some(2), Some(5)));
    assert_eq!(
        note.message,
        "The row has 8 cells, the header has 7: column 5 was read as \"Aarhus; C\", since only so the other columns \
         hold what they should."
    );
}

/// A customer as its ERP system has it.
fn customer() -> impl Strategy<Value = Vec<String>> {
    let text = |least: usize| {
        prop::collection::vec("[A-Zæø][a-zå]{1,5}", least..3).prop_map(|words| words.join(" "))
    };
    let street = ("[A-Z][a-z]{2,6}", 1..99_u32).prop_map(|(street, number)| format!("{street} {number}"));
    let mail = prop_oneof!["", "[a-z]{1,5}@[a-z]{1,5}\\.dk"];
    let phone = prop_oneof!["", "[0-9]{8}"];
    ("[1-9][0-9]{1,4}", text(1), street, "[0-9]{4}", text(0), phone, mail).prop_map(
        |(number, name, street, postcode, city, phone, mail)| {
            vec![number, name, street, postcode, city, phone, mail]
        },
    )
}

/// What happens to one value, or to the delimiter behind it.
#[derive(Clone, Copy, Debug)]
enum Accident {
    Delimiter,
    LineBreak,
    Lost,
    Missing,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to one record: the others are what they were, and it is right or refused.
    #[test]
    fn a_damaged_row_is_right_or_refused_and_costs_no_other(
        rows in prop::collection::vec(customer(), 1..6),
        hit in any::<prop::sample::Index>(),
        column in 0..7_usize,
        at in any::<prop::sample::Index>(),
        accident in select(&[Accident::Delimiter, Accident::LineBreak, Accident::Lost, Accident::Missing][..]),
        trailing in any::<bool>(),
    ) {
        let hit = hit.index(rows.len());
        let end = if trailing { ";\n" } else { "\n" };
        let good = "9;Good;Vej 9;9000;Aalborg;12345678;g@d.dk";
        let (mut text, mut truth) = (format!("{HEADER}{good}{end}"), rows.clone());
        for (index, row) in rows.iter().enumerate() {
            let mut cells = row.clone();
            let chars: Vec<char> = cells[column].chars().collect();
            let at = at.index(chars.len() + 1);
            let (before, after): (String, String) = (chars[..at].iter().collect(), chars[at..].iter().collect());
            match accident {
                _ if index != hit => {}
                Accident::Delimiter => cells[column] = format!("{before};{after}"),
                // In the first and in the last column the one half is a whole record, and the other is refused.
                Accident::LineBreak if (1..6).contains(&column) => cells[column] = format!("{before}\n{after}"),
                Accident::Lost if column < 6 => {
                    let next = cells.remove(column + 1);
                    cells[column].push_str(&next);
                }
                Accident::Missing => {
                    cells.remove(column);
                }
                _ => {}
            }
            if index == hit {
                truth[index] = cells.clone();
            }
            text.push_str(&cells.join(";"));
            text.push_str(end);
        }
        let (format, shapes) = columns();
        let mut reader = Reader::with_shapes(text.as_bytes(), &format, Limits::default(), &shapes).unwrap();
        let (mut row, mut taken) = (Row::default(), Vec::new());
        prop_assert!(reader.read(&mut row).unwrap());
        prop_assert_eq!(row.cell(6), Some("g@d.dk"));
        while reader.read(&mut row).unwrap() {
            if row.problems.is_empty() {
                let mut cells: Vec<String> = row.cells().map(str::to_owned).collect();
                while cells.len() > 7 && cells.last().is_some_and(String::is_empty) {
                    cells.pop();
                }
                taken.push(cells);
            }
        }
        let expected = |index: usize, cells: &Vec<String>| {
            // A delimiter beside a value leaves the value as it was.
            let bare = |cells: &[String]| -> Vec<String> {
                cells.iter().map(|cell| cell.trim_matches(';').to_owned()).collect()
            };
            if index == hit && matches!(accident, Accident::Missing) {
                let mut without = rows[index].clone();
                without[column].clear();
                return *cells == without;
            }
            *cells == rows[index] || index == hit && (*cells == truth[index] || bare(cells) == bare(&truth[index]))
        };
        let mut left = taken.iter().peekable();
        for index in 0..rows.len() {
            let came = left.next_if(|cells| expected(index, cells)).is_some();
            prop_assert!(came || index == hit, "row {index} of {text:?} is lost: {taken:?}");
        }
        prop_assert!(left.peek().is_none(), "{text:?} became {taken:?}");
    }
}
