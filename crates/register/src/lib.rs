//! Registers of business records: what a record is, what an import would change, and changing it, with history and
//! ledger, in one transaction.
//!
//! No files and no HTTP here; and no SQL anywhere else.

pub mod counts;
pub mod db;
pub mod imports;
pub mod live;
pub mod page;
pub mod people;
mod schema;
pub mod settings;
pub mod time;
pub mod words;

pub use schema::{open, open_live};

/// The company that all rows belong to while there is only one.
pub const COMPANY: i64 = 1;
