//! The program between its start and its end: its look-out, its copier and its importer, a step at a time, any of them in
//! the middle of another, and people in the middle of all.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use register::CUSTOMERS;

use super::oracle::Oracle;
use super::people::{Desk, Person, Way};
use super::world::World;
use crate::app::App;
use crate::automation::Wake;
use crate::automation::board::Board;
use crate::automation::lookout::{Lookout, Pause};
use crate::automation::worker::{Round, Worker};

thread_local! {
    static PROGRAM: RefCell<Option<Rc<Program>>> = const { RefCell::new(None) };
}

/// The program between its start and its end.
pub(super) struct Program {
    pub(super) app: Arc<App>,
    world: Arc<World>,
    lookout: RefCell<Lookout>,
    worker: RefCell<Worker>,
    copier: RefCell<Worker>,
    /// What the look-out sends to the importer and the copier.
    woken: Receiver<Wake>,
    /// What the importer sends to the copier.
    worked: Receiver<Wake>,
    pub(super) lookout_due: Cell<Duration>,
    pub(super) worker_due: Cell<Duration>,
    pub(super) copier_due: Cell<Duration>,
    /// Whether one of them runs in the middle of another.
    nested: Cell<bool>,
    /// Whether a command is at work, which keeps the register to itself.
    commands: Cell<bool>,
    /// How much later than due the machine gets to it.
    sluggish: Duration,
    oracle: Rc<RefCell<Oracle>>,
}

impl Program {
    pub(super) fn start(
        app: Arc<App>,
        world: &Arc<World>,
        sluggish: Duration,
        oracle: &Rc<RefCell<Oracle>>,
    ) -> Rc<Program> {
        let board = Arc::new(Board::new(Arc::clone(&app)));
        let (to_workers, woken) = channel();
        let (to_copier, worked) = channel();
        let (own, lookout_wake) = channel();
        let (_, worker_wake) = channel();
        let (_, copier_wake) = channel();
        let workers = [to_workers.clone(), to_workers];
        let lookout = Lookout::new(&app, &CUSTOMERS, &board, lookout_wake, own, workers);
        let worker = Worker::importer(&app, &CUSTOMERS, &board, worker_wake, to_copier);
        let copier = Worker::copier(&app, &CUSTOMERS, &board, copier_wake);
        let now = world.with(|world| world.now);
        Rc::new(Program {
            app,
            world: Arc::clone(world),
            lookout: RefCell::new(lookout),
            worker: RefCell::new(worker),
            copier: RefCell::new(copier),
            woken,
            worked,
            lookout_due: Cell::new(now),
            worker_due: Cell::new(now),
            copier_due: Cell::new(now),
            nested: Cell::new(false),
            commands: Cell::new(false),
            sluggish,
            oracle: Rc::clone(oracle),
        })
    }

    fn later(&self, pause: Duration) -> Duration {
        let most = u64::try_from(self.sluggish.as_micros()).unwrap();
        self.world.with(|world| world.now + pause + Duration::from_micros(world.rng.u64(0..=most)))
    }

    /// One step of the look-out, unless it is in the middle of one.
    pub(super) fn look(&self) {
        let Ok(mut lookout) = self.lookout.try_borrow_mut() else { return };
        let (Pause::Look(pause) | Pause::Retry(pause)) = lookout.step();
        self.lookout_due.set(self.later(pause));
        if self.woken.try_iter().count() > 0 {
            if let Ok(mut worker) = self.worker.try_borrow_mut() {
                worker.woken();
            }
            self.worker_due.set(self.later(Duration::ZERO));
            self.wake_copier();
            look_at_ledger();
        }
    }

    fn wake_copier(&self) {
        if let Ok(mut copier) = self.copier.try_borrow_mut() {
            copier.woken();
        }
        self.copier_due.set(self.later(Duration::ZERO));
    }

    /// One step of the copier, unless it is in the middle of one.
    pub(super) fn copy(&self) {
        let Ok(mut copier) = self.copier.try_borrow_mut() else { return };
        let pause = self.carry_on(&mut copier);
        self.copier_due.set(self.later(pause));
    }

    /// One step of the importer, unless it is in the middle of one. It waits for a copy that is being made.
    pub(super) fn work(&self) {
        let Ok(mut worker) = self.worker.try_borrow_mut() else { return };
        if self.copier.try_borrow_mut().is_err() {
            return;
        }
        let pause = self.carry_on(&mut worker);
        self.worker_due.set(self.later(pause));
        if self.worked.try_iter().count() > 0 {
            self.wake_copier();
        }
    }

