//! Private copies of what waits behind others. Copying is not importing: while the queue of a register stands, a file that
//! keeps its name may be overwritten, and a share may go away for good.

use register::Register;
use register::imports::{self, Import, Step};

use super::copy::{self, Unsettled};
use super::identity::Identity;
use super::watch::Watch;
use super::{Later, claiming, find, report, turn};
use crate::app::App;
use crate::exchange::os;

/// One part in so many of a disk is kept free of copies that are not needed yet.
const ROOM: u64 = 10;

/// The oldest import behind `after_id`, or else the oldest of all, whose file is to be copied although its turn has not
/// come. One whose turn it is copies its file itself. A claimed file is safe under its name, too, so it waits while the
/// disk has little room, which whatever stands at the head of the queue needs more; and one that changed after it was
/// claimed waits, since only its own turn has the time to let it settle.
///
/// # Errors
/// [`Later`] when the ledger cannot be read.
pub(crate) fn next_to_copy(app: &App, register: &Register, after_id: i64) -> Result<Option<Import>, Later> {
    let roomy = is_roomy(app);
    Ok(app.db.read(|c| {
        let at_turn = imports::next(c, register)?.map(|import| import.id);
        let first = |after: i64, up_to: i64| {
            let mut behind = after;
            while let Some(import) = imports::to_copy(c, register, behind)?.filter(|found| found.id <= up_to)
            {
                let identity = Identity::of_entry(app.folder.path(), &import);
                let waits = identity.is_some_and(|file| file.unsettled || (file.claimed && !roomy));
                if at_turn != Some(import.id) && !waits {
                    return Ok(Some(import));
                }
                behind = import.id;
            }
            Ok::<_, register::db::DbError>(None)
        };
        match first(after_id, i64::MAX)? {
            None => first(0, after_id),
            found => Ok(found),
        }
    })?)
}

/// Whether a tenth of the disk on which private copies lie is free, as far as can be told.
fn is_roomy(app: &App) -> bool {
    os::space(&app.folder.spool()).map_or(true, |space| space.free >= space.total / ROOM)
}

/// Makes the private copy of an import whose turn has not come; gives its entry if that is its end, since its file is
/// not there any more.
///
/// # Errors
/// [`Later`] when it cannot be made now.
pub(crate) fn copy_ahead(app: &App, id: i64, watch: &dyn Watch) -> Result<Option<Import>, Later> {
    let _turn = turn(app, &find(app, id)?.register, id, watch)?;
    let Some(entry) = app.db.read(|c| imports::find(c, id))? else { return Ok(None) };
    if entry.step == Step::Claiming && !claiming::sort_out(app, &entry)? {
        return Ok(None);
    }
    let entry = find(app, id)?;
    if entry.step == Step::Claimed {
        copy::spool(app, &entry, Unsettled::Waits, watch)?;
    }
    let entry = find(app, id)?;
    Ok((entry.step == Step::Committed).then(|| report::ended(entry)))
}
