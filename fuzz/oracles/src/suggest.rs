//! Saying what a file is: whatever it is, without a fault, the same again, and never a format that cannot be used.

use std::collections::BTreeSet;

use erpfile::Limits;
use erpfile::suggest::Sample;
use register::suggest::propose;

/// The longest input that is looked at; longer ones say nothing new and take long.
const LONGEST: usize = 16 << 10;

/// The first byte says whether the rest is all of the file.
pub fn check(bytes: &[u8]) {
    let Some((first, file)) = bytes.split_first() else { return };
    let sample = Sample::new(file[..file.len().min(LONGEST)].to_vec(), first % 2 == 0);
    let limits = Limits { unpacked: 1 << 20, ..Limits::default() };
    let Ok(proposal) = propose(&sample, limits) else { return };
    let again = propose(&sample, limits);
    let same =
        again.is_ok_and(|again| again.format == proposal.format && again.questions == proposal.questions);
    assert!(same, "not the same of the same bytes");
    let mut fields = BTreeSet::new();
    for (place, column) in (1..).zip(&proposal.columns) {
        assert_eq!(column.position, place);
        assert!((0.0..1.0).contains(&column.confidence), "{column:?}");
        assert!(column.field.is_none_or(|field| fields.insert(field)), "{column:?} is not the first");
    }
    let mut format = proposal.format;
    format.name = "A format".to_owned();
    let complaints = format.complaints();
    assert!(complaints.is_empty(), "{complaints:?}\n{format:?}");
}
