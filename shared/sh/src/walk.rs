//! Through a whole tree: every redirection and every place in it.

use std::ops::Range;

use crate::{Assignment, Command, Kind, List, Part, Redirect, Use, Word};

/// Is shown what a tree has, and may change it.
pub trait Visitor {
    fn redirect(&mut self, _: &mut Redirect) {}
    fn range(&mut self, _: &mut Range<usize>) {}
}

pub fn walk(list: &mut List, visitor: &mut impl Visitor) {
    for item in list {
        visitor.range(&mut item.operator);
        item.background
            .iter_mut()
            .for_each(|range| visitor.range(range));
        item.pipeline
            .not
            .iter_mut()
            .for_each(|range| visitor.range(range));
        item.pipeline
            .pipes
            .iter_mut()
            .for_each(|range| visitor.range(range));
        for command in &mut item.pipeline.commands {
            walk_command(command, visitor);
        }
    }
}

fn walk_command(command: &mut Command, visitor: &mut impl Visitor) {
    match &mut command.kind {
        Kind::Simple { assignments, words } => {
            for Assignment { range, value, .. } in assignments {
                visitor.range(range);
                walk_word(value, visitor);
            }
            for word in words {
                walk_word(word, visitor);
            }
        }
        Kind::Subshell(list) | Kind::Group(list) => walk(list, visitor),
        Kind::For { words, body, .. } => {
            words
                .iter_mut()
                .flatten()
                .for_each(|word| walk_word(word, visitor));
            walk(body, visitor);
        }
        Kind::While {
            condition, body, ..
        } => {
            walk(condition, visitor);
            walk(body, visitor);
        }
        Kind::If {
            branches,
            otherwise,
        } => {
            for (condition, body) in branches {
                walk(condition, visitor);
                walk(body, visitor);
            }
            if let Some(list) = otherwise {
                walk(list, visitor);
            }
        }
        Kind::Case { word, arms } => {
            walk_word(word, visitor);
            for arm in arms {
                arm.patterns
                    .iter_mut()
                    .for_each(|word| walk_word(word, visitor));
                walk(&mut arm.body, visitor);
            }
        }
        Kind::Function { body, .. } => walk_command(body, visitor),
    }
    command
        .keywords
        .iter_mut()
        .for_each(|(_, range)| visitor.range(range));
    for redirect in &mut command.redirects {
        visitor.redirect(redirect);
        visitor.range(&mut redirect.range);
        walk_word(&mut redirect.target, visitor);
    }
}

fn walk_word(word: &mut Word, visitor: &mut impl Visitor) {
    visitor.range(&mut word.range);
    for part in &mut word.parts {
        match part {
            Part::Text { .. } => {}
            Part::Output { list, .. } => walk(list, visitor),
            Part::Sum { text, .. } => walk_word(text, visitor),
            Part::Variable { usage, .. } => match usage {
                Use::Value | Use::Length => {}
                Use::Default { word, .. }
                | Use::Assign { word, .. }
                | Use::Need { word, .. }
                | Use::Instead { word, .. }
                | Use::WithoutPrefix { pattern: word, .. }
                | Use::WithoutSuffix { pattern: word, .. } => walk_word(word, visitor),
            },
        }
    }
}
