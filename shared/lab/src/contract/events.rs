//! What an engine tells of by itself.

use futures::StreamExt;

use super::lab::{Lab, heard_of};
use crate::{Engine, options::EventsOptions};

/// Whoever subscribed hears of everything that happens after it, in its order.
pub async fn events(engine: &dyn Engine, prefix: &str) {
    let lab = Lab::clean(engine, prefix).await;
    let (net, web) = (lab.name("net"), lab.name("web"));
    let mut events = engine
        .events(EventsOptions::default())
        .await
        .expect("a subscription");
    lab.network("net", None).await;
    lab.sleeper("web", &net).await;
    engine.start_container(&web).await.expect("a start");
    lab.remove(&web).await;
    engine.remove_network(&net).await.expect("it goes");

    let mut heard = Vec::new();
    loop {
        let event = events
            .next()
            .await
            .expect("the stream goes on")
            .expect("an event");
        let Some((about, what)) = heard_of(&event, &[&net, &web]) else {
            continue;
        };
        let last = about == net && what == "destroy";
        heard.push(format!(
            "{} {what}",
            about.trim_start_matches(prefix).trim_start_matches('-')
        ));
        if last {
            break;
        }
    }
    let expected = [
        "net create",
        "web create",
        "net connect",
        "web start",
        "web kill",
        "web die",
        "net disconnect",
        "web destroy",
        "net destroy",
    ];
    // An engine may tell of the disconnect and the die in either order.
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all
    };
    let firsts: Vec<&str> = heard.iter().take(4).map(String::as_str).collect();
    assert_eq!(firsts, expected[..4]);
    assert_eq!(sorted(heard), sorted(expected.map(str::to_owned).to_vec()));
}
