//! What a format may ask for beside quiet: a marker, a minimum age, a rename.

use super::*;

fn at(seconds_in: i64) -> FileTime {
    FileTime { seconds: seconds_in, nanoseconds: 0 }
}

/// A file last written at one moment, and last renamed or given other permissions at another.
fn file(modified: i64, changed: i64) -> Sighting {
    Sighting { modified: at(modified), changed: at(changed), ..sighting(5) }
}

fn marked(settle: f64) -> Conditions {
    Conditions { marker: Some("customers.done".into()), ..Conditions::from(seconds(settle)) }
}

fn look_beside(arrival: &mut Arrival, at: f64, marker: Option<&Sighting>, found: &Sighting) -> Verdict {
    arrival.see_marker(marker.map_or(Marker::Missing, |marker| Marker::Seen(marker.clone())));
    look(arrival, at, Found::Seen(found.clone()))
}

fn reason(verdict: &Verdict) -> Reason {
    settling(verdict).0
}

#[test]
fn without_its_marker_a_file_never_settles_and_with_it_at_once_if_no_time_is_asked_for() {
    let (file, marker) = (file(100, 100), Sighting { inode: 7, ..file(101, 101) });
    let mut arrival = Arrival::new(marked(0.0));
    for at in [0.0, 10.0, 10_000.0] {
        let verdict = look_beside(&mut arrival, at, None, &file);
        assert_eq!(reason(&verdict), Reason::NoMarker);
        assert_eq!(verdict.look_again_at(), Some(seconds(at) + SLOW_BEAT));
    }
    let Verdict::Settled(proof) = look_beside(&mut arrival, 10_001.0, Some(&marker), &file) else { panic!() };
    let said = proof.iter().find(|check| check.check == "marker").unwrap();
    assert!(said.detail.contains("customers.done was there"), "{said:?}");
    assert!(
        settled(&look_beside(&mut Arrival::new(marked(0.0)), 0.0, Some(&marker), &file)),
        "the first look"
    );
}

#[test]
fn a_marker_counts_for_the_look_that_follows_it_and_no_other() {
    let (file, marker) = (file(100, 100), file(101, 101));
    let mut arrival = Arrival::new(marked(10.0));
    assert!(!settled(&look_beside(&mut arrival, 0.0, Some(&marker), &file)));
    assert!(!settled(&look_beside(&mut arrival, 9.0, Some(&marker), &file)));
    // Somebody deletes it while the file settles.
    assert_eq!(reason(&look_beside(&mut arrival, 11.0, None, &file)), Reason::NoMarker);
    assert_eq!(reason(&look(&mut arrival, 12.0, Found::Seen(file.clone()))), Reason::NoMarker);
    assert!(settled(&look_beside(&mut arrival, 13.0, Some(&marker), &file)));
}

#[test]
fn a_marker_from_before_the_last_write_belongs_to_what_the_file_held_before() {
    let mut arrival = Arrival::new(marked(0.0));
    let old = file(100, 100);
    // The next night's file is being written while last night's marker is still there.
    for (at, size) in [(0.0, 5), (1.0, 9), (2.0, 9), (3_600.0, 9)] {
        let growing = Sighting { size, ..file(200, 200) };
        assert_eq!(reason(&look_beside(&mut arrival, at, Some(&old), &growing)), Reason::OlderMarker);
    }
    let whole = Sighting { size: 9, ..file(200, 200) };
    assert!(settled(&look_beside(&mut arrival, 3_601.0, Some(&file(200, 200)), &whole)), "the same tick");
    // Renaming the file or its permissions is no write, nor is a date that is set back or forward.
    for (modified, changed) in [(100, 300), (50, 300), (0, 300), (900, 100)] {
        let mut arrival = Arrival::new(marked(0.0));
        assert!(settled(&look_beside(&mut arrival, 0.0, Some(&file(100, 100)), &file(modified, changed))));
    }
    // When the marker says that it was written does not count: only when it got there.
    let mut arrival = Arrival::new(marked(0.0));
    assert!(settled(&look_beside(&mut arrival, 0.0, Some(&file(1, 201)), &file(200, 200))));
}

#[test]
fn a_marker_that_is_still_open_is_not_there_yet_and_one_beside_an_open_file_changes_nothing() {
    let marker = Sighting { writer: Writer::Held, size: 0, ..file(101, 101) };
    let mut arrival = Arrival::new(marked(0.0));
    assert_eq!(reason(&look_beside(&mut arrival, 0.0, Some(&marker), &file(100, 100))), Reason::NoMarker);
    let closed = Sighting { writer: Writer::None, ..marker };
    let held = Sighting { writer: Writer::Held, ..file(100, 100) };
    assert_eq!(reason(&look_beside(&mut arrival, 1.0, Some(&closed), &held)), Reason::OpenForWriting);
    assert!(
        settled(&look_beside(&mut arrival, 2.0, Some(&closed), &file(100, 100))),
        "an empty marker is one"
    );
}

