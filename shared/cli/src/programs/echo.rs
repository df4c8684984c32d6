//! `echo`, as bash has it: `-n`, `-e`, `-E`.

use async_trait::async_trait;

use super::{Call, Program, printf::unescape};
use crate::{
    Context,
    console::Console,
    grammar::{Count, Grammar},
    shell::Ended,
};

pub struct Echo;

static ECHO: Grammar = Grammar {
    names: &["echo"],
    usage: "[-n] [-e] [WORD...]",
    about: "Prints its words",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["word"],
    program_from: Some(0),
};

#[async_trait]
impl Program for Echo {
    fn grammar(&self) -> &'static Grammar {
        &ECHO
    }

    async fn run(&self, call: Call<'_>, _: &Context, console: &mut Console) -> Ended {
        let mut words = call.words;
        let (mut line_end, mut escapes) = (true, false);
        while let Some((first, rest)) = words.split_first() {
            let letters = first.strip_prefix('-').unwrap_or_default();
            if letters.is_empty() || !letters.chars().all(|letter| "neE".contains(letter)) {
                break;
            }
            for letter in letters.chars() {
                match letter {
                    'n' => line_end = false,
                    letter => escapes = letter == 'e',
                }
            }
            words = rest;
        }
        let mut text = words.join(" ");
        if escapes {
            let (shown, stopped) = unescape(&text);
            text = shown;
            line_end &= !stopped;
        }
        if line_end {
            text.push('\n');
        }
        console.out(text).await;
        Ended::with(0)
    }
}
