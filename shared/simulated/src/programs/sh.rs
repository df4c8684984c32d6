//! A small shell: words, quotes, `;`, `&&`, `||`, `>&2`, `exit`, `$?` and variables; its programs are those of the container.

use futures::{FutureExt, future::BoxFuture};

use crate::process::Process;

pub async fn sh(process: Process) -> i64 {
    if let Some(at) = process.arguments.iter().position(|word| word == "-c") {
        let line = process.arguments.get(at + 1).cloned().unwrap_or_default();
        return run_line(&process, &line, 0).await;
    }
    interactive(&process).await
}

async fn interactive(process: &Process) -> i64 {
    let mut last = 0;
    let tty = process.io.lock().tty;
    loop {
        if tty {
            process.print("/ # ");
        }
        let Some(line) = process.read_line().await else {
            return last;
        };
        let line = String::from_utf8_lossy(&line).into_owned();
        if let Some(code) = line.trim().strip_prefix("exit") {
            return code.trim().parse().unwrap_or(last);
        }
        last = run_line(process, &line, last).await;
    }
}

/// Boxed, because a shell can run a shell.
fn run_line<'a>(process: &'a Process, line: &'a str, before: i64) -> BoxFuture<'a, i64> {
    async move {
        let mut last = before;
        let mut skip = false;
        for (operator, words) in commands(line) {
            match operator {
                "&&" if last != 0 => skip = true,
                "||" if last == 0 => skip = true,
                _ => skip = skip && operator != ";",
            }
            if !skip && let Some(first) = words.first() {
                if first.text == "exit" {
                    let code = words.get(1).and_then(|code| code.text.parse().ok());
                    return code.unwrap_or(last);
                }
                last = run_words(process, &words, last).await;
            }
            skip = false;
        }
        last
    }
    .boxed()
}

async fn run_words(process: &Process, words: &[Word], last: i64) -> i64 {
    let (to_stderr, words): (Vec<&Word>, Vec<&Word>) = words
        .iter()
        .partition(|word| !word.literal && matches!(word.text.as_str(), ">&2" | "1>&2"));
    let arguments: Vec<String> = words
        .into_iter()
        .map(|word| expand(word, process, last))
        .collect();
    if arguments.is_empty() {
        return 0;
    }
    if process.find_program(&arguments[0]).is_none() {
        process.complain(&format!("sh: {}: not found\n", arguments[0]));
        return 127;
    }
    let mut child = process.child(arguments);
    if !to_stderr.is_empty()
        && let Some(stderr) = child.descriptors.get(&2).cloned()
    {
        child.descriptors.insert(1, stderr);
    }
    let pid = process.start(child);
    process.wait_for(pid).await
}

struct Word {
    text: String,
    /// In single quotes: `$` is itself.
    literal: bool,
}

/// The line's commands, each with the operator before it.
fn commands(line: &str) -> Vec<(&'static str, Vec<Word>)> {
    let mut commands = vec![("", Vec::new())];
    let mut word: Option<Word> = None;
    let mut quote = None;
    let mut chars = line.chars().peekable();
    let finish = |word: &mut Option<Word>, commands: &mut Vec<(&'static str, Vec<Word>)>| {
        if let (Some(word), Some((_, words))) = (word.take(), commands.last_mut()) {
            words.push(word);
        }
    };
    while let Some(char) = chars.next() {
        match (quote, char) {
            (Some(open), char) if open == char => quote = None,
            (None, '\'' | '"') => {
                quote = Some(char);
                word.get_or_insert(Word {
                    text: String::new(),
                    literal: char == '\'',
                });
            }
            (None, ';') => {
                finish(&mut word, &mut commands);
                commands.push((";", Vec::new()));
            }
            (None, '&' | '|') if chars.peek() == Some(&char) => {
                chars.next();
                finish(&mut word, &mut commands);
                commands.push((if char == '&' { "&&" } else { "||" }, Vec::new()));
            }
            (None, char) if char.is_whitespace() => finish(&mut word, &mut commands),
            (_, char) => push(&mut word, char),
        }
    }
    finish(&mut word, &mut commands);
    commands
}

fn push(word: &mut Option<Word>, char: char) {
    word.get_or_insert(Word {
        text: String::new(),
        literal: false,
    })
    .text
    .push(char);
}

fn expand(word: &Word, process: &Process, last: i64) -> String {
    if word.literal || !word.text.contains('$') {
        return word.text.clone();
    }
    let mut text = word.text.replace("$?", &last.to_string());
    for variable in &process.env {
        if let Some((name, value)) = variable.split_once('=') {
            text = text.replace(&format!("${name}"), value);
        }
    }
    text
}
