//! Service Suite: imports customer files from an ERP system's exchange folder, each file whole, once, in order,
//! explained, and reversible.

pub mod automation;
pub mod web;
