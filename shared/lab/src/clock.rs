//! Time, handed in from outside: nothing in `shared/` reads a clock of its own.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use jiff::Timestamp;

/// What the time is, and a way to wait.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;

    /// Is done once `duration` has passed.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// A clock for tests: waiting takes no time, it only moves the hands.
///
/// Whoever sleeps moves the time for everyone, so it is right where one task waits at a time.
#[derive(Clone, Debug)]
pub struct VirtualClock {
    now: Arc<Mutex<Timestamp>>,
}

impl VirtualClock {
    pub fn starting_at(now: Timestamp) -> Self {
        Self {
            now: Arc::new(Mutex::new(now)),
        }
    }

    pub fn advance(&self, duration: Duration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now += duration;
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let until = self.now() + duration;
        let clock = self.clone();
        Box::pin(async move {
            let mut now = clock.now.lock().unwrap_or_else(PoisonError::into_inner);
            *now = (*now).max(until);
        })
    }
}
