//! Reading, as programs do it.

use std::task::Poll;

use futures::future::poll_fn;

use super::Process;

/// As much as a program asks for at once.
const BLOCK: usize = 64 << 10;

impl Process {
    pub fn can_read(&self, descriptor: u32) -> bool {
        self.has_input(descriptor)
    }

    pub(super) fn has_input(&self, descriptor: u32) -> bool {
        let open = self.descriptors.get(&descriptor);
        open.is_none_or(super::Descriptor::is_readable)
    }

    /// Some of what there is to read; nothing at the end.
    pub async fn read(&self, descriptor: u32) -> Vec<u8> {
        poll_fn(|_| {
            if self.has_input(descriptor) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        self.take(descriptor, BLOCK)
    }

    /// What is there now, without waiting.
    pub fn take(&self, descriptor: u32, most: usize) -> Vec<u8> {
        self.world.stir();
        let open = self.descriptors.get(&descriptor);
        open.map(|open| open.take(most)).unwrap_or_default()
    }

    /// Everything there is to read.
    pub async fn read_all(&self) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let more = self.read(0).await;
            if more.is_empty() {
                return all;
            }
            all.extend(more);
        }
    }

    /// The next line of standard input, with its end if it has one; none at the end.
    pub async fn read_line(&self) -> Option<Vec<u8>> {
        self.read_line_of(0).await
    }

    pub async fn read_line_of(&self, descriptor: u32) -> Option<Vec<u8>> {
        let line = poll_fn(|_| match self.descriptors.get(&descriptor) {
            None => Poll::Ready(Vec::new()),
            Some(open) => open.take_line().map_or(Poll::Pending, Poll::Ready),
        })
        .await;
        self.world.stir();
        (!line.is_empty()).then_some(line)
    }
}
