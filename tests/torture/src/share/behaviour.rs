//! How a share behaves: what is so from the mount on, and what comes and goes like weather.

use std::ffi::OsStr;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fuser::Errno;

/// What is so for as long as the share is mounted. The default is a share without any oddity but the one that all have:
/// what others write appears without a notification.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    /// Size and times are served this old at most, as a network client's attribute cache does.
    pub(crate) stale: Duration,
    /// Opening a file asks the server for them anew, as NFS does (close-to-open); otherwise an open is answered from the
    /// cache as well, as with the mount option `nocto`.
    pub(crate) open_asks: bool,
    /// Reading ends where the served size says, even if the file has grown.
    pub(crate) old_data: bool,
    /// Which file has which name is remembered this long, names that were not there too.
    pub(crate) stale_names: Duration,
    /// Renaming without replacing is known; otherwise it is refused with EINVAL, as on many network file systems.
    pub(crate) exclusive_rename: bool,
    /// Files get another inode number each time so many looks at names were answered; 0: their numbers are steady.
    pub(crate) new_numbers_every: u64,
    /// Times are rounded down to whole multiples of so many seconds; 0: they are exact.
    pub(crate) time_step: u64,
    /// fsync of a folder is known; otherwise it is refused with EINVAL.
    pub(crate) folder_fsync: bool,
    /// `customers.TXT` and `customers.txt` are one file.
    pub(crate) ignores_case: bool,
    /// Renaming and removing is done but answered with this error: the first answer was lost on its way, and the server
    /// found nothing left to do when it was asked again.
    pub(crate) answers_lost: Option<Errno>,
    /// The room on the file system is told as all zeros.
    pub(crate) no_room_told: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            stale: Duration::ZERO,
            open_asks: true,
            old_data: false,
            stale_names: Duration::ZERO,
            exclusive_rename: true,
            new_numbers_every: 0,
            time_step: 0,
            folder_fsync: true,
            ignores_case: false,
            answers_lost: None,
            no_room_told: false,
        }
    }
}

/// A call that arrives at the file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// Which file has this name?
    Lookup,
    /// Size and times, please.
    Attributes,
    /// Open a file or the folder.
    Open,
    /// Read a file.
    Read,
    /// Rename a file.
    Rename,
    /// Remove a file.
    Remove,
    /// Anything else: list, create, write, fsync.
    Other,
}

/// What happens to a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// It fails.
    Fails(Errno),
    /// It takes so long and then works.
    Takes(Duration),
    /// It does not come back before the weather changes; then it works.
    Hangs,
}

/// Which calls a fault meets, and which fault.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// The calls; none means all.
    pub(crate) calls: &'static [Call],
    /// Only those for this name, before or after the claim (`.customers.txt.7`); `None` means all.
    pub(crate) name: Option<&'static str>,
    /// What happens to them.
    pub(crate) fault: Fault,
}

/// The faults of the moment. Shared by the file system, which asks, and the scenario, which changes them.
#[derive(Debug, Default)]
pub(crate) struct Weather {
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Now {
    rules: Vec<Rule>,
    /// Counts up with each change, so that a call that hangs notices one.
    change: u64,
    /// Calls that a fault has met since the last change.
    met: u64,
    /// Calls that hang.
    hanging: u64,
}

impl Weather {
    /// From now on these faults and no others; calls that hang come back.
    pub(crate) fn set(&self, rules: &[Rule]) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.rules = rules.to_vec();
        now.change += 1;
        now.met = 0;
        self.changed.notify_all();
    }

    /// No faults any more.
    pub(crate) fn clear(&self) {
        self.set(&[]);
    }

    /// Waits until a fault has met so many calls since the last change; `false` when that does not happen in time.
    pub(crate) fn has_met(&self, calls: u64, within: Duration) -> bool {
        let until = Instant::now() + within;
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        while now.met < calls {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            now = self.changed.wait_timeout(now, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Lets the weather of the moment happen to a call.
    pub(super) fn meet(&self, call: Call, name: &OsStr) -> Result<(), Errno> {
        let name = name.to_string_lossy();
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(rule) = now.rules.iter().find(|rule| rule.meets(call, &name)) else { return Ok(()) };
        let fault = rule.fault;
        now.met += 1;
        self.changed.notify_all();
        match fault {
            Fault::Fails(error) => Err(error),
            Fault::Takes(time) => {
                drop(now);
                // A slow call is the subject.
                std::thread::sleep(time);
                Ok(())
            }
            Fault::Hangs => {
                let change = now.change;
                now.hanging += 1;
                while now.change == change {
                    now = self.changed.wait(now).unwrap_or_else(PoisonError::into_inner);
                }
                now.hanging -= 1;
                Ok(())
            }
        }
    }
}

impl Rule {
    fn meets(&self, call: Call, name: &str) -> bool {
        (self.calls.is_empty() || self.calls.contains(&call))
            && self.name.is_none_or(|only| name == only || name.starts_with(&format!(".{only}.")))
    }
}