#[test]
fn a_young_file_is_waited_for_however_quiet_it_is() {
    let conditions = Conditions { minimum_age: seconds(300.0), ..Conditions::from(seconds(10.0)) };
    let mut arrival = Arrival::new(conditions.clone());
    let seen = |size| Found::Seen(sighting(size));
    look(&mut arrival, 0.0, seen(5));
    assert_eq!(reason(&look(&mut arrival, 9.0, seen(5))), Reason::Quiet);
    let verdict = look(&mut arrival, 20.0, seen(5));
    let Verdict::Settling { reason: Reason::Young, quiet, of, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!((quiet, of), (seconds(20.0), seconds(300.0)));
    // A change begins the settle time anew and leaves the age; a file of its own begins the age anew.
    assert_eq!(reason(&look(&mut arrival, 295.0, seen(6))), Reason::SizeChanged);
    assert_eq!(reason(&look(&mut arrival, 304.0, seen(6))), Reason::Quiet);
    let Verdict::Settled(proof) = look(&mut arrival, 305.0, seen(6)) else { panic!() };
    let said = proof.iter().find(|check| check.check == "minimum age").unwrap();
    assert!(said.detail.starts_with("it had been there for 305.0 s; at least 300 s"), "{said:?}");
    let other = Sighting { inode: 9, ..sighting(6) };
    look(&mut arrival, 306.0, Found::Seen(other.clone()));
    let verdict = look(&mut arrival, 605.8, Found::Seen(other.clone()));
    assert_eq!(
        (reason(&verdict), verdict.look_again_at()),
        (Reason::Young, Some(seconds(606.0))),
        "exactly then"
    );
    assert!(settled(&look(&mut arrival, 606.0, Found::Seen(other))));
}

#[test]
fn only_a_renamed_file_is_taken_where_that_is_asked_for() {
    let conditions = Conditions { renamed: true, ..Conditions::from(seconds(10.0)) };
    let written = |verdict: &Verdict| {
        matches!(verdict, Verdict::NotAFileWeTake { refusal: Refusal::WrittenInPlace, .. })
    };
    // By its times: the rename moved the change time alone.
    let renamed = file(100, 101);
    let mut arrival = Arrival::new(conditions.clone());
    look(&mut arrival, 0.0, Found::Seen(renamed.clone()));
    let Verdict::Settled(proof) = look(&mut arrival, 10.0, Found::Seen(renamed.clone())) else { panic!() };
    let said = proof.iter().find(|check| check.check == "renamed into place").unwrap();
    assert!(said.detail.contains("later than its last write"), "{said:?}");
    // Written under its name: when it is first seen, or afterwards; and it stays that, however quiet.
    let mut arrival = Arrival::new(conditions.clone());
    for at in [0.0, 10.0, 10_000.0] {
        assert!(written(&look(&mut arrival, at, Found::Seen(file(100, 100)))));
    }
    assert!(written(&look(&mut arrival, 10_001.0, Found::Seen(file(100, 500)))), "other permissions later");
    assert!(!written(&look(&mut arrival, 10_002.0, Found::Seen(Sighting { inode: 9, ..renamed.clone() }))));
    let mut arrival = Arrival::new(conditions.clone());
    look(&mut arrival, 0.0, Found::Seen(renamed.clone()));
    let grown = Sighting { size: 9, ..file(200, 200) };
    assert!(written(&look(&mut arrival, 1.0, Found::Seen(grown.clone()))));
    // Told by the system: written and renamed within one tick of the clock of the file system.
    let mut arrival = Arrival::new(conditions.clone());
    arrival.hear(News::Renamed);
    look(&mut arrival, 0.0, Found::Seen(file(100, 100)));
    let Verdict::Settled(proof) = look(&mut arrival, 10.0, Found::Seen(file(100, 100))) else { panic!() };
    assert!(proof.iter().any(|check| check.detail.contains("told of the rename")), "{proof:?}");
    arrival.hear(News::Written);
    assert!(written(&look(&mut arrival, 11.0, Found::Seen(file(100, 100)))));
    // What was seen counts when somebody asks for it later; and an empty file is only empty.
    let mut arrival = Arrival::new(seconds(10.0));
    look(&mut arrival, 0.0, Found::Seen(file(100, 100)));
    arrival.set_conditions(conditions);
    assert!(written(&look(&mut arrival, 10.0, Found::Seen(file(100, 100)))));
    let empty = Sighting { size: 0, ..file(100, 100) };
    assert!(matches!(look(&mut arrival, 11.0, Found::Seen(empty)), Verdict::Empty { .. }));
}
