//! Stories about delimited files.
