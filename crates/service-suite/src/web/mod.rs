//! The pages: what people see and press in a browser.
//!
//! A handler parses its request, makes one call (on a thread that may block) and shows a page; no rule of the business
//! is decided here. [`routes`] is the table of contents: every address with who may use it and the file it is in.

mod assets;
pub mod guard;
mod health;
mod help;
mod page;
pub mod program;
mod routes;
mod show;
mod site;
mod trouble;

pub use routes::router;
pub use site::{Reach, Site};
