//! Lists, pipelines, loops and single commands.

use std::time::Duration;

use futures::{
    FutureExt,
    channel::mpsc::unbounded,
    future::{BoxFuture, Either, join_all, select},
};
use sh::{Command, Item, Kind, List, Part, Pipeline, When, Word};

use super::{assign, expand, redirect::redirect};
use crate::{
    Context, Input,
    console::{Console, Place, Places},
    programs,
    streams::INTERRUPTED,
};

/// A loop goes around at most so often: nobody waits for more, and a browser has one thread.
const MOST_TURNS: usize = 10_000;
/// Turns between two pauses that let everything else have its turn too.
const TURNS: usize = 16;
/// Functions and files that run themselves, at most.
const DEPTH: usize = 16;

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub code: u8,
    pub then: Then,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Next,
    /// Out of so many loops.
    Break(usize),
    /// The next turn of the loop so many further out.
    Continue(usize),
    /// Out of the function or file.
    Return,
    /// Nothing of the line any more: `exit`, Ctrl-C.
    Stop,
}

impl Ended {
    pub fn with(code: u8) -> Self {
        Self {
            code,
            then: Then::Next,
        }
    }
}

/// Boxed, since lists are in commands in lists.
pub fn run_list<'a>(
    list: &'a List,
    context: &'a Context,
    console: &'a mut Console,
) -> BoxFuture<'a, Ended> {
    async move {
        let mut ended = Ended::with(0);
        for item in list {
            let code = context.session.code();
            let wanted = match item.when {
                When::Always => true,
                When::Success => code == 0,
                When::Failure => code != 0,
            };
            if !wanted {
                ended = Ended::with(code);
                continue;
            }
            ended = run_item(item, context, console).await;
            context.session.ended(ended.code);
            if ended.then != Then::Next {
                return ended;
            }
            if ended.code == INTERRUPTED && console.take_interrupt() {
                ended.then = Then::Stop;
                return ended;
            }
        }
        ended
    }
    .boxed()
}

async fn run_item(item: &Item, context: &Context, console: &mut Console) -> Ended {
    if item.background.is_some() {
        let why = "causeway: & would run the command in the background; use docker run -d, or a second terminal.";
        console.err_line(why).await;
        return Ended::with(super::SYNTAX);
    }
    let mut ended = run_pipeline(&item.pipeline, context, console).await;
    if item.pipeline.not.is_some() && ended.then == Then::Next {
        ended.code = u8::from(ended.code == 0);
    }
    ended
}

async fn run_pipeline(pipeline: &Pipeline, context: &Context, console: &mut Console) -> Ended {
    match &pipeline.commands[..] {
        [] => Ended::with(0),
        [command] => run_command(command, context, console).await,
        commands => run_together(commands, context, console).await,
    }
}

/// Each command of a pipeline, all at the same time, in a shell of its own.
async fn run_together(commands: &[Command], context: &Context, console: &mut Console) -> Ended {
    let mut signals = Vec::new();
    let mut stages = Vec::new();
    let mut before = None;
    for (index, command) in commands.iter().enumerate() {
        let (signal, signalled) = unbounded();
        signals.push(signal);
        let mut places = console.places.clone();
        let from = before.take();
        if index + 1 < commands.len() {
            let (place, pipe) = Place::pipe();
            places = Places {
                out: place,
                ..places
            };
            before = Some(pipe);
        }
        let mut stage = console.stage(signalled, from, places);
        let context = context.fork();
        stages.push(async move { run_command(command, &context, &mut stage).await.code });
    }
    let mut all = join_all(stages);
    let mut listening = true;
    let codes = loop {
        let happened = {
            let input = async {
                if listening {
                    console.next().await
                } else {
                    std::future::pending().await
                }
            };
            match select(Box::pin(input), &mut all).await {
                Either::Left((input, _)) => Either::Left(input),
                Either::Right((codes, _)) => Either::Right(codes),
            }
        };
        match happened {
            Either::Right(codes) => break codes,
            Either::Left(input @ (Input::Interrupt | Input::Resize(_))) => {
                for signal in &signals {
                    let _ = signal.unbounded_send(input.clone());
                }
            }
            Either::Left(input) => {
                listening = input != Input::End || console.terminal().is_some();
                let _ = signals[0].unbounded_send(input);
            }
        }
    };
    Ended::with(codes.last().copied().unwrap_or_default())
}

async fn run_command(command: &Command, context: &Context, console: &mut Console) -> Ended {
    let before = match redirect(&command.redirects, context, console).await {
        Ok(before) => before,
        Err(failed) => return failed,
    };
    let ended = match &command.kind {
        Kind::Simple { assignments, words } => simple(assignments, words, context, console).await,
        Kind::Subshell(list) => {
            let inside = context.fork();
            let ended = run_list(list, &inside, console).await;
            let stopped = ended.code == INTERRUPTED && ended.then == Then::Stop;
            Ended {
                code: ended.code,
                then: if stopped { Then::Stop } else { Then::Next },
            }
        }
        Kind::Group(list) => run_list(list, context, console).await,
        Kind::For {
            variable,
            words,
            body,
        } => for_each(variable, words.as_deref(), body, context, console).await,
        Kind::While {
            until,
            condition,
            body,
        } => again(*until, condition, body, context, console).await,
        Kind::If {
            branches,
            otherwise,
        } => choose(branches, otherwise.as_ref(), context, console).await,
        Kind::Case { word, arms } => case(word, arms, context, console).await,
        Kind::Function { name, body } => {
            context.session.define(name, (**body).clone());
            Ended::with(0)
        }
    };
    before.restore(console);
    ended
}

