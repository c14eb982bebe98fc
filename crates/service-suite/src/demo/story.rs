//! What happens during the demo, told in the terminal as it happens.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use register::imports::{self, ProblemFilter, Step};
use tokio::sync::watch;

use crate::app::App;
use crate::automation::Running;
use crate::automation::status::{LastImport, State, Status};
use crate::cli::output;
use crate::text::number;

/// Problems told of one import.
const TOLD: u32 = 10;

/// Tells the states of the first automation, a line each.
pub(super) struct Story {
    app: Arc<App>,
    statuses: watch::Receiver<Vec<Status>>,
    once: bool,
    outcome: Outcome,
    teller: Teller,
    /// Imports told so far.
    told: u32,
}

/// Whether an import was done, for whoever waits for the story's end.
#[derive(Clone, Default)]
pub(super) struct Outcome(Arc<AtomicBool>);

impl Outcome {
    pub(super) fn done(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Story {
    pub(super) fn new(app: Arc<App>, running: &Running, once: bool) -> Story {
        Story {
            app,
            statuses: running.subscribe(),
            once,
            outcome: Outcome::default(),
            teller: Teller::new(),
            told: 0,
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.outcome.clone()
    }

    /// Tells until the program stops, or with `--once` until an import has ended.
    pub(super) async fn tell(mut self) {
        let mut last = self.first().and_then(|status| status.last).map(|import| import.id);
        loop {
            let Some(status) = self.first() else { return };
            if let Some(import) = status.last.clone().filter(|import| Some(import.id) != last) {
                last = Some(import.id);
                self.finished(&import).await;
                if self.once {
                    self.put_away(import.id).await;
                    return;
                }
            }
            if let Some(line) = line(&status) {
                self.teller.passing(&line);
            }
            if self.statuses.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until the file lies in the archive: the demo that ends leaves nothing half done.
    async fn put_away(&self, id: i64) {
        let finished = async {
            loop {
                let app = Arc::clone(&self.app);
                let entry = tokio::task::spawn_blocking(move || app.db.read(|c| imports::find(c, id))).await;
                match entry {
                    Ok(Ok(Some(entry))) if entry.step != Step::Finished => {}
                    _ => return,
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(10), finished).await;
    }

    fn first(&mut self) -> Option<Status> {
        self.statuses.borrow_and_update().first().cloned()
    }

    async fn finished(&mut self, import: &LastImport) {
        self.outcome.0.store(import.state == "done", Ordering::SeqCst);
        let counts = import.counts;
        let parts: Vec<String> = [
            (counts.created, "created"),
            (counts.updated, "updated"),
            (counts.unchanged, "unchanged"),
            (counts.refused, "refused"),
        ]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", number(*count)))
        .collect();
        self.teller.lasting(&format!("{}: {} read, {}", import.state, number(counts.read), parts.join(", ")));
        if let Some(reason) = &import.reason {
            self.teller.lasting(&format!("  {reason}"));
        }
        let (app, id) = (Arc::clone(&self.app), import.id);
        let filter = ProblemFilter { limit: TOLD, ..ProblemFilter::default() };
        let problems =
            tokio::task::spawn_blocking(move || app.db.read(|c| imports::problems(c, id, &filter))).await;
        for problem in problems.into_iter().flatten().flat_map(|page| page.items) {
            self.teller.lasting(&format!("  {problem}"));
        }
        if !self.once {
            self.told += 1;
            self.teller.lasting(match self.told {
                1 => "  See it under Main menu > Imports. Some seconds from now the next export comes.",
                _ => "  See why under Main menu > Imports. The pages stay open; Ctrl-C stops the demo.",
            });
        }
    }
}

/// A state in the words of the story; `None` while nothing happens.
fn line(status: &Status) -> Option<String> {
    match &status.state {
        State::Settling { file, reason, quiet_ms, of_ms, .. } => Some(match reason.as_str() {
            "" => format!("{file}: quiet for {} s of {} s", quiet_ms / 1000, of_ms / 1000),
            "Just seen" => format!("{file}: seen"),
            "Size still changing" => format!("{file}: still growing"),
            other => format!("{file}: {}", lower_first(other)),
        }),
        State::Importing { percent, phase, .. } => {
            let filled = usize::from(*percent) * 30 / 100;
            Some(format!(
                "importing {}{} {percent:>3} %  {phase}",
                "█".repeat(filled),
                "░".repeat(30 - filled)
            ))
        }
        State::Failing { .. } | State::Warning { .. } => Some(status.sentence()),
        State::Inactive | State::Waiting => None,
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// Lines that pass (rewritten in place on a terminal) and lines that stay.
struct Teller {
    terminal: bool,
    passing: Option<String>,
}

impl Teller {
    fn new() -> Teller {
        Teller { terminal: std::io::stdout().is_terminal(), passing: None }
    }

    fn passing(&mut self, line: &str) {
        if self.passing.as_deref() == Some(line) {
            return;
        }
        if self.terminal {
            let mut out = std::io::stdout().lock();
            // A terminal that has gone away is told nothing.
            let _ = write!(out, "\r\x1b[2K{}", output::clean(line));
            let _ = out.flush();
        } else {
            let _ = output::line(output::clean(line));
        }
        self.passing = Some(line.to_owned());
    }

    fn lasting(&mut self, line: &str) {
        if self.terminal && self.passing.take().is_some() {
            let _ = write!(std::io::stdout().lock(), "\r\x1b[2K");
        }
        let _ = output::line(output::clean(line));
    }
}
