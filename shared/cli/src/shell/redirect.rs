//! `>`, `<` and the like: from and to the lab's files, never those of the learner's machine.

use bytes::Bytes;
use lab::files::{Entry, FileError};
use sh::{Direction, Redirect};

use super::{expand, run::Ended};
use crate::{
    Context,
    console::{Console, Place, Places},
};

/// What a command's redirections replaced.
pub struct Before {
    places: Places,
    /// Only where one of them replaced the input.
    replaced: Option<Replaced>,
}

/// What was read in place of the input before, if anything.
struct Replaced(Option<Bytes>);

impl Before {
    pub fn restore(self, console: &mut Console) {
        console.places = self.places;
        if let Some(Replaced(file)) = self.replaced {
            console.read_from(file);
        }
    }
}

/// Does them one after the other; what they replaced, or how it failed.
pub async fn redirect(
    redirects: &[Redirect],
    context: &Context,
    console: &mut Console,
) -> Result<Before, Ended> {
    let mut before = Before {
        places: console.places.clone(),
        replaced: None,
    };
    for redirect in redirects {
        if let Err(why) = one(redirect, context, console, &mut before).await {
            before.restore(console);
            console.err_line(&format!("bash: {why}")).await;
            return Err(Ended::with(1));
        }
    }
    Ok(before)
}

async fn one(
    redirect: &Redirect,
    context: &Context,
    console: &mut Console,
    before: &mut Before,
) -> Result<(), String> {
    let target = expand::text(&redirect.target, context, console).await?;
    let failed = |error: FileError| format!("{target}: {error}");
    let fd = redirect.fd;
    match redirect.direction {
        Direction::Text => read(target.into(), console, before),
        Direction::Read | Direction::Both => {
            let held = match target.as_str() {
                "/dev/null" => Bytes::new(),
                _ => context
                    .files
                    .read(&context.session.path(&target))
                    .map_err(failed)?,
            };
            read(held, console, before);
        }
        Direction::Copy if target == "-" => put(fd.unwrap_or(1), Place::Nowhere, console)?,
        Direction::Copy => {
            let place = match target.as_str() {
                "1" => console.places.out.clone(),
                "2" => console.places.err.clone(),
                _ if fd == Some(0) => return Ok(()),
                _ => return Err(format!("{target}: Bad file descriptor")),
            };
            put(fd.unwrap_or(1), place, console)?;
        }
        Direction::Write | Direction::Append => {
            let append = redirect.direction == Direction::Append;
            let place = open(&target, append, context).map_err(failed)?;
            put(fd.unwrap_or(1), place, console)?;
        }
        Direction::WriteAll | Direction::AppendAll => {
            let append = redirect.direction == Direction::AppendAll;
            let place = open(&target, append, context).map_err(failed)?;
            console.places = Places {
                out: place.clone(),
                err: place,
            };
        }
    }
    Ok(())
}

fn read(held: Bytes, console: &mut Console, before: &mut Before) {
    let file = console.read_from(Some(held));
    before.replaced.get_or_insert(Replaced(file));
}

fn put(fd: u32, place: Place, console: &mut Console) -> Result<(), String> {
    match fd {
        1 => console.places.out = place,
        2 => console.places.err = place,
        _ => return Err(format!("{fd}: Bad file descriptor")),
    }
    Ok(())
}

/// A file to write to, empty unless it is appended to.
fn open(target: &str, append: bool, context: &Context) -> Result<Place, FileError> {
    if target == "/dev/null" {
        return Ok(Place::Nowhere);
    }
    let path = context.session.path(target);
    match context.files.get(&path) {
        Some(Entry::File(_)) if append => {}
        _ => context.files.write(&path, "")?,
    }
    Ok(Place::File {
        files: context.files.clone(),
        path,
    })
}
