//! Runs a line: lists, pipes, loops, variables, redirections. It starts no program of the learner's machine, ever: what
//! runs is in `programs`, and what it reads and writes are the lab's files.

mod assign;
mod expand;
mod mistakes;
mod redirect;
mod run;

use crate::{Context, console::Console};

pub use mistakes::told;
pub use run::{Ended, Then, run_words};

/// Exit code of a line that cannot be read, as a shell has it.
const SYNTAX: u8 = 2;

/// Runs a line, or several; the last exit code.
pub async fn run(line: &str, context: &Context, console: &mut Console) -> u8 {
    match sh::read_typed(line) {
        Ok(list) => {
            let code = run::run_list(&list, context, console).await.code;
            context.session.ended(code);
            code
        }
        Err(mistake) => {
            let text = told(&mistake, line);
            console.err_line(&format!("causeway: {text}")).await;
            context.session.ended(SYNTAX);
            SYNTAX
        }
    }
}

/// The same, in the middle of another line: `ssh`, `eval`, `.`
pub async fn run_inside(text: &str, context: &Context, console: &mut Console) -> Ended {
    match sh::read(text) {
        Ok(list) => run::run_list(&list, context, console).await,
        Err(mistake) => {
            let text = told(&mistake, text);
            console.err_line(&format!("causeway: {text}")).await;
            Ended::with(SYNTAX)
        }
    }
}
