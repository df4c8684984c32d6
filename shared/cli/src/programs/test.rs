//! `test`, and its other spelling `[ … ]`.

use async_trait::async_trait;
use lab::files::Entry;

use super::{Call, Program};
use crate::{
    Context,
    console::Console,
    grammar::{Count, Grammar},
    shell::Ended,
};

pub struct Test;

static TEST: Grammar = Grammar {
    names: &["test", "["],
    usage: "CONDITION",
    about: "Ends well if it is so: -f FILE, A = B, N -eq M",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["condition"],
    program_from: Some(0),
};

#[async_trait]
impl Program for Test {
    fn grammar(&self) -> &'static Grammar {
        &TEST
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let words: Vec<&str> = call.words.iter().map(String::as_str).collect();
        let words = match (call.name, words.split_last()) {
            ("[", Some((&"]", words))) => words,
            ("[", _) => {
                call.fail_as_bash("missing `]'", console).await;
                return Ended::with(2);
            }
            _ => &words[..],
        };
        match any(words, context) {
            Ok(so) => Ended::with(u8::from(!so)),
            Err(why) => {
                call.fail_as_bash(&why, console).await;
                Ended::with(2)
            }
        }
    }
}

/// `… -o …`
fn any(words: &[&str], context: &Context) -> Result<bool, String> {
    let mut so = false;
    for words in words.split(|word| *word == "-o") {
        so |= all(words, context)?;
    }
    Ok(so)
}

/// `… -a …`
fn all(words: &[&str], context: &Context) -> Result<bool, String> {
    let mut so = true;
    for words in words.split(|word| *word == "-a") {
        so &= one(words, context)?;
    }
    Ok(so)
}

fn one(words: &[&str], context: &Context) -> Result<bool, String> {
    match words {
        [] => Ok(false),
        [word] => Ok(!word.is_empty()),
        ["!", rest @ ..] => Ok(!one(rest, context)?),
        [left, operator, right] => compare(left, operator, right),
        [operator, word] => about(operator, word, context),
        _ => Err("too many arguments".to_owned()),
    }
}

fn about(operator: &str, word: &str, context: &Context) -> Result<bool, String> {
    let entry = || context.files.get(&context.session.path(word));
    Ok(match operator {
        "-z" => word.is_empty(),
        "-n" => !word.is_empty(),
        "-e" | "-r" | "-w" => entry().is_some(),
        "-f" => matches!(entry(), Some(Entry::File(_))),
        "-d" | "-x" => entry() == Some(Entry::Folder),
        "-s" => entry().is_some_and(|entry| !matches!(entry, Entry::File(held) if held.is_empty())),
        "-v" => context.session.variable(word).is_some(),
        "-t" | "-L" | "-h" => false,
        _ => return Err(format!("{operator}: unary operator expected")),
    })
}

fn compare(left: &str, operator: &str, right: &str) -> Result<bool, String> {
    let number = |word: &str| {
        let number = word.trim().parse::<i64>();
        number.map_err(|_| format!("{word}: integer expression expected"))
    };
    Ok(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-eq" => number(left)? == number(right)?,
        "-ne" => number(left)? != number(right)?,
        "-lt" => number(left)? < number(right)?,
        "-le" => number(left)? <= number(right)?,
        "-gt" => number(left)? > number(right)?,
        "-ge" => number(left)? >= number(right)?,
        _ => return Err(format!("{operator}: binary operator expected")),
    })
}
