//! Stories that a user would recognise, through the real binary and a real folder. One binary; a file per subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a story that cannot go on has failed"
)]

mod bad_input;
mod browser;
mod by_hand;
mod contacts;
mod convert;
mod decisions;
mod drift;
mod duplicates;
mod editing;
mod exchange;
mod finished;
mod holds;
mod http;
mod layouts;
mod notifications;
mod own_fields;
mod pages;
mod preview;
mod program;
mod refused_rows;
mod restart;
mod settings;
mod suggest;
mod support;
mod tryton;
mod undo;
mod values;
