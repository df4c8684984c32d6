//! What only the shell itself can do: going to a folder, leaving a loop, reading a line.

use async_trait::async_trait;
use lab::files::Entry;

use super::{Call, Program};
use crate::{
    Context, Input,
    console::Console,
    grammar::{Count, Grammar},
    session::shown,
    shell::{self, Ended, Then},
};

/// Files that read themselves, at most.
const DEPTH: usize = 16;
/// A line that is read, in bytes.
const LINE: usize = 64 * 1024;

pub struct True;

static TRUE: Grammar = Grammar {
    names: &["true", ":"],
    usage: "",
    about: "Does nothing, and ends well",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for True {
    fn grammar(&self) -> &'static Grammar {
        &TRUE
    }

    async fn run(&self, _: Call<'_>, _: &Context, _: &mut Console) -> Ended {
        Ended::with(0)
    }
}

pub struct False;

static FALSE: Grammar = Grammar {
    names: &["false"],
    usage: "",
    about: "Does nothing, and ends badly",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for False {
    fn grammar(&self) -> &'static Grammar {
        &FALSE
    }

    async fn run(&self, _: Call<'_>, _: &Context, _: &mut Console) -> Ended {
        Ended::with(1)
    }
}

pub struct Cd;

static CD: Grammar = Grammar {
    names: &["cd"],
    usage: "[FOLDER]",
    about: "Goes to a folder of the lab's files",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["folder"],
    program_from: None,
};

#[async_trait]
impl Program for Cd {
    fn grammar(&self) -> &'static Grammar {
        &CD
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let target = match call.words {
            [] => shown("/"),
            [minus] if minus == "-" => match context.session.folder_before() {
                Some(folder) => {
                    console.line(&shown(&folder)).await;
                    shown(&folder)
                }
                None => return call.fail_as_bash("OLDPWD not set", console).await,
            },
            [target] => target.clone(),
            _ => return call.fail_as_bash("too many arguments", console).await,
        };
        let path = context.session.path(&target);
        match context.files.get(&path) {
            Some(Entry::Folder) => {
                context.session.enter(&path);
                Ended::with(0)
            }
            Some(Entry::File(_)) => {
                let why = format!("{target}: Not a directory");
                call.fail_as_bash(&why, console).await
            }
            None => {
                let why = format!("{target}: No such file or directory");
                call.fail_as_bash(&why, console).await
            }
        }
    }
}

pub struct Pwd;

static PWD: Grammar = Grammar {
    names: &["pwd"],
    usage: "",
    about: "Says in which folder of the lab's files you are",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Pwd {
    fn grammar(&self) -> &'static Grammar {
        &PWD
    }

    async fn run(&self, _: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        console.line(&shown(&context.session.folder())).await;
        Ended::with(0)
    }
}

pub struct Exit;

static EXIT: Grammar = Grammar {
    names: &["exit", "logout"],
    usage: "[CODE]",
    about: "Ends the line, and causeway sh",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Exit {
    fn grammar(&self) -> &'static Grammar {
        &EXIT
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let code = number(&call, u64::from(context.session.code()));
        let code = match code {
            Ok(code) => u8::try_from(code & 0xff).unwrap_or_default(),
            Err(why) => {
                call.fail_as_bash(&why, console).await;
                2
            }
        };
        context.session.leave();
        Ended {
            code,
            then: Then::Stop,
        }
    }
}

pub struct Break;

static BREAK: Grammar = Grammar {
    names: &["break"],
    usage: "[LOOPS]",
    about: "Leaves a loop",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Break {
    fn grammar(&self) -> &'static Grammar {
        &BREAK
    }

    async fn run(&self, call: Call<'_>, _: &Context, console: &mut Console) -> Ended {
        of_loops(&call, Then::Break, console).await
    }
}

pub struct Continue;

static CONTINUE: Grammar = Grammar {
    names: &["continue"],
    usage: "[LOOPS]",
    about: "Goes on with a loop's next turn",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Continue {
    fn grammar(&self) -> &'static Grammar {
        &CONTINUE
    }

    async fn run(&self, call: Call<'_>, _: &Context, console: &mut Console) -> Ended {
        of_loops(&call, Then::Continue, console).await
    }
}

async fn of_loops(call: &Call<'_>, then: fn(usize) -> Then, console: &mut Console) -> Ended {
    match number(call, 1) {
        Ok(0) => {
            call.fail_as_bash("0: loop count out of range", console)
                .await
        }
        Ok(loops) => Ended {
            code: 0,
            then: then(usize::try_from(loops).unwrap_or(usize::MAX)),
        },
        Err(why) => call.fail_as_bash(&why, console).await,
    }
}

pub struct Return;

static RETURN: Grammar = Grammar {
    names: &["return"],
    usage: "[CODE]",
    about: "Leaves a function or a file",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Return {
    fn grammar(&self) -> &'static Grammar {
        &RETURN
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        match number(&call, u64::from(context.session.code())) {
            Ok(code) => Ended {
                code: u8::try_from(code & 0xff).unwrap_or_default(),
                then: Then::Return,
            },
            Err(why) => call.fail_as_bash(&why, console).await,
        }
    }
}

pub struct Source;

