//! Stories about pages, told to the router.

mod access;
mod signing_in;
