//! What is drawn from the seed before a run begins: the settings, the ERP system's manners, what people do, what goes
//! wrong and when.

use std::time::Duration;

use register::CUSTOMERS;
use register::settings::{AfterImport, Guards, Settings};

use super::erp::{self, Manners};
use super::files::MARKER;
use super::folder::ADDRESS;
use super::model::Content;
use super::people::{Person, Way};
use super::world::{Event, Fault, Inside, Window};

/// The circumstances of one run, but for what is on the world's own agenda.
#[derive(Debug)]
pub(super) struct Circumstances {
    pub(super) manners: Manners,
    pub(super) after_import: AfterImport,
    /// How much later than due the machine gets to something.
    pub(super) sluggish: Duration,
    /// Whether the power goes with the program now and then.
    pub(super) power_cuts: bool,
    /// Whether the exchange folder is mounted anew when the program is down.
    pub(super) mounts_anew: bool,
    /// Whether the archive is on another file system than the spool.
    pub(super) archive_elsewhere: bool,
    /// What people do, and when.
    pub(super) people: Vec<(Duration, Person)>,
    /// What every file holds.
    pub(super) content: Content,
    /// What is held for a person.
    pub(super) guards: Guards,
}

impl Circumstances {
    pub(super) fn draw(world: &mut Inside) -> Circumstances {
        let rng = &mut world.rng;
        world.writers_known = rng.u8(0..3) > 0;
        let coarse = rng.u8(0..5) == 0;
        world.files.granularity = if coarse { [1_000_000_000, 2_000_000_000][rng.usize(0..2)] } else { 1 };
        let after_import = match rng.u8(0..4) {
            0 => AfterImport::Delete,
            1 => AfterImport::Leave,
            _ => AfterImport::Archive,
        };
        let settle = Duration::from_secs(if coarse { 10 } else { [1, 3, 10][rng.usize(0..3)] });
        let numbered = rng.u8(0..3) == 0;
        let left = after_import == AfterImport::Leave;
        let manners = Manners {
            numbered,
            settle,
            long_pauses: rng.u8(0..3) == 0,
            left,
            coarse,
            // A marker would be left, too; and with coarse times nobody can tell what was written after it.
            marker: !left && rng.u8(0..4) == 0,
            settle_with_marker: if coarse || rng.bool() { settle } else { Duration::ZERO },
            // Coarse times do not show a rename.
            renamed: !coarse && rng.u8(0..6) == 0,
            minimum_age: Duration::from_secs(if rng.u8(0..6) == 0 { rng.u64(1..40) } else { 0 }),
        };
        if !world.writers_known && rng.u8(0..4) == 0 {
            world.client.memory = settle * rng.u32(1..9) / 10;
        }
        let mounts_anew = rng.u8(0..5) == 0;
        world.crash = [0.0, 0.0005, 0.003, 0.01][rng.usize(0..4)];
        let sluggish = Duration::from_millis([1, 50, 700, 4_000][rng.usize(0..4)]);
        let (power_cuts, archive_elsewhere) = (rng.bool(), rng.u8(0..4) == 0);
        let deliveries = rng.u32(1..=6);
        let done = erp::plan(world, &manners, deliveries);
        world.calm = done + Duration::from_secs(world.rng.u64(1..120));
        let people = people(world, &manners, after_import);
        let changes = people.iter().any(|(_, does)| matches!(does, Person::AfterImport(_)));
        world.keeps_all = after_import == AfterImport::Archive && !changes;
        faults(world, mounts_anew);
        let mut drawn = Circumstances {
            manners,
            after_import,
            sluggish,
            power_cuts,
            mounts_anew,
            archive_elsewhere,
            people,
            content: Content::Changes,
            guards: Guards::default(),
        };
        drawn.company(world);
        let writers_known = world.writers_known;
        let memory = world.client.memory;
        world.tell(|| format!("drawn: {drawn:?}, writers known: {writers_known}, remembered for {memory:?}"));
        drawn
    }

    /// What people do besides, and what they want to look at first.
    fn company(&mut self, world: &mut Inside) {
        let span = u64::try_from(world.calm.as_millis()).unwrap();
        let rng = &mut world.people;
        self.content = match rng.u8(0..6) {
            0..=2 => Content::Changes,
            3 => Content::Full { deactivates: true },
            _ => Content::Full { deactivates: false },
        };
        // Guards that small files run into.
        self.guards = Guards {
            least_rows: [0, 30, 80][rng.usize(0..3)],
            most_refused: [100, 5, 5, 20][rng.usize(0..4)],
            most_refused_rows: u64::from(rng.u8(0..4) == 0),
            older: rng.bool(),
            undone: rng.u8(0..4) > 0,
            ..Guards::default()
        };
        world.seldom = [24, 300, 5_000][rng.usize(0..3)];
        for _ in 0..rng.usize(0..8) {
            let way = if rng.bool() { Way::Page } else { Way::Command };
            let does = match rng.u8(0..8) {
                0 | 1 => Person::Undo,
                2 | 3 => Person::ByHand(way),
                4 => Person::Again(way),
                5 => Person::Decide(way),
                _ => Person::Edit,
            };
            self.people.push((Duration::from_millis(rng.u64(0..span)), does));
        }
        self.people.sort_by_key(|(at, _)| *at);
        world.lasts = Duration::from_secs([0, 0, 20, 120][world.people.usize(0..4)]);
    }

