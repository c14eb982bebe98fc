//! One run: the program's own look-out, copier and importer, a step at a time in an order drawn from the seed, ended at any call
//! and started again, until everything that can fail is over and nothing is left to do.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use register::settings;

use super::circumstances::Circumstances;
use super::disk::{Disk, Durable};
use super::folder::{ADDRESS, VirtualFolder};
use super::oracle::Oracle;
use super::people::{Person, Way};
use super::program::{self, Program, look_at_ledger};
use super::world::{Fault, Happened, START, VirtualClock, World, kept};
use crate::app::App;
use crate::exchange::disk::trial;
use crate::exchange::testing::put_place;

/// What is to be played.
pub(super) struct Draw {
    pub(super) seed: u64,
    /// Whether the history is kept, to be read.
    pub(super) tell: bool,
}

/// What came of a seed.
pub(super) struct Outcome {
    pub(super) happened: Happened,
    pub(super) broken: Option<String>,
    pub(super) history: Vec<String>,
}

/// Everything that is drawn for one run.
struct Run {
    world: Arc<World>,
    disk: Rc<Disk>,
    data: PathBuf,
    circumstances: Circumstances,
    oracle: Rc<RefCell<Oracle>>,
    ledger_fails: bool,
}

/// Runs a seed in an empty folder; `template` holds databases as they are after the first start.
pub(super) fn simulate(draw: &Draw, folder: &Path, template: &Path) -> Outcome {
    let data = folder.to_owned();
    for room in ["spool", "archive", "refused", "scratch", "uploads", "locks"] {
        std::fs::create_dir_all(data.join(room)).unwrap();
    }
    for name in ["service-suite.db", "live.db"] {
        std::fs::copy(template.join(name), data.join(name)).unwrap();
    }
    let world = World::new(draw.seed, data.join("service-suite.db"), draw.tell);
    let mut run = Run::new(&world, data);
    let disk = Rc::clone(&run.disk);
    trial::set(Some(Rc::new(move |call: &trial::Call<'_>| disk.before(call))));
    put_place(ADDRESS, Arc::new(VirtualFolder(Arc::clone(&world))));
    let ended = run.run();
    trial::set(None);
    program::set(None);
    let broken = world.with(|world| world.broken.clone()).or(ended.err());
    Outcome { happened: world.with(|world| world.happened.clone()), broken, history: world.history() }
}

impl Run {
    fn new(world: &Arc<World>, data: PathBuf) -> Run {
        let circumstances = world.with(Circumstances::draw);
        let folders = ["spool", "archive", "refused"].iter().map(|name| data.join(name)).collect();
        let disk = Disk {
            world: Arc::clone(world),
            folders,
            archive_elsewhere: circumstances.archive_elsewhere,
            durable: Mutex::new(Durable::default()),
        };
        let oracle = Oracle::new(Arc::clone(world), data.clone(), &circumstances);
        let oracle = Rc::new(RefCell::new(oracle));
        let (world, disk) = (Arc::clone(world), Rc::new(disk));
        let run = Run { world, disk, data, circumstances, oracle, ledger_fails: false };
        let settings = run.circumstances.settings();
        run.app().db.write(|c| settings::save(c, &settings, "test", START)).unwrap();
        run
    }

    fn app(&self) -> App {
        App { clock: Arc::new(VirtualClock { world: Arc::clone(&self.world) }), ..App::on(&self.data) }
    }

    fn run(&mut self) -> Result<(), String> {
        let mut program: Option<Rc<Program>> = None;
        loop {
            if self.world.with(|world| world.crashed) {
                program::set(None);
                program = None;
                self.go_down();
            }
            let step = catch_unwind(AssertUnwindSafe(|| match &program {
                None => self.start(),
                Some(program) => {
                    self.step(program);
                    Some(Rc::clone(program))
                }
            }));
            let ended = step.is_err();
            program = step.ok().flatten();
            if self.world.with(|world| world.crashed) {
                continue;
            }
            if ended {
                return Err("the program faulted; run the seed alone to see where".to_owned());
            }
            let Some(running) = &program else { continue };
            if let Some(broken) = self.world.with(|world| world.broken.clone()) {
                return Err(broken);
            }
            let (now, calm) = self.world.with(|world| (world.now, world.calm));
            let oracle = self.oracle.borrow();
            if now > calm && oracle.finished(&running.app)? {
                return oracle.end(&running.app);
            }
            if now > calm + oracle.patience() {
                return Err(format!("still not done after {:?}: {}", now - calm, oracle.left(&running.app)));
            }
        }
    }

    /// The program is down for a while; the power may go, too.
    fn go_down(&mut self) {
        let database = self.data.join("service-suite.db");
        let with = |path: &Path, suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(with(&database, suffix));
        }
        for suffix in ["", "-wal"] {
            let kept = with(&kept(&database), suffix);
            if kept.exists() {
                rustix::fs::rename(&kept, with(&database, suffix)).unwrap();
            }
        }
        if self.circumstances.power_cuts && self.world.with(|world| world.rng.bool()) {
            self.disk.power_cut();
        }
        let mounts_anew = self.circumstances.mounts_anew;
        self.world.with(|world| {
            if mounts_anew && world.rng.u8(0..4) == 0 {
                // Not only the program is started anew, but its machine.
                world.mount_anew();
            }
            let down = [1, 100, 5_000, 600_000][world.rng.usize(0..4)];
            let until = world.now + Duration::from_millis(world.rng.u64(0..down) + 1);
            world.advance(until);
            (world.crashed, world.claiming) = (false, false);
            world.tell(|| "the program starts".to_owned());
        });
    }

    /// Starts the program; `None` when it cannot be started now.
    fn start(&mut self) -> Option<Rc<Program>> {
        let app = Arc::new(self.app());
        let recovered = crate::import::recover(&app).and_then(|()| crate::import::look_through(&app));
        if let Err(error) = recovered {
            self.world.with(|world| {
                world.tell(|| format!("the program cannot start: {error}"));
                let until = world.now + Duration::from_secs(5);
                world.advance(until);
            });
            self.ledger(&app);
            return None;
        }
        let program = Program::start(app, &self.world, self.circumstances.sluggish, &self.oracle);
        program::set(Some(Rc::clone(&program)));
        look_at_ledger();
        Some(program)
    }

    /// What is due next, whatever it is.
    fn step(&mut self, program: &Program) {
        self.ledger(&program.app);
        self.person(program);
        if self.circumstances.manners.left {
            look_at_ledger();
        }
        let (look, work, copy) =
            (program.lookout_due.get(), program.worker_due.get(), program.copier_due.get());
        // While there is nothing to see, nothing is lost by looking when something happens.
        let person = self.circumstances.people.first().map(|(at, _)| *at);
        let nothing = self.oracle.borrow().waiting().is_empty();
        let next = self.world.with(|world| {
            let happens = world.agenda.keys().next().map(|(at, _)| *at);
            let happens = happens.into_iter().chain(person).min();
            let skip = happens.filter(|_| nothing && world.rng.u8(0..8) > 0);
            // Now and then somebody hints that there is something to see.
            let hint = world.rng.u8(0..40) == 0;
            let due = look.min(work).min(copy).max(skip.unwrap_or_default());
            let next = if hint { world.now } else { due };
            world.advance(next);
            world.now
        });
        if self.world.with(|world| world.rng.bool()) {
            if work <= next {
                program.work();
            }
            program.look();
        } else {
            if look <= next {
                program.look();
            }
            if program.worker_due.get() <= next {
                program.work();
            }
        }
        if program.copier_due.get() <= next {
            program.copy();
        }
    }

    /// Lets writes to the ledger fail, or no longer.
    fn ledger(&mut self, app: &App) {
        let fails = self.world.with(|world| {
            let now = world.now;
            world.windows.iter().any(|w| w.fault == Fault::Database && (w.from..w.until).contains(&now))
        });
        if fails == self.ledger_fails {
            return;
        }
        let changes = ["UPDATE ON imports", "INSERT ON imports", "INSERT ON history"];
        let change = changes[self.world.with(|world| world.rng.usize(0..changes.len()))];
        let done = app.db.write(|c| match fails {
            true => c.batch(&format!(
                "CREATE TRIGGER failing BEFORE {change} BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
            )),
            false => c.batch("DROP TRIGGER IF EXISTS failing"),
        });
        done.unwrap();
        self.ledger_fails = fails;
        if fails {
            self.world.with(|world| {
                *world.happened.faults.entry("Database".to_owned()).or_default() += 1;
                world.tell(|| format!("fault: no {change}"));
            });
        }
    }

    fn person(&mut self, program: &Program) {
        let now = self.world.with(|world| world.now);
        while let Some((_, does)) = self.circumstances.people.first().copied().filter(|(at, _)| *at <= now) {
            self.circumstances.people.remove(0);
            self.world.tell(|| format!("a person: {does:?}"));
            if !does.sets() {
                program.person(does);
                continue;
            }
            let changed = program.app.db.write(|c| {
                let mut settings = settings::load(c)?;
                does.change(&mut settings);
                settings::save(c, &settings, "a person", START).map(|_| ())
            });
            changed.unwrap();
        }
        // In the end everything is decided.
        let late = self.world.with(|world| world.now > world.calm && world.people.bool());
        if late && !self.oracle.borrow().held().is_empty() {
            let way = if self.world.with(|world| world.people.bool()) { Way::Page } else { Way::Command };
            program.person(Person::Decide(way));
        }
    }
}
