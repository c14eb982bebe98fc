//! Noticing that something was committed, by whichever process, for less than a query costs: for threads that ask again and
//! again while nothing happens.

use super::{Conn, Database, DbResult};

/// The state of a database at one time: as long as it stays the same, nothing was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Which connection tells: each counts for itself, from anywhere.
    pub(super) told_by: u64,
    /// What it has counted.
    pub(super) commits: i64,
}

/// An answer of the database, asked for anew only when something was committed since. For answers that depend on nothing
/// but the database.
#[derive(Debug)]
pub struct Cached<T>(Option<(Moment, T)>);

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Cached(None)
    }
}

impl<T: Clone> Cached<T> {
    /// The answer that `work` gives now.
    ///
    /// # Errors
    /// When the database cannot be read; it is asked anew then.
    pub fn read(&mut self, database: &Database, work: impl FnOnce(&Conn) -> DbResult<T>) -> DbResult<T> {
        // Before it is asked: a commit in between is noticed the next time.
        let now = database.moment()?;
        match &self.0 {
            Some((then, answer)) if *then == now => Ok(answer.clone()),
            _ => {
                let answer = database.read(work)?;
                self.0 = Some((now, answer.clone()));
                Ok(answer)
            }
        }
    }
}
