//! Stories about encodings.
