//! One run: the program's own look-out and worker, a step at a time in an order drawn from the seed, ended at any call
//! and started again, until everything that can fail is over and nothing is left to do.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use register::CUSTOMERS;
use register::settings;

use super::circumstances::Circumstances;
use super::disk::{Disk, Durable};
use super::folder::{ADDRESS, VirtualFolder};
use super::oracle::Oracle;
use super::world::{Fault, Happened, START, VirtualClock, World, kept};
use crate::app::App;
use crate::automation::Wake;
use crate::automation::board::Board;
use crate::automation::lookout::{Lookout, Pause};
use crate::automation::worker::{Round, Worker};
use crate::exchange::disk::trial;
use crate::exchange::testing::put_place;

/// What came of a seed.
pub(super) struct Outcome {
    pub(super) happened: Happened,
    pub(super) broken: Option<String>,
    pub(super) history: Vec<String>,
}

thread_local! {
    static PROGRAM: RefCell<Option<Rc<Program>>> = const { RefCell::new(None) };
}

/// The program between its start and its end.
struct Program {
    app: Arc<App>,
    world: Arc<World>,
    lookout: RefCell<Lookout>,
    worker: RefCell<Worker>,
    /// What the look-out sends to the worker.
    woken: Receiver<Wake>,
    lookout_due: Cell<Duration>,
    worker_due: Cell<Duration>,
    /// Whether one of the two runs in the middle of the other.
    nested: Cell<bool>,
    /// Whether an import may have ended since somebody asked.
    worked: Cell<bool>,
    /// How much later than due the machine gets to it.
    sluggish: Duration,
}

impl Program {
    fn start(app: Arc<App>, world: &Arc<World>, sluggish: Duration) -> Rc<Program> {
        let board = Arc::new(Board::new(Arc::clone(&app)));
        let (to_worker, woken) = channel();
        let (own, lookout_wake) = channel();
        let (_, worker_wake) = channel();
        let lookout = Lookout::new(&app, &CUSTOMERS, &board, lookout_wake, own, to_worker);
        let worker = Worker::new(&app, &CUSTOMERS, &board, worker_wake);
        let now = world.with(|world| world.now);
        Rc::new(Program {
            app,
            world: Arc::clone(world),
            lookout: RefCell::new(lookout),
            worker: RefCell::new(worker),
            woken,
            lookout_due: Cell::new(now),
            worker_due: Cell::new(now),
            nested: Cell::new(false),
            worked: Cell::new(true),
            sluggish,
        })
    }

    fn later(&self, pause: Duration) -> Duration {
        let most = u64::try_from(self.sluggish.as_micros()).unwrap();
        self.world.with(|world| world.now + pause + Duration::from_micros(world.rng.u64(0..=most)))
    }

    /// One step of the look-out, unless it is in the middle of one.
    fn look(&self) {
        let Ok(mut lookout) = self.lookout.try_borrow_mut() else { return };
        let (Pause::Look(pause) | Pause::Retry(pause)) = lookout.step();
        self.lookout_due.set(self.later(pause));
        if self.woken.try_iter().count() > 0 {
            if let Ok(mut worker) = self.worker.try_borrow_mut() {
                worker.woken();
            }
            self.worker_due.set(self.later(Duration::ZERO));
        }
    }

    /// One step of the worker, unless it is in the middle of one.
    fn work(&self) {
        let Ok(mut worker) = self.worker.try_borrow_mut() else { return };
        let pause = match worker.step() {
            Round::Worked => {
                self.worked.set(true);
                Duration::from_micros(1)
            }
            Round::Idle | Round::Stop => worker.pause(),
        };
        self.worker_due.set(self.later(pause));
    }

    /// Runs the other thread in the middle of this one.
    fn nest(&self, step: impl FnOnce(&Program)) {
        if self.nested.replace(true) {
            return;
        }
        step(self);
        self.nested.set(false);
    }
}

fn program() -> Option<Rc<Program>> {
    PROGRAM.with(|program| program.borrow().clone())
}

/// In the middle of a call into the folder the other thread may get its turn.
pub(super) fn others() {
    let Some(program) = program() else { return };
    let turn = program.world.with(|world| world.rng.u8(0..16) == 0 && !world.crashed);
    if turn && !program.nested.get() {
        let claiming = program.world.with(|world| world.claiming);
        program.nest(|program| {
            program.look();
            if !claiming {
                program.work();
            }
        });
    }
}

