//! The window's end of the workers: submit, cancel, receive; dropping it stops and joins them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread::{Builder, JoinHandle};

use super::context::Wake;
use super::error::JobError;
use super::lanes::Lane;
use super::protocol::{Event, Job, JobId, Report};
use super::queue::LaneShared;
use super::run_loop;

/// The lanes and the events that come from them.
pub struct Workers {
    lanes: Vec<(Lane, Arc<LaneShared>, Option<JoinHandle<()>>)>,
    events: Receiver<Report>,
    /// For what the handle itself says: that a job ended before it began.
    sender: Sender<Report>,
    next_id: JobId,
}

impl Workers {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(wake: &Wake) -> std::io::Result<Self> {
        let (sender, events) = mpsc::channel();
        let mut lanes = Vec::new();
        for lane in Lane::ALL {
            let shared = Arc::new(LaneShared::default());
            let pool = lane.pool()?;
            let thread = {
                let (shared, sender, wake) = (Arc::clone(&shared), sender.clone(), Arc::clone(wake));
                Builder::new()
                    .name(format!("dubito-{}", lane.name()))
                    .spawn(move || run_loop::run(&shared, &sender, &wake, pool.as_ref()))?
            };
            lanes.push((lane, shared, Some(thread)));
        }
        Ok(Self { lanes, events, sender, next_id: 1 })
    }

    /// Queues a job and says which id its events will carry. Where a job of this slot gives way to a newer one, the
    /// waiting one is dropped and the running one told to stop.
    pub fn submit(&mut self, job: Job) -> JobId {
        let id = self.next_id;
        self.next_id += 1;
        let lane = job.lane();
        for (name, shared, _) in &self.lanes {
            if *name != lane {
                continue;
            }
            let slot = job.slot();
            let mut queue = shared.lock();
            if slot.newest_wins() {
                queue.waiting.retain(|(_, waiting)| waiting.slot() != slot);
                if let Some(running) =
                    queue.running.as_ref().filter(|running| running.slot == slot && !slot.is_quick())
                {
                    running.stop.store(true, Ordering::Relaxed);
                }
            }
            queue.waiting.push((id, job));
            shared.changed.notify_one();
            break;
        }
        id
    }

    /// Drops the job if it waits, tells it to stop if it runs. Either way it says that it has ended.
    pub fn cancel(&self, id: JobId) {
        for (_, shared, _) in &self.lanes {
            let mut queue = shared.lock();
            let before = queue.waiting.len();
            queue.waiting.retain(|(waiting, _)| *waiting != id);
            if queue.waiting.len() < before {
                // Nobody else will say so, and the window would wait for it. The receiver is this handle's own.
                let _ = self.sender.send(Report { job: id, event: Event::Finished });
            }
            if let Some(running) = queue.running.as_ref().filter(|running| running.id == id) {
                running.stop.store(true, Ordering::Relaxed);
            }
        }
    }

    /// The next event, if one has come. When a worker has died, that is said once for each lane, as an event.
    pub fn try_next(&mut self) -> Option<Report> {
        match self.events.try_recv() {
            Ok(report) => Some(report),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => self.dead_lane(),
        }
    }

