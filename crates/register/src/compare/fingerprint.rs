//! Fingerprints of rows: by them a record is known to say what its row says.

use std::io::Read;

use erpfile::{READING_VERSION, Reader};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128_with_seed};

use crate::changes::Mark;
use crate::job::Job;
use crate::mapping::MAPPING_VERSION;
use crate::own_fields;

/// What decides, besides a row's bytes, whether it is one and which values they become: rows are told apart by fingerprints seeded with it.
pub(super) fn seed<R: Read>(job: &Job<'_>, reader: &Reader<R>) -> u64 {
    let mut bytes = job.format.canonical_bytes();
    let versions = [READING_VERSION, MAPPING_VERSION].map(u64::from);
    let places = reader.columns().iter();
    let places = places.flat_map(|cells| [cells.len()].into_iter().chain(cells.iter().copied()));
    let places = places.map(|number| number as u64);
    for number in versions.into_iter().chain([reader.header().len() as u64]).chain(places) {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(reader.conditions().as_bytes());
    bytes.extend_from_slice(job.register.name.as_bytes());
    bytes.extend_from_slice(&own_fields::bytes(Some(job.register), job.format));
    xxh3_64(&bytes)
}

/// The fingerprint of a row. Whether it would be the same row wherever it stood is one bit of it, so that only such a row
/// is ever passed over.
pub(super) fn fingerprint(raw: &[u8], seed: u64, alone: bool) -> Mark {
    (xxh3_128_with_seed(raw, seed) & !1 | u128::from(alone)).to_le_bytes()
}

/// Whether a fingerprint is that of a row which would be the same wherever it stood.
pub(super) fn is_alone(mark: Mark) -> bool {
    u128::from_le_bytes(mark) & 1 == 1
}

/// Whether two fingerprints are of the same bytes.
pub(super) fn is_same_row(one: Mark, other: Mark) -> bool {
    (u128::from_le_bytes(one) ^ u128::from_le_bytes(other)) >> 1 == 0
}

/// A fingerprint as the database has it.
pub(super) fn mark(stored: Option<&[u8]>) -> Option<Mark> {
    stored.and_then(|bytes| bytes.try_into().ok())
}
