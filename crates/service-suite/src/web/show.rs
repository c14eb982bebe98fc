//! How values are written on pages: figures, sizes, times, durations, icons. Used from the templates.

use std::fmt::Display;

use askama::filters::HtmlSafeOutput;
use erpfile::Problem;
use jiff::Timestamp;

pub(crate) use crate::text::{capital, number, sentence};

/// Markup that is written as it is.
pub(crate) type Markup = HtmlSafeOutput<String>;

/// An icon of the sprite in `templates/icons.svg`, invisible to screen readers: a word always stands beside it.
pub(crate) fn icon(name: &str) -> Markup {
    HtmlSafeOutput(format!(r##"<svg class="icon" aria-hidden="true"><use href="#i-{name}"/></svg>"##))
}

/// A moment, in UTC and to the second; the page's script shows it in the reader's own zone, in the same width.
pub(crate) fn time(at: &Timestamp) -> Markup {
    let shown = at.strftime("%Y-%m-%d %H:%M:%S");
    HtmlSafeOutput(format!(r#"<time datetime="{at:.3}">{shown}</time>"#))
}

/// The time between two moments in words of office life: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub(crate) fn duration(from: &Timestamp, to: &Timestamp) -> String {
    let ms = to.duration_since(*from).as_millis().max(0);
    let seconds = ms / 1000;
    match seconds {
        0..10 => format!("{}.{} s", seconds, ms % 1000 / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A number of bytes as people say it: `312 bytes`, `1.4 MB`.
pub(crate) fn bytes(count: &u64) -> String {
    let count = *count;
    let (unit, name) = match count {
        0..1_000 => return format!("{count} bytes"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    format!("{}.{} {name}", count / unit, count % unit * 10 / unit)
}

/// A value as one segment of a path or one value of a query: everything but letters, digits, `-`, `_`, `.` and `~` is
/// percent-encoded.
pub(crate) fn segment(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// A problem of a file as a whole, with the line it is on unless the sentence names it itself.
pub(crate) fn whole(problem: &Problem) -> String {
    let named = |line: &u64| problem.message.contains(&line.to_string());
    let line = problem.line.filter(|line| !named(line));
    let place = line.map(|line| format!("Line {}: ", number(line))).unwrap_or_default();
    format!("{place}{} {}", problem.message, problem.hint).trim_end().to_owned()
}

/// How many of something: `1 row`, `2 rows`.
pub(crate) fn count(number_of: impl Display, one: &str, many: &str) -> String {
    let digits = number_of.to_string();
    format!("{} {}", number(&digits), if digits == "1" { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_people_read_them() {
        for (value, text) in
            [(0_u64, "0 bytes"), (999, "999 bytes"), (1_440, "1.4 kB"), (2_147_483_648, "2.1 GB")]
        {
            assert_eq!(bytes(&value), text);
        }
        assert_eq!(count(1, "row", "rows"), "1 row");
        assert_eq!(count(1200, "row", "rows"), "1,200 rows");
        assert_eq!(segment("A/B c?æ"), "A%2FB%20c%3F%C3%A6");
    }

    #[test]
    fn a_problem_says_its_line_once() {
        let problem = Problem::new("not-a-number", "Line 3 is cut.", "Send it again.").at_line(3);
        assert_eq!(whole(&problem), "Line 3 is cut. Send it again.");
        let problem = Problem::new("not-a-number", "A quote is never closed.", "").at_line(3);
        assert_eq!(whole(&problem), "Line 3: A quote is never closed.");
    }

    #[test]
    fn times_carry_their_exact_moment() {
        let at: Timestamp = "2026-11-22T19:07:38.123Z".parse().unwrap();
        assert_eq!(
            time(&at).to_string(),
            r#"<time datetime="2026-11-22T19:07:38.123Z">2026-11-22 19:07:38</time>"#
        );
        for (ms, text) in [
            (430, "0.4 s"),
            (12_900, "12 s"),
            (200_000, "3 min 20 s"),
            (7_500_000, "2 h 5 min"),
            (-5, "0.0 s"),
        ] {
            let to = at + jiff::SignedDuration::from_millis(ms);
            assert_eq!(duration(&at, &to), text);
        }
    }

    #[test]
    fn every_icon_that_pages_use_is_in_the_sprite() {
        let sprite = include_str!("../../templates/icons.svg");
        let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/templates"));
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for name in text.split("icon(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                    assert!(sprite.contains(&format!("id=\"i-{name}\"")), "{name} in {}", path.display());
                }
            }
        }
    }
}
