//! Telling people by e-mail that they should look: an import that is held or refused, an automation that cannot work.
//!
//! A thread of `serve` notes in the database what is to be told, each thing once, and sends what is noted: one message for
//! all of it, at most every few minutes, and again after a failure, less and less often. So nothing is lost at a restart,
//! and no night with a thousand refused files makes a thousand messages.

pub(crate) mod mail;
mod trouble;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use register::db::{Cached, DbResult};
use register::notifications::{self, Event, Notification, Outcome, Untold};
use register::settings::{self, Notifications};
use register::{REGISTERS, imports};

use self::mail::Mail;
use self::trouble::Troubles;
use crate::app::App;
use crate::automation::Running;
use crate::automation::status::Status;
use crate::text;

/// How often it is looked for news.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Between two messages lies at least so much: what happens meanwhile is told in one.
const GATHER: SignedDuration = SignedDuration::from_mins(5);

/// The pause after the first failure, and the longest one.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// So much is told at once, and so much of it at length.
const AT_ONCE: u32 = 10_000;
const AT_LENGTH: usize = 20;

/// Sends a message; why not, in a sentence.
type Send<'s> = &'s dyn Fn(&Notifications, &Mail) -> Result<(), String>;

/// The thread.
pub(crate) struct Notifier {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Notifier {
    /// Starts it.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub(crate) fn start(app: &Arc<App>, automations: &Arc<Running>) -> std::io::Result<Notifier> {
        let (stop, stopped) = channel();
        let (app, automations) = (Arc::clone(app), Arc::clone(automations));
        let work = move || {
            let mut post = Post::new(&app);
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(LOOK_EVERY) {
                post.round(&automations.statuses(), &|settings, mail| {
                    mail::send(settings, mail, app.clock.now())
                });
            }
        };
        Ok(Notifier {
            stop,
            thread: std::thread::Builder::new().name("notifications".to_owned()).spawn(work)?,
        })
    }

    /// Ends it; a message that is being sent is sent, or has failed within seconds.
    pub(crate) fn stop(self) {
        let _ = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("telling people by e-mail ended by a fault of the program");
        }
    }
}

/// What is known from one round to the next.
struct Post<'a> {
    app: &'a App,
    troubles: Troubles,
    /// What nobody was told of yet.
    untold: Cached<Vec<Untold>>,
    /// Whether an import is held, by register.
    held: Cached<Vec<bool>>,
    /// What is to be sent, how, and when the last was.
    news: Cached<(Vec<Notification>, Notifications, Option<Timestamp>)>,
    /// Sent, and not noted yet since the database could not be written: it is not sent again.
    sent: BTreeSet<i64>,
    /// When it may be tried again after a failure, and how long the pause is.
    not_before: Duration,
    pause: Option<Duration>,
    /// What was last logged of a failure.
    failure: Option<String>,
}

