//! Third pass: staged files are read, each once, several at a time: digest, content check and copy in one go.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Observer;
use super::decide::Task;
use super::turns::Turns;
use crate::domain::verdict::Evidence;
use crate::intake::{self, Intake, Wants};
use crate::source::{Fault, Source};
use crate::vault::{Draft, Vault};

/// How often the observer is asked while a file is read.
const TICK: Duration = Duration::from_secs(10);

/// What a worker is to do for one task.
pub struct Order {
    pub task: Task,
    pub wants: Wants,
    /// Copy what is read into the vault.
    pub copy: bool,
}

/// What a worker found.
pub struct Found {
    pub task: Task,
    pub outcome: Outcome,
}

#[expect(clippy::large_enum_variant, reason = "there is one per worker")]
pub enum Outcome {
    Evidence {
        evidence: Evidence,
        /// The copy, complete and not yet published.
        draft: Option<Draft>,
        /// Why there is no copy though one was wanted.
        no_copy: Option<String>,
    },
    /// It changed while it was read.
    Changed,
    /// The monitor's own failure.
    Failed(String),
}

/// What the workers share.
pub struct Reader<'a> {
    pub source: &'a dyn Source,
    pub vault: Option<&'a Vault>,
    /// Bytes that must stay free on the vault's file system.
    pub min_free: u64,
    pub observer: &'a dyn Observer,
    pub threads: usize,
}

impl Reader<'_> {
    /// Reads all, and hands each result to `each` in this thread as it comes, and `None` now and then while a large file
    /// is read. Stops early when `each` fails, and in the midst of a file once the run's deadline is over. Gives how many
    /// files were not read to their end.
    pub fn read<E>(
        &self,
        orders: Vec<Order>,
        mut each: impl FnMut(Option<Found>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let queue = Mutex::new(Turns::new(orders, self.threads));
        let (stop, cut_off) = (AtomicBool::new(false), AtomicUsize::new(0));
        let (sender, receiver) = mpsc::sync_channel(self.threads.max(1));
        std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                let sender = sender.clone();
                let (queue, stop, cut_off) = (&queue, &stop, &cut_off);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) && !self.observer.deadline_is_over() {
                        let Some(order) = locked(queue).take() else { break };
                        let agent = order.task.agent.id.clone();
                        let found = self.one(order);
                        locked(queue).done(&agent);
                        let Some(found) = found else {
                            cut_off.fetch_add(1, Ordering::Relaxed);
                            break;
                        };
                        if sender.send(found).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            // Gone when this returns early: a worker that waits for room in the channel would wait for ever.
            let receiver = receiver;
            loop {
                let found = match receiver.recv_timeout(TICK) {
                    Ok(found) => Some(found),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => {
                        return Ok(locked(&queue).left() + cut_off.load(Ordering::Relaxed));
                    }
                };
                if let Err(error) = each(found) {
                    stop.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
        })
    }

    /// `None` when the time was over before the end of the file.
    fn one(&self, order: Order) -> Option<Found> {
        let Order { task, wants, copy } = order;
        let outcome = match self.source.open(&task.agent, &task.expectation.file) {
            Ok(mut file) => {
                let (mut draft, mut no_copy) =
                    if copy { self.begin(task.identity.size) } else { (None, None) };
                let sink = draft.as_mut().map(|draft| draft as &mut dyn std::io::Write);
                match intake::measure(file.as_mut(), sink, wants, self.observer) {
                    Intake::Read { measurement, copy_error } => {
                        if let Some(error) = copy_error {
                            draft = None;
                            no_copy = Some(error.to_string());
                        }
                        Outcome::Evidence { evidence: Evidence::Read(*measurement), draft, no_copy }
                    }
                    Intake::Changed => Outcome::Changed,
                    Intake::OutOfTime => return None,
                    Intake::Failed(error) => Outcome::Failed(error.to_string()),
                }
            }
            Err(fault) => of_fault(fault),
        };
        Some(Found { task, outcome })
    }

    fn begin(&self, size: u64) -> (Option<Draft>, Option<String>) {
        let Some(vault) = self.vault else { return (None, None) };
        let room = match vault.space() {
            Ok(space) if space.free < self.min_free.saturating_add(size) => Err(format!(
                "too little space under the validated folder: {} free, {} needed, {} to stay free",
                crate::domain::text::size(space.free),
                crate::domain::text::size(size),
                crate::domain::text::size(self.min_free)
            )),
            Ok(_) => vault.begin(size).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match room {
            Ok(draft) => (Some(draft), None),
            Err(reason) => (None, Some(reason)),
        }
    }
}

fn of_fault(fault: Fault) -> Outcome {
    let evidence = match fault {
        Fault::Absent => Evidence::Absent,
        Fault::WrongKind(what) => Evidence::NotARegularFile(what.to_owned()),
        Fault::Agents(reason) => Evidence::Unreadable(reason),
        Fault::Monitors(reason) => return Outcome::Failed(reason),
    };
    Outcome::Evidence { evidence, draft: None, no_copy: None }
}

/// A worker that panicked has left the queue whole: it holds it only to take one order.
fn locked<T>(queue: &Mutex<T>) -> MutexGuard<'_, T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the stream before compression must be hashed to prove the claim.
pub fn wants(task: &Task, content_check: bool) -> Wants {
    Wants { content_check, stream_digest: task.expectation.needs_stream(content_check) }
}
