//! The arrival against an independent model, with writers that do anything at any time.
//!
//! The model keeps every look there ever was and applies the rule as it is written, by going back through
//! them; and it knows the truth that the looks only sample: when the file really changed last.

#[cfg(target_os = "linux")]
mod real;

use std::time::Duration;

use proptest::prelude::*;

use crate::exchange::arrival::{Arrival, BEAT, Conditions, Marker, SLOW_BEAT, Verdict};
use crate::exchange::place::{FileTime, Found, Kind, Observation, Sighting, Writer};

/// What happens between two moments.
#[derive(Clone, Debug)]
enum Action {
    Wait(u16),
    Append(u8),
    Truncate,
    /// New content of the same size; the modification time is put back afterwards.
    OverwriteKeepingTime,
    ReplaceByRename {
        same_size_and_time: bool,
    },
    Touch(i64),
    HardLink,
    Delete,
    Preallocate,
    Open,
    Close,
    /// A look that takes some time before and after the moment at which it sees the file, with something
    /// happening in between.
    /// The marker is written, or written again.
    Mark,
    /// Somebody removes the marker.
    Unmark,
    Look {
        before: u8,
        after: u8,
        meanwhile: Option<Box<Action>>,
    },
    BlindLook(Found),
}

fn change() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (1..=9u8).prop_map(Action::Append),
        1 => Just(Action::Truncate),
        1 => Just(Action::OverwriteKeepingTime),
        1 => any::<bool>().prop_map(|same_size_and_time| Action::ReplaceByRename { same_size_and_time }),
        1 => prop_oneof![Just(0), Just(-1), Just(i64::MAX), -9..9i64].prop_map(Action::Touch),
        1 => Just(Action::HardLink),
        1 => Just(Action::Delete),
        1 => Just(Action::Preallocate),
        2 => Just(Action::Open),
        3 => Just(Action::Close),
        2 => Just(Action::Mark),
        1 => Just(Action::Unmark),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let blind = prop_oneof![
        Just(Found::Busy),
        Just(Found::Unreadable("EIO".into())),
        Just(Found::NoFolder("ENOENT".into())),
        Just(Found::NotAFile(Kind::Directory)),
    ];
    prop_oneof![
        3 => change(),
        3 => (0..2_000u16).prop_map(Action::Wait),
        9 => (0..20u8, 0..20u8, proptest::option::weighted(0.1, change()))
            .prop_map(|(before, after, meanwhile)| Action::Look { before, after, meanwhile: meanwhile.map(Box::new) }),
        1 => blind.prop_map(Action::BlindLook),
    ]
}

/// A file system of one name, and the truth about it. Times in milliseconds.
#[derive(Default)]
struct World {
    now: u64,
    file: Option<Sighting>,
    writers: u32,
    inodes: u64,
    ticks: i64,
    changed_at: u64,
    /// When the file that has the name got it.
    named_at: u64,
    /// Whether something was written into the file under its name.
    written_under_name: bool,
    /// Whether its times may say something else than what happened: they were set, or other things move them, too.
    lies: bool,
    marker: Option<Sighting>,
    /// Whether something was written into the file after its marker.
    written_after_marker: bool,
}

impl World {
    fn change(&mut self, edit: impl FnOnce(&mut Sighting)) {
        let Some(file) = &mut self.file else { return };
        // The change time is the file system's own: no program can put it back.
        self.ticks += 1;
        file.changed = FileTime { seconds: self.ticks, nanoseconds: 0 };
        file.modified = file.changed;
        edit(file);
        self.changed_at = self.now;
    }

    /// A change that is a write, and leaves the times that a write leaves.
    fn write(&mut self, edit: impl FnOnce(&mut Sighting)) {
        self.change(edit);
        self.written_under_name = true;
        self.written_after_marker = true;
    }

    fn create(&mut self, size: u64) {
        self.inodes += 1;
        let time = FileTime { seconds: 0, nanoseconds: 0 };
        let inode = self.inodes;
        self.file =
            Some(Sighting { size, modified: time, changed: time, device: 1, inode, writer: Writer::None });
        self.writers = 0;
        self.change(|_| ());
        (self.named_at, self.lies) = (self.now, false);
        (self.written_under_name, self.written_after_marker) = (true, true);
    }