/// The program waits: the other thread goes on.
pub(super) fn pause(world: &World, time: Duration) {
    let until = world.with(|world| world.now) + time;
    loop {
        let now = world.with(|world| world.now);
        if now >= until || world.with(|world| world.crashed) {
            return;
        }
        let program = program().filter(|program| !program.nested.get());
        let next = program.as_ref().map_or(until, |program| program.lookout_due.get().clamp(now, until));
        world.with(|world| world.advance(next));
        if let Some(program) = program.filter(|program| program.lookout_due.get() <= next) {
            program.nest(Program::look);
            // Should it be in the middle of a look itself, it gets no further.
            program.lookout_due.set(program.lookout_due.get().max(next + Duration::from_millis(1)));
        }
    }
}

/// Everything that is drawn for one run.
struct Run {
    world: Arc<World>,
    disk: Rc<Disk>,
    data: PathBuf,
    circumstances: Circumstances,
    oracle: Oracle,
    ledger_fails: bool,
}

/// Runs a seed in an empty folder; `template` holds databases as they are after the first start.
pub(super) fn simulate(seed: u64, folder: &Path, template: &Path, tell: bool) -> Outcome {
    let data = folder.to_owned();
    for room in ["spool", "archive", "refused", "scratch", "uploads", "locks"] {
        std::fs::create_dir_all(data.join(room)).unwrap();
    }
    for name in ["service-suite.db", "live.db"] {
        std::fs::copy(template.join(name), data.join(name)).unwrap();
    }
    let world = World::new(seed, data.join("service-suite.db"), tell);
    let mut run = Run::new(&world, data);
    let disk = Rc::clone(&run.disk);
    trial::set(Some(Rc::new(move |call: &trial::Call<'_>| disk.before(call))));
    put_place(ADDRESS, Arc::new(VirtualFolder(Arc::clone(&world))));
    let ended = run.run();
    trial::set(None);
    PROGRAM.with(|program| program.borrow_mut().take());
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
        let oracle = Oracle::new(Arc::clone(world), data.clone(), &circumstances.manners);
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
                drop(PROGRAM.with(|program| program.borrow_mut().take()));
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
            if running.worked.replace(false) {
                self.oracle.check(&running.app)?;
            }
            if let Some(broken) = self.world.with(|world| world.broken.clone()) {
                return Err(broken);
            }
            let (now, calm) = self.world.with(|world| (world.now, world.calm));
            if now > calm && self.oracle.finished(&running.app)? {
                return self.oracle.end(&running.app);
            }
            if now > calm + self.oracle.patience() {
                return Err(format!(
                    "still not done after {:?}: {}",
                    now - calm,
                    self.oracle.left(&running.app)
                ));
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
        if let Err(error) = crate::import::recover(&app) {
            self.world.with(|world| {
                world.tell(|| format!("the program cannot start: {error}"));
                let until = world.now + Duration::from_secs(5);
                world.advance(until);
            });
            self.ledger(&app);
            return None;
        }
        let program = Program::start(app, &self.world, self.circumstances.sluggish);
        PROGRAM.with(|current| *current.borrow_mut() = Some(Rc::clone(&program)));
        Some(program)
    }

    /// What is due next, whatever it is.
    fn step(&mut self, program: &Program) {
        self.ledger(&program.app);
        self.person(program);
        let (look, work) = (program.lookout_due.get(), program.worker_due.get());
        // While there is nothing to see, nothing is lost by looking when something happens.
        let person = self.circumstances.people.first().map(|(at, _)| *at);
        let nothing = self.oracle.waiting().is_empty();
        let next = self.world.with(|world| {
            let happens = world.agenda.keys().next().map(|(at, _)| *at);
            let happens = happens.into_iter().chain(person).min();
            let skip = happens.filter(|_| nothing && world.rng.u8(0..8) > 0);
            // Now and then somebody hints that there is something to see.
            let hint = world.rng.u8(0..40) == 0;
            let due = look.min(work).max(skip.unwrap_or_default());
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
            self.world.tell(|| format!("a person: {does:?}"));
            let changed = program.app.db.write(|c| {
                let mut settings = settings::load(c)?;
                does.change(&mut settings);
                settings::save(c, &settings, "a person", START).map(|_| ())
            });
            changed.unwrap();
            self.circumstances.people.remove(0);
        }
    }
}
