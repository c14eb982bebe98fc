//! The exchange folder: from a name in a folder to a settled, claimed, copied and archived delivery.
//!
//! This module knows files and clocks given to it; it knows nothing of SQL, web pages or settings.
//! In the order in which a file meets them:
//!
//! | file | subject |
//! |---|---|
//! | [`place`] | what every place that holds deliveries can do, and the list of kinds of places |
//! | [`sighting`] | what an open file says of itself at one look |
//! | [`local`] | a folder of this machine (or one that it has mounted) |
//! | [`folder`] | the calls into an open folder on which taking and removing rest |
//! | [`ground`] | what a place stands on, so that a share that is not mounted is noticed |
//! | [`watch`] | hints to look now |
//! | [`arrival`] | when a file is finished; the only file that says Settled |
//! | [`claim`] | taking a delivery so that exactly one machine imports it |
//! | [`marker`] | taking the marker of a delivery along |
//! | [`disk`] | the program's own files: whole and durable before they have their name |
//! | [`spool`] | the private copy that is read |
//! | [`archive`] | where finished and refused deliveries go; removing the source |
//! | [`selftest`] | what is right and wrong with a folder, in sentences |
//! | [`containment`] | exchange, archive, refused and data folders never contain one another |
//! | [`check`] | the outcome of one check: passed, failed, unknown |
//! | [`os`] | what only one operating system offers; the only unsafe code |

pub(crate) mod archive;
pub(crate) mod arrival;
pub(crate) mod check;
pub(crate) mod claim;
pub(crate) mod containment;
pub(crate) mod disk;
pub(crate) mod folder;
pub(crate) mod ground;
mod hashing;
pub(crate) mod local;
pub(crate) mod marker;
pub(crate) mod os;
pub(crate) mod place;
mod read_back;
pub(crate) mod selftest;
pub(crate) mod sighting;
pub(crate) mod spool;
pub(crate) mod watch;

#[cfg(test)]
#[cfg(target_os = "linux")]
mod races;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod way;
