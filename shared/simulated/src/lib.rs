//! The simulated engine: a seeded world in memory that answers as Docker Engine 28 does, judged by the real one.
//!
//! No threads and no clock of its own: the world moves on whenever somebody asks it something or waits for it.

mod cluster;
mod containers;
mod events;
mod exec;
pub mod fs;
mod host;
mod images;
mod machines;
mod net;
mod networks;
mod process;
mod programs;
mod swarm;
mod system;
mod world;

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use futures::future::{BoxFuture, poll_fn};
use jiff::Timestamp;
use lab::{
    Clock, Error, Result,
    guard::{Guard, GuardedHost, GuardedHosts, Journal, Limits},
};

use machines::{Here, Machines};
use world::World;

/// The simulated engine of one machine; clones are the same one. [`Self::on`] gives that of another machine.
#[derive(Clone)]
pub struct Simulated {
    inner: Arc<Inner>,
    /// Which machine's.
    host: usize,
}

struct Inner {
    clock: Arc<dyn Clock>,
    machines: Mutex<Machines>,
    /// By machine.
    running: Vec<Mutex<Running>>,
    sockets: Mutex<net::Sockets>,
    /// Something has moved: programs that waited for it are to look again.
    stirred: AtomicBool,
    /// The moment that the world has reached, while it catches up with the clock.
    moment: Mutex<Option<Timestamp>>,
    /// Held by who lets the programs run.
    turn: Mutex<()>,
    /// A swarm is at work, and what it does is not to set it to work again.
    orchestrating: AtomicBool,
}

/// What is under way: programs, and who waits for something to change.
#[derive(Default)]
struct Running {
    programs: BTreeMap<Owner, BoxFuture<'static, i64>>,
    timers: Vec<Timestamp>,
    /// Containers that something is due for, beside their programs.
    alarms: BTreeSet<(Timestamp, String)>,
    waiting: Vec<Waker>,
}

/// Whose program it is: a process of a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Owner {
    container: String,
    pid: u32,
}

/// What is to become of a process when its turn comes.
enum Fate {
    Runs,
    /// Paused or stopped.
    Waits,
    Killed(u8),
    Gone,
}

impl Simulated {
    pub fn new(clock: Arc<dyn Clock>, seed: u64) -> Self {
        let machines = Machines::new(seed, clock.now());
        Self::with(clock, machines)
    }

    /// The world as it was saved; what ran is started again from its command.
    pub fn restore(clock: Arc<dyn Clock>, saved: &str) -> Result<Self> {
        let mut machines: Machines =
            serde_json::from_str(saved).map_err(|error| Error::Unreadable(error.to_string()))?;
        if machines.hosts.is_empty() {
            return Err(Error::Unreadable("there is no machine in it".to_owned()));
        }
        for host in &mut machines.hosts {
            host.restore_files();
        }
        let simulated = Self::with(clock, machines);
        for host in simulated.everywhere() {
            let running: Vec<String> = {
                let world = host.world();
                world
                    .containers
                    .values()
                    .filter(|container| container.is_running())
                    .map(|container| container.id.clone())
                    .collect()
            };
            for id in running {
                host.start_program(&id);
            }
            host.set_alarms_again();
        }
        Ok(simulated)
    }

    /// All machines as text, for [`Self::restore`].
    pub fn save(&self) -> String {
        let mut saved = serde_json::to_value(&*self.machines()).unwrap_or_default();
        // Docker's models hold hash maps: the same world is the same text.
        saved.sort_all_objects();
        saved.to_string()
    }

    /// The machines' names, the one that the learner sits at first.
    pub fn hosts(&self) -> Vec<String> {
        let machines = self.machines();
        machines
            .hosts
            .iter()
            .map(|host| host.name.clone())
            .collect()
    }

    /// The engine of the machine of this name, or with this address.
    pub fn on(&self, host: &str) -> Option<Self> {
        let host = self
            .machines()
            .hosts
            .iter()
            .position(|known| known.name == host || known.address.to_string() == host)?;
        Some(self.at(host))
    }

