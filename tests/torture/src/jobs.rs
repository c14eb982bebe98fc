//! Many runs, several at the same time, all of them or a sample.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::anyhow;

/// Runs `work` for each item with its place in the list, `jobs` of them at the same time; stops beginning new ones after
/// the first failure, and gives that.
pub(crate) fn run<T: Sync>(
    jobs: usize,
    items: &[T],
    work: impl Fn(usize, &T) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<()> {
    let next = AtomicUsize::new(0);
    let worker = || -> anyhow::Result<()> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return Ok(()) };
            if let Err(error) = work(at, item) {
                next.store(items.len(), Ordering::Relaxed);
                return Err(error);
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(worker)).collect();
        let mut ended = workers.into_iter().map(|worker| worker.join());
        ended.try_for_each(|ended| ended.unwrap_or_else(|_| Err(anyhow!("a fault of the torture itself"))))
    })
}

/// So many of the items, at equal distances from one another; which ones follows from the seed. All of them when there
/// are no more or no number is given.
pub(crate) fn sample<T>(items: Vec<T>, size: Option<usize>, seed: u64) -> Vec<T> {
    let count = items.len();
    let Some(size) = size.filter(|size| *size < count) else { return items };
    let start = usize::try_from(seed % count.max(1) as u64).unwrap_or(0);
    let mut chosen: Vec<usize> = (0..size).map(|n| (start + n * count / size) % count).collect();
    chosen.sort_unstable();
    let mut chosen = chosen.into_iter().peekable();
    let mut keep = |(at, item)| chosen.next_if_eq(&at).map(|_| item);
    items.into_iter().enumerate().filter_map(&mut keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_spread_over_everything() {
        let all: Vec<usize> = (0..100).collect();
        assert_eq!(sample(all.clone(), None, 7), all);
        assert_eq!(sample(all.clone(), Some(100), 7), all);
        for seed in [0, 7, 99, 12_345] {
            let some = sample(all.clone(), Some(30), seed);
            assert_eq!(some.len(), 30, "{some:?}");
            assert!(some.windows(2).all(|pair| (3..=4).contains(&(pair[1] - pair[0]))), "{some:?}");
        }
    }
}