static SOURCE: Grammar = Grammar {
    names: &[".", "source", "sh", "bash"],
    usage: "FILE [ARGUMENT...]",
    about: "Runs the lines of one of the lab's files",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Source {
    fn grammar(&self) -> &'static Grammar {
        &SOURCE
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let apart = matches!(call.name, "sh" | "bash");
        let (file, arguments) = match call.words {
            [flag, line, arguments @ ..] if apart && flag == "-c" => {
                let arguments = arguments.get(1..).unwrap_or_default();
                return script(line, arguments, &context.fork(), console, call.name).await;
            }
            [file, arguments @ ..] if !file.starts_with('-') => (file, arguments),
            [] if apart => {
                let why = "causeway: this is a shell already: sh FILE or sh -c LINE; in a container: docker exec -it CONTAINER sh";
                console.err_line(why).await;
                return Ended::with(2);
            }
            [] => {
                return call
                    .fail_as_bash("filename argument required", console)
                    .await;
            }
            [flag, ..] => {
                let why = format!("{flag}: invalid option");
                call.fail_as_bash(&why, console).await;
                return Ended::with(2);
            }
        };
        let text = match context.files.read(&context.session.path(file)) {
            Ok(held) => String::from_utf8_lossy(&held).into_owned(),
            Err(error) => {
                console.err_line(&format!("bash: {file}: {error}")).await;
                return Ended::with(if apart { 127 } else { 1 });
            }
        };
        if apart {
            return script(&text, arguments, &context.fork(), console, call.name).await;
        }
        script(&text, arguments, context, console, call.name).await
    }
}

pub struct Eval;

static EVAL: Grammar = Grammar {
    names: &["eval"],
    usage: "WORD...",
    about: "Runs the words as a line",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Eval {
    fn grammar(&self) -> &'static Grammar {
        &EVAL
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        script(
            &call.words.join(" "),
            &context.session.arguments(),
            context,
            console,
            call.name,
        )
        .await
    }
}

pub struct Shift;

static SHIFT: Grammar = Grammar {
    names: &["shift"],
    usage: "[N]",
    about: "Drops the first arguments",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Shift {
    fn grammar(&self) -> &'static Grammar {
        &SHIFT
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let arguments = context.session.arguments();
        match number(&call, 1).map(|count| usize::try_from(count).unwrap_or(usize::MAX)) {
            Ok(count) if count <= arguments.len() => {
                context.session.set_arguments(&arguments[count..]);
                Ended::with(0)
            }
            Ok(_) => Ended::with(1),
            Err(why) => call.fail_as_bash(&why, console).await,
        }
    }
}

pub struct Read;

static READ: Grammar = Grammar {
    names: &["read"],
    usage: "[-r] [NAME...]",
    about: "Reads a line into variables",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Read {
    fn grammar(&self) -> &'static Grammar {
        &READ
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let names: Vec<&str> = call
            .words
            .iter()
            .map(String::as_str)
            .filter(|word| *word != "-r")
            .collect();
        let (line, ended) = line(console).await;
        let mut rest = line.trim();
        let names = if names.is_empty() {
            vec!["REPLY"]
        } else {
            names
        };
        for (index, name) in names.iter().enumerate() {
            let last = index + 1 == names.len();
            let (value, after) = if last {
                (rest, "")
            } else {
                rest.split_once(char::is_whitespace).unwrap_or((rest, ""))
            };
            context.session.set(name, value);
            rest = after.trim_start();
        }
        ended.unwrap_or_else(|| Ended::with(0))
    }
}

/// One line of the input, byte by byte: what follows it is the next reader's. With how it ended, if not by a line end.
async fn line(console: &mut Console) -> (String, Option<Ended>) {
    let mut line = Vec::new();
    let ended = loop {
        match console.next().await {
            Input::Bytes(bytes) => {
                if let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                    line.extend_from_slice(&bytes[..end]);
                    console.put_back(bytes.slice(end + 1..));
                    break None;
                }
                line.extend_from_slice(&bytes);
                if line.len() > LINE {
                    break Some(Ended::with(1));
                }
            }
            Input::Resize(_) => {}
            Input::Interrupt => break Some(Ended::with(crate::streams::INTERRUPTED)),
            Input::End => break Some(Ended::with(1)),
        }
    };
    (String::from_utf8_lossy(&line).into_owned(), ended)
}

async fn script(
    text: &str,
    arguments: &[String],
    context: &Context,
    console: &mut Console,
    name: &str,
) -> Ended {
    let Some(before) = context.session.call(arguments, DEPTH) else {
        let why = format!("causeway: {name}: files run each other more than {DEPTH} deep.");
        console.err_line(&why).await;
        return Ended::with(1);
    };
    let mut ended = shell::run_inside(text, context, console).await;
    context.session.back(before);
    let apart = matches!(name, "sh" | "bash");
    if ended.then == Then::Return || (apart && ended.code != crate::streams::INTERRUPTED) {
        ended.then = Then::Next;
    }
    ended
}

/// The number that a command was given, or this one.
fn number(call: &Call<'_>, otherwise: u64) -> Result<u64, String> {
    match call.words.first() {
        None => Ok(otherwise),
        Some(word) => word
            .parse()
            .map_err(|_| format!("{word}: numeric argument required")),
    }
}

impl Call<'_> {
    /// Fails as one of bash's own commands does.
    pub async fn fail_as_bash(&self, why: &str, console: &mut Console) -> Ended {
        console
            .err_line(&format!("bash: {}: {why}", self.name))
            .await;
        Ended::with(1)
    }
}
