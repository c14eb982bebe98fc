//! How many were right.

use std::collections::BTreeMap;

use fastrand::Rng;

/// Counts of what was right, and of what was wrong although it was said to be sure.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) all: usize,
    pub(crate) right: usize,
    pub(crate) wrong_and_sure: usize,
}

impl Tally {
    pub(crate) fn note(&mut self, right: bool, sure: bool) {
        self.all += 1;
        self.right += usize::from(right);
        self.wrong_and_sure += usize::from(!right && sure);
    }

    pub(crate) fn percent(self) -> f64 {
        100.0 * self.right as f64 / self.all.max(1) as f64
    }
}

/// Makes and judges `files` files of each kind, each from a seed of its own: whether it was right, and whether nothing was
/// asked.
pub(crate) fn each<K>(
    kinds: &[K],
    name: impl Fn(&K) -> &str,
    seed: u64,
    files: usize,
    judge: impl Fn(&K, &mut Rng) -> anyhow::Result<(bool, bool)>,
) -> anyhow::Result<BTreeMap<String, Tally>> {
    let mut found: BTreeMap<String, Tally> = BTreeMap::new();
    for (at, kind) in (1_u64..).zip(kinds) {
        let tally = found.entry(name(kind).to_owned()).or_default();
        for file in 0..files {
            let (right, sure) = judge(kind, &mut Rng::with_seed(seed ^ (at << 40) ^ file as u64))?;
            tally.note(right, sure);
        }
    }
    Ok(found)
}

impl std::ops::Add for Tally {
    type Output = Tally;

    fn add(self, other: Tally) -> Tally {
        Tally {
            all: self.all + other.all,
            right: self.right + other.right,
            wrong_and_sure: self.wrong_and_sure + other.wrong_and_sure,
        }
    }
}
