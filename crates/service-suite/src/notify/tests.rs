use std::cell::RefCell;
use std::sync::Mutex;

use register::imports::{self, NewImport, Step};
use register::{CUSTOMERS, REGISTERS};

use super::mail::testing::{Manner, Server};
use super::*;
use crate::automation::status::State;
use crate::clock::{Clock, SystemClock};

/// The state of an automation, as the board shows it.
pub(super) fn status(state: State) -> Status {
    Status {
        name: CUSTOMERS.automation.into(),
        title: CUSTOMERS.automation_title.into(),
        register: CUSTOMERS.name.into(),
        waits_for: "customers.txt".into(),
        folder: "/srv/exchange".into(),
        state,
        last: None,
        waiting: 0,
        hint: None,
    }
}

/// Time goes on only when it is told to.
struct HandWound(Mutex<Duration>);

impl Clock for HandWound {
    fn now(&self) -> Timestamp {
        let since = SignedDuration::try_from(self.monotonic()).unwrap();
        "2026-11-22T12:00:00Z".parse::<Timestamp>().unwrap() + since
    }

    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn pause(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }

    fn random(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        SystemClock::new().random(bytes)
    }
}

struct World {
    _folder: tempfile::TempDir,
    app: App,
    mails: RefCell<Vec<Mail>>,
    /// Why nothing can be sent now.
    fails: RefCell<Option<String>>,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandWound(Mutex::default()));
        let app = App { clock, ..App::on(&folder.path().join("data")) };
        World { _folder: folder, app, mails: RefCell::default(), fails: RefCell::default() }
    }

    fn tell(&self, to: &[&str]) {
        let notifications = Notifications {
            to: to.iter().map(|to| (*to).to_owned()).collect(),
            from: "suite@firm.example".into(),
            server: "mail.firm.example".into(),
            ..Notifications::default()
        };
        let stored = self.app.db.read(settings::load).unwrap();
        let settings = settings::Settings { notifications, ..stored };
        self.app.db.write(|c| settings::save(c, &settings, "Anna", self.app.clock.now())).unwrap();
    }

    /// An import of a file ends as refused.
    fn refuse(&self, automation: Option<&str>) -> i64 {
        let at = self.app.clock.now();
        let new = NewImport {
            automation: automation.map(str::to_owned),
            register: "customers".into(),
            file: "customers\n.txt".into(),
            started_by: "the automation".into(),
            again_of: None,
            changes_only: false,
            step: Step::Spooled,
            format: "ERP customers".into(),
            format_version: 1,
            format_mark: String::new(),
            identity: None,
            size: None,
            modified_at: None,
            started_at: at,
        };
        self.app
            .db
            .write(|c| {
                let id = imports::begin(c, &new)?;
                c.execute(
                    "UPDATE imports SET state = 'refused', reason = 'the last line is cut' WHERE id = ?1",
                    &[id.into()],
                )?;
                DbResult::Ok(id)
            })
            .unwrap()
    }

    fn round(&self, post: &mut Post<'_>, state: State) {
        let statuses: Vec<Status> = REGISTERS.iter().take(1).map(|_| status(state.clone())).collect();
        post.round(&statuses, &|_, mail| match &*self.fails.borrow() {
            Some(why) => Err(why.clone()),
            None => {
                self.mails.borrow_mut().push(mail.clone());
                Ok(())
            }
        });
    }

    fn pass(&self, minutes: u64) {
        self.app.clock.pause(Duration::from_secs(minutes * 60));
    }

    fn subjects(&self) -> Vec<String> {
        self.mails.borrow_mut().drain(..).map(|mail| mail.subject).collect()
    }

    fn outcomes(&self) -> Vec<Option<Outcome>> {
        let page = self.app.db.read(|c| notifications::list(c, 100, None)).unwrap();
        page.items.into_iter().rev().map(|one| one.outcome).collect()
    }
}

const FROM_ERP: Option<&str> = Some("customers-from-erp");

#[test]
fn each_thing_is_told_once_and_what_comes_together_in_one_message() {
    let world = World::new();
    let mut post = Post::new(&world.app);
    let before = world.refuse(FROM_ERP);
    world.round(&mut post, State::Waiting);
    assert_eq!(world.outcomes(), [Some(Outcome::Nobody)], "nobody is to be told yet");
    world.tell(&["anna@firm.example"]);
    world.refuse(None);
    world.round(&mut post, State::Waiting);
    assert!(world.subjects().is_empty(), "who imports by hand is told at once");
    let id = world.refuse(FROM_ERP);
    assert!(id > before);
    world.round(&mut post, State::Waiting);
    let mail = world.mails.borrow_mut().pop().unwrap();
    assert_eq!(
        mail.subject,
        format!(
            "Service Suite: Import {id} of customers\u{FFFD}.txt was refused; nothing of it was imported."
        )
    );
    assert!(mail.text.contains("The last line is cut.") && mail.text.contains(&format!("/imports/{id}\n")));
    for _ in 0..1000 {
        world.refuse(FROM_ERP);
        world.round(&mut post, State::Waiting);
    }
    assert!(world.subjects().is_empty(), "a message was just sent");
    world.pass(5);
    world.round(&mut post, State::Waiting);
    let mail = world.mails.borrow_mut().pop().unwrap();
    assert!(mail.subject.ends_with("nothing of it was imported. And 999 more"), "{}", mail.subject);
    assert!(mail.text.contains("And 980 more: ") && mail.text.len() < 10_000, "{}", mail.text.len());
    // A restart tells nothing again.
    world.pass(60);
    world.round(&mut Post::new(&world.app), State::Waiting);
    assert!(world.subjects().is_empty());
}

