//! A deadline for work that has none of its own: a server that drips a byte a second resets every timeout per read.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Runs `work` in a thread of its own and abandons it when it takes longer than `deadline`: then, or when it cannot be
/// started or dies, `None`.
pub fn within<T: Send + 'static>(deadline: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let thread = thread::Builder::new().name("deliver".to_owned());
    // An abandoned thread finds nobody to send to, which is as it should be.
    thread.spawn(move || drop(sender.send(work()))).ok()?;
    receiver.recv_timeout(deadline).ok()
}