impl<'a> Post<'a> {
    fn new(app: &'a App) -> Post<'a> {
        Post {
            app,
            troubles: Troubles::default(),
            untold: Cached::default(),
            held: Cached::default(),
            news: Cached::default(),
            sent: BTreeSet::new(),
            not_before: Duration::ZERO,
            pause: None,
            failure: None,
        }
    }

    /// Notes what is new, and sends what is to be told.
    fn round(&mut self, statuses: &[Status], send: Send<'_>) {
        let done = self.note(statuses).map_err(|error| error.to_string()).and_then(|()| self.send(send));
        match done {
            Err(why) if self.failure.as_ref() != Some(&why) => {
                tracing::warn!("people cannot be told by e-mail, which will be tried again: {why}");
                self.failure = Some(why);
            }
            Ok(true) if self.failure.take().is_some() => tracing::info!("people are told by e-mail again"),
            _ => {}
        }
    }

    fn note(&mut self, statuses: &[Status]) -> DbResult<()> {
        let (app, at) = (self.app, self.app.clock.now());
        let untold = self.untold.read(&app.db, notifications::untold)?;
        if !untold.is_empty() {
            app.db.write(|c| {
                let mut each = untold.iter();
                each.try_for_each(|one| notifications::note_import(c, one, &about_import(one), at))
            })?;
        }
        let held = self.held.read(&app.db, |c| {
            REGISTERS.iter().map(|register| Ok(imports::stands(c, register)?.is_some())).collect()
        })?;
        for (held, status) in held.into_iter().zip(statuses) {
            let now = app.clock.monotonic();
            if self.troubles.is_unknown(&status.name) {
                self.troubles.was(&status.name, app.db.read(|c| notifications::last_of(c, &status.name))?);
            }
            if let Some((event, message)) = self.troubles.see(status, held, now) {
                app.db.write(|c| notifications::note_automation(c, event, &status.name, &message, at))?;
                self.troubles.was(&status.name, Some(event));
            }
        }
        Ok(())
    }

    /// Sends what is to be told; whether anything was sent.
    fn send(&mut self, send: Send<'_>) -> Result<bool, String> {
        let told = |error: register::db::DbError| error.to_string();
        let (app, now) = (self.app, self.app.clock.now());
        self.note_sent(now)?;
        let (news, settings, last) = self
            .news
            .read(&app.db, |c| {
                let news = notifications::to_tell(c, AT_ONCE)?;
                Ok((news, settings::load(c)?.notifications, notifications::last_told(c)?))
            })
            .map_err(told)?;
        if news.is_empty() {
            return Ok(false);
        }
        let ids: Vec<i64> = news.iter().map(|one| one.id).collect();
        if !settings.is_on() {
            app.db.write(|c| notifications::told(c, &ids, Outcome::Nobody, now)).map_err(told)?;
            return Ok(false);
        }
        let gathers = last.is_some_and(|last| last <= now && now.duration_since(last) < GATHER);
        if gathers || app.clock.monotonic() < self.not_before {
            // The failure before stands until it is tried again.
            return Ok(false);
        }
        match send(&settings, &message(&news, &app.base_url(), &settings.from, now)) {
            Ok(()) => {
                (self.pause, self.not_before) = (None, Duration::ZERO);
                self.sent.extend(ids);
                self.note_sent(now)?;
                Ok(true)
            }
            Err(why) => {
                let pause = self.pause.map_or(FIRST_PAUSE, |pause| (pause * 2).min(LONGEST_PAUSE));
                (self.pause, self.not_before) = (Some(pause), app.clock.monotonic() + pause);
                app.db.write(|c| notifications::not_told(c, &ids, &why, now)).map_err(told)?;
                Err(why)
            }
        }
    }

    fn note_sent(&mut self, now: Timestamp) -> Result<(), String> {
        if !self.sent.is_empty() {
            let ids: Vec<i64> = self.sent.iter().copied().collect();
            let noted = self.app.db.write(|c| notifications::told(c, &ids, Outcome::Sent, now));
            noted.map_err(|error: register::db::DbError| error.to_string())?;
            self.sent.clear();
        }
        Ok(())
    }
}

/// What is told of an import; the first line is the short of it.
fn about_import(untold: &Untold) -> String {
    let what = match untold.event {
        Event::Held => "is held: shall it be imported?",
        _ => "was refused; nothing of it was imported.",
    };
    let reason =
        untold.reason.as_deref().map(|reason| format!("\n{}", text::sentence(reason))).unwrap_or_default();
    format!("Import {} of {} {what}{reason}", untold.import, one_line(&untold.file))
}

fn one_line(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// One message of all that is to be told.
fn message(news: &[Notification], base: &str, from: &str, at: Timestamp) -> Mail {
    let short = |one: &Notification| one.message.lines().next().unwrap_or_default().to_owned();
    let more = news.len().saturating_sub(1);
    let subject = match news.first().map(short) {
        Some(first) if more > 0 => format!("Service Suite: {first} And {} more", text::number(more)),
        first => format!("Service Suite: {}", first.unwrap_or_default()),
    };
    let link = |one: &Notification| match one.import {
        Some(import) => format!("{base}/imports/{import}"),
        None => format!("{base}/automation"),
    };
    let mut body: Vec<String> =
        news.iter().take(AT_LENGTH).map(|one| format!("{}\n{}", one.message, link(one))).collect();
    if news.len() > AT_LENGTH {
        body.push(format!("And {} more: {base}/imports", text::number(news.len() - AT_LENGTH)));
    }
    body.push(format!("You are told since your address stands in {base}/settings/notifications"));
    let (first, last) = (news.first().map_or(0, |one| one.id), news.last().map_or(0, |one| one.id));
    let host = from.rsplit_once('@').map_or("localhost", |(_, host)| host);
    // The same news sent twice, should the program end in between, is one message to those who get it.
    let id = format!(
        "<service-suite.{first}.{last}.{}@{host}>",
        news.first().map_or(at, |one| one.at).as_millisecond()
    );
    Mail { subject, text: body.join("\n\n"), id }
}

#[cfg(test)]
mod tests;
