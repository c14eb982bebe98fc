//! What the share does to the deliveries, a scenario an oddity.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use fuser::Errno;
use installation::DEADLINE;

use super::Scale;
use super::behaviour::{Behaviour, Call, Fault, Rule};
use super::stage::{Stage, WAYS};
use crate::writer::Way;

/// The file that the customers' automation waits for.
const FILE: &str = "customers.txt";

/// Its marker, where there is one.
const MARKER: &str = "customers.done";

/// One scenario.
pub(super) struct Scenario {
    /// What the share does, for the table.
    pub(super) name: &'static str,
    pub(super) behaviour: fn(&Scale) -> Behaviour,
    /// The settle time, where it is not the usual one.
    pub(super) settle: fn(&Scale) -> Duration,
    /// What happens.
    pub(super) play: fn(&mut Stage) -> anyhow::Result<()>,
    /// Whether half a file is what is to be expected here: the settings are such as the manual warns of, and the check must
    /// notice it.
    pub(super) control: bool,
}

/// A scenario of deliveries in every way, with the usual settle time.
const fn usual(name: &'static str, behaviour: fn(&Scale) -> Behaviour) -> Scenario {
    Scenario { name, behaviour, settle: |scale| scale.settle, play: Stage::deliver_all, control: false }
}

/// The longest pause that a settle time can bridge where what is seen is as old as the cache allows.
fn settle_longer_than_cache(scale: &Scale) -> Duration {
    scale.stale + scale.pause * 2
}

/// All scenarios.
pub(super) const SCENARIOS: &[Scenario] = &[
    usual("no notifications, no leases", |_| Behaviour::default()),
    usual("attributes old, asked for anew when a file is opened (NFS)", |scale| Behaviour {
        stale: scale.stale,
        ..Behaviour::default()
    }),
    Scenario {
        play: |stage| {
            // A file filled in place keeps its size, and the only other thing that tells is as old as the cache allows.
            for way in [Way::InPlace, Way::Replace].repeat(stage.scale.rounds) {
                stage.deliver(way)?;
            }
            Ok(())
        },
        ..usual("attributes old even of open files, settle time shorter than that", |scale| Behaviour {
            stale: scale.stale,
            open_asks: false,
            ..Behaviour::default()
        })
    },
    Scenario {
        settle: settle_longer_than_cache,
        ..usual("attributes and content old (NFS with nocto), settle time longer", |scale| Behaviour {
            stale: scale.stale,
            open_asks: false,
            old_data: true,
            ..Behaviour::default()
        })
    },
    Scenario {
        play: |stage| {
            stage.write(Way::InPlace)?;
            stage.seen_half()
        },
        control: true,
        ..usual("the same with the settle time shorter: the control", |scale| Behaviour {
            stale: scale.stale,
            open_asks: false,
            old_data: true,
            ..Behaviour::default()
        })
    },
    usual("names remembered, missing ones too", |scale| Behaviour {
        stale: scale.stale,
        stale_names: scale.stale,
        ..Behaviour::default()
    }),
    Scenario {
        play: server_restarts,
        ..usual("stale handles (ESTALE): the server restarts, files are replaced", |scale| Behaviour {
            stale: scale.stale,
            stale_names: scale.stale,
            ..Behaviour::default()
        })
    },
    Scenario {
        play: every_call_fails,
        ..usual("EIO from opening, looking, reading, renaming, removing", |_| Behaviour::default())
    },
    Scenario { play: slow, ..usual("every call is slow", |_| Behaviour::default()) },
    Scenario {
        play: hangs,
        ..usual("a call hangs: looking, taking, reading, removing", |_| Behaviour::default())
    },
    Scenario {
        play: stops_while_a_call_hangs,
        ..usual("a call hangs while the program is told to stop", |_| Behaviour::default())
    },
    usual("renamed and removed, but answered \"no such file\"", |_| Behaviour {
        answers_lost: Some(Errno::ENOENT),
        ..Behaviour::default()
    }),
    Scenario {
        play: marked,
        ..usual("the same with a marker beside each file", |_| Behaviour {
            answers_lost: Some(Errno::ENOENT),
            ..Behaviour::default()
        })
    },
    usual("renamed and removed, but answered EIO", |_| Behaviour {
        answers_lost: Some(Errno::EIO),
        ..Behaviour::default()
    }),
    Scenario {
        play: replaces_nothing,
        ..usual("no exclusive rename, no fsync of folders, no room told", |_| Behaviour {
            exclusive_rename: false,
            folder_fsync: false,
            no_room_told: true,
            ..Behaviour::default()
        })
    },
    usual("the same, and answered \"no such file\" though renamed", |_| Behaviour {
        exclusive_rename: false,
        answers_lost: Some(Errno::ENOENT),
        ..Behaviour::default()
    }),
    usual("the same, names and attributes remembered", |scale| Behaviour {
        exclusive_rename: false,
        answers_lost: Some(Errno::ENOENT),
        stale: scale.stale,
        stale_names: scale.stale,
        ..Behaviour::default()
    }),
    usual("the same, answered EIO though renamed", |scale| Behaviour {
        exclusive_rename: false,
        answers_lost: Some(Errno::EIO),
        stale: scale.stale,
        stale_names: scale.stale,
        ..Behaviour::default()
    }),
    usual("exclusive rename answered EIO though done, names and attributes remembered", |scale| Behaviour {
        answers_lost: Some(Errno::EIO),
        stale: scale.stale,
        stale_names: scale.stale,
        ..Behaviour::default()
    }),
    usual("the same, answered \"no such file\"", |scale| Behaviour {
        answers_lost: Some(Errno::ENOENT),
        stale: scale.stale,
        stale_names: scale.stale,
        ..Behaviour::default()
    }),
    usual("inode numbers change now and then", |_| Behaviour {
        new_numbers_every: 97,
        ..Behaviour::default()
    }),
    usual("inode numbers change at each look", |_| Behaviour {
        new_numbers_every: 1,
        ..Behaviour::default()
    }),
    Scenario {
        settle: |scale| scale.settle.max(Duration::from_secs(3)),
        ..usual("times in steps of 2 s", |_| Behaviour { time_step: 2, ..Behaviour::default() })
    },
    Scenario {
        play: any_case,
        ..usual("names regardless of case", |_| Behaviour { ignores_case: true, ..Behaviour::default() })
    },
    Scenario {
        play: disconnected,
        ..usual("the mount breaks off (ENOTCONN) and comes back", |_| Behaviour::default())
    },
    Scenario {
        play: unmounted,
        ..usual("the mount is gone (an empty folder) and comes back", |_| Behaviour::default())
    },
];

