//! Few files are looked at at once: each look at a million rows costs memory and a processor. The others wait in order.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many files are looked at at the same time.
pub(super) const AT_ONCE: usize = 2;

/// Work in order, and the threads that do it.
pub(super) struct Queue<T> {
    line: Arc<Mutex<Line<T>>>,
}

struct Line<T> {
    waiting: VecDeque<T>,
    working: usize,
}

fn locked<T>(line: &Mutex<Line<T>>) -> MutexGuard<'_, Line<T>> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Send + 'static> Queue<T> {
    pub(super) fn new() -> Queue<T> {
        Queue { line: Arc::new(Mutex::new(Line { waiting: VecDeque::new(), working: 0 })) }
    }

    /// Lets `work` be done for `item` when its turn comes. Whatever becomes of it, the next one gets its turn.
    ///
    /// # Errors
    /// A thread cannot be started; `item` is left out then.
    pub(super) fn add(&self, item: T, work: impl Fn(T) + Send + 'static) -> std::io::Result<()> {
        {
            let mut line = locked(&self.line);
            line.waiting.push_back(item);
            if line.working >= AT_ONCE {
                return Ok(());
            }
            line.working += 1;
        }
        let line = Arc::clone(&self.line);
        let begun = std::thread::Builder::new().name("check".to_owned()).spawn(move || {
            while let Some(item) = next(&line) {
                // The fault was told when it happened, and it is of this item alone.
                let _ = catch_unwind(AssertUnwindSafe(|| work(item)));
            }
        });
        if begun.is_err() {
            let mut line = locked(&self.line);
            line.working -= 1;
            line.waiting.pop_back();
        }
        begun.map(drop)
    }

    /// Leaves out what waits and is not wanted any more.
    pub(super) fn retain(&self, wanted: impl Fn(&T) -> bool) {
        // Dropped when nobody waits for the lock.
        let mut unwanted = Vec::new();
        let mut line = locked(&self.line);
        for item in std::mem::take(&mut line.waiting) {
            if wanted(&item) {
                line.waiting.push_back(item);
            } else {
                unwanted.push(item);
            }
        }
        drop(line);
    }

    /// How many wait before the first one that is `this`.
    pub(super) fn before(&self, this: impl Fn(&T) -> bool) -> Option<usize> {
        locked(&self.line).waiting.iter().position(this)
    }
}

/// The next one; a thread that finds none is counted off at that moment, so that what comes right after gets a new one.
fn next<T>(line: &Mutex<Line<T>>) -> Option<T> {
    let mut line = locked(line);
    let next = line.waiting.pop_front();
    line.working -= usize::from(next.is_none());
    next
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// A queue whose work tells when it begins and ends when it is let go; every third one fails.
    struct Office {
        queue: Queue<usize>,
        begun: Receiver<usize>,
        tell: Sender<usize>,
        go: Arc<Mutex<Receiver<()>>>,
        let_go: Sender<()>,
    }

    fn office() -> Office {
        let ((tell, begun), (let_go, go)) = (channel(), channel());
        Office { queue: Queue::new(), begun, tell, go: Arc::new(Mutex::new(go)), let_go }
    }

    impl Office {
        fn add(&self, item: usize) {
            let (tell, go) = (self.tell.clone(), Arc::clone(&self.go));
            let work = move |item: usize| {
                tell.send(item).unwrap();
                go.lock().unwrap_or_else(PoisonError::into_inner).recv().unwrap();
                assert!(!item.is_multiple_of(3), "every third one fails");
            };
            self.queue.add(item, work).unwrap();
        }

        /// Those that begin next.
        fn next(&self, count: usize) -> Vec<usize> {
            let mut next: Vec<usize> = self.begun.iter().take(count).collect();
            next.sort_unstable();
            next
        }
    }

    #[test]
    fn so_many_work_at_once_and_the_others_in_order() {
        let office = office();
        (1..=6).filter(|item| !usize::is_multiple_of(*item, 3)).for_each(|item| office.add(item));
        assert_eq!(office.next(2), [1, 2]);
        assert_eq!(office.queue.before(|item| *item == 5), Some(1));
        assert!(office.begun.try_recv().is_err(), "there are no more at once");
        office.let_go.send(()).unwrap();
        assert_eq!(office.next(1), [4]);
        office.add(7);
        office.queue.retain(|item| *item != 5);
        office.let_go.send(()).unwrap();
        assert_eq!(office.next(1), [7]);
        (0..2).for_each(|_| office.let_go.send(()).unwrap());
    }

    #[test]
    fn a_fault_holds_nobody_up() {
        let office = office();
        (0..10).for_each(|_| office.let_go.send(()).unwrap());
        let all = [3, 6, 1, 9, 2, 4];
        all.iter().for_each(|item| office.add(*item));
        let mut all = all.to_vec();
        all.sort_unstable();
        assert_eq!(office.next(6), all);
    }
}
