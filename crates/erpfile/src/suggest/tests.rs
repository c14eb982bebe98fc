use super::encoding::guess;
use super::{Sample, suggest};
use crate::{Encoding, Layout, Limits, OuterBlanks};

/// Short files of one language, and the encodings that have all of their letters.
const FILES: &[(&str, &str)] = &[
    (
        "Kundenr;Navn;Adresse;Postnr;By\n10;Bager Ølund ApS;Søndergade 4;8000;Århus\n11;Træhuset A/S;Kærvej 2;9000;Ålborg\n",
        "windows-1252 iso-8859-1 iso-8859-15 cp850 cp858 cp865 macintosh utf-8 utf-16le utf-16be",
    ),
    (
        "Kundnr;Namn;Adress;Postnr;Ort\n10;Åkessons Måleri AB;Östra Förstadsgatan 4;211 31;Malmö\n11;Snickeri Näs;Kärrvägen 2;252 21;Helsingborg\n",
        "windows-1252 iso-8859-1 cp850 cp865 cp437 macintosh utf-8",
    ),
    (
        "Kundennummer;Name;Straße;PLZ;Ort\n10;Bäckerei Größmann;Kölner Straße 3;80331;München\n",
        "windows-1252 cp850 cp437 macintosh",
    ),
    (
        "Numero;Nom;Adresse;Ville\n10;Boulangerie Lefèvre;3, rue de la Forêt;Orléans\n11;Société Générale du Bâtiment;Chemin du Château;Besançon\n",
        "windows-1252 cp850 macintosh iso-8859-15",
    ),
    (
        "Klient;Nazwa;Ulica;Miasto\n10;Zakład Stolarski Wójcik;ul. Świętokrzyska 4;Łódź\n11;Piekarnia Dębska;ul. Żółta 2;Kraków\n",
        "windows-1250 iso-8859-2 cp852",
    ),
    (
        "Zakaznik;Jmeno;Ulice;Mesto\n10;Pekařství Dvořák s.r.o.;Příčná 4;Plzeň\n11;Truhlářství Němec;Žižkova 12;Ústí nad Labem\n",
        "windows-1250 iso-8859-2 cp852",
    ),
    ("Код;Название;Улица;Город\n10;Хлебозавод Заря;ул. Садовая 4;Москва\n", "windows-1251 iso-8859-5 cp866"),
    (
        "Κωδικός;Όνομα;Οδός;Πόλη\n10;Αρτοποιείο Παπαδάκης;Λεωφόρος Αθηνών 4;Θεσσαλονίκη\n",
        "windows-1253 iso-8859-7",
    ),
    (
        "Musteri;Unvan;Adres;Sehir\n10;Yıldız Fırın Ltd;Çiçek Sokağı 4;İstanbul\n11;Güneş Mobilya;Şişli Caddesi 8;Eskişehir\n",
        "windows-1254 iso-8859-9",
    ),
    (
        "Klients;Nosaukums;Adrese;Pilseta\n10;SIA Bērziņš;Brīvības iela 4;Rīga\n11;SIA Kļava;Ģertrūdes iela 9;Jūrmala\n",
        "windows-1257",
    ),
];