    /// Each machine's engine with a guard around it; what the lab makes on any of them is in the one journal.
    pub fn guarded(
        &self,
        journal: &Arc<dyn Journal>,
        limits: &Limits,
        random: fn() -> String,
    ) -> GuardedHosts {
        let guarded = |engine: Self| {
            let (name, address) = {
                let world = engine.world();
                (world.name.clone(), world.address.to_string())
            };
            let guard = Guard::new(
                Arc::new(engine.clone()),
                Arc::clone(journal),
                Limits {
                    // The other machines are the lab's own, too.
                    other_hosts: true,
                    ..limits.clone()
                },
                random,
            );
            GuardedHost {
                name,
                address,
                guard: Arc::new(guard),
                host: Arc::new(engine),
            }
        };
        GuardedHosts {
            first: guarded(self.at(0)),
            others: self.everywhere().skip(1).map(guarded).collect(),
        }
    }

    fn at(&self, host: usize) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            host,
        }
    }

    fn everywhere(&self) -> impl Iterator<Item = Self> + use<'_> {
        (0..self.inner.running.len()).map(|host| self.at(host))
    }

    fn with(clock: Arc<dyn Clock>, machines: Machines) -> Self {
        let running = machines.hosts.iter().map(|_| Mutex::default()).collect();
        Self {
            inner: Arc::new(Inner {
                clock,
                machines: Mutex::new(machines),
                running,
                sockets: Mutex::default(),
                stirred: AtomicBool::default(),
                moment: Mutex::default(),
                turn: Mutex::default(),
                orchestrating: AtomicBool::default(),
            }),
            host: 0,
        }
    }

    fn now(&self) -> Timestamp {
        let moment = *self.moment();
        moment.unwrap_or_else(|| self.inner.clock.now())
    }

    fn moment(&self) -> MutexGuard<'_, Option<Timestamp>> {
        let moment = self.inner.moment.lock();
        moment.unwrap_or_else(PoisonError::into_inner)
    }

    fn machines(&self) -> MutexGuard<'_, Machines> {
        self.inner
            .machines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// This machine's.
    fn world(&self) -> Here<'_> {
        Here::new(self.machines(), self.host)
    }

    /// This machine's.
    fn running(&self) -> MutexGuard<'_, Running> {
        self.inner.running[self.host]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The table of sockets. Its lock is taken after the world's.
    fn sockets(&self) -> MutexGuard<'_, net::Sockets> {
        self.inner
            .sockets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Programs look again before [`Self::drive`] rests.
    fn stir(&self) {
        self.inner.stirred.store(true, Ordering::Relaxed);
    }

    fn set_timer(&self, until: Timestamp) {
        self.running().timers.push(until);
    }

    /// Something changed: programs go on, and all who wait look again.
    fn changed(&self) {
        self.drive();
        self.wake();
    }

    fn wake(&self) {
        for host in self.everywhere() {
            let waiting = std::mem::take(&mut host.running().waiting);
            waiting.into_iter().for_each(Waker::wake);
        }
    }

    /// Lets each program on each machine run until it waits, again while one moves another.
    fn drive(&self) {
        // A program that moves the world is driven already, and so is who it moved.
        if DRIVING.replace(true) {
            return self.stir();
        }
        {
            let turn = self.inner.turn.lock();
            let _turn = turn.unwrap_or_else(PoisonError::into_inner);
            self.catch_up();
        }
        DRIVING.set(false);
    }

    /// What was due since the world last moved comes first, each at its own time: an hour that nobody looked is lived
    /// through as it would have been lived.
    fn catch_up(&self) {
        loop {
            let now = self.inner.clock.now();
            let due = self.next_timer().filter(|timer| *timer <= now);
            *self.moment() = due;
            self.settle();
            if due.is_none() {
                return;
            }
        }
    }

    fn settle(&self) {
        for host in self.everywhere() {
            host.ring_alarms();
        }
        self.drive_once();
        while self.inner.stirred.swap(false, Ordering::Relaxed) {
            self.drive_once();
        }
        let now = self.now();
        for host in self.everywhere() {
            host.running().timers.retain(|timer| *timer > now);
        }
    }

    /// What a container waits for without a program: its next life, its next probe.
    fn set_alarm(&self, at: Timestamp, container: &str) {
        let mut running = self.running();
        running.timers.push(at);
        running.alarms.insert((at, container.to_owned()));
    }

    fn ring_alarms(&self) {
        let now = self.now();
        let due: Vec<(Timestamp, String)> = {
            let mut running = self.running();
            let later = running.alarms.iter().find(|(at, _)| *at > now).cloned();
            let later = later.map(|first| running.alarms.split_off(&first));
            let due = std::mem::replace(&mut running.alarms, later.unwrap_or_default());
            due.into_iter().collect()
        };
        for (_, container) in due {
            self.alarm(&container);
        }
    }

    fn drive_once(&self) {
        self.orchestrate();
        for host in self.everywhere() {
            host.drive_here();
        }
    }

    fn drive_here(&self) {
        let owners: Vec<Owner> = self.running().programs.keys().cloned().collect();
        for owner in owners {
            match self.fate(&owner) {
                Fate::Runs => self.poll(owner),
                Fate::Waits => {}
                Fate::Gone => self.take_program(&owner),
                Fate::Killed(signal) => {
                    self.take_program(&owner);
                    self.ended(&owner, process::exit_code(signal));
                }
            }
        }
    }

    /// The world is not locked meanwhile, so that programs can use it.
    fn poll(&self, owner: Owner) {
        let Some(mut program) = self.running().programs.remove(&owner) else {
            return;
        };
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let outcome = loop {
            let outcome = program.as_mut().poll(&mut Context::from_waker(&waker));
            if outcome.is_ready() || !woken.0.swap(false, Ordering::Relaxed) {
                break outcome;
            }
        };
        match outcome {
            Poll::Ready(exit) => {
                drop(program);
                self.ended(&owner, exit);
            }
            // A kill meanwhile may have ended its container.
            Poll::Pending if matches!(self.fate(&owner), Fate::Gone) => {}
            Poll::Pending => {
                self.running().programs.entry(owner).or_insert(program);
            }
        }
    }

    /// Drops a program outside of the locks: it lets go of its sockets and pipes.
    fn take_program(&self, owner: &Owner) {
        let gone = self.running().programs.remove(owner);
        drop(gone);
    }

    fn fate(&self, owner: &Owner) -> Fate {
        let world = self.world();
        let container = world.containers.get(&owner.container);
        let Some(container) = container.filter(|container| container.is_running()) else {
            return Fate::Gone;
        };
        let Some(entry) = container.processes.get(owner.pid) else {
            return Fate::Gone;
        };
        match entry.killed {
            Some(signal) => Fate::Killed(signal),
            None if container.state == world::State::Paused => Fate::Waits,
            None if entry.state == process::State::Stopped => Fate::Waits,
            None => Fate::Runs,
        }
    }

    /// Waits until `look` finds something in the world, driving the world meanwhile.
    async fn until<T>(&self, mut look: impl FnMut(&mut World) -> Option<T>) -> T {
        self.attend(poll_fn(|_| {
            look(&mut self.world()).map_or(Poll::Pending, Poll::Ready)
        }))
        .await
    }

    /// Waits for something of the world's from outside of it, driving the world meanwhile.
    async fn attend<T>(&self, waited_for: impl Future<Output = T>) -> T {
        let mut waited_for = pin!(waited_for);
        let mut sleep: Option<(Timestamp, BoxFuture<'static, ()>)> = None;
        poll_fn(move |context| {
            loop {
                self.drive();
                if let Poll::Ready(found) = waited_for.as_mut().poll(context) {
                    self.drive();
                    self.wake();
                    return Poll::Ready(found);
                }
                // What is waited for has moved the world itself: no time passes before programs have seen it.
                if self.inner.stirred.load(Ordering::Relaxed) {
                    continue;
                }
                self.running().waiting.push(context.waker().clone());
                let Some(next) = self.next_timer() else {
                    return Poll::Pending;
                };
                // A timer set meanwhile may be nearer than the one that is slept for.
                let (_, mut sleeping) = sleep
                    .take()
                    .filter(|(until, _)| *until == next)
                    .unwrap_or_else(|| {
                        let left =
                            Duration::try_from(next.duration_since(self.now())).unwrap_or_default();
                        (next, self.inner.clock.sleep(left))
                    });
                if sleeping.as_mut().poll(context).is_pending() {
                    sleep = Some((next, sleeping));
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    fn next_timer(&self) -> Option<Timestamp> {
        self.everywhere()
            .filter_map(|host| host.running().timers.iter().min().copied())
            .min()
    }
}

thread_local! {
    /// This thread is inside of [`Simulated::drive`].
    static DRIVING: Cell<bool> = const { Cell::new(false) };
}

/// Notes that a program can go on at once.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
