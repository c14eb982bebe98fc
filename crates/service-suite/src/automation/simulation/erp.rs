//! A model of the ERP system: how it writes its files, drawn from the seed. Everything it does is on the agenda before
//! the program starts, and happens whatever the program does.

use std::time::Duration;

use super::files::MARKER;
use super::model::HEADER;
use super::op::Op;
use super::world::{Event, Inside};

/// What kind of ERP system it is.
#[derive(Clone, Debug)]
pub(super) struct Manners {
    /// Names go `customers-1.txt`, `customers-2.txt`, or are always `customers.txt`.
    pub(super) numbered: bool,
    /// The settle time of the program.
    pub(super) settle: Duration,
    /// Whether a pause in an open file may be longer than the settle time.
    pub(super) long_pauses: bool,
    /// Whether files stay in the folder after their import, so that touching them would make them new.
    pub(super) left: bool,
    /// Whether times are so coarse that overwriting in place cannot be told.
    pub(super) coarse: bool,
    /// Whether a marker follows each file, and the settle time of files that have one.
    pub(super) marker: bool,
    pub(super) settle_with_marker: Duration,
    /// Whether files are renamed when they are finished, and others are to be left alone.
    pub(super) renamed: bool,
    /// How long a file must have been there.
    pub(super) minimum_age: Duration,
}

/// Draws what the ERP system does and puts it on the agenda; gives when it has done everything.
pub(super) fn plan(world: &mut Inside, manners: &Manners, deliveries: u32) -> Duration {
    let mut plan = Plan { world, manners, at: Duration::from_secs(2), number: 0, slot: 0 };
    for delivery in 1..=deliveries {
        plan.delivery(delivery);
        // The next day's file comes before this one is imported, or long after.
        let gap = match plan.world.rng.u8(0..4) {
            0 => plan.world.rng.u64(1..500),
            1 => plan.world.rng.u64(1_000..20_000),
            2 => plan.world.rng.u64(20_000..120_000),
            _ => plan.world.rng.u64(120_000..1_200_000),
        };
        plan.at += Duration::from_millis(gap);
    }
    plan.world.happened.deliveries += u64::from(deliveries);
    plan.at
}

struct Plan<'a> {
    world: &'a mut Inside,
    manners: &'a Manners,
    at: Duration,
    /// Of the next thing to do, so that things of the same moment keep their order.
    number: u64,
    slot: u32,
}

