//! Variables: `NAME=value`, before a command or alone.

use sh::Assignment;

use super::expand;
use crate::{Context, console::Console};

pub async fn assign(
    assignments: &[Assignment],
    context: &Context,
    console: &mut Console,
) -> Result<(), String> {
    for assignment in assignments {
        let value = expand::text(&assignment.value, context, console).await?;
        context.session.set(&assignment.name, &value);
    }
    Ok(())
}

/// For one command only: gives what they were before.
pub async fn lend(
    assignments: &[Assignment],
    context: &Context,
    console: &mut Console,
) -> Result<Vec<(String, Option<String>)>, String> {
    let mut before = Vec::new();
    for assignment in assignments {
        let value = expand::text(&assignment.value, context, console).await?;
        before.push((
            assignment.name.clone(),
            context.session.own(&assignment.name),
        ));
        context.session.set(&assignment.name, &value);
        context.session.export(&assignment.name);
    }
    Ok(before)
}

pub fn give_back(before: Vec<(String, Option<String>)>, context: &Context) {
    for (name, value) in before.into_iter().rev() {
        match value {
            Some(value) => context.session.set(&name, &value),
            None => context.session.unset(&name),
        }
    }
}
