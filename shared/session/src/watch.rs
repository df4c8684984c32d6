//! Watches the engine: subscribes, lists, and lists again when something happens, every ten seconds, and after a cut.

use std::{sync::Arc, time::Duration};

use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::Sender,
    future::{Either, select},
};
use lab::{
    Clock, Host, Result, System,
    engine::Items,
    guard::Guard,
    models::EventMessage,
    options::EventsOptions,
    topology::{self, Topology},
};

use crate::desk::Happening;

/// The engine's events can be lost without a word, so everything is listed this often.
const RELIST: Duration = Duration::from_secs(10);
/// A burst of events is one look: at most so often.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// How soon, and how often, a create's answer is looked for before what is there is shown without it.
const ANSWER: Duration = Duration::from_millis(10);
const MOST_LOOKS: u32 = 50;
const RETRY: Duration = Duration::from_secs(1);

pub async fn watch(
    guard: Arc<Guard>,
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    mut to: Sender<Happening>,
) {
    loop {
        let Err(error) = follow(&guard, &*host, &*clock, &mut to).await else {
            return;
        };
        if to
            .send(Happening::EngineGone(error.to_string()))
            .await
            .is_err()
        {
            return;
        }
        clock.sleep(RETRY).await;
    }
}

/// Until the engine goes (an error) or nobody listens.
async fn follow(
    guard: &Guard,
    host: &dyn Host,
    clock: &dyn Clock,
    to: &mut Sender<Happening>,
) -> Result<()> {
    let mut events = guard.events(EventsOptions::default()).await?;
    loop {
        let (seen, settled) = look(guard, host, clock).await?;
        if to.send(Happening::Seen(seen)).await.is_err() {
            return Ok(());
        }
        clock.sleep(BETWEEN_LOOKS).await;
        if !settled {
            continue;
        }
        let relist = clock.sleep(RELIST);
        match select(Box::pin(next_change(&mut events)), relist).await {
            Either::Left((change, _)) => change?,
            Either::Right(((), change)) => drop(change),
        }
    }
}

/// What is there, and whether all of it is known to be the lab's or not. Docker tells of what it made before it answers
/// the one who asked for it: for that moment the lab's own would look like somebody else's, so it is waited for.
async fn look(guard: &Guard, host: &dyn Host, clock: &dyn Clock) -> Result<(Topology, bool)> {
    let mut looks = 0;
    loop {
        let before = guard.settled();
        let seen = topology::read(guard, host.facts().await, &|id| guard.owns(id)).await?;
        let settled = before.is_some() && before == guard.settled();
        if settled || looks == MOST_LOOKS {
            return Ok((seen, settled));
        }
        looks += 1;
        clock.sleep(ANSWER).await;
    }
}

/// Waits for something that changes what is drawn; takes what else is there already with it.
async fn next_change(events: &mut Items<EventMessage>) -> Result<()> {
    loop {
        let Some(event) = events.next().await else {
            return Err(lab::Error::Unreachable(
                "The engine ended its stream of events: it was stopped or restarted.".to_owned(),
            ));
        };
        if changes_something(&event?) {
            break;
        }
    }
    while let Some(Some(event)) = events.next().now_or_never() {
        event?;
    }
    Ok(())
}

/// What is run inside a container changes nothing that is drawn; the checks' own probes are such.
fn changes_something(event: &EventMessage) -> bool {
    !event
        .action
        .as_deref()
        .unwrap_or_default()
        .starts_with("exec_")
}
