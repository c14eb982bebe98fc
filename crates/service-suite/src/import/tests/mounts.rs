//! A share that is not mounted for a moment looks like an empty folder, and nothing in it is gone.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::sync::atomic::Ordering;

use register::imports::{State, Step};

use super::share::{MONDAY, carry_on_to, taken, waiting};
use super::{Exchange, Office};
use crate::app::App;
use crate::import::{Known, Silent, carry_on, is_left_by_content, put_away};

#[test]
fn a_taken_file_that_one_look_does_not_find_is_not_refused() {
    let (exchange, share, id) = taken();
    let app = &exchange.office.app;
    // The share goes after it was found mounted, and just before the file is opened.
    share.blind.store(1, Ordering::SeqCst);
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
}

#[test]
fn a_file_out_of_sight_is_removed_when_its_share_is_back() {
    let (exchange, share, id) = taken();
    let app = &exchange.office.app;
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    share.blind.store(1_000, Ordering::SeqCst);
    let why = put_away(app, id, &Silent).unwrap_err().to_string();
    assert!(why.contains("is the share mounted?"), "{why}");
    // It comes back after the removal, which found nothing.
    share.blind.store(1, Ordering::SeqCst);
    let why = put_away(app, id, &Silent).unwrap_err().to_string();
    assert!(why.contains("went and came back"), "{why}");
    assert!(exchange.path(".customers.txt.1").exists());
    put_away(app, id, &Silent).unwrap();
    assert!(!exchange.path(".customers.txt.1").exists());
    assert_eq!(exchange.office.entry(id).step, Step::Finished);
}

#[test]
fn the_marker_is_removed_though_its_share_goes_right_after_the_file_was() {
    let (exchange, share) = waiting(true);
    fs::write(exchange.path("customers.done"), "").unwrap();
    let id = exchange.take(Some(exchange.identity("customers.done")), false);
    let app = &exchange.office.app;
    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    share.goes.store(true, Ordering::SeqCst);
    let why = put_away(app, id, &Silent).unwrap_err().to_string();
    assert!(why.contains("is the share mounted?"), "{why}");
    assert!(!exchange.path(".customers.txt.1").exists() && exchange.path(".customers.done.1").exists());
    share.blind.store(0, Ordering::SeqCst);
    put_away(app, id, &Silent).unwrap();
    assert!(!exchange.path(".customers.done.1").exists());
    assert_eq!(exchange.office.entry(id).step, Step::Finished);
}

#[test]
fn what_is_missing_on_a_share_that_was_mounted_anew_is_gone_whatever_step_it_had_come_to() {
    for numbered in [true, false] {
        for step in [Step::Claiming, Step::Claimed, Step::Committed] {
            let (exchange, share) = waiting(numbered);
            let app = &exchange.office.app;
            let id = match step {
                Step::Claiming => exchange.begin(None),
                _ => exchange.take(None, false),
            };
            if step == Step::Committed {
                assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
            }
            let name = if step == Step::Claiming { "customers.txt" } else { ".customers.txt.1" };
            fs::remove_file(exchange.path(name)).unwrap();
            share.mount_anew();
            match step {
                Step::Claiming => assert!(carry_on(app, id, &Silent).unwrap().is_none(), "forgotten"),
                Step::Claimed => {
                    assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Refused);
                }
                _ => {
                    put_away(app, id, &Silent).unwrap();
                    assert_eq!(exchange.office.entry(id).step, Step::Finished);
                }
            }
        }
    }
}

#[test]
fn a_claimed_file_that_the_share_remembers_as_missing_is_not_forgotten() {
    for numbered in [true, false] {
        let (exchange, share) = waiting(numbered);
        let app = &exchange.office.app;
        let id = exchange.begin(None);
        let path = |name: &str| std::path::Path::new(&exchange.address).join(name);
        rustix::fs::rename(path("customers.txt"), path(&format!(".customers.txt.{id}"))).unwrap();
        share.blind.store(1, Ordering::SeqCst);
        let later = carry_on(app, id, &Silent).unwrap_err().to_string();
        assert!(later.contains("does not show it yet"), "{later}");
        assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    }
}

#[test]
fn a_file_that_was_not_claimed_yet_is_taken_anew_at_once_though_its_device_has_another_number() {
    for numbered in [true, false] {
        let (exchange, share) = waiting(numbered);
        let app = &exchange.office.app;
        let id = exchange.begin(None);
        share.mount_anew();
        assert!(carry_on(app, id, &Silent).unwrap().is_none(), "forgotten");
        let id = exchange.take(None, false);
        assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
    }
}

#[test]
fn a_claimed_file_is_found_and_read_though_its_device_has_another_number() {
    for numbered in [true, false] {
        for written in [true, false] {
            let (exchange, share) = waiting(numbered);
            let app = &exchange.office.app;
            let (id, settled) = (exchange.begin(None), exchange.look("customers.txt").0);
            exchange.place().claim("customers.txt", id, &settled).unwrap();
            // The program ends here, the machine starts anew, and meanwhile the writer may have gone on.
            if written {
                let mut file =
                    OpenOptions::new().append(true).open(exchange.path(".customers.txt.1")).unwrap();
                file.write_all(b"2;Beta;Vejle\n").unwrap();
            }
            share.mount_anew();
            let done = carry_on(app, id, &Silent).unwrap().unwrap();
            assert_eq!((done.state, done.counts.read), (State::Done, if written { 2 } else { 1 }));
            put_away(app, id, &Silent).unwrap();
            assert!(!exchange.path(".customers.txt.1").exists());
        }
    }
}

#[test]
fn a_file_that_is_left_where_it_is_is_read_though_its_device_has_another_number() {
    let (exchange, share) = waiting(true);
    let id = exchange.take(None, true);
    share.mount_anew();
    let (identity, file) = (exchange.identity("customers.txt"), exchange.look("customers.txt").1);
    let known = is_left_by_content(&exchange.office.app, "customers-from-erp", &identity, &file).unwrap();
    assert_eq!(known, Known::Perhaps, "the look-out does not take it once more");
    let done = carry_on(&exchange.office.app, id, &Silent).unwrap().unwrap();
    assert_eq!(done.state, State::Done, "{:?}", done.reason);
}

#[test]
fn a_file_that_was_claimed_in_the_default_folder_is_found_though_the_data_folder_was_moved() {
    for step in [Step::Claiming, Step::Claimed, Step::Committed] {
        let exchange = Exchange::new("");
        fs::write(exchange.path("customers.txt"), MONDAY).unwrap();
        let id = exchange.begin(None);
        exchange.place().claim("customers.txt", id, &exchange.look("customers.txt").0).unwrap();
        if step > Step::Claiming {
            carry_on_to(&exchange, id, step);
        }
        let Exchange { office: Office { app, folder }, .. } = exchange;
        let data = app.folder.path().to_owned();
        drop(app);
        let moved = folder.path().join("moved");
        rustix::fs::rename(&data, &moved).unwrap();
        let app = App::on(&moved);
        if step < Step::Committed {
            assert_eq!(carry_on(&app, id, &Silent).unwrap().unwrap().state, State::Done, "{step}");
        }
        let done = put_away(&app, id, &Silent).unwrap().unwrap();
        assert_eq!(done.step, Step::Finished);
        assert!(!moved.join("exchange/.customers.txt.1").exists());
    }
}