#[test]
fn what_cannot_be_sent_is_tried_less_and_less_often_and_given_up_when_it_is_no_news() {
    let world = World::new();
    world.tell(&["anna@firm.example"]);
    let mut post = Post::new(&world.app);
    *world.fails.borrow_mut() = Some("the mail server does not answer".into());
    world.refuse(FROM_ERP);
    let tries = RefCell::new(0);
    let try_for = |post: &mut Post<'_>, minutes: u64| {
        *tries.borrow_mut() = 0;
        for _ in 0..minutes {
            post.round(&[status(State::Waiting)], &|_, _| {
                *tries.borrow_mut() += 1;
                Err("the mail server does not answer".into())
            });
            world.pass(1);
        }
        *tries.borrow()
    };
    assert_eq!(try_for(&mut post, 60), 6, "after 0, 1, 3, 7, 15 and 31 minutes");
    assert_eq!(try_for(&mut post, 24 * 60), 24, "every hour then");
    let open = world.app.db.read(|c| notifications::to_tell(c, 10)).unwrap();
    assert_eq!(open[0].error.as_deref(), Some("the mail server does not answer"));
    // It works again: the message goes out, once.
    *world.fails.borrow_mut() = None;
    world.pass(60);
    world.round(&mut post, State::Waiting);
    world.round(&mut post, State::Waiting);
    assert_eq!(world.subjects().len(), 1);
    assert_eq!(world.outcomes(), [Some(Outcome::Sent)]);
    world.refuse(FROM_ERP);
    world.pass(5);
    try_for(&mut post, 73 * 60);
    assert_eq!(world.outcomes(), [Some(Outcome::Sent), Some(Outcome::Late)]);
}

#[test]
fn an_automation_that_fails_for_long_is_told_and_that_it_is_well_again() {
    let world = World::new();
    world.tell(&["anna@firm.example"]);
    let failing =
        || State::failing("the folder /srv/exchange is gone".into(), Duration::ZERO, Timestamp::UNIX_EPOCH);
    let mut post = Post::new(&world.app);
    for _ in 0..30 {
        world.round(&mut post, failing());
        world.pass(1);
    }
    assert_eq!(
        world.subjects(),
        ["Service Suite: Customers from ERP-system has not been able to work for 10 minutes."]
    );
    let mut restarted = Post::new(&world.app);
    for state in std::iter::repeat_n(failing(), 30).chain(std::iter::repeat_n(State::Waiting, 30)) {
        world.round(&mut restarted, state);
        world.pass(1);
    }
    assert_eq!(world.subjects(), ["Service Suite: Customers from ERP-system works again."]);
}

#[test]
fn a_message_goes_through_a_mail_server_and_is_not_sent_twice_when_that_cannot_be_noted() {
    let world = World::new();
    let server = Server::start(Manner::Takes);
    let stored = world.app.db.read(settings::load).unwrap();
    let settings = settings::Settings { notifications: server.settings(), ..stored };
    world.app.db.write(|c| settings::save(c, &settings, "Anna", world.app.clock.now())).unwrap();
    world.refuse(FROM_ERP);
    let mut post = Post::new(&world.app);
    let at = world.app.clock.now();
    let send = |settings: &Notifications, mail: &Mail| mail::send(settings, mail, at);
    // The disk is full just when it was sent.
    let full =
        "CREATE TRIGGER full BEFORE UPDATE ON notifications BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    world.app.db.write(|c| c.batch(full)).unwrap();
    for _ in 0..3 {
        post.round(&[status(State::Waiting)], &send);
        world.pass(10);
    }
    assert_eq!(server.messages.lock().unwrap().len(), 1);
    assert_eq!(world.outcomes(), [None]);
    world.app.db.write(|c| c.batch("DROP TRIGGER full")).unwrap();
    post.round(&[status(State::Waiting)], &send);
    assert_eq!(world.outcomes(), [Some(Outcome::Sent)]);
    assert_eq!(server.messages.lock().unwrap().len(), 1);
}
