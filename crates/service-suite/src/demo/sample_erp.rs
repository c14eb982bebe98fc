//! A sample ERP system: a process of its own that writes `customers.txt` the way such systems do, slowly and in chunks,
//! in windows-1252 with semicolons and decimal commas. All companies are invented.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// The file that the sample ERP system writes.
pub(crate) const FILE_NAME: &str = "customers.txt";

/// Customers in the first export.
pub(crate) const CUSTOMERS: u32 = 5_000;

/// New customers in each later export.
const CREATED: u32 = 3;

/// Customers whose phone and credit limit differ in each later export.
const UPDATED: u32 = 12;

/// An export is written in this many pieces, so that it can be seen growing.
const CHUNKS: usize = 8;

/// The pause between two pieces.
const PAUSE: Duration = Duration::from_millis(700);

/// After an export was taken, this long until the next one.
const NEXT_EXPORT_AFTER: Duration = Duration::from_secs(5);

/// Runs the sample ERP system: writes the export of `day` into `folder`, and of the following days whenever the last
/// one was taken, `exports` in all. Ends early when standard input ends, that is when the demo that started it has gone.
pub(crate) fn run(folder: &Path, day: u32, exports: u32) -> io::Result<()> {
    let (gone_sender, gone) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        // The end of input, by whatever way, is the event; nothing is expected in it.
        let _ = io::stdin().read_to_end(&mut rest);
        drop(gone_sender);
    });
    let pause = |how_long| gone.recv_timeout(how_long) == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
    for number in day..day + exports {
        let path = folder.join(FILE_NAME);
        if !write_slowly(&path, &export(number), &pause)? {
            return Ok(());
        }
        while path.exists() {
            if !pause(Duration::from_millis(200)) {
                return Ok(());
            }
        }
        if !pause(NEXT_EXPORT_AFTER) {
            return Ok(());
        }
    }
    Ok(())
}

/// Writes `bytes` in chunks with pauses; `false` when a pause was cut short.
fn write_slowly(path: &Path, bytes: &[u8], pause: &dyn Fn(Duration) -> bool) -> io::Result<bool> {
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(path)?;
    let started = Instant::now();
    for (count, chunk) in bytes.chunks(bytes.len().div_ceil(CHUNKS)).enumerate() {
        let due = PAUSE * count as u32;
        if !pause(due.saturating_sub(started.elapsed())) {
            return Ok(false);
        }
        file.write_all(chunk)?;
        file.flush()?;
    }
    Ok(true)
}

/// The export of one day, in windows-1252. Day 0 has [`CUSTOMERS`] rows; each later day has a few new customers, a few
/// changed ones, and two faulty rows.
pub(crate) fn export(day: u32) -> Vec<u8> {
    let mut text = String::from(
        "Kundenr;Navn;Adresse;Postnr;By;Land;Telefon;E-mail;CVR-nr;Kontakt;Gruppe;Betaling;Kreditmax;Oprettet\r\n",
    );
    let count = CUSTOMERS + CREATED * day;
    for index in 0..count {
        push_row(&mut text, index, day, count);
    }
    to_windows_1252(&text)
}

/// Every character of the sample is in windows-1252 at the place where it is in Unicode.
fn to_windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

const COUNTRIES: [Country; 3] = [
    Country {
        code: "DK",
        dialling: "+45",
        domain: "dk",
        forms: ["ApS", "A/S", "I/S"],
        first: [
            "Sønder",
            "Nørre",
            "Bøge",
            "Ørne",
            "Åkær",
            "Kløver",
            "Højgård",
            "Strand",
            "Blåbjerg",
            "Mølle",
        ],
        trades: [
            "Ventilation",
            "Køleteknik",
            "Elservice",
            "Tømrer & Snedker",
            "Rengøring",
            "Byg",
            "VVS",
            "Malerforretning",
        ],
        streets: ["Møllevej", "Søndergade", "Åboulevarden", "Bøgealle", "Havnegade", "Østre Ringvej"],
        places: [
            ("8000", "Aarhus C"),
            ("5000", "Odense C"),
            ("9000", "Aalborg"),
            ("6700", "Esbjerg"),
            ("4000", "Roskilde"),
            ("3700", "Rønne"),
            ("7100", "Vejle"),
        ],
        contacts: ["Indkøb", "Bogholderi", "Værkstedet"],
    },
    Country {
        code: "DE",
        dialling: "+49",
        domain: "de",
        forms: ["GmbH", "KG", "OHG"],
        first: [
            "Grüntal",
            "Königsbrücke",
            "Süderau",
            "Weißenfels",
            "Mühlen",
            "Nordlicht",
            "Löwenhof",
            "Förde",
            "Eichen",
            "Uferstraße",
        ],
        trades: [
            "Heizung & Sanitär",
            "Elektrotechnik",
            "Gebäudereinigung",
            "Metallbau",
            "Kältetechnik",
            "Gärtnerei",
            "Dachbau",
            "Aufzüge",
        ],
        streets: ["Hauptstraße", "Mühlenweg", "Am Großen Teich", "Königsallee", "Südring", "Bahnhofstraße"],
        places: [
            ("24937", "Flensburg"),
            ("80331", "München"),
            ("50667", "Köln"),
            ("90402", "Nürnberg"),
            ("40213", "Düsseldorf"),
            ("01067", "Dresden"),
            ("23552", "Lübeck"),
        ],
        contacts: ["Einkauf", "Buchhaltung", "Büro"],
    },
    Country {
        code: "NO",
        dialling: "+47",
        domain: "no",
        forms: ["AS", "ANS", "DA"],
        first: [
            "Fjordlys",
            "Nordfjell",
            "Østmarka",
            "Blåfjell",
            "Skjærgård",
            "Høyland",
            "Bjørkeli",
            "Sørvær",
            "Låven",
            "Tindvær",
        ],
        trades: [
            "Elektro",
            "Rørlegger",
            "Byggservice",
            "Heis",
            "Kulde & Varme",
            "Renhold",
            "Anlegg",
            "Brannvern",
        ],
        streets: ["Storgata", "Kirkeveien", "Sjøgata", "Bjørnstadveien", "Åsveien", "Nordre gate"],
        places: [
            ("0150", "Oslo"),
            ("5003", "Bergen"),
            ("7010", "Trondheim"),
            ("9008", "Tromsø"),
            ("4006", "Stavanger"),
            ("6003", "Ålesund"),
            ("8006", "Bodø"),
        ],
        contacts: ["Innkjøp", "Regnskap", "Drift"],
    },
];

