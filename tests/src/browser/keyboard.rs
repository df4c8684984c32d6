//! A person without a mouse: only keys, and a focus that is always somewhere and always seen.

use serde::Deserialize;
use thirtyfour::{Key, TypingData, action_chain::ActionChain};

use super::Browser;

pub struct Keyboard<'a>(pub(super) &'a Browser);

/// What has the focus.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Focus {
    pub tag: String,
    /// As a screen reader says it.
    pub name: String,
    /// A ring around it, or a heading to which the page itself went.
    pub seen: bool,
    pub in_dialog: bool,
}

/// More than the page has places to go to.
const MOST_STEPS: usize = 90;

impl Keyboard<'_> {
    pub async fn focus(&self) -> Focus {
        let script = "const active = document.activeElement;
            const label = active.labels && active.labels.length ? active.labels[0].textContent : null;
            const style = getComputedStyle(active);
            return {
                tag: active.tagName,
                name: (active.getAttribute('aria-label') || label || active.textContent || '').trim(),
                seen: active.tabIndex < 0 || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2),
                in_dialog: !!active.closest('dialog'),
            }";
        self.0.ask(script, &[]).await
    }

    /// Presses and releases; the focus must be somewhere afterwards, and be seen.
    pub async fn press(&self, keys: impl Into<TypingData>) -> Focus {
        let chain = self.0.driver().action_chain().send_keys(keys);
        chain.perform().await.expect("keys");
        self.focus_is_seen().await
    }

    /// Ctrl and a letter.
    pub async fn control(&self, letter: char) -> Focus {
        let chain = self.0.driver().action_chain().key_down(Key::Control);
        let chain = chain.send_keys(letter.to_string()).key_up(Key::Control);
        chain.perform().await.expect("keys");
        self.focus_is_seen().await
    }

    pub async fn focus_is_seen(&self) -> Focus {
        self.0
            .wait("the focus is somewhere, and is seen", async || {
                let focus = self.focus().await;
                (focus.tag != "BODY" && focus.seen).then_some(focus)
            })
            .await
    }

    /// Tab until something of this name has the focus.
    pub async fn tab_to(&self, name: &str) {
        self.step_to(name, |chain| chain.send_keys(Key::Tab)).await;
    }

    /// The other way.
    pub async fn back_to(&self, name: &str) {
        self.step_to(name, |chain| {
            chain
                .key_down(Key::Shift)
                .send_keys(Key::Tab)
                .key_up(Key::Shift)
        })
        .await;
    }

    async fn step_to(&self, name: &str, step: impl Fn(ActionChain) -> ActionChain) {
        let mut passed = Vec::new();
        for _ in 0..MOST_STEPS {
            let chain = step(self.0.driver().action_chain());
            chain.perform().await.expect("keys");
            let focus = self.focus().await;
            if focus.name.starts_with(name) {
                assert!(focus.seen, "the focus on {focus:?} is not seen");
                return;
            }
            passed.push(focus.name.chars().take(40).collect::<String>());
        }
        panic!("Tab does not lead to {name}, only to {passed:#?}");
    }
}
