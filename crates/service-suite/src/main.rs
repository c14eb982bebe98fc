//! Service Suite: imports customer files from an ERP system's exchange folder, each file whole, once, in order,
//! explained, and reversible.

mod automation;
#[allow(dead_code, unused_imports)]
mod exchange;
mod web;

fn main() {}