impl Plan<'_> {
    fn then(&mut self, op: Op) {
        self.number += 1;
        self.world.agenda.insert((self.at, self.number), Event::Erp(op));
    }

    fn rest(&mut self, milliseconds: std::ops::Range<u64>) {
        self.at += Duration::from_millis(self.world.rng.u64(milliseconds));
    }

    fn chance(&mut self, of_ten: u8) -> bool {
        self.world.rng.u8(0..10) < of_ten
    }

    /// The bytes of a delivery: each row says to which delivery it belongs, and the last one how many there are.
    fn content(&mut self, delivery: u32) -> Vec<u8> {
        let rng = &mut self.world.rng;
        let mut numbers: Vec<u32> = (1..=12).collect();
        rng.shuffle(&mut numbers);
        let rows = rng.usize(0..=8);
        let mut text = format!("{HEADER}\n");
        for number in &numbers[..rows] {
            let name = if rng.u8(0..4) == 0 {
                "Uendret AS".to_owned()
            } else {
                format!("levering {delivery} rad {number}")
            };
            let credit = match rng.u8(0..12) {
                0 => "mye".to_owned(),
                1 => String::new(),
                _ => rng.u32(0..4000).to_string(),
            };
            text.push_str(&format!("K{number:02};{name};{credit}\n"));
        }
        text.push_str(&format!("SLUTT;levering {delivery} har {rows} rader;{delivery}"));
        if rng.u8(0..4) > 0 {
            text.push('\n');
        }
        if rng.u8(0..12) == 0 {
            // A damaged file, which must be refused whole.
            text.push_str("\nK01;\"aldri lukket;5\n");
        }
        text.into_bytes()
    }

    fn delivery(&mut self, delivery: u32) {
        let bytes = self.content(delivery);
        let name = if self.manners.numbered {
            format!("customers-{delivery:03}.txt")
        } else {
            "customers.txt".to_owned()
        };
        if self.manners.renamed && self.chance(3) {
            self.bait(&name);
        }
        self.slot += 1;
        let slot = self.slot;
        let way = if self.manners.renamed { 4 } else { self.world.rng.u8(0..10) };
        match way {
            0..=3 => {
                // From the start, in place of whatever is there.
                self.then(Op::Open { slot, name: name.clone(), truncate: true });
                self.pieces(slot, &bytes);
                self.finish(slot);
            }
            4 | 5 => {
                let partial = format!("{name}.tmp");
                self.then(Op::Open { slot, name: partial.clone(), truncate: true });
                self.pieces(slot, &bytes);
                self.finish(slot);
                self.rest(1..2_000);
                self.then(Op::Rename { from: partial, to: name.clone() });
            }
            6 => {
                // Opened and closed for each piece, with pauses shorter than the settle time, or longer.
                let pieces = self.world.rng.usize(2..4);
                for (at, piece) in bytes.chunks(bytes.len().div_ceil(pieces)).enumerate() {
                    self.then(Op::Open { slot, name: name.clone(), truncate: at == 0 });
                    self.then(Op::Append { slot, bytes: piece.to_vec() });
                    self.then(Op::Close { slot });
                    self.pause(true);
                }
            }
            7 => {
                // Room for all of it first; then it is filled.
                self.then(Op::Open { slot, name: name.clone(), truncate: true });
                self.then(Op::Append { slot, bytes: vec![0; bytes.len()] });
                self.pause(false);
                let half = bytes.len() / 2;
                self.then(Op::Overwrite { slot, offset: half, bytes: bytes[half..].to_vec() });
                self.pause(false);
                self.then(Op::Overwrite { slot, offset: 0, bytes: bytes[..half].to_vec() });
                self.finish(slot);
            }
            8 => {
                // Without a name until it is whole.
                self.then(Op::Unnamed { slot });
                self.pieces(slot, &bytes);
                self.then(Op::Remove { name: name.clone() });
                self.then(Op::Link { slot, name: name.clone() });
                self.finish(slot);
            }
            _ => {
                self.then(Op::Open { slot, name: name.clone(), truncate: false });
                let length = bytes.len();
                self.then(Op::Overwrite { slot, offset: 0, bytes });
                self.pause(false);
                self.then(Op::Truncate { slot, length });
                self.finish(slot);
            }
        }
        self.mark(&name);
        if self.afterthoughts(delivery, &name) {
            self.mark(&name);
        }
    }

    /// A file that is written under its final name, though only renamed ones are to be taken, and removed again.
    fn bait(&mut self, name: &str) {
        self.slot += 1;
        let slot = self.slot;
        self.then(Op::Remove { name: name.to_owned() });
        self.then(Op::Open { slot, name: name.to_owned(), truncate: true });
        self.then(Op::Append { slot, bytes: format!("{HEADER}\nK98;aldri;1\n").into_bytes() });
        self.then(Op::Close { slot });
        self.rest(1..60_000);
        self.then(Op::Remove { name: name.to_owned() });
    }

    /// The marker that follows a file.
    fn mark(&mut self, name: &str) {
        if !self.manners.marker {
            return;
        }
        self.rest(1..3_000);
        self.slot += 1;
        let slot = self.slot;
        self.then(Op::Open { slot, name: name.replace(".txt", MARKER), truncate: true });
        if self.chance(5) {
            if self.chance(2) {
                self.rest(1..2_000);
            }
            self.then(Op::Append { slot, bytes: b"ferdig".to_vec() });
        }
        self.then(Op::Close { slot });
    }

    /// What may still happen to a delivery once it is there. Gives whether something was written.
    fn afterthoughts(&mut self, delivery: u32, name: &str) -> bool {
        let in_place = !self.manners.renamed;
        match self.world.rng.u8(0..14) {
            0 => {
                self.rest(1..15_000);
                self.then(Op::Remove { name: name.to_owned() });
            }
            1 if in_place && !self.manners.coarse => {
                // The same size and the same modification time, another content.
                self.rest(1..15_000);
                self.slot += 1;
                let slot = self.slot;
                self.then(Op::Open { slot, name: name.to_owned(), truncate: false });
                self.then(Op::Overwrite {
                    slot,
                    offset: HEADER.len() + 1,
                    bytes: format!("K{delivery:02};omskrevet").into_bytes(),
                });
                self.then(Op::SetTime { slot, seconds: 1_700_000_000 });
                self.then(Op::Close { slot });
                return true;
            }
            2 if in_place => {
                // More lines for a file that seemed to be finished.
                self.rest(1..15_000);
                self.slot += 1;
                let slot = self.slot;
                self.then(Op::Open { slot, name: name.to_owned(), truncate: false });
                self.rest(1..15_000);
                let row = format!("\nK99;levering {delivery} etterskudd;7\n");
                self.then(Op::Append { slot, bytes: row.into_bytes() });
                self.then(Op::Close { slot });
                return true;
            }
            3 if !self.manners.left => {
                // Another name for the same file comes and goes.
                self.rest(1..15_000);
                self.slot += 1;
                let slot = self.slot;
                self.then(Op::Open { slot, name: name.to_owned(), truncate: false });
                self.then(Op::Link { slot, name: format!("{name}.old") });
                self.then(Op::Close { slot });
                self.rest(1..15_000);
                self.then(Op::Remove { name: format!("{name}.old") });
            }
            4..=6 => {
                // Somebody opens it, as a word processor does, when it is about to be taken or has been, and changes nothing.
                let settle = u64::try_from(self.manners.settle.as_millis()).unwrap();
                self.rest(settle / 2..settle * 2 + 1_000);
                self.slot += 1;
                let slot = self.slot;
                self.then(Op::Peek { slot, name: name.to_owned() });
                self.rest(1..40_000);
                self.then(Op::Close { slot });
            }
            _ => {}
        }
        false
    }

    fn pieces(&mut self, slot: u32, bytes: &[u8]) {
        let pieces = self.world.rng.usize(1..5);
        for piece in bytes.chunks(bytes.len().div_ceil(pieces)) {
            self.then(Op::Append { slot, bytes: piece.to_vec() });
            if pieces > 1 {
                self.pause(false);
            }
        }
    }

    /// A pause in the middle of a file: mostly short, sometimes nearly as long as the settle time, and where the file is
    /// held open (or may be torn), sometimes longer.
    fn pause(&mut self, closed: bool) {
        let settle = u64::try_from(self.manners.settle.as_millis()).unwrap();
        let longest = if self.manners.long_pauses { 4 * settle } else { settle * 9 / 10 };
        match self.world.rng.u8(0..8) {
            0 => self.rest(1..longest.max(2)),
            1 if !closed => self.rest(settle * 8 / 10..settle.max(2)),
            _ => self.rest(1..300),
        }
    }

    fn finish(&mut self, slot: u32) {
        if self.chance(2) {
            // A file from the future does not look renamed, and one that is linked once more not older than its marker.
            let known = if self.manners.renamed || self.manners.marker { 2 } else { 3 };
            let seconds = [0, 1_700_000_000, 4_000_000_000][self.world.rng.usize(0..known)];
            self.then(Op::SetTime { slot, seconds });
        }
        if self.chance(1) {
            self.rest(1..30_000);
        }
        self.then(Op::Close { slot });
    }
}
