//! What a page sees of a session, from hello to reset, over the simulated engine.

mod common;

use common::*;
use course::{Progress, What};
use session::wire::{ClientMessage, PROTOCOL, ServerMessage, TerminalId, Update, WINDOW};

const PING: &str = "docker run -it --name alpine --network mynet alpine ping web";

/// The first commands of the lesson, up to a web server on a network of its own.
fn make_web(world: &mut World, page: &mut Page) {
    for line in [
        "docker network create mynet",
        "docker run -d --name web --network mynet nginx",
    ] {
        assert_eq!(world.run(page, line).1, 0, "{line}");
    }
}

#[test]
fn hello_is_welcomed_with_all_that_there_is() {
    let mut world = World::new();
    let mut page = world.greeted();
    world.wait(1, &mut page);
    let welcomes = page.welcomes();
    assert_eq!(welcomes.len(), 1);
    let snapshot = &welcomes[0].snapshot;
    assert_eq!(
        (welcomes[0].protocol, welcomes[0].epoch.as_str()),
        (PROTOCOL, EPOCH)
    );
    assert_eq!(snapshot.engine, engine_state());
    assert_eq!(snapshot.course, course::our_course());

    let later = world.greeted();
    let mut networks: Vec<_> = later.welcomes()[0]
        .snapshot
        .topology
        .networks
        .values()
        .map(|network| network.name.clone())
        .collect();
    networks.sort();
    assert_eq!(networks, ["bridge", "host", "none"]);
}

#[test]
fn nothing_is_done_before_a_hello_of_this_protocol() {
    let mut world = World::new();
    let mut page = world.page();
    page.send(run(ONE, "docker ps"));
    page.send(ClientMessage::Hello {
        protocol: 9,
        token: None,
        resume: None,
        progress: None,
    });
    world.wait(1, &mut page);
    assert_eq!(
        page.refused(),
        [
            "The first message must be a hello: reload the page.",
            "The page speaks version 9 of the protocol and this session version 2: reload the page.",
        ]
    );
    assert_eq!((page.told.len(), page.text(ONE).as_str()), (2, ""));
}

