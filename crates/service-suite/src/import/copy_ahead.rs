//! Private copies of what waits. Copying is not importing: while an import takes long, or the queue of a register stands, a
//! file that keeps its name may be overwritten, and a share may go away for good.

use std::fs::File;

use register::Register;
use register::imports::{self, Import, Step};

use super::identity::Identity;
use super::watch::Watch;
use super::{Later, cannot_lock, claiming, copy, find, report};
use crate::app::App;
use crate::exchange::os;

/// One part in so many of a disk is kept free of copies that are not needed yet.
const ROOM: u64 = 10;

/// Whoever has this copies what waits for a register, alone with the sources until it is dropped; `None` while somebody else
/// takes files into the spool.
///
/// # Errors
/// [`Later`] when nobody can tell.
pub(crate) fn begin_to_copy(app: &App, register: &Register) -> Result<Option<File>, Later> {
    app.folder.try_lock_copies(register.name).map_err(cannot_lock)
}

/// The oldest import behind `after_id`, or else the oldest of all, whose file is to be copied before its turn. One whose turn
/// it is copies its file itself, unless its register is busy, as with what is being put away, and the file keeps its name. A
/// claimed file is safe under its name, too, so it waits while the disk has little room, which whatever stands at the head
/// of the queue needs more; and one that changed after it was claimed waits, since only its own turn has the time to let it
/// settle.
///
/// # Errors
/// [`Later`] when the ledger cannot be read.
pub(crate) fn next_to_copy(app: &App, register: &Register, after_id: i64) -> Result<Option<Import>, Later> {
    let roomy = is_roomy(app);
    let free = app.folder.try_lock_register(register.name).map_err(cannot_lock)?.is_some();
    Ok(app.db.read(|c| {
        let at_turn = imports::next(c, register)?.map(|import| import.id);
        let first = |after: i64, up_to: i64| {
            let mut behind = after;
            while let Some(import) = imports::to_copy(c, register, behind)?.filter(|found| found.id <= up_to)
            {
                let identity = Identity::of_entry(app.folder.path(), &import);
                let claimed = identity.as_ref().is_none_or(|file| file.claimed);
                let copies_itself = at_turn == Some(import.id) && (free || claimed);
                let waits = identity.is_some_and(|file| file.unsettled || (file.claimed && !roomy));
                if !copies_itself && !waits {
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

/// Makes the private copy of an import before its turn, for whoever is alone with the sources; gives its entry if that is
/// its end, since its file is not there any more.
///
/// # Errors
/// [`Later`] when it cannot be made now.
pub(crate) fn copy_ahead(app: &App, id: i64, watch: &dyn Watch) -> Result<Option<Import>, Later> {
    claiming::sort_out(app, id)?;
    if app.db.read(|c| imports::find(c, id))?.is_none() {
        return Ok(None);
    }
    copy::try_to_spool(app, id, watch)?;
    let entry = find(app, id)?;
    Ok((entry.step == Step::Committed).then(|| report::ended(entry)))
}
