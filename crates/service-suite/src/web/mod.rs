//! The pages: what people see and press in a browser.
//!
//! A handler parses its request, makes one call (on a thread that may block) and shows a page; no rule of the business
//! is decided here. [`routes`] is the table of contents: every address with who may use it and the file it is in.

mod assets;
mod automation;
mod changes;
mod chart;
mod check;
mod downloads;
mod duplicates;
mod edit;
mod events;
mod export;
pub(crate) mod guard;
mod hand_import;
mod health;
mod held;
mod help;
mod import;
mod imports;
mod list;
mod page;
mod password;
mod pieces;
pub(crate) mod program;
mod record;
mod routes;
mod session;
mod set_up;
mod settings;
mod show;
mod sign_in;
mod site;
mod start;
mod state;
mod trouble;
mod undo;
mod upload;
mod waiting;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(crate) use routes::router;
pub(crate) use site::{PATIENCE, Public, Reach, Site};
pub(crate) use waiting::Waiting;
