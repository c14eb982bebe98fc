mod conditions;
#[cfg(target_os = "linux")]
mod pathologies;

use super::*;
use crate::exchange::place::FileTime;
use crate::exchange::testing::{seconds, sighting};

fn look(arrival: &mut Arrival, at: f64, found: Found) -> Verdict {
    arrival.see(Observation { began: seconds(at), ended: seconds(at), found })
}

fn settling(verdict: &Verdict) -> (Reason, f64) {
    match verdict {
        Verdict::Settling { reason, quiet, .. } => (*reason, quiet.as_secs_f64()),
        other => panic!("{other:?}"),
    }
}

fn settled(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Settled(_))
}

#[test]
fn a_quiet_file_settles_after_exactly_the_settle_time() {
    let mut arrival = Arrival::new(seconds(10.0));
    let seen = || Found::Seen(sighting(5));
    assert_eq!(settling(&look(&mut arrival, 3.0, seen())), (Reason::FirstSeen, 0.0));
    let verdict = look(&mut arrival, 7.0, seen());
    assert_eq!(settling(&verdict), (Reason::Quiet, 4.0));
    assert_eq!(verdict.look_again_at(), Some(seconds(7.2)));
    let verdict = look(&mut arrival, 12.9, seen());
    assert_eq!(verdict.look_again_at(), Some(seconds(13.0)), "sleep until exactly then");
    let Verdict::Settled(proof) = look(&mut arrival, 13.0, seen()) else { panic!() };
    assert_eq!(proof[0].detail, "size, times and identity stayed the same for 10.0 s, in 4 looks");
    assert_eq!(proof[1].result, crate::exchange::check::Outcome::Passed);
}

#[test]
fn each_kind_of_change_starts_the_time_anew_and_is_named() {
    let mut other_time = sighting(5);
    other_time.modified.nanoseconds = 1;
    let mut other_change = other_time.clone();
    other_change.changed.seconds += 1;
    let mut other_file = other_change.clone();
    other_file.inode += 1;
    let mut past = other_file.clone();
    past.modified.seconds = -5;
    let mut arrival = Arrival::new(seconds(10.0));
    look(&mut arrival, 0.0, Found::Seen(sighting(4)));
    for (at, now, reason) in [
        (9.0, sighting(5), Reason::SizeChanged),
        (18.0, other_time, Reason::TimeChanged),
        (27.0, other_change, Reason::TimeChanged),
        (36.0, other_file, Reason::Replaced),
        (45.0, past.clone(), Reason::TimeChanged),
    ] {
        assert_eq!(settling(&look(&mut arrival, at, Found::Seen(now))), (reason, 0.0));
    }
    assert!(!settled(&look(&mut arrival, 54.999, Found::Seen(past.clone()))));
    assert!(settled(&look(&mut arrival, 55.0, Found::Seen(past.clone()))));
    assert!(!settled(&look(&mut arrival, 56.0, Found::Seen(sighting(6)))), "settled is not for ever");
}

#[test]
fn an_open_writer_keeps_a_quiet_file_from_settling() {
    let mut arrival = Arrival::new(seconds(10.0));
    let held = || Found::Seen(Sighting { writer: Writer::Held, ..sighting(5) });
    look(&mut arrival, 0.0, held());
    let verdict = look(&mut arrival, 60.0, held());
    assert_eq!(settling(&verdict), (Reason::OpenForWriting, 60.0));
    assert_eq!(verdict.look_again_at(), Some(seconds(60.2)));
    assert!(settled(&look(&mut arrival, 60.2, Found::Seen(sighting(5)))));
}

#[test]
fn where_writers_are_unknown_the_proof_says_so() {
    let mut arrival = Arrival::new(seconds(1.0));
    let seen = || Found::Seen(Sighting { writer: Writer::Unknown("unknown here".into()), ..sighting(5) });
    look(&mut arrival, 0.0, seen());
    let Verdict::Settled(proof) = look(&mut arrival, 1.0, seen()) else { panic!() };
    assert_eq!(proof[1], Check::unknown("no local writer", "unknown here"));
}

#[test]
fn an_empty_file_never_settles_and_is_worth_a_warning_after_a_quarter_of_an_hour() {
    let mut arrival = Arrival::new(seconds(10.0));
    let mut touched = sighting(0);
    look(&mut arrival, 0.0, Found::Seen(touched.clone()));
    for (at, expected) in [(10.0, false), (899.9, false), (900.0, true), (9_000.0, true)] {
        touched.modified.seconds += 1;
        let Verdict::Empty { lasting, warn, .. } = look(&mut arrival, at, Found::Seen(touched.clone()))
        else {
            panic!()
        };
        assert_eq!((lasting, warn), (seconds(at), expected));
    }
    assert_eq!(settling(&look(&mut arrival, 9_001.0, Found::Seen(sighting(1)))).0, Reason::SizeChanged);
    assert!(settled(&look(&mut arrival, 9_011.0, Found::Seen(sighting(1)))));
}

#[test]
fn time_in_which_the_file_could_not_be_looked_at_does_not_count() {
    for blind in [
        Found::Absent,
        Found::Busy,
        Found::Unreadable("Input/output error".into()),
        Found::NoFolder("No such file or directory".into()),
        Found::NotAFile(Kind::Directory),
    ] {
        let mut arrival = Arrival::new(seconds(10.0));
        look(&mut arrival, 0.0, Found::Seen(sighting(5)));
        let verdict = look(&mut arrival, 9.0, blind.clone());
        assert_eq!(verdict == Verdict::Gone, blind == Found::Absent);
        assert_eq!(settling(&look(&mut arrival, 10.0, Found::Seen(sighting(5)))).0, Reason::FirstSeen);
        assert!(settled(&look(&mut arrival, 20.0, Found::Seen(sighting(5)))));
    }
}

#[test]
fn a_slow_look_counts_only_the_time_between_looks() {
    let mut arrival = Arrival::new(seconds(10.0));
    let slow = |began, ended| Observation {
        began: seconds(began),
        ended: seconds(ended),
        found: Found::Seen(sighting(5)),
    };
    arrival.see(slow(0.0, 5.0));
    let verdict = arrival.see(slow(14.0, 19.0));
    assert_eq!(settling(&verdict), (Reason::Quiet, 9.0));
    assert_eq!(verdict.look_again_at(), Some(seconds(19.0)), "at once");
    assert!(settled(&arrival.see(slow(19.0, 24.0))));
}

#[test]
fn without_a_settle_time_the_first_look_settles_what_nobody_writes() {
    let mut arrival = Arrival::new(Duration::ZERO);
    assert!(!settled(&look(
        &mut arrival,
        0.0,
        Found::Seen(Sighting { writer: Writer::Held, ..sighting(5) })
    )));
    assert!(settled(&look(&mut arrival, 0.0, Found::Seen(sighting(5)))));
    assert!(!settled(&look(&mut arrival, 0.0, Found::Seen(sighting(0)))));
}
