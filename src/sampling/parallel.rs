//! Tasks shared by the caller and the threads of its pool, the caller looking up between two of its own.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Works through `tasks` on all threads; the calling thread works too, and calls `between` with the number of tasks
/// done so far after each of its own. `Break` stops every thread after the task it is at.
///
/// Each task must own what it writes to (a chunk of a slice), so that results do not depend on who took it.
/// `scratch` is made once for each thread.
pub(super) fn for_each<Task: Send, Scratch>(
    tasks: impl Iterator<Item = Task> + Send,
    scratch: impl Fn() -> Scratch + Sync,
    work: impl Fn(&mut Scratch, Task) + Sync,
    between: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let tasks = Mutex::new(tasks);
    let stopped = AtomicBool::new(false);
    let done = AtomicUsize::new(0);
    let next = || {
        if stopped.load(Ordering::Relaxed) {
            return None;
        }
        tasks.lock().unwrap_or_else(PoisonError::into_inner).next()
    };
    let mut outcome = ControlFlow::Continue(());
    rayon::in_place_scope(|scope| {
        for _ in 1..rayon::current_num_threads() {
            scope.spawn(|_| {
                let mut own = None;
                while let Some(task) = next() {
                    work(own.get_or_insert_with(&scratch), task);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut own = None;
        while let Some(task) = next() {
            work(own.get_or_insert_with(&scratch), task);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if between(done).is_break() {
                stopped.store(true, Ordering::Relaxed);
                outcome = ControlFlow::Break(());
            }
        }
    });
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_done_once() {
        for threads in 1..=3 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut squares = vec![0; 1000];
            let outcome = pool.install(|| {
                let tasks = squares.iter_mut().enumerate();
                for_each(tasks, || (), |(), (i, square)| *square += i * i, &mut |_| ControlFlow::Continue(()))
            });
            assert!(outcome.is_continue());
            assert!(squares.iter().enumerate().all(|(i, &square)| square == i * i));
        }
    }

    #[test]
    fn a_stop_ends_after_the_running_tasks() {
        let done = AtomicUsize::new(0);
        let outcome = for_each(
            0..1_000_000,
            || (),
            |(), _| {
                done.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(std::time::Duration::from_micros(50));
            },
            &mut |_| ControlFlow::Break(()),
        );
        assert!(outcome.is_break());
        assert!(done.load(Ordering::Relaxed) < 1000);
    }
}
