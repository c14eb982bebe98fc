//! How many were right.

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
