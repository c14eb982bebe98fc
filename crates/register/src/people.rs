//! The people who may use the program, and what each of them may do.
//!
//! Passwords and the secrets of links are hashed by the caller; only the hashes come here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::db::{Conn, DbError, DbResult, Row};
use crate::time;
use crate::words::words;

/// What a person may do; each role may also do what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees everything but settings of people.
    Viewer,
    /// Also imports, edits, approves and undoes.
    Operator,
    /// Also changes settings, automations and people.
    Administrator,
}

words!(Role, "role", { Viewer = "viewer", Operator = "operator", Administrator = "administrator" });

/// What a one-time link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Choosing a password: the first one, or a new one.
    ChoosePassword,
    /// Signing in without one.
    SignIn,
}

words!(Purpose, "purpose of a link", { ChoosePassword = "choose-password", SignIn = "sign-in" });

/// A person who may use the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The person's number; it is never given to anyone else.
    pub id: i64,
    /// The name to sign in with, as written when the person was added.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Whether the person has chosen a password.
    pub has_password: bool,
    /// When the person was added.
    #[serde(with = "time")]
    pub created_at: Timestamp,
}

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 80;

/// The name as it is compared: case and accents do not count, nor do blanks around it.
pub fn fold(name: &str) -> String {
    name.trim().nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).nfc().collect()
}

/// Characters that show nothing, or turn the direction of others: two names could look alike.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

const COLUMNS: &str = "p.id, p.name, p.role, p.password_hash IS NOT NULL, p.created_at";

fn person(row: &Row<'_>) -> DbResult<Person> {
    Ok(Person {
        id: row.int(0)?,
        name: row.text(1)?,
        role: row.text(2)?.parse()?,
        has_password: row.flag(3)?,
        created_at: time::from_text(&row.text(4)?)?,
    })
}

/// Adds a person, who cannot sign in before choosing a password through a link.
///
/// # Errors
/// [`DbError::Exists`] when somebody has this name already, by case and accents ignored; [`DbError::Invalid`] when the
/// name is empty, longer than [`LONGEST_NAME`] or has control or invisible
/// characters in it.
pub fn add(c: &Conn, name: &str, role: Role, at: Timestamp) -> DbResult<Person> {
    let name = name.trim();
    let folded = fold(name);
    if folded.is_empty() {
        return Err(DbError::Invalid("a person needs a name; give one of 1 to 80 characters".into()));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(DbError::Invalid(format!(
            "the name is longer than {LONGEST_NAME} characters; shorten it"
        )));
    }
    if name.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(DbError::Invalid(
            "the name has control or invisible characters in it; leave them out".into(),
        ));
    }
    if let Some(other) = find_by_name(c, name)? {
        return Err(DbError::Exists(format!("the person \"{}\"", other.name)));
    }
    c.execute(
        "INSERT INTO people (name, name_folded, role, created_at) VALUES (?1, ?2, ?3, ?4)",
        &[name.into(), folded.as_str().into(), role.word().into(), time::to_text(at).as_str().into()],
    )?;
    find_by_name(c, name)?.ok_or_else(|| DbError::Invalid(format!("\"{name}\" could not be added")))
}

/// Gives a person another role.
///
/// # Errors
/// [`DbError::Invalid`] when there is no such person, or when it would leave no administrator.
pub fn set_role(c: &Conn, id: i64, role: Role) -> DbResult<()> {
    let person = expect(c, id)?;
    if person.role == Role::Administrator && role != Role::Administrator {
        keep_an_administrator(c, &person)?;
    }
    c.execute("UPDATE people SET role = ?2 WHERE id = ?1", &[id.into(), role.word().into()])?;
    Ok(())
}

/// Removes a person and the person's links. Sessions are in the other database: the caller ends them.
///
/// # Errors
/// [`DbError::Invalid`] when there is no such person, or when it would leave no administrator.
pub fn remove(c: &Conn, id: i64) -> DbResult<()> {
    let person = expect(c, id)?;
    if person.role == Role::Administrator {
        keep_an_administrator(c, &person)?;
    }
    c.execute("DELETE FROM links WHERE person_id = ?1", &[id.into()])?;
    c.execute("DELETE FROM people WHERE id = ?1", &[id.into()])?;
    Ok(())
}

/// There must be somebody left who can let others in: another administrator, and one with a password if this one has.
fn keep_an_administrator(c: &Conn, person: &Person) -> DbResult<()> {
    let other = c.first(
        "SELECT 1 FROM people WHERE role = 'administrator' AND id <> ?1 \
         AND (password_hash IS NOT NULL OR ?2 = 0) LIMIT 1",
        &[person.id.into(), person.has_password.into()],
        |_| Ok(()),
    )?;
    other.ok_or_else(|| {
        DbError::Invalid(format!(
            "\"{}\" is the last administrator who can sign in; let another administrator sign in first",
            person.name
        ))
    })
}