async fn simple(
    assignments: &[sh::Assignment],
    words: &[Word],
    context: &Context,
    console: &mut Console,
) -> Ended {
    console.take_interrupt();
    let arguments = match expand::words(words, context, console).await {
        Ok(arguments) => arguments,
        Err(why) => return wrong(&why, console).await,
    };
    if arguments.is_empty() {
        return match assign::assign(assignments, context, console).await {
            Ok(()) => Ended::with(if runs(assignments, words) {
                context.session.code()
            } else {
                0
            }),
            Err(why) => wrong(&why, console).await,
        };
    }
    let lent = match assign::lend(assignments, context, console).await {
        Ok(lent) => lent,
        Err(why) => return wrong(&why, console).await,
    };
    let ended = run_words(&arguments, context, console).await;
    assign::give_back(lent, context);
    ended
}

/// Something runs to know what is assigned.
fn runs(assignments: &[sh::Assignment], words: &[Word]) -> bool {
    let values = assignments.iter().map(|assignment| &assignment.value);
    let parts = values.chain(words).flat_map(|word| &word.parts);
    parts
        .into_iter()
        .any(|part| matches!(part, Part::Output { .. }))
}

async fn wrong(why: &str, console: &mut Console) -> Ended {
    console.err_line(&format!("bash: {why}")).await;
    Ended::with(1)
}

/// A command and its arguments: a function, one of the shell's own, a program.
pub fn run_words<'a>(
    words: &'a [String],
    context: &'a Context,
    console: &'a mut Console,
) -> BoxFuture<'a, Ended> {
    async move {
        let Some((name, arguments)) = words.split_first() else {
            return Ended::with(0);
        };
        if let Some(body) = context.session.function(name) {
            let Some(inside) = context.session.call(arguments, DEPTH) else {
                let why = format!("causeway: {name}: it calls itself more than {DEPTH} times.");
                console.err_line(&why).await;
                return Ended::with(1);
            };
            let mut ended = run_command(&body, context, console).await;
            context.session.back(inside);
            if ended.then == Then::Return {
                ended.then = Then::Next;
            }
            return ended;
        }
        programs::run(name, arguments, context, console).await
    }
    .boxed()
}

async fn for_each(
    variable: &str,
    words: Option<&[Word]>,
    body: &List,
    context: &Context,
    console: &mut Console,
) -> Ended {
    let values = match words {
        Some(words) => match expand::words(words, context, console).await {
            Ok(values) => values,
            Err(why) => return wrong(&why, console).await,
        },
        None => context.session.arguments(),
    };
    let mut turns = Turns::default();
    let mut last = Ended::with(0);
    for value in values {
        context.session.set(variable, &value);
        last = run_list(body, context, console).await;
        if let Some(ended) = turns.after(&mut last, context, console).await {
            return ended;
        }
    }
    last
}

async fn again(
    until: bool,
    condition: &List,
    body: &List,
    context: &Context,
    console: &mut Console,
) -> Ended {
    let mut turns = Turns::default();
    let mut last = Ended::with(0);
    loop {
        let mut asked = run_list(condition, context, console).await;
        if asked.then != Then::Next {
            return turns
                .after(&mut asked, context, console)
                .await
                .unwrap_or(asked);
        }
        if (asked.code == 0) == until {
            return last;
        }
        last = run_list(body, context, console).await;
        if let Some(ended) = turns.after(&mut last, context, console).await {
            return ended;
        }
    }
}

#[derive(Default)]
struct Turns(usize);

impl Turns {
    /// After a turn of a loop: `Some` if the loop ends.
    async fn after(
        &mut self,
        turn: &mut Ended,
        context: &Context,
        console: &mut Console,
    ) -> Option<Ended> {
        let out = |then| {
            Some(Ended {
                code: turn.code,
                then,
            })
        };
        match turn.then {
            Then::Next | Then::Continue(0 | 1) => turn.then = Then::Next,
            Then::Break(0 | 1) => return out(Then::Next),
            Then::Break(loops) => return out(Then::Break(loops - 1)),
            Then::Continue(loops) => return out(Then::Continue(loops - 1)),
            Then::Return | Then::Stop => return Some(*turn),
        }
        if console.is_interrupted() {
            return Some(Ended {
                code: INTERRUPTED,
                then: Then::Stop,
            });
        }
        self.0 += 1;
        if self.0 == MOST_TURNS {
            let why = format!("causeway: a loop goes around {MOST_TURNS} times at most here.");
            console.err_line(&why).await;
            return Some(Ended::with(1));
        }
        if self.0.is_multiple_of(TURNS) {
            context.clock.sleep(Duration::from_millis(1)).await;
        }
        None
    }
}

async fn choose(
    branches: &[(List, List)],
    otherwise: Option<&List>,
    context: &Context,
    console: &mut Console,
) -> Ended {
    for (condition, body) in branches {
        let asked = run_list(condition, context, console).await;
        if asked.then != Then::Next {
            return asked;
        }
        if asked.code == 0 {
            return run_list(body, context, console).await;
        }
    }
    match otherwise {
        Some(list) => run_list(list, context, console).await,
        None => Ended::with(0),
    }
}

async fn case(word: &Word, arms: &[sh::Arm], context: &Context, console: &mut Console) -> Ended {
    let text = match expand::text(word, context, console).await {
        Ok(text) => text,
        Err(why) => return wrong(&why, console).await,
    };
    for arm in arms {
        for word in &arm.patterns {
            let pattern = match expand::pattern(word, context, console).await {
                Ok(pattern) => pattern,
                Err(why) => return wrong(&why, console).await,
            };
            if pattern.matches(&text) {
                return run_list(&arm.body, context, console).await;
            }
        }
    }
    Ended::with(0)
}
