//! The last updates, so that a page that was cut off gets what it missed.

use std::collections::VecDeque;

use crate::wire::Update;

/// Updates that are kept: after a longer cut a snapshot is shorter.
const KEPT: usize = 256;

#[derive(Default)]
pub struct History {
    updates: VecDeque<Update>,
    seq: u64,
}

impl History {
    /// The last update's number.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Gives the update its number.
    pub fn push(&mut self, update: Update) -> u64 {
        self.seq += 1;
        self.updates.push_back(update);
        if self.updates.len() > KEPT {
            self.updates.pop_front();
        }
        self.seq
    }

    /// The updates after this one, numbered; `None` if some are not kept any more, or were never sent.
    pub fn since(&self, seq: u64) -> Option<impl Iterator<Item = (u64, &Update)>> {
        let missed = usize::try_from(self.seq.checked_sub(seq)?).ok()?;
        let first = self.updates.len().checked_sub(missed)?;
        Some((seq + 1..).zip(self.updates.range(first..)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::TerminalId;

    fn check(pushed: u32, since: u64, expected: Option<&[u64]>) {
        let mut history = History::default();
        for number in 1..=pushed {
            let terminal = TerminalId(number);
            history.push(Update::Closed { terminal });
        }
        let missed = history.since(since).map(|updates| {
            let numbered = updates.map(|(seq, update)| match update {
                Update::Closed { terminal } if u64::from(terminal.0) == seq => seq,
                other => panic!("{seq} is {other:?}"),
            });
            numbered.collect::<Vec<_>>()
        });
        assert_eq!(missed.as_deref(), expected);
    }

    #[test]
    fn what_was_missed_is_known_while_it_is_kept() {
        check(0, 0, Some(&[]));
        check(3, 3, Some(&[]));
        check(3, 1, Some(&[2, 3]));
        check(3, 0, Some(&[1, 2, 3]));
        check(3, 4, None);
        check(300, 297, Some(&[298, 299, 300]));
        check(300, 43, None);
    }
}
