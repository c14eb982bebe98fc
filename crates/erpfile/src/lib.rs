//! Reads ERP files.
