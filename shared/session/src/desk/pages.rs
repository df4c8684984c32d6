//! Pages come, are told what happens, fall behind and come back.

use course::Progress;

use super::Desk;
use crate::{
    connection::ClientId,
    page::Page,
    wire::{PROTOCOL, Resume, ServerMessage, Snapshot, TerminalId, Update, Welcome},
};

impl Desk {
    pub(super) fn hello(
        &mut self,
        id: ClientId,
        protocol: u32,
        resume: Option<&Resume>,
        progress: Option<Progress>,
    ) {
        if protocol != PROTOCOL {
            let sentence = format!(
                "The page speaks version {protocol} of the protocol and this session version {PROTOCOL}: reload the page."
            );
            return self.refuse(id, sentence);
        }
        if let Some(progress) = progress {
            self.learn(progress);
        }
        let resume = resume.filter(|resume| resume.epoch == self.parts.epoch);
        let Some(page) = self.pages.get_mut(&id) else {
            return;
        };
        page.greet(resume, &self.terminals);
        if let Some(missed) = resume.and_then(|resume| self.history.since(resume.seq)) {
            missed.for_each(|(seq, update)| page.tell(seq, update));
            // Even to one that missed nothing, so that it knows that it is connected.
            let engine = self.engine.clone();
            page.tell(self.history.seq(), &Update::Engine { engine });
        } else {
            self.welcome(id);
        }
        self.show_all(id);
    }

    fn welcome(&mut self, id: ClientId) {
        let welcome = ServerMessage::Welcome(Box::new(Welcome {
            protocol: PROTOCOL,
            epoch: self.parts.epoch.clone(),
            seq: self.history.seq(),
            snapshot: self.snapshot(),
        }));
        if let Some(page) = self.pages.get_mut(&id) {
            page.welcome(welcome);
        }
    }

    fn snapshot(&self) -> Snapshot {
        let terminals = self.terminals.iter();
        Snapshot {
            engine: self.engine.clone(),
            course: (*self.parts.course).clone(),
            progress: self.progress.clone(),
            topology: self.topology.clone(),
            terminals: terminals
                .map(|(id, terminal)| terminal.state(*id))
                .collect(),
            files: self.files.clone(),
            goal: self.goal.clone(),
        }
    }

    /// It took enough of what waited.
    pub(super) fn drained(&mut self, id: ClientId) {
        if self.pages.get(&id).is_some_and(Page::is_behind) {
            self.welcome(id);
        }
        self.show_all(id);
    }

    /// It has drawn some of a terminal's output, so that more may come.
    pub(super) fn drawn(&mut self, id: ClientId, terminal: TerminalId, offset: u64) {
        let page = self.pages.get_mut(&id);
        if let (Some(page), Some(shown)) = (page, self.terminals.get(&terminal)) {
            page.drawn(terminal, offset);
            page.show(terminal, &shown.ring);
        }
    }

    pub(super) fn tell(&mut self, update: Update) {
        let seq = self.history.push(update.clone());
        for page in self.pages.values_mut() {
            page.tell(seq, &update);
        }
    }

    fn show_all(&mut self, id: ClientId) {
        if let Some(page) = self.pages.get_mut(&id) {
            for (id, terminal) in &self.terminals {
                page.show(*id, &terminal.ring);
            }
        }
    }
}
