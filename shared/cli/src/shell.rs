//! Runs a line: one command after the other, pipes, `$(…)`. It starts no program of the learner's machine, ever.

use futures::{FutureExt, future::BoxFuture};

use crate::{
    Context,
    console::{Console, Sink},
    curl, docker,
    filter::Filter,
    ssh,
    words::{self, List, Part, Pipeline, ShellWord, When},
};

/// Exit code of a line that cannot be read, as a shell has it.
const SYNTAX: u8 = 2;

pub async fn run(line: &str, context: &Context, console: &mut Console) -> u8 {
    match words::read(line) {
        Ok(list) => run_list(&list, context, console, 0).await,
        Err(mistake) => {
            console
                .err_line(&format!("causeway: {}", mistake.text))
                .await;
            SYNTAX
        }
    }
}

/// Boxed, since `$(…)` comes back here.
fn run_list<'a>(
    list: &'a List,
    context: &'a Context,
    console: &'a mut Console,
    before: u8,
) -> BoxFuture<'a, u8> {
    async move {
        let mut code = before;
        for (connector, pipeline) in list {
            let wanted = match connector.when {
                When::Always => true,
                When::Success => code == 0,
                When::Failure => code != 0,
            };
            if wanted {
                code = run_pipeline(pipeline, context, console, code).await;
            }
        }
        code
    }
    .boxed()
}

async fn run_pipeline(
    pipeline: &Pipeline,
    context: &Context,
    console: &mut Console,
    before: u8,
) -> u8 {
    let Some((first, rest)) = pipeline.commands.split_first() else {
        return before;
    };
    let mut filters = Vec::new();
    for command in rest {
        let words = expand(command, context, console, before).await;
        let Some((name, arguments)) = words.split_first() else {
            return before;
        };
        match Filter::new(name, arguments) {
            Ok(filter) => filters.push(filter),
            Err(why) => {
                console.err_line(&why).await;
                return SYNTAX;
            }
        }
    }
    let words = expand(first, context, console, before).await;
    let count = filters.len();
    for filter in filters.into_iter().rev() {
        console.push(Sink::Filter(filter));
    }
    let mut code = run_command(&words, context, console, before).await;
    for _ in 0..count {
        if let Some(Sink::Filter(filter)) = console.pop().await {
            // The last command's code is the pipeline's.
            code = filter.code();
        }
    }
    code
}

async fn run_command(words: &[String], context: &Context, console: &mut Console, before: u8) -> u8 {
    let Some((name, arguments)) = words.split_first() else {
        return before;
    };
    match name.as_str() {
        "docker" => docker::run(arguments, context, console).await,
        "curl" => curl::run(arguments, context, console).await,
        "ssh" => ssh::run(arguments, context, console).await,
        "true" => 0,
        "false" => 1,
        other => {
            console.err_line(&refusal(other)).await;
            127
        }
    }
}

/// Why a program is not run, in one sentence.
pub fn refusal(name: &str) -> String {
    match name {
        "sudo" => "causeway: sudo: not needed here, type the docker command alone.".to_owned(),
        name if name.contains('/') || name.len() > 32 => {
            "causeway: only docker commands run here, and curl.".to_owned()
        }
        name => format!(
            "causeway: {name}: only docker commands run here, and curl; to run it inside a container: docker exec CONTAINER {name}"
        ),
    }
}

async fn expand(
    words: &[ShellWord],
    context: &Context,
    console: &mut Console,
    code: u8,
) -> Vec<String> {
    let mut expanded = Vec::new();
    for word in words {
        // `$(…)` without quotes may become several words, or none.
        let mut current: Option<String> = None;
        for part in &word.parts {
            match part {
                Part::Text(text) => current.get_or_insert_default().push_str(text),
                Part::Code => current.get_or_insert_default().push_str(&code.to_string()),
                Part::Output { list, quoted } => {
                    console.push(Sink::Capture(Vec::new()));
                    run_list(list, context, console, code).await;
                    let Some(Sink::Capture(output)) = console.pop().await else {
                        continue;
                    };
                    let output = String::from_utf8_lossy(&output);
                    if *quoted {
                        current
                            .get_or_insert_default()
                            .push_str(output.trim_end_matches('\n'));
                        continue;
                    }
                    split_into(&output, &mut current, &mut expanded);
                }
            }
        }
        expanded.extend(current);
    }
    expanded
}

fn split_into(output: &str, current: &mut Option<String>, expanded: &mut Vec<String>) {
    if output.starts_with(char::is_whitespace) {
        expanded.extend(current.take());
    }
    for (index, piece) in output.split_whitespace().enumerate() {
        if index > 0 {
            expanded.extend(current.take());
        }
        current.get_or_insert_default().push_str(piece);
    }
}
