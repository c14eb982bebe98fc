//! File names: which ones a format takes, by a plain reading of its rules; and a format that nobody complains of takes
//! no name that leads elsewhere.

use erpfile::Format;

/// Endings of files that programs still write.
const UNFINISHED: &[&str] = &["~", ".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp"];

/// The first line is the pattern, the rest the name of a file.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Some((pattern, name)) = text.split_once('\n') else { return };
    let format = Format { name: "any".into(), filename: pattern.to_owned(), ..Format::default() };
    let taken = format.takes(name);
    assert_eq!(taken, takes(pattern, name), "{pattern:?} {name:?}");
    let clean = !format.complaints().iter().any(|complaint| complaint.key == "filename");
    if clean && taken {
        assert!(!name.starts_with('.') && !name.contains(['/', '\\', '\0', '\n']), "{pattern:?} {name:?}");
    }
    if clean && !pattern.is_empty() && !pattern.contains('*') {
        assert!(format.takes(pattern), "an exact name takes itself: {pattern:?}");
    }
}

fn takes(pattern: &str, name: &str) -> bool {
    let plain = !name.is_empty() && !name.chars().any(|c| c == '/' || c == '\\' || c.is_control());
    let ends = |ending: &&str| {
        name.len()
            .checked_sub(ending.len())
            .and_then(|at| name.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(ending))
    };
    let unfinished = name.starts_with(['.', '~']) || UNFINISHED.iter().any(ends);
    plain && if pattern.contains('*') { !unfinished && fits(pattern, name) } else { pattern == name }
}

/// Whether a name fits a pattern: for each beginning of the pattern, which beginnings of the name it fits.
fn fits(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let mut fitting = vec![false; name.len() + 1];
    fitting[0] = true;
    for wanted in pattern.chars() {
        let before = fitting.clone();
        for length in 0..=name.len() {
            fitting[length] = match wanted {
                '*' => before[..=length].contains(&true),
                _ => length > 0 && before[length - 1] && name[length - 1] == wanted,
            };
        }
    }
    fitting[name.len()]
}
