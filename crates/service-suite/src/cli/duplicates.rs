//! `customers duplicates` and `customers dismiss`: records that are probably of the same.

use std::ops::ControlFlow;

use register::duplicates::{self, Pair, Which};
use register::{Register, time};
use serde_json::json;

use super::{Paging, output};
use crate::app::App;
use crate::import::COMMAND_LINE;

/// Lists likely duplicates, after looking for them if something changed since the last look.
pub(super) fn list(
    app: &App,
    register: &'static Register,
    which: Which,
    paging: &Paging,
    json: bool,
) -> anyhow::Result<()> {
    if register.duplicates.is_none() {
        anyhow::bail!("{} are not compared with each other", register.name);
    }
    // A page behind the first goes on in what the first one showed.
    if paging.cursor.is_none() && crate::duplicates::is_due(app, register)? {
        let mut bar = output::Bar::new();
        let looked = crate::duplicates::look(app, register, &mut |looking| {
            bar.draw("Looking", looking.done, looking.total);
            ControlFlow::Continue(())
        });
        bar.clear();
        looked?;
    }
    let cursor = paging.cursor.as_deref();
    let (page, last) = app.live.read(|live| {
        let last = duplicates::last_look(live, register, app.clock.now())?.0;
        app.db.read(|c| {
            Ok::<_, register::db::DbError>((
                duplicates::list(c, live, register, which, paging.limit, cursor)?,
                last,
            ))
        })
    })?;
    if json {
        return output::json(&json!({
            "items": page.items.iter().map(|pair| pair.json(register)).collect::<Vec<_>>(),
            "next": page.next,
            "looked_at": last.as_ref().map(|last| time::to_text(last.at)),
            "looked_through": last.as_ref().map(|last| last.records),
        }));
    }
    if page.items.is_empty() {
        return output::line(match which {
            Which::Open => format!("No likely duplicates among the {}.", register.name),
            Which::Dismissed => "None was dismissed.".to_owned(),
        });
    }
    let mut rows = vec![vec![
        "first".to_owned(),
        String::new(),
        "second".to_owned(),
        String::new(),
        "in common".to_owned(),
    ]];
    rows.extend(page.items.iter().map(|pair| row(register, pair)));
    output::table(&rows)?;
    match page.next {
        Some(next) => output::line(format!("There are more: --cursor {next}")),
        None => Ok(()),
    }
}

fn row(register: &Register, pair: &Pair) -> Vec<String> {
    let mut row = Vec::new();
    for record in [&pair.first, &pair.second] {
        for field in [register.key, register.title_field] {
            row.push(record.value(register, field).unwrap_or_default().to_owned());
        }
    }
    row.push(in_common(pair));
    row.extend(pair.dismissed.as_ref().map(|dismissed| format!("dismissed by {}", dismissed.by)));
    row
}

fn in_common(pair: &Pair) -> String {
    pair.same.iter().map(|same| same.words()).collect::<Vec<_>>().join(", ")
}

/// Says that two records are no duplicates, or takes that back.
pub(super) fn dismiss(
    app: &App,
    register: &'static Register,
    numbers: [&str; 2],
    take_back: bool,
    json: bool,
) -> anyhow::Result<()> {
    let at = app.clock.now();
    let pair = app.db.write(|c| {
        let say = if take_back { duplicates::take_back } else { duplicates::dismiss };
        say(c, register, numbers, COMMAND_LINE, at)?;
        Ok::<_, duplicates::DismissError>(duplicates::of_two(c, register, numbers[0], numbers[1])?)
    })?;
    if json {
        return output::json(&pair.map(|pair| pair.json(register)));
    }
    let [first, second] = numbers;
    output::line(match take_back {
        false => format!(
            "{first} and {second} are shown as likely duplicates no more, until what they have in common changes."
        ),
        true => format!("{first} and {second} are shown as likely duplicates again."),
    })
}
