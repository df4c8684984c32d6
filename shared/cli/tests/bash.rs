//! The language beside bash's: the lines of `bash.txt` give what bash gave for them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cli::{Context, Input, Io, Output, Session};
use futures::{FutureExt as _, StreamExt as _, stream};
use lab::{Clock, files::Files};
use simulated::Simulated;

/// Standard output, and standard error.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<(String, String)>>);

#[async_trait]
impl Output for Screen {
    async fn stdout(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        self.0.lock().expect("one thread").0.push_str(&text);
    }

    async fn stderr(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        self.0.lock().expect("one thread").1.push_str(&text);
    }
}

/// Waits for nothing.
struct Hurried;

impl Clock for Hurried {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, _: std::time::Duration) -> futures::future::BoxFuture<'static, ()> {
        futures::future::ready(()).boxed()
    }
}

fn context() -> Context {
    let clock: Arc<dyn Clock> = Arc::new(Hurried);
    let engine = Simulated::new(Arc::clone(&clock), 1);
    Context {
        engine: Arc::new(engine.clone()),
        host: Arc::new(engine),
        hosts: Arc::new(lab::OnlyThisHost),
        clock,
        files: Files::default(),
        session: Session::default(),
    }
}

/// What a line gives, as `bash.txt` writes it.
fn shown(line: &str) -> String {
    let screen = Screen::default();
    let io = Io {
        input: stream::iter([Input::End]).chain(stream::pending()).boxed(),
        output: Box::new(screen.clone()),
        terminal: None,
    };
    let context = context();
    let mut running = std::pin::pin!(cli::run(line, &context, io));
    let mut turns = std::iter::repeat_with(|| running.as_mut().now_or_never()).take(10_000);
    let code = turns.find_map(|turn| turn).expect("nothing to wait for");
    let (out, err) = screen.0.lock().expect("one thread").clone();
    let mut text = String::new();
    for line in out.split_inclusive('\n') {
        let mark = if line.ends_with('\n') { "  " } else { "~ " };
        text.extend([mark, line.trim_end_matches('\n'), "\n"]);
    }
    text.extend(err.lines().flat_map(|line| ["! ", line, "\n"]));
    if code != 0 {
        text.extend([format!("= {code}\n")]);
    }
    text
}

#[test]
fn lines_give_what_bash_gives() {
    let mut wrong = Vec::new();
    for block in include_str!("bash.txt").split("\n\n").skip(1) {
        let is_line = |line: &&str| line.starts_with("$ ") || line.starts_with("> ");
        let (line, expected): (Vec<&str>, Vec<&str>) = block.lines().partition(is_line);
        let line: Vec<&str> = line.iter().map(|line| &line[2..]).collect();
        let line = line.join("\n");
        let expected: String = expected.iter().flat_map(|line| [*line, "\n"]).collect();
        let shown = shown(&line);
        if shown != expected {
            wrong.push(format!("$ {line}\nexpected:\n{expected}given:\n{shown}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_ours_is_said_in_our_words() {
    let check = |line: &str, expected: &str| assert_eq!(shown(line), expected, "{line}");
    check(
        "sleep 1 &",
        "! causeway: & would run the command in the background; use docker run -d, or a second terminal.\n= 2\n",
    );
    check(
        "while true; do :; done",
        "! causeway: a loop goes around 10000 times at most here.\n= 1\n",
    );
    check(
        "f() { f; }; f",
        "! causeway: f: it calls itself more than 16 times.\n= 1\n",
    );
    check(
        "nano app.py",
        "! causeway: nano: the editor is in the page; here, write the file with cat > app.py <<END, or in one line with echo and >.\n= 1\n",
    );
    check(
        "ping web",
        "! causeway: ping: not on the host; inside a container: docker exec CONTAINER ping web\n= 127\n",
    );
    check("pwd; cd /; pwd; cd ~; pwd", "  /lab\n  /lab\n  /lab\n");
    check("dig +short localhost; dig +short web", "  127.0.0.1\n");
    check(
        "nslookup web | tail -2",
        "  ** server can't find web: NXDOMAIN\n  \n",
    );
}
