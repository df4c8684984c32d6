//! The simulated engine keeps the contract that the real ones keep.

use std::sync::Arc;

use futures::executor::block_on;
use jiff::Timestamp;
use lab::{Engine, clock::VirtualClock, contract};
use simulated::Simulated;

#[test]
fn it_keeps_the_contract() {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let engine = Simulated::new(clock, 7);
    let engine: &dyn Engine = &engine;
    block_on(async {
        contract::networks(engine, "simulated").await;
        contract::containers(engine, "simulated").await;
        contract::pausing(engine, "simulated").await;
        contract::exec(engine, "simulated").await;
        contract::logs(engine, "simulated").await;
        contract::events(engine, "simulated").await;
        contract::errors(engine, "simulated").await;
        contract::swarm(engine, "simulated").await;
    });
}
