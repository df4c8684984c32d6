//! Doing the same to several containers: names that worked are printed as they are done, what went wrong comes last.

use std::future::Future;

use lab::Result;

use crate::{
    console::Console,
    failure::{Failure, told},
};

/// Does it to each name in turn, prints the names for which it worked, and fails with what went wrong.
pub async fn each<'n, F>(
    names: &'n [String],
    console: &mut Console,
    mut act: impl FnMut(&'n str) -> F + Send,
) -> Result<u8, Failure>
where
    F: Future<Output = Result<()>> + Send,
{
    let mut wrong = Vec::new();
    for name in names {
        match act(name).await {
            Ok(()) => console.line(name).await,
            Err(error) => wrong.push(told(&error)),
        }
    }
    Failure::all(&wrong)?;
    Ok(0)
}
