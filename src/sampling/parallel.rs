//! Tasks shared by the caller and the threads of its pool, the caller looking up between two of its own.

use std::convert::Infallible;
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
    let sure = |scratch: &mut Scratch, task: Task| -> Result<(), Infallible> {
        work(scratch, task);
        Ok(())
    };
    match try_for_each(tasks, scratch, sure, between) {
        Ok(outcome) => outcome,
        Err(never) => match never {},
    }
}

/// The same with tasks that can fail: the first that does stops every thread, and its error is returned.
pub(super) fn try_for_each<Task: Send, Scratch, Error: Send>(
    tasks: impl Iterator<Item = Task> + Send,
    scratch: impl Fn() -> Scratch + Sync,
    work: impl Fn(&mut Scratch, Task) -> Result<(), Error> + Sync,
    between: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Error> {
    let tasks = Mutex::new(tasks);
    let stopped = AtomicBool::new(false);
    let done = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let next = || {
        if stopped.load(Ordering::Relaxed) {
            return None;
        }
        tasks.lock().unwrap_or_else(PoisonError::into_inner).next()
    };
    // How many tasks are done with this one.
    let finish = |own: &mut Option<Scratch>, task: Task| {
        if let Err(error) = work(own.get_or_insert_with(&scratch), task) {
            failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            stopped.store(true, Ordering::Relaxed);
        }
        done.fetch_add(1, Ordering::Relaxed) + 1
    };
    let mut outcome = ControlFlow::Continue(());
    rayon::in_place_scope(|scope| {
        for _ in 1..rayon::current_num_threads() {
            scope.spawn(|_| {
                let mut own = None;
                while let Some(task) = next() {
                    finish(&mut own, task);
                }
            });
        }
        let mut own = None;
        while let Some(task) = next() {
            if between(finish(&mut own, task)).is_break() {
                stopped.store(true, Ordering::Relaxed);
                outcome = ControlFlow::Break(());
            }
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(outcome),
    }
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
    #[test]
    fn an_error_stops_all_and_is_returned() {
        for threads in 1..=3 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let done = AtomicUsize::new(0);
            let fail = |(): &mut (), task: usize| {
                done.fetch_add(1, Ordering::Relaxed);
                if task == 5 { Err("five") } else { Ok(()) }
            };
            let go_on = &mut |_: usize| ControlFlow::Continue(());
            let outcome = pool.install(|| try_for_each(0..1_000_000, || (), fail, go_on));
            assert_eq!(outcome, Err("five"));
            assert!(done.load(Ordering::Relaxed) < 1_000_000);
        }
    }
}
