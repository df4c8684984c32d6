//! `sleep`, `date`, `seq`, `hostname`.

use std::{fmt::Write as _, time::Duration};

use async_trait::async_trait;

use super::{Call, Program};
use crate::{
    Context,
    console::Console,
    grammar::{Count, Grammar},
    shell::Ended,
    streams::{INTERRUPTED, unless_interrupted},
};

/// Numbers that seq prints at most.
const MOST: i64 = 100_000;

pub struct Sleep;

static SLEEP: Grammar = Grammar {
    names: &["sleep"],
    usage: "SECONDS",
    about: "Waits",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["seconds"],
    program_from: None,
};

#[async_trait]
impl Program for Sleep {
    fn grammar(&self) -> &'static Grammar {
        &SLEEP
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        if call.words.is_empty() {
            return call
                .fail(
                    1,
                    "missing operand\nTry 'sleep --help' for more information.",
                    console,
                )
                .await;
        }
        let mut seconds = 0.0;
        for word in call.words {
            if let Some(interval) = interval(word) {
                seconds += interval;
            } else {
                let why = format!(
                    "invalid time interval ‘{word}’\nTry 'sleep --help' for more information."
                );
                return call.fail(1, &why, console).await;
            }
        }
        let waited = unless_interrupted(
            context.clock.sleep(Duration::from_secs_f64(seconds)),
            console,
        )
        .await;
        Ended::with(waited.map_or(INTERRUPTED, |()| 0))
    }
}

/// `2`, `0.5`, `2m`: in seconds. At most a day.
fn interval(word: &str) -> Option<f64> {
    let (number, unit) = match word.chars().last()? {
        's' => (&word[..word.len() - 1], 1.0),
        'm' => (&word[..word.len() - 1], 60.0),
        'h' => (&word[..word.len() - 1], 3600.0),
        'd' => (&word[..word.len() - 1], 86_400.0),
        _ => (word, 1.0),
    };
    let seconds = number.parse::<f64>().ok()? * unit;
    (seconds >= 0.0).then_some(seconds.min(86_400.0))
}

pub struct Date;

static DATE: Grammar = Grammar {
    names: &["date"],
    usage: "[+FORMAT]",
    about: "Says what time it is (UTC)",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Date {
    fn grammar(&self) -> &'static Grammar {
        &DATE
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let format = match call.words {
            [] => "%a %b %e %H:%M:%S UTC %Y",
            [flag] if flag == "-u" => "%a %b %e %H:%M:%S UTC %Y",
            [format] if format.starts_with('+') => &format[1..],
            [word, ..] => {
                return call
                    .fail(1, &format!("invalid date ‘{word}’"), console)
                    .await;
            }
        };
        if let Ok(text) = jiff::fmt::strtime::format(format, context.clock.now()) {
            console.line(&text).await;
            Ended::with(0)
        } else {
            let why = format!("causeway: date: this date does not know the format '{format}'.");
            console.err_line(&why).await;
            Ended::with(1)
        }
    }
}

pub struct Seq;

static SEQ: Grammar = Grammar {
    names: &["seq"],
    usage: "[FIRST [STEP]] LAST",
    about: "Counts",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["number"],
    program_from: Some(0),
};

#[async_trait]
impl Program for Seq {
    fn grammar(&self) -> &'static Grammar {
        &SEQ
    }

    async fn run(&self, call: Call<'_>, _: &Context, console: &mut Console) -> Ended {
        let mut numbers = Vec::new();
        for word in call.words {
            if let Ok(number) = word.parse::<i64>() {
                numbers.push(number);
            } else {
                let why = format!(
                    "invalid floating point argument: ‘{word}’\nTry 'seq --help' for more information."
                );
                return call.fail(1, &why, console).await;
            }
        }
        let (first, step, last) = match numbers[..] {
            [last] => (1, 1, last),
            [first, last] => (first, 1, last),
            [first, step, last] if step != 0 => (first, step, last),
            _ => {
                let why = "missing operand\nTry 'seq --help' for more information.";
                return call.fail(1, why, console).await;
            }
        };
        let mut text = String::new();
        let mut number = first;
        for _ in 0..MOST {
            if (step > 0 && number > last) || (step < 0 && number < last) {
                break;
            }
            let _ = writeln!(text, "{number}");
            number = number.saturating_add(step);
        }
        console.out(text).await;
        Ended::with(0)
    }
}

pub struct Hostname;

static HOSTNAME: Grammar = Grammar {
    names: &["hostname"],
    usage: "",
    about: "Says what the host is called",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Hostname {
    fn grammar(&self) -> &'static Grammar {
        &HOSTNAME
    }

    async fn run(&self, _: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        console.line(&context.host.facts().await.name).await;
        Ended::with(0)
    }
}