/// Each file has a marker; file and marker are taken and removed.
fn marked(stage: &mut Stage) -> anyhow::Result<()> {
    stage.asks_for_marker(MARKER)?;
    for way in WAYS.repeat(stage.scale.rounds) {
        stage.write(way)?;
        std::fs::write(stage.server.join(MARKER), "")?;
        stage.imported()?;
        stage.emptied()?;
    }
    Ok(())
}

fn server_restarts(stage: &mut Stage) -> anyhow::Result<()> {
    for way in WAYS.repeat(stage.scale.rounds) {
        stage.write(way)?;
        stage.mount.server_restarted()?;
        stage.imported()?;
    }
    // While the private copy is being made, too: reading waits until the server has restarted.
    stage.weather()?.set(&[fault(&[Call::Read], Fault::Hangs)]);
    stage.write(Way::InPlace)?;
    ensure!(stage.weather()?.has_met(1, DEADLINE), "nothing was read");
    stage.mount.server_restarted()?;
    stage.weather()?.clear();
    stage.imported()?;
    // A file that the ERP system replaces while it settles: the handle of the first one is stale.
    stage.write(Way::Replace)?;
    stage.write_now(Way::Replace, FILE, Duration::ZERO)?;
    stage.imported()
}

fn fault(calls: &'static [Call], fault: Fault) -> Rule {
    Rule { calls, name: Some(FILE), fault }
}

