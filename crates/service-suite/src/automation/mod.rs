//! The automations: one per register, each waiting for its file.

pub(crate) mod status;