    /// Gives a file that was written under another name this name.
    fn rename(&mut self, size: u64, modified: Option<FileTime>) {
        self.create(size);
        let written = self.file.as_ref().map(|file| file.modified);
        self.change(|file| file.modified = modified.or(written).unwrap_or(file.modified));
        (self.written_under_name, self.lies) = (false, modified.is_some());
    }

    fn apply(&mut self, action: &Action) {
        let (size, modified) = match &self.file {
            Some(file) => (file.size, file.modified),
            None => (0, FileTime { seconds: 0, nanoseconds: 0 }),
        };
        match action {
            Action::Wait(time) => self.now += u64::from(*time),
            Action::Append(more) if self.file.is_none() => self.create(u64::from(*more)),
            Action::Append(more) => self.write(|file| file.size += u64::from(*more)),
            Action::Truncate => self.write(|file| file.size /= 2),
            Action::OverwriteKeepingTime => {
                self.write(|file| file.modified = modified);
                self.lies = true;
            }
            Action::ReplaceByRename { same_size_and_time: true } => self.rename(size, Some(modified)),
            Action::ReplaceByRename { same_size_and_time: false } => self.rename(size + 1, None),
            Action::Touch(seconds) => {
                self.change(|file| file.modified = FileTime { seconds: *seconds, nanoseconds: 0 });
                self.lies = true;
            }
            Action::HardLink => {
                self.change(|file| file.modified = modified);
                self.lies = true;
            }
            Action::Delete => self.file = None,
            Action::Preallocate => self.write(|file| file.size = 4096),
            Action::Mark => {
                self.ticks += 1;
                let time = FileTime { seconds: self.ticks, nanoseconds: 0 };
                let (inode, writer) = (u64::MAX, Writer::None);
                self.marker =
                    Some(Sighting { size: 0, modified: time, changed: time, device: 1, inode, writer });
                self.written_after_marker = false;
            }
            Action::Unmark => self.marker = None,
            Action::Open => self.writers += u32::from(self.file.is_some()),
            Action::Close => self.writers = self.writers.saturating_sub(1),
            Action::Look { .. } | Action::BlindLook(_) => {}
        }
    }

    fn found(&self) -> Found {
        match &self.file {
            None => Found::Absent,
            Some(file) if self.writers > 0 => Found::Seen(Sighting { writer: Writer::Held, ..file.clone() }),
            Some(file) => Found::Seen(file.clone()),
        }
    }

    /// Looks, with something happening after the file was seen and before the look ended. Gives the
    /// moment at which the file was seen, and when it had changed last by then.
    fn look(&mut self, before: u8, after: u8, meanwhile: Option<&Action>) -> (Observation, u64, u64) {
        let began = Duration::from_millis(self.now);
        self.now += u64::from(before);
        let (found, seen_at, changed_at) = (self.found(), self.now, self.changed_at);
        self.now += u64::from(after);
        if let Some(action) = meanwhile {
            self.apply(action);
        }
        (Observation { began, ended: Duration::from_millis(self.now), found }, seen_at, changed_at)
    }
}

/// One look at the marker and at the file.
#[derive(Clone)]
struct Looked {
    marker: Option<Sighting>,
    at_file: Observation,
}

/// The rule, by going back through all looks.
fn settled_by_the_rule(looks: &[Looked], asked: &Conditions) -> bool {
    let Some((last, earlier)) = looks.split_last() else { return false };
    let Found::Seen(now) = &last.at_file.found else { return false };
    // The longest run of looks up to now that showed a file like this.
    let run = |like: &dyn Fn(&Sighting) -> bool| -> Vec<(Sighting, Duration)> {
        let back = earlier.iter().rev().map(|look| (&look.at_file.found, look.at_file.ended));
        let run = back.map_while(|(found, ended)| match found {
            Found::Seen(then) if like(then) => Some((then.clone(), ended)),
            _ => None,
        });
        run.collect()
    };
    let began = last.at_file.began;
    let lasting = |run: &[(Sighting, Duration)]| {
        run.last().map_or(Duration::ZERO, |(_, ended)| began.saturating_sub(*ended))
    };
    let same_file = run(&|then| then.inode == now.inode);
    let first = same_file.last().map_or(now, |(first, _)| first);
    let renamed = first.changed > first.modified
        && same_file.iter().all(|(then, _)| (then.size, then.modified) == (now.size, now.modified));
    let marked = last.marker.as_ref().is_some_and(|marker| marker.changed >= now.modified.min(now.changed));
    now.size > 0
        && now.writer != Writer::Held
        && lasting(&run(&|then| now.difference(then).is_none())) >= asked.settle
        && lasting(&same_file) >= asked.minimum_age
        && (renamed || !asked.renamed)
        && (marked || asked.marker.is_none())
}