fn every_call_fails(stage: &mut Stage) -> anyhow::Result<()> {
    let calls: [(&'static [Call], &str); 6] = [
        (&[Call::Lookup], "input/output error"),
        (&[Call::Attributes], "input/output error"),
        (&[Call::Open], "input/output error"),
        (&[Call::Read], "input/output error"),
        (&[Call::Rename], "input/output error"),
        (&[Call::Remove], "input/output error"),
    ];
    for (calls, words) in calls {
        stage.weather()?.set(&[fault(calls, Fault::Fails(Errno::EIO))]);
        stage.write(Way::InPlace)?;
        ensure!(stage.weather()?.has_met(1, DEADLINE), "{calls:?} never happened");
        stage.says(words).with_context(|| format!("{calls:?} fails"))?;
        // It goes on for a while, and the pauses between the tries become longer.
        std::thread::sleep(stage.scale.error);
        stage.weather()?.clear();
        stage.imported().with_context(|| format!("after {calls:?} had failed"))?;
        stage.emptied()?;
    }
    Ok(())
}

fn slow(stage: &mut Stage) -> anyhow::Result<()> {
    stage.weather()?.set(&[Rule { calls: &[], name: None, fault: Fault::Takes(stage.scale.slow) }]);
    stage.deliver_all()
}

/// One call hangs: the pages answer, the state tells, and in the end everything is imported. While a file is opened or
/// read, the other automation goes on in the same folder; while one is renamed or removed, the kernel itself keeps
/// everybody out of the folder.
fn hangs(stage: &mut Stage) -> anyhow::Result<()> {
    let calls: [(&'static [Call], bool); 4] =
        [(&[Call::Open], true), (&[Call::Read], true), (&[Call::Rename], false), (&[Call::Remove], false)];
    for (calls, others_go_on) in calls {
        stage.weather()?.set(&[fault(calls, Fault::Hangs)]);
        stage.write(Way::Replace)?;
        ensure!(stage.weather()?.has_met(1, DEADLINE), "{calls:?} never happened");
        let began = Instant::now();
        stage.pages_answer().with_context(|| format!("while {calls:?} hung"))?;
        if others_go_on {
            stage.products_arrive().with_context(|| format!("while {calls:?} of customers.txt hung"))?;
        }
        stage.says("does not answer").with_context(|| format!("while {calls:?} hung"))?;
        stage.pages_answer().with_context(|| format!("while {calls:?} hung"))?;
        // It hangs for so long, whatever was seen in that time.
        std::thread::sleep(stage.scale.hang.saturating_sub(began.elapsed()));
        stage.weather()?.clear();
        stage.imported().with_context(|| format!("after {calls:?} had hung"))?;
        stage.emptied()?;
        stage.products_arrive().with_context(|| format!("after {calls:?} of customers.txt had hung"))?;
    }
    Ok(())
}

fn stops_while_a_call_hangs(stage: &mut Stage) -> anyhow::Result<()> {
    let calls: [&'static [Call]; 4] = [&[Call::Open], &[Call::Rename], &[Call::Read], &[Call::Remove]];
    for calls in calls {
        stage.weather()?.set(&[fault(calls, Fault::Hangs)]);
        stage.write(Way::Replace)?;
        ensure!(stage.weather()?.has_met(1, DEADLINE), "{calls:?} never happened");
        stage.stops_although_a_call_hangs().with_context(|| format!("while {calls:?} hung"))?;
        stage.imported().with_context(|| format!("after {calls:?} had hung"))?;
        stage.emptied()?;
    }
    Ok(())
}

/// What another installation left under the very name that the next claim would take is never replaced.
fn replaces_nothing(stage: &mut Stage) -> anyhow::Result<()> {
    stage.deliver_all()?;
    let next = stage.next_import()?;
    let strangers: Vec<_> =
        (next..next + 3).map(|id| stage.server.join(format!(".customers.txt.{id}"))).collect();
    for stranger in &strangers {
        std::fs::write(stranger, "of another installation")?;
    }
    stage.write(Way::InPlace)?;
    stage.says("already exists")?;
    for stranger in &strangers {
        ensure!(
            std::fs::read(stranger)? == b"of another installation",
            "{} was replaced",
            stranger.display()
        );
        std::fs::remove_file(stranger)?;
    }
    stage.imported()
}

fn any_case(stage: &mut Stage) -> anyhow::Result<()> {
    for (way, name) in WAYS.into_iter().zip([FILE, "CUSTOMERS.TXT", "Customers.txt"]) {
        stage.write_as(way, name, stage.scale.pause)?;
        stage.imported()?;
    }
    Ok(())
}

fn disconnected(stage: &mut Stage) -> anyhow::Result<()> {
    let broken = [Rule { calls: &[], name: None, fault: Fault::Fails(Errno::ENOTCONN) }];
    // While nothing is there, while a file settles, and while one is being read.
    stage.weather()?.set(&broken);
    stage.says("transport endpoint is not connected")?;
    stage.write(Way::InPlace)?;
    stage.weather()?.clear();
    stage.imported()?;
    stage.write(Way::Fill)?;
    stage.weather()?.set(&broken);
    stage.says("transport endpoint is not connected")?;
    stage.weather()?.clear();
    stage.imported()?;
    stage.weather()?.set(&[fault(&[Call::Read], Fault::Hangs)]);
    stage.write(Way::Replace)?;
    ensure!(stage.weather()?.has_met(1, DEADLINE), "nothing was read");
    stage.weather()?.set(&broken);
    stage.says("transport endpoint is not connected")?;
    stage.weather()?.clear();
    stage.imported()
}

fn unmounted(stage: &mut Stage) -> anyhow::Result<()> {
    // While nothing is there: what is delivered meanwhile is imported when the mount is back.
    stage.deliver(Way::InPlace)?;
    stage.mount.unmount()?;
    stage.write(Way::InPlace)?;
    stage.says("is the share mounted?")?;
    stage.mount.mount()?;
    stage.imported()?;
    // While a file is taken and not yet read: it is not gone, it is out of reach.
    stage.weather()?.set(&[fault(&[Call::Read], Fault::Hangs)]);
    stage.write(Way::Replace)?;
    ensure!(stage.weather()?.has_met(1, DEADLINE), "nothing was read");
    stage.mount.unmount()?;
    stage.says("is the share mounted?")?;
    stage.mount.mount()?;
    stage.imported()?;
    // While it is imported and not yet removed: it is not imported once more, and removed when the mount is back.
    stage.weather()?.set(&[fault(&[Call::Remove], Fault::Fails(Errno::EIO))]);
    stage.write(Way::Replace)?;
    ensure!(stage.weather()?.has_met(1, DEADLINE), "nothing was removed");
    stage.mount.unmount()?;
    stage.says("is the share mounted?")?;
    stage.mount.mount()?;
    stage.imported()?;
    stage.emptied()
}
