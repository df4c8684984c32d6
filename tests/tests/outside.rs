//! What is done outside the page is on the page within a second, and is not the lab's.

use std::time::{Duration, Instant};

use tests::{agent::TestAgent, docker::on_both, relay::Relay, view::View};

#[tokio::test]
async fn what_is_done_outside_shows_within_a_second() {
    on_both(async |docker| {
        let agent = TestAgent::on(docker).await;
        let mut view = agent.view().await;
        for (line, is_seen) in [
            ("network create outside", has_network as fn(&View) -> bool),
            (
                "run -d --name outside --network outside busybox sleep 600",
                runs,
            ),
            ("stop -t 0 outside", has_stopped),
            ("rm outside", has_no_container),
            ("network rm outside", has_no_network),
        ] {
            docker.docker(line);
            let done = Instant::now();
            view.until(line, is_seen).await;
            let took = done.elapsed();
            assert!(took < Duration::from_secs(1), "{line}: {took:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_is_missed_while_the_engine_cannot_be_seen() {
    on_both(async |docker| {
        let mut relay = Relay::to(docker.socket());
        let agent = TestAgent::at(&relay.host()).await;
        let mut view = agent.view().await;
        relay.cut().await;
        docker.docker("network create outside");
        docker.docker("run -d --name outside --network outside busybox sleep 600");
        relay.join();
        view.until("both", |view| has_network(view) && runs(view))
            .await;

        relay.cut().await;
        docker.docker("rm -f outside");
        docker.docker("network rm outside");
        relay.join();
        view.until("neither", |view| {
            has_no_container(view) && has_no_network(view)
        })
        .await;
    })
    .await;
}

fn has_network(view: &View) -> bool {
    let mut networks = view.topology.networks.values();
    networks.any(|network| network.name == "outside" && !network.ours)
}

fn has_no_network(view: &View) -> bool {
    let mut networks = view.topology.networks.values();
    networks.all(|network| network.name != "outside")
}

/// Its name, whether it is the lab's, its state, and how many addresses it has.
fn container(view: &View) -> Option<(bool, String, usize)> {
    let mut containers = view.topology.containers.values();
    let container = containers.find(|container| container.name == "outside")?;
    let endpoints = container.endpoints.values();
    let addresses = endpoints.filter_map(|endpoint| endpoint.address).count();
    Some((container.ours, format!("{:?}", container.state), addresses))
}

fn runs(view: &View) -> bool {
    container(view) == Some((false, "Running".to_owned(), 1))
}

fn has_stopped(view: &View) -> bool {
    container(view) == Some((false, "Exited".to_owned(), 0))
}

fn has_no_container(view: &View) -> bool {
    container(view).is_none()
}