    fn dead_lane(&mut self) -> Option<Report> {
        let (lane, shared, thread) = self
            .lanes
            .iter_mut()
            .find(|(_, _, thread)| thread.as_ref().is_some_and(JoinHandle::is_finished))?;
        *thread = None;
        let job = shared.lock().running.as_ref().map_or(0, |running| running.id);
        Some(Report { job, event: Event::Failed(JobError::LaneStopped(lane.name())) })
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for (_, shared, _) in &self.lanes {
            let mut queue = shared.lock();
            queue.closed = true;
            queue.waiting.retain(|(_, job)| job.slot().is_owed());
            if let Some(running) = &queue.running {
                running.stop.store(true, Ordering::Relaxed);
            }
            shared.changed.notify_one();
        }
        for (_, _, thread) in &mut self.lanes {
            if let Some(thread) = thread.take() {
                // A worker that panicked has already been reported.
                let _ = thread.join();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::data::marks::{Mark, MarkStore, Marks, Review};
    use crate::data::synthetic;
    use crate::shown::{MarkWork, Marked};
    use crate::worker::Slot;

    fn workers() -> Workers {
        let wake: Wake = Arc::new(|| {});
        Workers::start(&wake).unwrap()
    }

    fn test_job(slot: Slot, work: impl FnOnce(&dyn Fn() -> bool) + Send + 'static) -> Job {
        Job::Test(slot, Box::new(work))
    }

    /// A job that runs until it is told to stop, and says when it begins.
    fn until_stopped(slot: Slot, begun: Sender<()>) -> Job {
        test_job(slot, move |stopped| {
            begun.send(()).unwrap();
            while !stopped() {
                std::thread::yield_now();
            }
        })
    }

    fn wait_for(workers: &mut Workers, wanted: impl Fn(&Report) -> bool) -> Report {
        let start = Instant::now();
        loop {
            if let Some(report) = workers.try_next()
                && wanted(&report)
            {
                return report;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "nothing came");
            std::thread::yield_now();
        }
    }

    fn finished(id: JobId) -> impl Fn(&Report) -> bool {
        move |report| report.job == id && matches!(report.event, Event::Finished)
    }

    #[test]
    fn a_newer_job_of_a_slot_stops_the_running_one_and_replaces_the_waiting_one() {
        let mut workers = workers();
        let (begun, begins) = channel();
        let (ran, runs) = channel();
        let first = workers.submit(until_stopped(Slot::Sweep, begun));
        begins.recv_timeout(Duration::from_secs(10)).unwrap();
        let never = ran.clone();
        let second = workers.submit(test_job(Slot::Sweep, move |_| never.send(2).unwrap()));
        let third = workers.submit(test_job(Slot::Sweep, move |_| ran.send(3).unwrap()));
        wait_for(&mut workers, finished(first));
        wait_for(&mut workers, finished(third));
        assert_eq!(runs.try_iter().collect::<Vec<_>>(), [3]);
        assert!(second > first && third > second);
    }

    #[test]
    fn a_job_that_panics_is_reported_and_its_lane_goes_on() {
        let mut workers = workers();
        let broken = workers.submit(test_job(Slot::Export, |_| panic!("out of luck")));
        let next = workers.submit(test_job(Slot::Export, |_| {}));
        let report = wait_for(&mut workers, |report| matches!(report.event, Event::Failed(_)));
        assert_eq!(report.job, broken);
        let Event::Failed(error) = report.event else { unreachable!() };
        let message = error.to_string();
        assert!(message.contains("out of luck"), "{message}");
        wait_for(&mut workers, finished(next));
    }

    #[test]
    fn a_job_cancelled_before_it_began_says_that_it_has_ended() {
        let mut workers = workers();
        let (begun, begins) = channel();
        let running = workers.submit(until_stopped(Slot::Sweep, begun));
        begins.recv_timeout(Duration::from_secs(10)).unwrap();
        let (ran, runs) = channel();
        let waiting = workers.submit(test_job(Slot::Model, move |_| ran.send(()).unwrap()));
        workers.cancel(waiting);
        wait_for(&mut workers, finished(waiting));
        workers.cancel(running);
        wait_for(&mut workers, finished(running));
        assert!(runs.try_recv().is_err(), "it never ran");
    }

    #[test]
    fn files_a_person_asked_for_are_all_written() {
        let mut workers = workers();
        let (ran, runs) = channel();
        let mut last = 0;
        for number in 0..5 {
            let ran = ran.clone();
            last = workers.submit(test_job(Slot::Export, move |_| ran.send(number).unwrap()));
        }
        wait_for(&mut workers, finished(last));
        assert_eq!(runs.try_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn marks_that_wait_are_saved_before_the_handle_is_gone_and_loaded_again() {
        let folder = tempfile::tempdir().unwrap();
        let digits = Arc::new(synthetic::generate(8, 1));
        let mut marks = Marks::new(digits.hash());
        let mut here = workers();
        let (begun, begins) = channel();
        // Jobs of the same lane, in front of them and between them.
        here.submit(until_stopped(Slot::Features, begun));
        begins.recv_timeout(Duration::from_secs(10)).unwrap();
        for index in 0..8 {
            let change = marks.change(&digits, index, Review::Marked(Mark::Fine)).unwrap();
            marks.apply(change);
            let work = MarkWork::Save { dataset: digits.hash(), changes: vec![change] };
            here.submit(Job::Marks { folder: Some(folder.path().into()), work });
            here.submit(test_job(Slot::Pictures, |_| panic!("nobody waits for this")));
        }
        drop(here);

        let mut here = workers();
        let work = MarkWork::Load(Arc::clone(&digits));
        let id = here.submit(Job::Marks { folder: Some(folder.path().into()), work });
        let report = wait_for(&mut here, |report| matches!(report.event, Event::Marked(_)));
        let Event::Marked(done) = report.event else { unreachable!() };
        assert_eq!((report.job, done), (id, Marked::Loaded(marks)));
    }

    #[test]
    fn marks_that_were_damaged_are_loaded_and_said() {
        let folder = tempfile::tempdir().unwrap();
        let digits = Arc::new(synthetic::generate(8, 1));
        let path = MarkStore::new(folder.path().into()).path(&digits.hash());
        std::fs::write(&path, "nonsense\n").unwrap();
        let work = MarkWork::Load(Arc::clone(&digits));
        let events = crate::worker::answers(Job::Marks { folder: Some(folder.path().into()), work });
        let [Event::Started, Event::Marked(Marked::Loaded(marks)), Event::Failed(error)] = &events[..] else {
            panic!("{events:?}")
        };
        assert!(marks.is_empty());
        let message = error.to_string();
        assert!(message.contains(path.to_str().unwrap()) && message.contains("kept as"), "{message}");
    }

    #[test]
    fn a_live_job_is_answered_while_the_other_lanes_are_busy() {
        let mut workers = workers();
        let (begun, begins) = channel();
        for slot in [Slot::Train, Slot::Sweep] {
            workers.submit(until_stopped(slot, begun.clone()));
            begins.recv_timeout(Duration::from_secs(10)).unwrap();
        }
        let live = workers.submit(test_job(Slot::Gallery, |_| {}));
        wait_for(&mut workers, finished(live));
    }

    #[test]
    fn a_cancelled_job_stops_and_dropping_the_handle_joins_all() {
        let mut workers = workers();
        let (begun, begins) = channel();
        let id = workers.submit(until_stopped(Slot::Train, begun.clone()));
        begins.recv_timeout(Duration::from_secs(10)).unwrap();
        workers.cancel(id);
        wait_for(&mut workers, finished(id));
        workers.submit(until_stopped(Slot::Train, begun));
        begins.recv_timeout(Duration::from_secs(10)).unwrap();
        drop(workers);
    }
}
