use super::encoding::guess;
use super::{Sample, suggest};
use crate::{Encoding, Limits};

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
        let numbered = super::dialect::rows(text, &dialect, 100);
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
    assert!(told("\r\n\r\n").is_err_and(|why| why.contains("nothing but blank lines")));
}

#[test]
fn cells_at_fixed_positions_are_found_where_they_touch() {
    let text = "000017Bageriet Lund     8000Aarhus C  DK75820011DKK     12,50\r\n\
                000018Smedjen           6200Aabenraa  SE40221133SEK  40400,00\r\n\
                000019Tømrer Bæk        7100Vejle     NO90112233EUR      3,25\r\n\
                000020Hotel Strand      5400Bogense   DK64812211DKK    120,00\r\n";
    let sample = Sample::new(text.as_bytes().to_vec(), true);
    let found = suggest(&sample, &|_| false, Limits::default()).unwrap();
    let cells = ["000017", "Bageriet Lund", "8000", "Aarhus C", "DK", "75820011", "DKK", "12,50"];
    assert_eq!(found.rows[0], cells);
}