/// Everybody, by name.
pub fn list(c: &Conn) -> DbResult<Vec<Person>> {
    c.all(&format!("SELECT {COLUMNS} FROM people p ORDER BY p.name_folded"), &[], person)
}

/// The person with this number.
pub fn find(c: &Conn, id: i64) -> DbResult<Option<Person>> {
    c.first(&format!("SELECT {COLUMNS} FROM people p WHERE p.id = ?1"), &[id.into()], person)
}

/// The person with this name; case, accents and blanks around it do not count.
pub fn find_by_name(c: &Conn, name: &str) -> DbResult<Option<Person>> {
    let folded = fold(name);
    c.first(
        &format!("SELECT {COLUMNS} FROM people p WHERE p.name_folded = ?1"),
        &[folded.as_str().into()],
        person,
    )
}

/// Whether there is an administrator who has chosen a password: until then the program waits for its set-up.
pub fn any_administrator_with_password(c: &Conn) -> DbResult<bool> {
    let found = c.first(
        "SELECT 1 FROM people WHERE role = 'administrator' AND password_hash IS NOT NULL LIMIT 1",
        &[],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// The hash of the person's password, as the caller made it; `None` while none is chosen.
pub fn password_hash(c: &Conn, id: i64) -> DbResult<Option<String>> {
    let found =
        c.first("SELECT password_hash FROM people WHERE id = ?1", &[id.into()], |row| row.opt_text(0))?;
    Ok(found.flatten())
}

/// Sets the hash of the person's password; the person's links no longer work.
///
/// # Errors
/// [`DbError::Invalid`] when there is no such person.
pub fn set_password_hash(c: &Conn, id: i64, hash: &str) -> DbResult<()> {
    expect(c, id)?;
    c.execute("UPDATE people SET password_hash = ?2 WHERE id = ?1", &[id.into(), hash.into()])?;
    c.execute("DELETE FROM links WHERE person_id = ?1", &[id.into()])?;
    Ok(())
}

/// Makes a link that works once, until `expires_at`. `secret_hash` is the hash of its secret. An earlier link of the
/// same person for the same purpose no longer works.
///
/// # Errors
/// [`DbError::Invalid`] when there is no such person.
pub fn create_link(
    c: &Conn,
    person: i64,
    purpose: Purpose,
    secret_hash: &str,
    expires_at: Timestamp,
) -> DbResult<()> {
    expect(c, person)?;
    c.execute(
        "DELETE FROM links WHERE person_id = ?1 AND purpose = ?2",
        &[person.into(), purpose.word().into()],
    )?;
    c.execute(
        "INSERT INTO links (secret_hash, purpose, person_id, expires_at) VALUES (?1, ?2, ?3, ?4)",
        &[
            secret_hash.into(),
            purpose.word().into(),
            person.into(),
            time::to_text(expires_at).as_str().into(),
        ],
    )?;
    Ok(())
}

/// What a link would be good for, without using it up: `None` when it is unknown, used or expired.
pub fn find_link(c: &Conn, secret_hash: &str, now: Timestamp) -> DbResult<Option<(Purpose, Person)>> {
    c.first(
        &format!(
            "SELECT {COLUMNS}, l.purpose FROM links l JOIN people p ON p.id = l.person_id \
             WHERE l.secret_hash = ?1 AND l.expires_at > ?2"
        ),
        &[secret_hash.into(), time::to_text(now).as_str().into()],
        |row| Ok((row.text(5)?.parse()?, person(row)?)),
    )
}

/// Uses a link: the first caller gets what it is good for, every later one nothing. To be called in the transaction
/// that does what the link is for.
pub fn take_link(c: &Conn, secret_hash: &str, now: Timestamp) -> DbResult<Option<(Purpose, Person)>> {
    let found = find_link(c, secret_hash, now)?;
    // Expired links go whenever anybody uses one; there are never many.
    c.execute(
        "DELETE FROM links WHERE secret_hash = ?1 OR expires_at <= ?2",
        &[secret_hash.into(), time::to_text(now).as_str().into()],
    )?;
    Ok(found)
}

fn expect(c: &Conn, id: i64) -> DbResult<Person> {
    find(c, id)?.ok_or_else(|| DbError::Invalid("this person was removed; look at the list again".into()))
}

#[cfg(test)]
mod tests;