    /// What an administrator set before the ERP system begins.
    pub(super) fn settings(&self) -> Settings {
        let manners = &self.manners;
        let stem = if manners.numbered { "customers-*" } else { "customers" };
        let text = format!(
            "[erp-system]\nexchange-folder = \"{ADDRESS}\"\nsettle = \"{}ms\"\nafter-import = \"{}\"\n\
             [[formats]]\nname = \"ERP\"\nregister = \"customers\"\ndefault = true\nfilename = \"{stem}.txt\"\n\
             {}content = \"{}\"\nmissing = \"{}\"\nencoding = \"utf-8\"\ndelimiter = \";\"\ndecimal-separator = \",\"\ncolumns = [\
             {{ from = \"Kundenr\", field = \"number\" }}, {{ from = \"Navn\", field = \"name\" }}, \
             {{ from = \"Kredit\", field = \"credit_limit\" }}]\n\
             [[automations]]\nname = \"{}\"\nactive = true\n",
            manners.settle.as_millis(),
            self.after_import,
            conditions(manners, stem),
            if self.content == Content::Changes { "changes" } else { "full" },
            if self.content == (Content::Full { deactivates: true }) { "deactivate" } else { "leave" },
            CUSTOMERS.automation
        );
        let mut settings: Settings = toml::from_str(&text).unwrap();
        settings.automations[0].guards = Some(self.guards);
        settings
    }
}

/// What the format asks for before a file is taken.
fn conditions(manners: &Manners, stem: &str) -> String {
    let mut text = String::new();
    if manners.marker {
        let settle = manners.settle_with_marker.as_millis();
        text.push_str(&format!("marker = \"{stem}{MARKER}\"\nsettle = \"{settle}ms\"\n"));
    }
    if manners.renamed {
        text.push_str("arrival = \"renamed\"\n");
    }
    if !manners.minimum_age.is_zero() {
        text.push_str(&format!("minimum-age = \"{}s\"\n", manners.minimum_age.as_secs()));
    }
    text
}

/// When people switch the automation off and on again, and what they set.
fn people(world: &mut Inside, manners: &Manners, after_import: AfterImport) -> Vec<(Duration, Person)> {
    let span = u64::try_from(world.calm.as_millis()).unwrap();
    let rng = &mut world.rng;
    let mut people = Vec::new();
    let at = |rng: &mut fastrand::Rng| Duration::from_millis(rng.u64(0..span));
    if rng.u8(0..4) == 0 {
        let off = at(rng);
        people.push((off, Person::Activate(false)));
        people.push((off + Duration::from_secs(rng.u64(1..300)), Person::Activate(true)));
    }
    if rng.u8(0..4) == 0 {
        // Longer only: what is promised is the shortest time that was set.
        people.push((at(rng), Person::Settle(manners.settle.as_secs() + rng.u64(1..20))));
    }
    if after_import != AfterImport::Leave && rng.u8(0..6) == 0 {
        let archive = after_import == AfterImport::Archive;
        let other = if archive { AfterImport::Delete } else { AfterImport::Archive };
        people.push((at(rng), Person::AfterImport(other)));
    }
    people.sort_by_key(|(at, _)| *at);
    people
}

/// What goes wrong, when and how often; and when somebody sets the clock.
fn faults(world: &mut Inside, mounts_anew: bool) {
    let span = u64::try_from(world.calm.as_millis()).unwrap();
    if mounts_anew {
        let at = Duration::from_millis(world.rng.u64(0..span));
        world.agenda.insert((at, u64::MAX / 2), Event::MountedAnew);
    }
    for _ in 0..world.rng.usize(0..7) {
        let fault = Fault::ALL[world.rng.usize(0..Fault::ALL.len())];
        // The disk is called seldom, so what is wrong with it lasts from the beginning.
        let from = if fault.is_of_disk() { 0 } else { world.rng.u64(0..span) };
        let length =
            if fault.is_of_disk() { span } else { [500, 5_000, 60_000, 300_000][world.rng.usize(0..4)] };
        let until = Duration::from_millis(from + world.rng.u64(1..length)).min(world.calm);
        // What is a state, such as a share that is not mounted, is so for every call.
        let chance = if fault.is_state() { 1.0 } else { [0.02, 0.2, 1.0][world.rng.usize(0..3)] };
        world.tell(|| format!("drawn: {fault:?} from {from} ms until {until:?}, chance {chance}"));
        world.windows.push(Window { fault, from: Duration::from_millis(from), until, chance });
    }
    for number in 0..world.rng.u64(0..4) {
        let at = Duration::from_millis(world.rng.u64(0..span));
        let by = world.rng.i64(-40_000_000..40_000_000);
        world.agenda.insert((at, u64::MAX - number), Event::Wall(by));
    }
}