struct Country {
    code: &'static str,
    dialling: &'static str,
    domain: &'static str,
    forms: [&'static str; 3],
    first: [&'static str; 10],
    trades: [&'static str; 8],
    streets: [&'static str; 6],
    places: [(&'static str, &'static str); 7],
    contacts: [&'static str; 3],
}

/// A number that depends on nothing but its arguments and looks like chance (splitmix64).
fn chance(index: u32, salt: u32) -> usize {
    let mut z = (u64::from(index) << 32 | u64::from(salt)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 16) as usize
}

fn pick<T: Copy>(items: &[T], index: u32, salt: u32) -> T {
    items[chance(index, salt) % items.len()]
}

/// The day on which the customer last changed: each day changes [`UPDATED`] of the first customers in turn.
fn last_change(index: u32, day: u32) -> u32 {
    (1..=day).rev().find(|d| changed_on(*d).contains(&index)).unwrap_or(0)
}

fn changed_on(day: u32) -> std::ops::Range<u32> {
    let first = 40 + (day * UPDATED) % (CUSTOMERS - 100);
    first..first + UPDATED
}

fn push_row(text: &mut String, index: u32, day: u32, count: u32) {
    use std::fmt::Write;
    let country = &COUNTRIES[chance(index, 1) % 3];
    let changed = last_change(index, day);
    let first = pick(&country.first, index, 2);
    let trade = pick(&country.trades, index, 3);
    let name = format!("{first} {trade} {}", pick(&country.forms, index, 4));
    let (postcode, city) = pick(&country.places, index, 5);
    let street = format!("{} {}", pick(&country.streets, index, 6), chance(index, 7) % 180 + 1);
    let phone =
        format!("{} {:08}", country.dialling, 20_000_000 + chance(index, 8 + 100 * changed) % 70_000_000);
    let email = format!("kontakt{}@kunde.example.{}", 10_001 + index, country.domain);
    let tax = format!("{}{:08}", country.code, 10_000_000 + chance(index, 9) % 89_999_999);
    let mut credit =
        format!("{},{:02}", (chance(index, 10 + 100 * changed) % 200) * 500, chance(index, 11) % 4 * 25);
    let (month, year) = (chance(index, 12) % 12 + 1, 2009 + chance(index, 13) % 16);
    let mut created = format!("{:02}-{month:02}-{year}", chance(index, 14) % 28 + 1);
    // Two rows of each later export are faulty, as when somebody typed into the wrong box of the ERP system.
    if day > 0 && index == 17 {
        credit = "12.5OO,00".to_owned();
    }
    if day > 0 && index == 23 {
        created = "31-02-2025".to_owned();
    }
    debug_assert!(index < count);
    let quoted = if chance(index, 15).is_multiple_of(9) { format!("\"{name}; afd. {city}\"") } else { name };
    let _ = write!(
        text,
        "{};{quoted};{street};{postcode};{city};{};{phone};{email};{tax};{};{};{};{credit};{created}\r\n",
        10_001 + index,
        country.code,
        pick(&country.contacts, index, 16),
        chance(index, 17) % 5 + 1,
        pick(&["14 dage", "30 dage", "8 dage netto"], index, 18),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_has_three_new_twelve_changed_and_two_faulty_rows() {
        let lines = |day| export(day).split(|b| *b == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
        for day in 1..4 {
            let (before, after) = (lines(day - 1), lines(day));
            assert_eq!(after.len() - before.len(), CREATED as usize);
            let faulty_before = if day == 1 { 2 } else { 0 };
            let differ = before.iter().zip(&after).filter(|(a, b)| a != b && !a.is_empty()).count();
            assert_eq!(differ, UPDATED as usize + faulty_before, "day {day}");
        }
        assert_eq!(lines(0).len(), CUSTOMERS as usize + 2);
        assert!(!export(0).contains(&b'?'));
    }
}
