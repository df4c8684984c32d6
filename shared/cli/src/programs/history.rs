//! `history`, `clear`, and the editors' names, which open a file in the page.

use async_trait::async_trait;

use super::{Call, Program};
use crate::{
    Context,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    session::shown,
    shell::Ended,
};

pub struct History;

static HISTORY: Grammar = Grammar {
    names: &["history"],
    usage: "[-c] [N]",
    about: "Lists the lines that were typed here",
    flags: HISTORY_FLAGS,
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for History {
    fn grammar(&self) -> &'static Grammar {
        &HISTORY
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&HISTORY, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        if given.on("clear") {
            context.session.forget_history();
            return Ended::with(0);
        }
        let lines = context.session.history();
        let most = match given.arguments.first() {
            None => lines.len(),
            Some(word) => match word.parse() {
                Ok(most) => most,
                Err(_) => {
                    return call
                        .fail_as_bash(&format!("{word}: numeric argument required"), console)
                        .await;
                }
            },
        };
        let first = lines.len().saturating_sub(most);
        for (index, line) in lines.iter().enumerate().skip(first) {
            console.line(&format!("{:>5}  {line}", index + 1)).await;
        }
        Ended::with(0)
    }
}

static HISTORY_FLAGS: &[Flag] = &[Flag::switch("clear", "Forget them").short('c')];

pub struct Clear;

static CLEAR: Grammar = Grammar {
    names: &["clear", "reset"],
    usage: "",
    about: "Empties the terminal",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Clear {
    fn grammar(&self) -> &'static Grammar {
        &CLEAR
    }

    async fn run(&self, _: Call<'_>, _: &Context, console: &mut Console) -> Ended {
        if console.output_terminal().is_some() {
            console.out("\x1b[H\x1b[2J\x1b[3J").await;
        }
        Ended::with(0)
    }
}

pub struct Edit;

static EDIT: Grammar = Grammar {
    names: &["edit", "nano", "vi", "vim", "emacs"],
    usage: "FILE",
    about: "Opens one of the lab's files in the page's editor",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Edit {
    fn grammar(&self) -> &'static Grammar {
        &EDIT
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let [file] = call.words else {
            let why = format!("causeway: {}: say which file: {0} app.py", call.name);
            console.err_line(&why).await;
            return Ended::with(1);
        };
        let path = context.session.path(file);
        if let Some(lab::files::Entry::Folder) = context.files.get(&path) {
            return call
                .fail(1, &format!("{file}: Is a directory"), console)
                .await;
        }
        if !context.session.open(&path) {
            let why = format!(
                "causeway: {}: the editor is in the page; here, write the file with cat > {file} <<END, or in one line with echo and >.",
                call.name
            );
            console.err_line(&why).await;
            return Ended::with(1);
        }
        console
            .line(&format!("{} is open in the editor.", shown(&path)))
            .await;
        Ended::with(0)
    }
}
