//! Hostile names, a class a way of being hostile, and what must become of a file of each: by the rules of the manual,
//! written down here once more.

use fastrand::Rng;

/// The most bytes that a name can have.
const LONGEST: usize = 255;

/// Where the names end that the pattern `*.txt` takes.
const ENDING: &str = ".txt";

/// A way of being hostile: its name, and how to make a name of it that a number tells from all others.
type Class = (&'static str, fn(&mut Rng, u32) -> Vec<u8>);

/// Every class.
pub(super) const CLASSES: &[Class] = &[
    ("not UTF-8", |rng, number| {
        let strange = [0x80, 0xFF, 0xC0, 0xE5, 0xF5][rng.usize(..5)];
        [b"kunder-".as_slice(), &[strange], format!("-{number}.txt").as_bytes()].concat()
    }),
    ("255 bytes", |rng, number| {
        let letter = one(rng, &["x", "Ø", "東", "𝄞", "e\u{301}"]);
        let end = format!("{number}.txt");
        let letters = (LONGEST - end.len()) / letter.len();
        format!("{}{end}", letter.repeat(letters)).into_bytes()
    }),
    ("control characters", |rng, number| {
        let control = one(rng, &["\n", "\r", "\t", "\u{7}", "\u{8}", "\u{7f}", "\u{85}", "\u{9b}31m"]);
        format!("kunder{control}{number}.txt").into_bytes()
    }),
    ("lines of a log", |rng, number| {
        let lie =
            one(rng, &["\n2026-11-22T00:00:00Z ERROR all is lost", "\r\nINFO deleted", "\u{2028}INFO fine"]);
        format!("kunder-{number}{lie}.txt").into_bytes()
    }),
    ("escape sequences", |rng, number| {
        let sequence = one(rng, &["\u{1b}[2J", "\u{1b}]0;owned\u{7}", "\u{1b}[31m", "\u{1b}c"]);
        format!("{number}{sequence}.txt").into_bytes()
    }),
    ("direction and invisible characters", |rng, number| {
        let mark = one(rng, &["\u{202e}", "\u{2066}", "\u{200b}", "\u{feff}", "\u{200d}", "\u{ad}"]);
        format!("kunder-{number}{mark}gpj.txt").into_bytes()
    }),
    ("dots that look like folders", |rng, number| {
        let dots = one(rng, &["..", "...", "..%2f", "．．", "‥", "..\u{2215}etc", "。。"]);
        format!("{dots}{number}.txt").into_bytes()
    }),
    ("backslashes", |rng, number| {
        let path = one(rng, &["..\\..\\", "C:\\", "\\\\server\\share\\", "a\\b"]);
        format!("{path}{number}.txt").into_bytes()
    }),
    ("leading dashes", |rng, number| {
        format!("{}{number}.txt", one(rng, &["-", "--", "-rf ", "--help=", "-o"])).into_bytes()
    }),
    ("words of a shell", |rng, number| {
        let words =
            one(rng, &["$(reboot)", "`id`", ";rm -rf ~;", "|cat", "&&:", "$HOME", "*?[a]{b,c}", "!!", "'\""]);
        format!("{words}{number}.txt").into_bytes()
    }),
    ("SQL", |rng, number| {
        let sql = one(rng, &["'; DROP TABLE imports; --", "\" OR 1=1 --", "%_", "?1", ":x", "NULL"]);
        format!("{number}{sql}.txt").into_bytes()
    }),
    ("HTML and formats", |rng, number| {
        let markup = one(
            rng,
            &[
                "<img src=x onerror=alert(1)>",
                "<script>alert(1)",
                "&lt;&#0;",
                "{{7*7}}",
                "%s%n%x",
                "{0}{}",
                "=cmd|' C'!A0",
            ],
        );
        format!("{markup}{number}.txt").into_bytes()
    }),
    ("devices of Windows", |rng, number| {
        let device = one(rng, &["CON", "aux", "NUL", "COM1", "LPT9", "CON .", "a:b"]);
        format!("{device}.{number}.txt").into_bytes()
    }),
    ("dots and blanks at the ends", |rng, number| {
        let (before, after) = one(rng, &[(" ", ""), ("\u{a0}", ""), ("", " "), ("", "."), ("", ". ")]);
        format!("{before}kunder-{number}.txt{after}").into_bytes()
    }),
    ("two ways of writing a letter", |rng, number| {
        format!("Ku{}nder {}-{number}.txt", one(rng, &["\u{308}", "ü"]), one(rng, &["å", "a\u{30a}"]))
            .into_bytes()
    }),
    ("files in the making", |rng, number| {
        let (before, after) = one(
            rng,
            &[
                ("", ".txt.part"),
                ("", ".txt.FILEPART"),
                ("", ".txt~"),
                ("~$", ".txt"),
                ("._", ".txt"),
                ("", ".tmp"),
                (".", ".txt.swp"),
                ("", ".txt.crdownload"),
            ],
        );
        format!("{before}kunder-{number}{after}").into_bytes()
    }),
    ("names that look claimed", |rng, number| {
        let id = one(rng, &["1", "17", "9223372036854775807", "999999"]);
        format!(".kunder-{number}.txt.{id}").into_bytes()
    }),
    ("only the case differs", |rng, number| {
        let cased: String =
            "kunder".chars().map(|c| if rng.bool() { c.to_ascii_uppercase() } else { c }).collect();
        format!("{cased}-{}{}", number, one(rng, &[".txt", ".TXT", ".Txt"])).into_bytes()
    }),
    ("harmless", |_, number| format!("kunder-{number}.txt").into_bytes()),
];

fn one<T: Copy>(rng: &mut Rng, list: &[T]) -> T {
    list[rng.usize(..list.len())]
}

/// Whether a format with the file name `*.txt` takes a file of this name. By the manual: no control characters, nothing
/// that separates folders, nothing hidden, nothing that looks unfinished, the case as it is.
pub(super) fn is_taken(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(|name| {
        name.ends_with(ENDING)
            && !name.starts_with(['.', '~'])
            && !name.contains('\\')
            && !name.chars().any(char::is_control)
    })
}
