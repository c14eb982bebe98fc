//! Stories about formats.
