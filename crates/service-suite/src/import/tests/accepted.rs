//! A folder that does not come back is waited for until an administrator says otherwise.

use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;

use register::imports::{State, Step};

use super::Exchange;
use super::share::{MONDAY, carry_on_to, taken, waiting};
use crate::import::{Silent, accept_folder, carry_on, put_away};

/// Saves the settings with the folder as it is.
fn accept(exchange: &Exchange) {
    let app = &exchange.office.app;
    accept_folder(&app.db, app.folder.path(), Path::new(&exchange.address)).unwrap();
}

/// Names another exchange folder.
fn elsewhere(exchange: &Exchange) {
    let other = exchange.office.path("other");
    fs::create_dir(&other).unwrap();
    exchange.office.settings(&format!("exchange-folder = \"{}\"", other.display()));
}

#[test]
fn a_share_that_does_not_come_back_is_waited_for_until_an_administrator_says_otherwise() {
    type Say = fn(&Exchange);
    for (say, waits_for_the_next) in [(accept as Say, true), (elsewhere as Say, false)] {
        for step in [Step::Claiming, Step::Claimed, Step::Committed] {
            let (exchange, share) = waiting(true);
            let app = &exchange.office.app;
            let id = exchange.begin(None);
            if step > Step::Claiming {
                exchange.place().claim("customers.txt", id, &exchange.look("customers.txt").0).unwrap();
                carry_on_to(&exchange, id, step);
            }
            share.blind.store(1_000, Ordering::SeqCst);
            let go_on = || match step {
                Step::Committed => put_away(app, id, &Silent),
                _ => carry_on(app, id, &Silent),
            };
            let why = go_on().unwrap_err().to_string();
            assert!(why.contains("is the share mounted?") && why.contains("press Save"), "{why}");
            say(&exchange);
            let ended = go_on().unwrap().unwrap();
            let state = if step == Step::Committed { State::Done } else { State::Refused };
            assert_eq!(ended.state, state);
            put_away(app, id, &Silent).unwrap();
            assert_eq!(exchange.office.entry(id).step, Step::Finished);
            // What is taken from then on is waited for again.
            share.blind.store(0, Ordering::SeqCst);
            fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
            let next = exchange.take(None, false);
            share.blind.store(1_000, Ordering::SeqCst);
            assert_eq!(carry_on(app, next, &Silent).is_err(), waits_for_the_next);
        }
    }
}

#[test]
fn saving_the_settings_while_the_share_is_there_accepts_nothing_that_comes_in_its_place() {
    for step in [Step::Claiming, Step::Claimed, Step::Committed] {
        let (exchange, share) = waiting(true);
        let app = &exchange.office.app;
        let id = exchange.begin(None);
        exchange.place().claim("customers.txt", id, &exchange.look("customers.txt").0).unwrap();
        if step > Step::Claiming {
            carry_on_to(&exchange, id, step);
        }
        let go_on = || match step {
            Step::Committed => put_away(app, id, &Silent),
            _ => carry_on(app, id, &Silent),
        };
        let away = |away: u32| share.blind.store(away, Ordering::SeqCst);
        accept(&exchange);
        away(1_000);
        let why = go_on().unwrap_err().to_string();
        assert!(why.contains("is the share mounted?"), "{step}: {why}");
        // What was accepted while it was away counts no more when the share is back and saved.
        accept(&exchange);
        away(0);
        accept(&exchange);
        away(1_000);
        assert!(go_on().is_err(), "{step}");
        // A share that was mounted anew is the same one.
        away(0);
        share.mount_anew();
        accept(&exchange);
        away(1_000);
        assert!(go_on().is_err(), "{step}");
        away(0);
        assert_eq!(go_on().unwrap().unwrap().state, State::Done);
        put_away(app, id, &Silent).unwrap();
        assert!(!exchange.path(".customers.txt.1").exists());
    }
}

#[test]
fn a_folder_that_cannot_be_looked_at_is_not_accepted_by_a_save() {
    let (exchange, share, id) = taken();
    let app = &exchange.office.app;
    let away = exchange.office.path("away");
    rustix::fs::rename(&exchange.address, &away).unwrap();
    accept(&exchange);
    assert!(carry_on(app, id, &Silent).is_err());
    fs::create_dir(&exchange.address).unwrap();
    share.blind.store(1_000, Ordering::SeqCst);
    let why = carry_on(app, id, &Silent).unwrap_err().to_string();
    assert!(why.contains("is the share mounted?"), "{why}");
    fs::remove_dir(&exchange.address).unwrap();
    rustix::fs::rename(&away, &exchange.address).unwrap();
    share.blind.store(0, Ordering::SeqCst);
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
}

#[test]
fn a_folder_that_is_gone_for_good_holds_nothing_up_once_the_settings_name_another() {
    for step in [Step::Claiming, Step::Claimed, Step::Committed] {
        let exchange = Exchange::new("");
        let app = &exchange.office.app;
        fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
        let id = exchange.begin(None);
        if step > Step::Claiming {
            exchange.place().claim("customers.txt", id, &exchange.look("customers.txt").0).unwrap();
            carry_on_to(&exchange, id, step);
        }
        fs::remove_dir_all(&exchange.address).unwrap();
        let go_on = || match step {
            Step::Committed => put_away(app, id, &Silent),
            _ => carry_on(app, id, &Silent),
        };
        let why = go_on().unwrap_err().to_string();
        assert!(why.contains("cannot be reached"), "{why}");
        elsewhere(&exchange);
        go_on().unwrap();
        put_away(app, id, &Silent).unwrap();
        assert_eq!(exchange.office.entry(id).step, Step::Finished);
    }
}

#[test]
fn a_folder_that_another_one_replaces_on_the_same_disk_is_waited_for() {
    for step in [Step::Claiming, Step::Claimed, Step::Committed] {
        for comes_back in [true, false] {
            let exchange = Exchange::new("");
            let app = &exchange.office.app;
            fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
            let id = exchange.begin(None);
            exchange.place().claim("customers.txt", id, &exchange.look("customers.txt").0).unwrap();
            if step > Step::Claiming {
                carry_on_to(&exchange, id, step);
            }
            let away = exchange.office.path("away");
            rustix::fs::rename(&exchange.address, &away).unwrap();
            fs::create_dir(&exchange.address).unwrap();
            let go_on = || match step {
                Step::Committed => put_away(app, id, &Silent),
                _ => carry_on(app, id, &Silent),
            };
            let why = go_on().unwrap_err().to_string();
            assert!(why.contains("is another one than before"), "{why}");
            if comes_back {
                fs::remove_dir(&exchange.address).unwrap();
                rustix::fs::rename(&away, &exchange.address).unwrap();
                assert_eq!(go_on().unwrap().unwrap().state, State::Done);
                put_away(app, id, &Silent).unwrap();
                assert!(!exchange.path(".customers.txt.1").exists());
                continue;
            }
            accept(&exchange);
            let ended = go_on().unwrap().unwrap();
            if step != Step::Committed {
                assert_eq!(ended.state, State::Refused);
                assert!(ended.reason.unwrap().contains("is not the exchange folder any more"));
            }
            put_away(app, id, &Silent).unwrap();
            assert_eq!(exchange.office.entry(id).step, Step::Finished);
            assert!(away.join(".customers.txt.1").exists(), "nothing there is touched");
        }
    }
}
