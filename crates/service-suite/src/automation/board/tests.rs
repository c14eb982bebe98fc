//! What the board says of a folder that does not answer, by a clock that only moves when it is told to.

use jiff::Timestamp;
use register::{CUSTOMERS, PRODUCTS};

use super::*;
use crate::clock::{Clock, SystemClock};

struct HandWound(Mutex<Duration>, SystemClock);

impl Clock for HandWound {
    fn now(&self) -> Timestamp {
        self.1.now()
    }

    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn pause(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }

    fn random(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        self.1.random(bytes)
    }
}

fn board() -> (tempfile::TempDir, Arc<App>, Board) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(HandWound(Mutex::default(), SystemClock::new()));
    let app = Arc::new(App { clock, ..App::on(&folder.path().join("data")) });
    let board = Board::new(Arc::clone(&app));
    for register in [&CUSTOMERS, &PRODUCTS] {
        board.seen(register, "a.txt", "/mnt/exchange", State::Waiting);
    }
    (folder, app, board)
}

fn words(board: &Board) -> Vec<&'static str> {
    board.show_silence();
    board.statuses().iter().map(|status| status.state.word()).collect()
}

#[test]
fn a_folder_that_does_not_answer_is_told_and_forgiven() {
    let (_folder, app, board) = board();
    for who in [Asker::Lookout, Asker::Worker, Asker::Copier] {
        board.asks(&PRODUCTS, who, true);
        app.clock.pause(SILENT / 2);
        assert_eq!(words(&board), ["waiting", "waiting"], "a slow share is no silent one");
        assert_eq!(board.unanswered(&PRODUCTS, who), None);
        app.clock.pause(SILENT / 2);
        assert_eq!(words(&board), ["waiting", "warning"], "the other automation goes on");
        assert_eq!(board.unanswered(&PRODUCTS, who).as_deref(), Some("/mnt/exchange"));
        let told = app.live.read(register::live::automation_states).unwrap();
        assert!(format!("{told:?}").contains("/mnt/exchange does not answer"), "{told:?}");
        board.asks(&PRODUCTS, who, false);
        assert_eq!(words(&board), ["waiting", "waiting"]);
        assert_eq!(board.unanswered(&PRODUCTS, who), None);
    }
}

#[test]
fn an_answer_begins_the_waiting_anew() {
    let (_folder, app, board) = board();
    for _ in 0..5 {
        board.asks(&CUSTOMERS, Asker::Lookout, true);
        app.clock.pause(SILENT * 2 / 3);
        assert_eq!(words(&board), ["waiting", "waiting"]);
    }
}

#[test]
fn a_look_out_that_is_long_at_a_claim_keeps_back_its_own_workers_alone() {
    let (_folder, _app, board) = board();
    let claiming = board.claiming(&CUSTOMERS);
    assert!(claiming.is_some());
    assert!(board.is_claiming(&CUSTOMERS) && !board.is_claiming(&PRODUCTS));
    drop(claiming);
    assert!(!board.is_claiming(&CUSTOMERS));
}

#[test]
fn copying_is_shown_unless_something_is_imported_or_cannot_be() {
    let (_folder, app, board) = board();
    let importing = |phase: &str| State::Importing { import: 7, phase: phase.to_owned(), percent: 5 };
    let held = State::Warning { message: "Import 7 is held".to_owned() };
    let failing = State::failing("no room".to_owned(), SILENT, app.clock.now());
    for (work, copying, shown) in [
        (Some(importing("Reading")), Some(importing("Copying")), importing("Reading")),
        (Some(importing("Reading")), Some(failing.clone()), importing("Reading")),
        (Some(held.clone()), Some(failing.clone()), failing.clone().and(&held)),
        (Some(held.clone()), None, held),
        (None, Some(importing("Copying")), importing("Copying")),
        (None, None, State::Waiting),
    ] {
        board.work(&CUSTOMERS, work);
        board.copying(&CUSTOMERS, copying);
        assert_eq!(board.statuses()[0].state, shown);
    }
}

#[test]
fn an_archive_that_is_full_does_not_hide_an_exchange_folder_that_is_gone() {
    let (_folder, app, board) = board();
    let failing = |message: &str| State::failing(message.to_owned(), SILENT, app.clock.now());
    board.work(&CUSTOMERS, Some(failing("The archive is full")));
    board.seen(&CUSTOMERS, "customers.txt", "/srv/exchange", failing("the exchange folder is gone"));
    let told = board.statuses()[0].detail().unwrap();
    assert_eq!(told, "The archive is full. Also: the exchange folder is gone");
}
