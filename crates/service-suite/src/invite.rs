//! Letting people in: a one-time link through which a person chooses a password; the same for pages and command line.

use jiff::{SignedDuration, Timestamp};
use register::db::{Conn, DbResult};
use register::people::{self, Person, Purpose, Role};

use crate::secrets::hash_secret;

/// For how long the link works.
const LINK_WORKS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Adds a person, with a link of this secret.
///
/// # Errors
/// As [`people::add`].
pub(crate) fn add(c: &Conn, name: &str, role: Role, secret: &str, now: Timestamp) -> DbResult<Person> {
    let person = people::add(c, name, role, now)?;
    link(c, person.id, secret, now)?;
    Ok(person)
}

/// Makes a link of this secret for somebody who was added before; an earlier one no longer works.
///
/// # Errors
/// As [`people::create_link`].
pub(crate) fn link(c: &Conn, person: i64, secret: &str, now: Timestamp) -> DbResult<()> {
    people::create_link(c, person, Purpose::ChoosePassword, &hash_secret(secret), now + LINK_WORKS)
}