#[test]
fn the_encoding_of_a_short_file_is_found() {
    let mut wrong = Vec::new();
    for (text, labels) in FILES {
        for label in labels.split(' ') {
            let encoding: Encoding = label.parse().unwrap();
            let bytes = encoding.encode(text).unwrap_or_else(|c| panic!("{label} has no {c}: {text}"));
            let guess = guess(&bytes, true);
            let read = guess.encoding.decode(&bytes);
            if read.as_deref() != Some(*text) {
                wrong.push(format!(
                    "{label} as {} ({:.2}): {}",
                    guess.encoding,
                    guess.confidence,
                    read.unwrap_or_default().lines().nth(1).unwrap_or_default()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Texts, and their delimiter, quote and escape.
const DIALECTS: &[(&str, &str, Option<char>, Option<char>)] = &[
    ("number;name;city\n10;Bager Ølund;Aarhus\n11;Smed, Maler & Søn;Odense\n", ";", None, None),
    ("number,name,credit\n10,Bager,\"1,50\"\n11,Smed,\"2,50\"\n", ",", Some('"'), None),
    ("number, name, city\n10, Bager, Aarhus\n11, Smed, Odense\n", ", ", None, None),
    ("number\tname\tphone\n10\tBager; Smed\t86 12 34 56\n11\tMaler\t86 12 34 57\n", "\t", None, None),
    ("number||name||city\n10||Bager||Aarhus\n11||Smed||Odense\n", "||", None, None),
    ("number|name|city\n10|Bager|Aarhus\n11|Smed|Odense\n", "|", None, None),
    ("number^name^city\n10^Bager^Aarhus\n11^Smed^Odense\n", "^", None, None),
    ("number~name~date\n10~Bager~22-11-2026\n11~Smed~23-11-2026\n", "~", None, None),
    ("'10';'Bager';'it''s'\n'11';'Smed; Maler';'x'\n'12';'Glarmester';'y'\n", ";", Some('\''), None),
    (
        "\"10\",\"Bager \\\"Ølund\\\"\",\"a, b\"\n\"11\",\"Smed\",\"c\"\n\"12\",\"Maler\",\"d, e\"\n",
        ",",
        Some('"'),
        Some('\\'),
    ),
    ("10;1.250,50;2026-11-22\n11;12,00;2026-11-23\n12;7,25;2026-11-24\n", ";", None, None),
    (
        "\"number\";\"address\"\n\"10\";\"Søndergade 4\n8000 Aarhus\"\n\"11\";\"Vestergade 2\n5000 Odense\"\n",
        ";",
        Some('"'),
        None,
    ),
    ("number*name*city\n10*Bager*Aarhus\n11*Smed*Odense\n", "*", None, None),
    ("number<>name<>city\n10<>Bager<>Aarhus\n11<>Smed<>Odense\n", "<>", None, None),
    // A comma of decimals in every row, as often.
    (
        "number~name~city~credit~x~y\n10~Bager~Aarhus~1,50~~\n11~Smed~Odense~22,50~~\n12~Maler~Vejle~3,25~~\n",
        "~",
        None,
        None,
    ),
    ("number:name:phone\n10:Bager:86123456\n11:Smed:86123457\n", ":", None, None),
    (
        "Customers of 22 November, 2026\n\nnumber;name;city\n10;Bager;Aarhus\n11;Smed;Odense\n12;Maler;Vejle\n",
        ";",
        None,
        None,
    ),
];

#[test]
fn the_dialect_of_a_text_is_found() {
    let mut wrong = Vec::new();
    for (text, delimiter, quote, escape) in DIALECTS {
        let found = super::dialect::guess(text);
        let dialect = &found.dialect;
        if (dialect.delimiter.as_str(), dialect.quote, dialect.escape) != (*delimiter, *quote, *escape) {
            wrong.push(format!("{found:?}: {text:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Texts delimited by `;`: lines above, rows of the header, rows of units, rows of the table in all.
const TABLES: &[(&str, u64, usize, usize, usize)] = &[
    ("Numurs;Nosaukums;Pilsēta;Kods\nkundenr;navn;by;konto\n10;Bager;Ribe;1\n11;Smed;Varde;2\n", 0, 2, 0, 4),
    // Settings of the export above the header, as wide as a row or wider.
    (
        "EXTF;700;16;Debitoren;;\nKonto;Navn;By;Saldo\n10;Bager;Ribe;1\n11;Smed;Varde;2\n12;Maler;Ribe;3\n",
        1,
        1,
        0,
        4,
    ),
    ("Kundenr;Navn;By\n10;Bager;Aarhus\n11;Smed;Odense\n", 0, 1, 0, 3),
    ("10;Bager;Aarhus\n11;Smed;Odense\n", 0, 0, 0, 2),
    ("Report of customers\n\nKundenr;Navn;By\n10;Bager;Aarhus\n11;Smed;Odense\n", 2, 1, 0, 3),
    ("Kundenr;Navn;Kredit\n;;DKK\n10;Bager;100,00\n11;Smed;200,00\n", 0, 1, 1, 4),
    ("Kundenr;Navn;Kredit\n10;Bager;100,00\n11;Smed;200,00\nTotal;;300,00\n", 0, 1, 0, 3),
    ("Kundenr;Navn;By\n10;Bager;Aarhus\n11;Smed;Odense\n\nPrinted on 22 November\n", 0, 1, 0, 3),
    ("Konto;Saldo\n10;100,00\n11;200,00\n", 0, 1, 0, 3),
    ("A;B;C\n10;12,50;22-11-2026\n11;13,50;23-11-2026\n", 0, 1, 0, 3),
    ("Kundenr;Navn;By\n", 0, 1, 0, 1),
];

#[test]
fn a_table_is_found_among_what_stands_around_it() {
    let mut wrong = Vec::new();
    for (text, above, header, units, rows) in TABLES {
        let dialect = super::dialect::Dialect { delimiter: ";".into(), quote: Some('"'), escape: None };
        let numbered = super::cells::rows(text, &dialect, 100);
        let names = |name: &str| {
            ["kundenr", "navn", "by", "kredit", "konto", "saldo"]
                .contains(&name.trim().to_lowercase().as_str())
        };
        let found = super::table::find(&numbered, &names);
        let first = numbered.iter().position(|(line, _)| *line > found.skip_lines).unwrap_or_default();
        if (found.skip_lines, found.header_rows, found.unit_rows, found.end - first)
            != (*above, *header, *units, *rows)
        {
            wrong.push(format!("{found:?}: {text:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is said of a text where no column has a known name: delimiter, quote, lines above, lines of the header, rows.
fn told(text: &str) -> Result<(String, String, u32, u32, usize), String> {
    let sample = Sample::new(text.as_bytes().to_vec(), true);
    let found = suggest(&sample, &|_| false, Limits::default()).map_err(|error| error.to_string())?;
    let format = found.format;
    Ok((format.delimiter, format.quote, format.skip_lines, format.header_lines, found.rows.len()))
}

#[test]
fn what_went_wrong_with_a_file_hides_neither_its_table_nor_its_header() {
    #[rustfmt::skip]
    let files = [
        ("a header with a delimiter at its end", "Núm;Nafn;Sími;\n10;Bakarí;5551234\n11;Smiðja;5551235\n", (";", "\"", 0, 1, 2)),
        ("rows with a delimiter at their end", "Núm;Nafn;Sími\n10;Bakarí;5551234;\n11;Smiðja;5551235;\n", (";", "\"", 0, 1, 2)),
        ("a header alone", "Núm;Nafn;Sími\n", (";", "\"", 0, 1, 0)),
        ("one row", "Núm;Nafn;Sími\n10;Bakarí;5551234\n", (";", "\"", 0, 1, 1)),
        ("groups above the names", "A;;B;;C\nNúm;Nafn;Gata;Sími;Póstur\n10;Bakarí;Torg;5551234;a@b.example\n11;Smiðja;Torg;5551235;c@d.example\n12;Höfn;Torg;5551236;e@f.example\n13;Vík;Torg;5551237;g@h.example\n", (";", "\"", 0, 2, 4)),
        ("a wider table below", "Núm;Nafn;Sími\n10;Bakarí;5551234\n\nA;B;C;D\n1;x;y;z\n2;x;y;z\n3;x;y;z\n", (";", "\"", 0, 1, 1)),
        ("a delimiter of two signs", "Núm~|Nafn~|Sími\n10~|Bakarí~|5551234\n11~|Smiðja~|5551235\n", ("~|", "\"", 0, 1, 2)),
        ("quotes that are not doubled", "Núm;Nafn;Sími\n10;\"Bar \"Nord\" ; Havn\";5551234\n11;Smiðja;5551235\n", (";", "\"", 0, 1, 2)),
    ];
    for (what, text, (delimiter, quote, above, header, rows)) in files {
        let expected = (delimiter.to_owned(), quote.to_owned(), above, header, rows);
        assert_eq!(told(text), Ok(expected), "{what}");
    }
}

#[test]
fn what_is_no_file_of_records_is_refused_by_its_name() {
    let ebcdic = b"\xD2\xA4\x95\x84\x85\x95\x99\x5E\xD5\x81\xA5\x95\x15\xF1\xF0\x5E\xC2\x81\x87\x85\x99\x40\xE2\x96\x95\x15";
    let sheet = "<?xml version=\"1.0\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet/></Workbook>";
    let wide = format!("Nr{}\n1;A\n", ";Felt".repeat(1000));
    let packed = |bytes: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut out, bytes).unwrap();
        out.finish().unwrap()
    };
    let twice = packed(&packed(b"Nr;Navn\n1;A\n"));
    let files: [(&[u8], &str); 14] = [
        (b"", "The file is empty."),
        (&twice, "The archive holds another archive"),
        (b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n1 0 obj\n", "a PDF document"),
        (b"Nr;Navn\n1;A\0B\n2;C\n", "Line 2 holds a zero byte"),
        (b"\xFF\xFEN\0r\0;\0A\0\n\x001\0;\0\x00\xD8\n\0", "Line 2 holds bytes (00 D8) that mean nothing"),
        (b"\xFF\xFEN\0r\0;\0A\0\n\x001\0;\0B\0\n\x002", "Line 3 holds bytes (32) that mean nothing"),
        (b"\xEF\xBB\xBFNr;Navn\n1;B\xF8rge\n", "Line 2 holds bytes (F8) that mean nothing"),
        (b"[{\"nr\":\"1\",\"navn\":\"A\"},{\"nr\":\"2\"", "line 1: The document ends in the middle"),
        (wide.as_bytes(), "line 1: ; stands between 1001 cells; at most 1000"),
        (b"\r\n\r\n", "nothing but blank lines"),
        (ebcdic, "EBCDIC"),
        (
            b"<!DOCTYPE html>\n<html><body><table><tr><td>10</td></tr></table></body></html>",
            "a web page (HTML)",
        ),
        (b"\n<TABLE border=1><tr><td>10</td><td>Bager</td></tr></TABLE>", "a web page (HTML)"),
        (sheet.as_bytes(), "an XML spreadsheet of Excel 2003"),
    ];
    let with_returns = ebcdic.map(|byte| if byte == 0x15 { 0x0D } else { byte });
    let files = files.into_iter().chain([(&with_returns[..], "EBCDIC")]);
    for (bytes, why) in files {
        let found = suggest(&Sample::new(bytes.to_vec(), true), &|_| false, Limits::default());
        let said = found.map(|found| found.format).map_err(|error| error.to_string());
        assert!(said.as_ref().is_err_and(|said| said.contains(why)), "{why}: {said:?}");
    }
}

#[test]
fn a_line_without_an_end_is_no_file_of_records() {
    let head = "a;".repeat(128 << 10);
    let found = suggest(&Sample::new(head.into(), false), &|_| false, Limits::default());
    let said = found.map(|found| found.format).map_err(|error| error.to_string());
    assert!(
        said.as_ref().is_err_and(|said| said.contains("The first 256 KiB of the file are one line")),
        "{said:?}"
    );
}

#[test]
fn a_mark_below_a_part_that_names_its_columns_beside_its_own_ends_the_table() {
    let text = "@FIRM_BEGIN\n1\n@Actor(=CustNo,Nm,PArea)\n10,Bager,Aarhus\n11,Smed,Ribe\n@FIRM_END\n1\n";
    let names = |name: &str| ["Nm", "PArea)", "PArea"].contains(&name);
    let found = suggest(&Sample::new(text.into(), true), &names, Limits::default()).unwrap();
    assert_eq!((found.format.skip_lines, found.format.header_lines, found.rows.len()), (2, 1, 2));
    assert_eq!(found.format.footer, ["@*"]);
}

#[test]
fn blanks_that_fill_up_cells_are_proposed_to_be_removed() {
    for (text, kept) in [
        ("Nr  ;Navn   ;By    \n10  ;Bager  ;Aarhus\n9   ;Smed   ;Ribe  \n", OuterBlanks::End),
        (" Nr | Navn | By\n 10 | Bager | Aarhus\n 11 | Smed | Ribe\n", OuterBlanks::Both),
        ("Nr;Navn;By\n10;Bager ;Aarhus\n11;Smed;Ribe\n", OuterBlanks::Keep),
    ] {
        let found = suggest(&Sample::new(text.into(), true), &|_| false, Limits::default()).unwrap();
        assert_eq!(found.format.outer_blanks, kept, "{text}");
    }
}

#[test]
fn a_line_that_underlines_the_header_is_no_row() {
    let fixed = "Nr   Navn            By\n==== =============== =========\n10   Bager ApS       Aarhus C\n11   Smed            Ribe\n";
    let names = |name: &str| ["Nr", "Navn", "By"].contains(&name.trim());
    for (text, layout, skipped, rows) in [
        (fixed.to_owned(), Layout::FixedWidth, 0, 2),
        (format!("Liste over kunder\n\n{fixed}"), Layout::FixedWidth, 2, 2),
        (fixed.replace('=', "-"), Layout::FixedWidth, 0, 2),
        ("Nr;Navn;By\n--;----;--\n10;Bager;Aarhus\n11;Smed;Ribe\n".to_owned(), Layout::Delimited, 0, 2),
        ("Nr;Navn;By\n10;Bager;Aarhus\n11;--;--\n".to_owned(), Layout::Delimited, 0, 2),
    ] {
        let found = suggest(&Sample::new(text.clone().into(), true), &names, Limits::default()).unwrap();
        let told = (found.format.layout, found.format.skip_lines, found.rows.len());
        assert_eq!(told, (layout, skipped, rows), "{text}");
        assert_eq!(found.header, ["Nr", "Navn", "By"], "{text}");
        assert_eq!(found.rows[0][0], "10", "{text}");
    }
}

#[test]
fn a_quoted_value_that_would_be_cut_is_asked_about() {
    let others = "11;Bager;5000;Odense\n12;Slagter;7100;Vejle\n13;Murer;6760;Ribe\n";
    for (row, asked) in [
        ("10;\"Smed; Maler\";8000Aarhus", true),
        ("10;\"Smed; Maler\";8000;Aarhus", false),
        ("10;Rør 3\";8000;Aarhus", false),
    ] {
        let text = format!("Nr;Navn;Postnr;By\n{row}\n{others}");
        let found = suggest(&Sample::new(text.clone().into(), true), &|_| false, Limits::default()).unwrap();
        let keys: Vec<&str> = found.questions.iter().map(|question| question.key).collect();
        assert_eq!(keys.contains(&"quote"), asked, "{text}");
    }
}

#[test]
fn letters_of_two_encodings_in_one_file_are_asked_about() {
    for (bytes, asked) in [
        (b"Kundenr;Navn;By\n10;K\xF8bmand \xC6r\xF8;\xC5rhus\n11;B\xC3\xB8rge;Odense\n".as_slice(), true),
        (b"Kundenr;Navn;By\n10;K\xF8bmand \xC6r\xF8;\xC5rhus\n11;B\xF8rge;Odense\n", false),
        (b"Kundenr;Navn;By\n10;\x92r\x9B \x9Dl;\x8Frhus\n11;Gr\x9Bn;\x8Flborg\n12;S\xF8ren \xC5s;\xC6r\xF8\n", true),
        (b"N\xB0client;Nom;Ville\n10;B\xE2timent n\xB0c;Orl\xE9ans\n11;Caf\xE9 \x93Ok\x94\x85;N\xEEmes\n", false),
        (b"Cliente;Nome;Cidade\n10;JO\xC3O IRM\xC3OS;S\xC3O JO\xC3O\n11;CONCEI\xC7\xC3O LDA;LISBOA\n", false),
    ] {
        let found = suggest(&Sample::new(bytes.to_vec(), true), &|_| false, Limits::default()).unwrap();
        let keys: Vec<&str> = found.questions.iter().map(|question| question.key).collect();
        assert_eq!(keys.contains(&"encoding"), asked, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn cells_at_fixed_positions_are_found_where_they_touch() {
    #[rustfmt::skip]
    let files: [(&str, &[&str]); 7] = [
        // Telephone numbers in groups of digits that begin with any.
        (
            "1001  Nordlys Handel    Oslo          22 33 44 55   post@nordlys.example\r\n\
             1002  Byggmester Dal    Stavanger     51 22 33 44   kari@dal.example    \r\n\
             1003  Møbler Nord       Trondheim     73 50 60 70   aa@nord.example     \r\n\
             1004  Fjord Fisk        Bergen        55 31 32 33   salg@fisk.example   \r\n",
            &["1001", "Nordlys Handel", "Oslo", "22 33 44 55", "post@nordlys.example"],
        ),
        // Names of columns that were cut to the width of their cells.
        (
            "KundenNavn            PostnrSted          Telef\r\n\
             1001  Nordlys Handel  0155  Oslo          22334\r\n\
             1002  Byggmester Dal  4006  Stavanger     51223\r\n\
             1003  Møbler Nord     7010  Trondheim     73506\r\n\
             1004  Fjord Fisk      5003  Bergen        55313\r\n",
            &["1001", "Nordlys Handel", "0155", "Oslo", "22334"],
        ),
        (
            "000017Bageriet Lund     8000Aarhus C  DK75820011DKK     12,50\r\n\
             000018Smedjen           6200Aabenraa  SE40221133SEK  40400,00\r\n\
             000019Tømrer Bæk        7100Vejle     NO90112233EUR      3,25\r\n\
             000020Hotel Strand      5400Bogense   DK64812211DKK    120,00\r\n",
            &["000017", "Bageriet Lund", "8000", "Aarhus C", "DK", "75820011", "DKK", "12,50"],
        ),
        // Letters and digits of one postcode, all of one shape and of several.
        (
            "000017 Café Royal Ltd    TN9 5DG  Truro   01323 524443\n\
             000018 Moore             VB7 7RK  Bath    01323 573608\n\
             000019 Siân Jones        GS2 7SE  Derby   01323 648459\n\
             000020 Hughes LLP        JU8 2RL  Leeds   01323 816465\n",
            &["000017", "Café Royal Ltd", "TN9 5DG", "Truro", "01323 524443"],
        ),
        (
            "000017 Café Royal Ltd    SW1A 1AA Truro   01323 524443\n\
             000018 Moore             M1 7RK   Bath    01323 573608\n\
             000019 Siân Jones        GS2 7SE  Derby   01323 648459\n\
             000020 Hughes LLP        JU18 2RL Leeds   01323 816465\n",
            &["000017", "Café Royal Ltd", "SW1A 1AA", "Truro", "01323 524443"],
        ),
        // Short words that nearly every street begins with.
        (
            "000017 ul. Zgoda 3        2778 Toruń   \n000018 ul. Polna 46       1098 Gdynia  \n\
             000019 ul. Nowa 117       3815 Gdańsk  \n000020 ul. Stara 1        5491 Gdańsk  \n\
             000021 plac Zgody 9       5491 Gdańsk  \n000022 ul. Nowa 14        5492 Opole   \n\
             000023 ul. Zgoda 3        2778 Toruń   \n000024 ul. Polna 46       1098 Gdynia  \n\
             000025 ul. Nowa 117       3815 Gdańsk  \n000026 ul. Stara 1        5491 Gdańsk  \n\
             000027 ul. Cicha 10       5491 Gdańsk  \n000028 ul. Nowa 14        5492 Opole   \n\
             000029 ul. Zgoda 3        2778 Toruń   \n000030 ul. Polna 46       1098 Gdynia  \n\
             000031 ul. Nowa 117       3815 Gdańsk  \n000032 ul. Stara 1        5491 Gdańsk  \n\
             000033 ul. Cicha 16       5491 Gdańsk  \n000034 ul. Nowa 14        5492 Opole   \n\
             000035 ul. Zgoda 3        2778 Toruń   \n000036 ul. Polna 46       1098 Gdynia  \n\
             000037 ul. Nowa 117       3815 Gdańsk  \n000038 ul. Stara 1        5491 Gdańsk  \n\
             000039 ul. Cicha 22       5491 Gdańsk  \n000040 ul. Nowa 14        5492 Opole   \n",
            &["000017", "ul. Zgoda 3", "2778", "Toruń"],
        ),
        // Words that fill their cell up to the next one.
        (
            "000017 Peña    20220625OTHER Vigo   \n000018 Romero  20240117RETAILAlmería\n\
             000019 Jiménez 20190503RETAILMálaga \n000020 Soto    20230414TRADE Alcañiz\n\
             000021 Gil     20230415RETAILVigo   \n000022 Mora    20230414RETAILLugo   \n\
             000023 Vega    20230414TRADE Lugo   \n000024 Lara    20240414RETAILLugo   \n",
            &["000017", "Peña", "20220625", "OTHER", "Vigo"],
        ),
    ];
    for (text, cells) in files {
        let sample = Sample::new(text.as_bytes().to_vec(), true);
        let found = suggest(&sample, &|_| false, Limits::default()).unwrap();
        assert_eq!(found.rows[0], cells, "{text}");
    }
}

#[test]
fn lines_of_several_kinds_are_told_by_their_first_cell_and_their_width() {
    let orders = "10;3;2026\n30;1001;Bager Bo;Torvet 1;Ribe\n30;1002;Smed Ib;Havnen 2;Varde\n81;5;Brød\n81;6;Kage\n81;7;Rug\n";
    let people = "Kunde;1001;Bager Bo;Torvet 1\nKontakt;Lis Holm;Leder\nKontakt;Bo Krog;Indkøb\nKunde;1002;Smed Ib;Havnen 2\n";
    let groups = "Privat;1001;Bager Bo;Ribe\nErhverv;1002;Smed Ib;Varde\nPrivat;1003;Urmager;Tønder\nErhverv;1004;Skomager;Ribe\n";
    let numbers = "001;Bager Bo;Ribe;x\n002;Smed Ib;Varde;y\n003;Urmager;Tønder;z\n";
    for (text, records, rows, asked) in [
        (orders, "30", 2, false),
        (people, "Kunde", 2, true),
        (groups, "", 4, false),
        (numbers, "", 3, false),
    ] {
        let found = suggest(&Sample::new(text.into(), true), &|_| false, Limits::default()).unwrap();
        let is_asked = found.questions.iter().any(|question| question.key == "records");
        assert_eq!((&*found.format.records, found.rows.len(), is_asked), (records, rows, asked), "{text}");
    }
}

/// Some names of columns, as a register knows them.
fn is_some_name(name: &str) -> bool {
    ["kundenr", "navn", "by", "saldo", "kunde"].contains(&name.trim().to_lowercase().as_str())
}

#[test]
fn what_looks_like_text_or_like_one_value_a_line_is_asked_about() {
    let asked = |text: &str| {
        let found = suggest(&Sample::new(text.into(), true), &is_some_name, Limits::default()).unwrap();
        found.questions.iter().any(|question| question.key == "layout")
    };
    for text in [
        "Dear Sir,\n\nyour order, which we got today, is on its way.\n\nKind regards,\n\nSales, Bager ApS\n",
        "This is a readme. It has text, with commas, and more.\nSecond line of it, and so on, with commas.\n\
         Third line, it goes, on and on.\n",
        "Navn: Bager\nNr: 1001\nBy: Aarhus\n\nNavn: Smed\nNr: 1002\nBy: Vejle\n",
        "BEGIN:VCARD\nVERSION:3.0\nN:Bager;Bo\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nN:Smed;Ib\nEND:VCARD\n",
        "[database]\nhost=localhost\nport=5432\nuser=erp\n",
    ] {
        assert!(asked(text), "{text}");
    }
    for text in [
        "Kundenr;Navn;By\n1;Bager;Ribe\n2;Smed;Varde\n",
        "Kundenr;Navn;By\n",
        "Kundenr;Bezeichnung (so, wie sie auf der Rechnung stehen soll, zum Beispiel Bager ApS);By\n1;Bager;Ribe\n",
        "1;Bager;Ribe\n2;Smed;Varde\n3;Sol;Odense\n",
    ] {
        assert!(!asked(text), "{text}");
    }
}

#[test]
fn totals_between_the_rows_are_asked_about_and_the_rows_below_them_stay() {
    let groups = "Kundenr;Navn;By;Saldo\n1001;Bager;Aarhus;1,5\n1002;Smed;Vejle;2,5\nI alt gruppe 1;;;4\n\
                  1003;Sol;Odense;3,5\n1004;Ost;Odense;3,5\nI alt gruppe 2;;;7\n";
    let found = suggest(&Sample::new(groups.into(), true), &is_some_name, Limits::default()).unwrap();
    let question = found.questions.iter().find(|question| question.key == "comment").unwrap();
    assert!(question.sentence.contains("such as line 4"), "{}", question.sentence);
    assert_eq!((&*found.format.comment, found.format.footer.len()), ("I alt gruppe", 0));
    let numbers: Vec<&str> = found.rows.iter().map(|row| &*row[0]).collect();
    assert_eq!(numbers, ["1001", "1002", "1003", "1004"]);
    // The total of all is the end of the table, and asked of nobody; nor is a customer who is called so.
    let whole = "Kundenr;Navn;By;Saldo\n1001;Bager;Aarhus;1,5\n1002;Total Energi;Vejle;2,5\nI alt;;;4\n";
    let found = suggest(&Sample::new(whole.into(), true), &is_some_name, Limits::default()).unwrap();
    assert_eq!((found.questions.len(), found.format.footer), (0, vec!["I alt*".to_owned()]));
}

#[test]
fn the_columns_of_a_document_are_called_by_its_parts() {
    let xml = "<kunder><kunde><Kundenr>1</Kundenr><Navn>Bager</Navn></kunde><kunde><Kundenr>2</Kundenr><By>Ribe</By></kunde></kunder>";
    let json = "[{\"Kundenr\":1,\"Navn\":\"Bager\"},{\"Kundenr\":2,\"By\":\"Ribe\"}]";
    for (text, layout, record) in [(xml, Layout::Xml, "/kunder/kunde"), (json, Layout::Json, "")] {
        let found = suggest(&Sample::new(text.into(), true), &is_some_name, Limits::default()).unwrap();
        assert_eq!((found.format.layout, &*found.format.record), (layout, record));
        assert_eq!(found.header, ["Kundenr", "Navn", "By"], "{text}");
        assert_eq!(found.rows[0][..2], ["1", "Bager"], "{text}");
        assert_eq!(found.rows[1], ["2", "", "Ribe"], "{text}");
    }
}