    fn carry_on(&self, worker: &mut Worker) -> Duration {
        match worker.step() {
            Round::Worked => {
                look_at_ledger();
                Duration::from_micros(1)
            }
            Round::Idle | Round::Stop => worker.pause(),
        }
    }

    /// Somebody does something, by the pages in the middle of whatever the program does.
    pub(super) fn person(&self, does: Person) {
        let Ok(oracle) = self.oracle.try_borrow_mut() else { return };
        drop(oracle);
        let desk = Desk { app: &self.app, world: &self.world, oracle: &self.oracle };
        self.commands.set(true);
        let acted = desk.act(does);
        self.commands.set(false);
        if let Err(broken) = acted {
            self.world.with(|world| world.broken(broken));
        }
        // The pages wake the worker, which finds out about commands by itself.
        if let Ok(mut worker) = self.worker.try_borrow_mut() {
            worker.woken();
            self.worker_due.set(self.later(Duration::ZERO).min(self.worker_due.get()));
        }
    }

    /// Whether somebody comes to a page just now; most come while something is held.
    fn visited(&self) -> Option<Person> {
        let held = self.oracle.try_borrow().is_ok_and(|oracle| !oracle.held().is_empty());
        self.world.with(|world| {
            let now = world.now < world.calm && !world.crashed && world.people.u32(0..world.seldom) == 0;
            let does = if now && held { Some(Person::Decide(Way::Page)) } else { None };
            does.filter(|_| !self.commands.get())
        })
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

/// Makes this the program that runs, or none.
pub(super) fn set(program: Option<Rc<Program>>) {
    let before = PROGRAM.with(|current| current.replace(program));
    drop(before);
}

fn program() -> Option<Rc<Program>> {
    PROGRAM.with(|program| program.borrow().clone())
}

/// In the middle of a call into the folder the other thread may get its turn.
pub(super) fn others() {
    let Some(program) = program() else { return };
    if let Some(does) = program.visited() {
        program.person(does);
    }
    let turn = program.world.with(|world| world.rng.u8(0..16) == 0 && !world.crashed);
    if turn && !program.nested.get() {
        let claiming = program.world.with(|world| world.claiming);
        program.nest(|program| {
            program.look();
            program.copy();
            if !claiming && !program.commands.get() {
                program.work();
            }
        });
    }
}

/// Looks whether the ledger is as it must be.
pub(super) fn look_at_ledger() {
    let Some(program) = program() else { return };
    let Ok(mut oracle) = program.oracle.try_borrow_mut() else { return };
    if let Err(broken) = oracle.check(&program.app) {
        program.world.with(|world| world.broken(broken));
    }
}

/// The program waits: its other threads go on.
pub(super) fn pause(world: &World, time: Duration) {
    let until = world.with(|world| world.now) + time;
    loop {
        let now = world.with(|world| world.now);
        if now >= until || world.with(|world| world.crashed) {
            return;
        }
        let program = program().filter(|program| !program.nested.get());
        let due = |program: &Rc<Program>| program.lookout_due.get().min(program.copier_due.get());
        let next = program.as_ref().map_or(until, |program| due(program).clamp(now, until));
        world.with(|world| world.advance(next));
        if let Some(program) = program.filter(|program| due(program) <= next) {
            program.nest(|program| {
                if program.lookout_due.get() <= next {
                    program.look();
                }
                if program.copier_due.get() <= next {
                    program.copy();
                }
            });
            // One that is in the middle of a step itself gets no further.
            for due in [&program.lookout_due, &program.copier_due] {
                due.set(due.get().max(next + Duration::from_millis(1)));
            }
        }
    }
}

/// What the importer reads from its disk takes this long: the other threads go on. Before it has copied its own file it
/// reads nothing there, and nobody else may copy.
pub(super) fn linger(world: &World, time: Duration) {
    let imports = |program: &Program| {
        let nested = program.nested.get();
        let copies = !matches!(program.app.folder.try_lock_copies(CUSTOMERS.name), Ok(Some(_)));
        !nested
            && !copies
            && program.worker.try_borrow_mut().is_err()
            && program.copier.try_borrow_mut().is_ok()
    };
    if program().is_some_and(|program| imports(&program)) {
        pause(world, time);
    }
}