#[test]
fn a_line_runs_and_ends_and_everybody_sees_it() {
    let mut world = World::new();
    let (mut page, mut other) = (world.greeted(), world.greeted());
    let (shown, exit) = world.run(&mut page, "docker network rm nothing");
    assert_eq!(
        (shown.as_str(), exit),
        (
            "\x1b[32m$\x1b[0m docker network rm nothing\r\nError response from daemon: network nothing not found\r\nexit status 1\r\n",
            1
        )
    );
    world.settle(&mut other);
    assert_eq!(other.text(ONE), shown);
    let expected = [
        Update::Started {
            terminal: ONE,
            line: "docker network rm nothing".to_owned(),
        },
        Update::Ended {
            terminal: ONE,
            exit: 1,
        },
    ];
    for page in [&page, &other] {
        let runs = page
            .updates()
            .filter(|update| matches!(update, Update::Started { .. } | Update::Ended { .. }));
        assert_eq!(runs.cloned().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn only_one_line_runs_in_a_terminal_and_stop_ends_it() {
    let mut world = World::new();
    let mut page = world.greeted();
    make_web(&mut world, &mut page);
    page.told.clear();
    page.send(run(ONE, PING));
    world.until(&mut page, "three answers", |page| {
        page.text(ONE).matches("64 bytes from").count() == 3
    });
    page.send(run(ONE, "docker ps"));
    world.settle(&mut page);
    assert_eq!(
        page.refused(),
        ["A command runs in this terminal: stop it first, or use another terminal."]
    );
    assert_eq!(page.exit(), None);
    page.send(ClientMessage::Interrupt { terminal: ONE });
    world.until(&mut page, "the end", |page| page.exit().is_some());
    assert!(
        page.text(ONE).contains("--- web ping statistics ---"),
        "{}",
        page.text(ONE)
    );
}

#[test]
fn terminals_are_counted_and_closing_one_makes_room() {
    let mut world = World::new();
    let mut page = world.greeted();
    for id in 1..=17 {
        page.send(run(TerminalId(id), "docker version"));
    }
    world.wait(1, &mut page);
    assert_eq!(
        page.refused(),
        ["There are 16 terminals already, which is the most: close one first."]
    );
    page.send(ClientMessage::Close {
        terminal: TerminalId(3),
    });
    page.send(run(TerminalId(17), "docker version"));
    world.wait(1, &mut page);
    assert_eq!(page.refused().len(), 1);
    assert!(page.text(TerminalId(17)).contains("docker version"));
}

#[test]
fn closing_a_terminal_ends_what_runs_there_and_its_bytes_go_on_after() {
    let mut world = World::new();
    let mut page = world.greeted();
    make_web(&mut world, &mut page);
    page.send(run(ONE, "docker logs -f web"));
    world.wait(2, &mut page);
    page.told.clear();
    page.send(ClientMessage::Close { terminal: ONE });
    world.wait(2, &mut page);
    assert_eq!(
        page.updates().cloned().collect::<Vec<_>>(),
        [Update::Closed { terminal: ONE }]
    );
    let end = page.next(ONE);
    let (shown, _) = world.run(&mut page, "docker network rm nothing");
    assert_eq!(page.next(ONE), end + shown.len() as u64);
    // Nobody says that something was skipped: nothing was.
    let fresh = world.greeted();
    assert_eq!(fresh.text(ONE), shown);
}

#[test]
fn a_page_that_comes_back_gets_what_it_missed_and_nothing_twice() {
    let mut world = World::new();
    let (mut page, mut other) = (world.greeted(), world.greeted());
    make_web(&mut world, &mut page);
    page.send(run(TerminalId(2), PING));
    world.wait(3, &mut page);
    let seq = page.cut();
    page.told.clear();
    world.wait(3, &mut other);
    other.send(run(ONE, "docker network rm nothing"));
    world.wait(3, &mut other);
    page.come_back(&world, seq, EPOCH);
    world.settle(&mut page);
    world.settle(&mut other);
    assert_eq!(page.welcomes().len(), 0);
    let last = other.seqs().last().copied().unwrap_or_default();
    let mut expected: Vec<u64> = (seq + 1..=last).collect();
    expected.push(last);
    assert_eq!(page.seqs(), expected);
    assert_eq!(
        page.updates().last(),
        Some(&Update::Engine {
            engine: engine_state()
        })
    );
    for id in [ONE, TerminalId(2)] {
        assert_eq!(page.text(id), other.text(id));
    }
}

#[test]
fn a_page_of_another_session_or_of_long_ago_gets_a_fresh_snapshot() {
    let mut world = World::new();
    let mut page = world.greeted();
    for (seq, epoch) in [(0, "another"), (10_000, EPOCH)] {
        page.cut();
        page.come_back(&world, seq, epoch);
        world.settle(&mut page);
        assert_eq!(page.welcomes().len(), 1, "{epoch} {seq}");
    }
}

#[test]
fn the_lesson_is_found_where_it_was() {
    let mut world = World::new();
    let mut page = world.greeted();
    page.send(open(2));
    world.wait(1, &mut page);
    let mut again = world.again();
    let mut page = again.greeted();
    assert_eq!(
        page.welcomes()[0].snapshot.progress.last_opened(),
        Some((LESSON, 2))
    );
    again.wait(1, &mut page);
    assert_eq!(
        page.checks()[0],
        (false, "there is no network called mynet")
    );
}

#[test]
fn the_checks_fail_before_and_hold_after_the_lessons_commands() {
    let mut world = World::new();
    let mut page = world.greeted();
    page.send(open(0));
    world.wait(1, &mut page);
    assert_eq!(
        page.checks(),
        [
            (false, "there is no network called mynet"),
            (false, "there is no container called web"),
            (false, "there is no container called alpine"),
        ]
    );
    make_web(&mut world, &mut page);
    world.wait(1, &mut page);
    assert_eq!(
        page.checks(),
        [
            (true, "mynet has the driver bridge"),
            (true, "web runs on mynet"),
            (false, "there is no container called alpine"),
        ]
    );
    page.send(run(ONE, PING));
    world.wait(3, &mut page);
    assert_eq!(page.checks()[2], (true, "alpine reaches web"));

    world.outside("docker stop web");
    world.wait(3, &mut page);
    assert_eq!(
        page.checks(),
        [
            (true, "mynet has the driver bridge"),
            (false, "web has exited (0)"),
            (false, "alpine finds no address for the name web"),
        ]
    );
    let fresh = world.greeted();
    let progress = &fresh.welcomes()[0].snapshot.progress;
    let reached: Vec<usize> = (0..4)
        .filter(|step| progress.reached(LESSON, *step))
        .collect();
    assert_eq!(reached, [0, 1, 2]);
}

#[test]
fn a_name_that_is_taken_outside_is_said_with_a_way_out() {
    let mut world = World::new();
    world.outside("docker network create mynet");
    world.outside("docker run -d --name web nginx");
    let mut page = world.greeted();
    page.send(open(0));
    world.wait(1, &mut page);
    assert_eq!(
        page.checks()[..2],
        [
            (
                false,
                "there is a network called mynet already, and it was made outside this lab: if you no longer need it, remove it in a terminal of your own (docker network rm mynet)"
            ),
            (
                false,
                "there is a container called web already (of the image nginx), and it was made outside this lab: give it another name in a terminal of your own (docker rename web my-web)"
            ),
        ]
    );
}

#[test]
fn reset_says_what_it_removes_and_removes_that_only() {
    let mut world = World::new();
    world.outside("docker run -d --name theirs nginx");
    let mut page = world.greeted();
    make_web(&mut world, &mut page);
    world.wait(1, &mut page);
    page.told.clear();
    page.send(ClientMessage::PlanReset {});
    world.wait(1, &mut page);
    let plan = ServerMessage::ResetPlan {
        plan: 1,
        containers: vec!["web".to_owned()],
        networks: vec!["mynet".to_owned()],
    };
    assert_eq!(page.told, [plan]);
    page.send(ClientMessage::Reset { plan: 1 });
    world.wait(1, &mut page);
    page.send(ClientMessage::Reset { plan: 1 });
    world.wait(1, &mut page);
    assert_eq!(
        page.refused(),
        ["The lab was looked at again since, or is reset already: ask for the reset once more."]
    );
    let fresh = world.greeted();
    let topology = &fresh.welcomes()[0].snapshot.topology;
    let containers: Vec<_> = topology
        .containers
        .values()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!((containers, topology.networks.len()), (vec!["theirs"], 3));
}

#[test]
fn only_the_first_prediction_counts_and_only_one_that_was_asked() {
    let mut world = World::new();
    let mut page = world.greeted();
    let predict = |step, answer| ClientMessage::Predict {
        lesson: LESSON.to_owned(),
        step,
        answer,
    };
    for message in [
        predict(0, 0),
        predict(2, 7),
        predict(2, 1),
        predict(2, 0),
        predict(9, 0),
    ] {
        page.send(message);
    }
    world.wait(1, &mut page);
    let facts = page.updates().filter_map(|update| match update {
        Update::Progress { progress } => progress.facts.first(),
        _ => None,
    });
    let facts: Vec<_> = facts.map(|fact| (fact.step, fact.what.clone())).collect();
    assert_eq!(facts, [(2, What::Predicted { answer: 1 })]);
    assert_eq!(
        page.refused(),
        [
            "There is no step 10 in a lesson \"names-on-a-custom-bridge\" here: choose one from the course map."
        ]
    );
}

#[test]
fn progress_of_the_page_and_of_the_session_become_one_and_are_kept() {
    let mut world = World::new();
    let mut page = world.greeted();
    page.send(open(3));
    world.wait(1, &mut page);
    let theirs: Progress = serde_json::from_str(
        r#"{"facts":[{"at":5,"lesson":"names-on-a-custom-bridge","step":0,"what":"reached"}]}"#,
    )
    .expect("progress");
    let second = world.page();
    second.send(ClientMessage::Hello {
        protocol: PROTOCOL,
        token: None,
        resume: None,
        progress: Some(theirs),
    });
    world.wait(1, &mut page);
    let kept = world.again().greeted().welcomes()[0]
        .snapshot
        .progress
        .clone();
    let reached: Vec<usize> = (0..4).filter(|step| kept.reached(LESSON, *step)).collect();
    assert_eq!(
        (reached, kept.last_opened()),
        (vec![0, 3], Some((LESSON, 3)))
    );
}

#[test]
fn what_a_slow_page_did_not_take_is_counted() {
    let mut world = World::new();
    let (mut page, slow) = (world.greeted(), &mut world.greeted());
    make_web(&mut world, &mut page);
    // 1500 lines of 2 KB: more than is kept.
    let text = "x".repeat(2000);
    let echo = format!("echo {text};").repeat(30);
    let mut many = page.text(ONE).matches('\n').count();
    for _ in 0..50 {
        let line = format!("docker run --rm alpine sh -c '{echo}'");
        let (shown, exit) = world.run(&mut page, &line);
        assert_eq!((exit, shown.matches('\n').count()), (0, 31));
        many += 31;
    }
    world.settle(slow);
    let text = slow.text(ONE);
    let (before, after) = text.split_once("… ").expect("something was skipped");
    let (said, rest) = after
        .split_once(" lines skipped\x1b[0m\r\n")
        .expect("a number");
    let skipped: usize = said.replace(',', "").parse().expect("a number");
    assert_eq!(
        before.matches('\n').count() - 1 + skipped + rest.matches('\n').count(),
        many
    );
    assert!(skipped > 100, "{skipped}");
}

#[test]
fn a_page_that_draws_nothing_gets_no_more_than_a_window() {
    let mut world = World::new();
    let (mut page, mut idle) = (world.greeted(), world.greeted());
    idle.draws = false;
    make_web(&mut world, &mut page);
    let echo = format!("echo {};", "x".repeat(2000)).repeat(30);
    for _ in 0..4 {
        world.run(&mut page, &format!("docker run --rm alpine sh -c '{echo}'"));
        world.settle(&mut idle);
    }
    assert_eq!(idle.next(ONE), WINDOW);
    let all = page.next(ONE);
    assert!(all > WINDOW + WINDOW / 2, "{all}");
    // What it cannot have drawn yet does not count.
    for (offset, expected) in [(WINDOW / 2, WINDOW + WINDOW / 2), (u64::MAX, all)] {
        idle.send(ClientMessage::Drawn {
            terminal: ONE,
            offset,
        });
        world.settle(&mut idle);
        assert_eq!(idle.next(ONE), expected);
    }
    assert_eq!(idle.text(ONE), page.text(ONE));
}

#[test]
fn a_page_that_reads_nothing_gets_a_snapshot_once_it_reads() {
    let mut world = World::new();
    let (mut page, mut stuck) = (world.greeted(), world.greeted());
    stuck.told.clear();
    for _ in 0..800 {
        world.run(&mut page, "docker nonsense");
    }
    world.settle(&mut stuck);
    let fresh = stuck.welcomes();
    assert_eq!(fresh.len(), 1);
    let updates = stuck.updates().count();
    assert!(updates < 1024, "{updates} waited");
    assert_eq!(Some(&fresh[0].seq), page.seqs().last());
    assert_eq!(stuck.text(ONE), page.text(ONE));
}

#[test]
fn an_engine_that_goes_and_comes_back_is_shown() {
    let mut world = World::new();
    let mut page = world.greeted();
    world.wait(2, &mut page);
    page.told.clear();
    world.cable.pull();
    world.wait(5, &mut page);
    world.outside("docker network create meanwhile");
    // The end of the events, then what each attempt says: told once.
    let gone = |sentence: &str| Update::Engine {
        engine: session::wire::EngineState {
            gone: Some(sentence.to_owned()),
            ..engine_state()
        },
    };
    let expected = [
        gone("The engine ended its stream of events: it was stopped or restarted."),
        gone("The engine does not answer."),
    ];
    assert_eq!(page.updates().cloned().collect::<Vec<_>>(), expected);
    world.cable.asked("events");
    world.wait(3, &mut page);
    assert_eq!(world.cable.asked("events"), 3);
    page.told.clear();
    world.cable.plug_in();
    world.wait(2, &mut page);
    let back = Update::Engine {
        engine: engine_state(),
    };
    let mut updates = page.updates();
    assert_eq!(updates.next(), Some(&back));
    let Some(Update::Topology { changes }) = updates.next() else {
        panic!("{:#?}", page.told);
    };
    assert_eq!((changes.len(), updates.next()), (1, None));
}

#[test]
fn a_burst_of_changes_is_a_few_looks_and_rest_is_one_in_ten_seconds() {
    let mut world = World::new();
    let mut page = world.greeted();
    world.wait(1, &mut page);
    world.cable.asked("list_networks");
    for number in 0..100 {
        world.outside(&format!("docker network create n{number}"));
        world.settle(&mut page);
        world.outside(&format!("docker network rm n{number}"));
        world.settle(&mut page);
    }
    world.wait(1, &mut page);
    let looks = world.cable.asked("list_networks");
    assert!((1..=3).contains(&looks), "{looks} looks");
    world.wait(40, &mut page);
    assert_eq!(world.cable.asked("list_networks"), 4);
}

#[test]
fn nothing_is_tried_more_than_once_a_second() {
    let mut world = World::new();
    let mut page = world.greeted();
    page.send(open(2));
    world.run(&mut page, "docker network create mynet");
    let line = "docker run -d --name alpine --network mynet alpine sleep 1000";
    world.run(&mut page, line);
    world.wait(2, &mut page);
    assert_eq!(
        page.checks()[2],
        (false, "alpine finds no address for the name web")
    );
    world.cable.asked("create_exec");
    world.wait(10, &mut page);
    let tries = world.cable.asked("create_exec");
    assert!((5..=10).contains(&tries), "{tries} tries");

    let line = "docker run -d --name web --network mynet nginx";
    world.run(&mut page, line);
    world.wait(3, &mut page);
    assert_eq!(page.checks()[2], (true, "alpine reaches web"));
    world.cable.asked("create_exec");
    world.wait(10, &mut page);
    assert_eq!(world.cable.asked("create_exec"), 0);
    for number in 0..20 {
        world.outside(&format!("docker network create n{number}"));
        world.wait(1, &mut page);
        world.outside(&format!("docker network rm n{number}"));
        world.wait(1, &mut page);
    }
    let tries = world.cable.asked("create_exec");
    assert!((1..=40).contains(&tries), "{tries} tries in 40 seconds");
}

#[test]
fn the_labs_files_are_the_same_for_pages_and_commands() {
    let mut world = World::new();
    let (mut page, mut other) = (world.greeted(), world.greeted());
    page.send(ClientMessage::SaveFile {
        path: "/site/index.html".to_owned(),
        text: "hello\n".to_owned(),
    });
    let (shown, exit) = world.run(
        &mut page,
        "cat site/index.html && echo more > a.txt && nano a.txt",
    );
    assert!(
        shown.ends_with("hello\r\n/lab/a.txt is open in the editor.\r\n"),
        "{shown}"
    );
    assert_eq!(exit, 0);
    page.send(ClientMessage::ReadFile {
        path: "a.txt".to_owned(),
    });
    page.send(ClientMessage::RenameFile {
        from: "/a.txt".to_owned(),
        to: "/site".to_owned(),
    });
    page.send(ClientMessage::RemoveFile {
        path: "/site".to_owned(),
    });
    world.settle(&mut page);
    world.settle(&mut other);
    let opened = ServerMessage::OpenFile {
        path: "/a.txt".to_owned(),
    };
    let read = ServerMessage::File {
        path: "/a.txt".to_owned(),
        text: Some("more\n".to_owned()),
    };
    assert!(page.told.contains(&opened) && page.told.contains(&read));
    assert!(!other.told.contains(&opened));
    assert_eq!(page.refused(), ["a.txt cannot be renamed: File exists."]);
    let last = other.updates().filter_map(|update| match update {
        Update::Files { files } => Some(
            files
                .iter()
                .map(|file| file.path.clone())
                .collect::<Vec<_>>(),
        ),
        _ => None,
    });
    assert_eq!(last.last().expect("it was told"), ["/a.txt"]);
}
