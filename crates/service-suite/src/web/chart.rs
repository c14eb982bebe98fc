//! Charts, drawn by the server as SVG: places in per cent of the width, heights in pixels, so that nothing is
//! stretched in a window of any width; colours come from the style sheet.

use std::fmt::Write;

use askama::filters::HtmlSafeOutput;
use register::imports::Day;

use super::show::{self, Markup};

/// The height of the drawing area, in pixels; the days are written below it.
const HEIGHT: f64 = 104.0;

/// Rows and duration of the imports of each day: a bar for the rows, a dot for the seconds, each on its own scale.
pub(crate) fn days(days: &[Day]) -> Markup {
    let most_rows = days.iter().map(|day| day.rows).max().unwrap_or(0).max(1);
    let most_seconds = days.iter().map(|day| day.seconds).fold(0.0_f64, f64::max).max(0.001);
    let width = 100.0 / days.len().max(1) as f64;
    let mut svg = format!(
        r#"<svg class="chart" role="img" aria-label="{}"><line x1="0" x2="100%" y1="{HEIGHT}" y2="{HEIGHT}"/>"#,
        summary(days)
    );
    for (at, day) in days.iter().enumerate() {
        let left = width * at as f64;
        let middle = left + width / 2.0;
        let bar = (day.rows as f64 / most_rows as f64 * HEIGHT).max(if day.imports > 0 { 1.5 } else { 0.0 });
        let _ = write!(svg, "<g><title>{}</title>", told(day));
        // What is pointed at is the whole day, not the thin bar.
        let _ = write!(
            svg,
            r#"<rect x="{left:.3}%" y="0" width="{width:.3}%" height="{HEIGHT}" fill="transparent"/><rect class="bar-1" x="{:.3}%" y="{:.1}" width="{:.3}%" height="{bar:.1}"/>"#,
            left + width * 0.2,
            HEIGHT - bar,
            width * 0.6,
        );
        if day.imports > 0 {
            let y = HEIGHT - day.seconds / most_seconds * (HEIGHT - 8.0) - 4.0;
            let _ = write!(svg, r#"<circle class="bar-2" cx="{middle:.3}%" cy="{y:.1}" r="3.5"/>"#);
        }
        svg.push_str("</g>");
    }
    for (day, place, anchor) in [(days.first(), "0", "start"), (days.last(), "100%", "end")] {
        if let Some(day) = day {
            let _ = write!(svg, r#"<text x="{place}" y="122" text-anchor="{anchor}">{}</text>"#, day.date);
        }
    }
    svg.push_str("</svg>");
    HtmlSafeOutput(svg)
}

fn told(day: &Day) -> String {
    let imports = show::count(day.imports, "import", "imports");
    let rows = show::count(day.rows, "row", "rows");
    let refused = if day.failed > 0 { format!(", {} refused", day.failed) } else { String::new() };
    format!("{}: {imports}, {rows}, {:.1} s{refused}", day.date, day.seconds)
}

fn summary(days: &[Day]) -> String {
    let imports: u64 = days.iter().map(|day| day.imports).sum();
    let rows: u64 = days.iter().map(|day| day.rows).sum();
    format!(
        "Rows and duration per day over {}: {}, {}",
        show::count(days.len(), "day", "days"),
        show::count(imports, "import", "imports"),
        show::count(rows, "row", "rows")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_drawn_for_any_days() {
        let day = |date: &str, rows, seconds| Day {
            date: date.parse().unwrap(),
            imports: u64::from(rows > 0),
            rows,
            seconds,
            failed: 0,
        };
        let svg = days(&[day("2026-11-21", 0, 0.0), day("2026-11-22", 5000, 1.5)]).to_string();
        assert!(svg.contains("2026-11-22: 1 import, 5,000 rows, 1.5 s"), "{svg}");
        assert!(svg.contains(r#"height="104.0"/>"#), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("style="), "{svg}");
        assert!(!days(&[]).to_string().contains("NaN"));
    }
}