fn conditions() -> impl Strategy<Value = Conditions> {
    let settle = prop_oneof![Just(10_000u64), 0..5_000u64];
    let minimum_age = prop_oneof![2 => Just(0), 1 => 0..20_000u64];
    (settle, minimum_age, any::<bool>(), proptest::bool::weighted(0.3)).prop_map(
        |(settle, minimum_age, marker, renamed)| Conditions {
            settle: Duration::from_millis(settle),
            minimum_age: Duration::from_millis(minimum_age),
            marker: marker.then(|| "customers.done".to_owned()),
            renamed,
        },
    )
}

fn look_for_the_marker(arrival: &mut Arrival, marker: Option<&Sighting>) {
    arrival.see_marker(marker.map_or(Marker::Missing, |marker| Marker::Seen(marker.clone())));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn settled_is_said_exactly_by_the_rule_never_too_early_and_always_at_last(
        asked in conditions(),
        actions in proptest::collection::vec(action(), 1..80),
    ) {
        let mut world = World { now: 1_000, ..World::default() };
        let mut arrival = Arrival::new(asked.clone());
        let mut looks = Vec::new();
        for action in &actions {
            let marker = world.marker.clone();
            let truth = (world.written_under_name, world.written_after_marker, world.lies, world.named_at);
            let (observation, seen_at, changed_at) = match action {
                Action::Look { before, after, meanwhile } => world.look(*before, *after, meanwhile.as_deref()),
                Action::BlindLook(found) => {
                    let at = Duration::from_millis(world.now);
                    (Observation { began: at, ended: at, found: found.clone() }, world.now, world.changed_at)
                }
                other => {
                    world.apply(other);
                    continue;
                }
            };
            look_for_the_marker(&mut arrival, marker.as_ref());
            looks.push(Looked { marker: marker.clone(), at_file: observation.clone() });
            let (began, ended, held) = (observation.began, observation.ended, world.writers > 0);
            let verdict = arrival.see(observation);
            let settled = matches!(verdict, Verdict::Settled(_));
            prop_assert_eq!(settled, settled_by_the_rule(&looks, &asked), "{:?}", verdict);
            if settled {
                let truly_quiet = Duration::from_millis(seen_at - changed_at);
                prop_assert!(truly_quiet >= asked.settle, "changed {:?} ago", truly_quiet);
                let (written_under_name, written_after_marker, lies, named_at) = truth;
                prop_assert!(Duration::from_millis(seen_at - named_at) >= asked.minimum_age);
                prop_assert!(lies || !asked.renamed || !written_under_name);
                prop_assert!(lies || asked.marker.is_none() || (marker.is_some() && !written_after_marker));
            }
            if let Verdict::Settling { look_again_at, .. } = verdict {
                let marker_waits = if asked.marker.is_some() { SLOW_BEAT } else { BEAT };
                prop_assert!(look_again_at >= ended && look_again_at <= ended + marker_waits);
                prop_assert!(held || look_again_at > ended || began < ended);
            }
        }

        // The writers go home, and the loop does as the verdicts say.
        world.writers = 0;
        world.apply(&Action::ReplaceByRename { same_size_and_time: false });
        world.apply(&Action::Mark);
        let from = world.now;
        loop {
            look_for_the_marker(&mut arrival, world.marker.as_ref());
            let (observation, ..) = world.look(0, 0, None);
            match arrival.see(observation) {
                Verdict::Settled(_) => break,
                Verdict::Settling { look_again_at, .. } => {
                    let at = u64::try_from(look_again_at.as_millis()).unwrap();
                    prop_assert!(at > world.now, "the loop must not spin");
                    world.now = at;
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
        let waited = Duration::from_millis(world.now - from);
        prop_assert_eq!(waited, asked.settle.max(asked.minimum_age), "exactly then");
    }
}
